//! `bulla doctor`: which of the keys at hand is whose.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use bulla_testkit::servers::Listener;
use bulla_testkit::{Run, Sandbox, binary, keys, peers};
use serde_json::Value;
use tempfile::TempDir;

use crate::PASSWORD;

/// Seals a file for these keys, with the flag of each.
#[track_caller]
fn seal(sandbox: &Sandbox, name: &str, flags: &[&str], with: impl Fn(&mut Command)) {
    sandbox.write(name, format!("password: {PASSWORD}\n"));
    let mut command = sandbox.bulla();
    with(command.args(["encrypt", "-i", name]).args(flags));
    sandbox.run(&mut command).ok();
}

/// `bulla doctor` in `tree`, with the test key.
#[track_caller]
fn doctor(sandbox: &Sandbox, flags: &[&str], with: impl Fn(&mut Command)) -> Run {
    let mut command = sandbox.command(binary("bulla"));
    command.args(["doctor", "tree"]).args(flags);
    with(command.env("SOPS_AGE_KEY_FILE", keys::age_identity_file()));
    let run = sandbox.run(&mut command);
    assert!(!run.out().contains(PASSWORD) && !run.out().contains("AGE-SECRET"), "{}", run.out());
    run
}

/// The lines of one check.
fn lines<'r>(run: &'r Run, check: &str) -> Vec<&'r str> {
    let of_check = |line: &&str| line.split_whitespace().nth(1) == Some(check);
    run.out().lines().filter(of_check).collect()
}

/// The line of a recipient.
#[track_caller]
fn line<'r>(run: &'r Run, recipient: &str) -> &'r str {
    let found = lines(run, "recipient").into_iter().find(|line| line.contains(recipient));
    found.unwrap_or_else(|| panic!("{recipient} is missing:\n{}", run.out()))
}

fn nothing(_: &mut Command) {}

#[test]
fn a_line_for_each_recipient_says_who_has_its_key() {
    let sandbox = Sandbox::new();
    let (alice, bob) = (keys::age_recipient(), keys::age_other_recipient());
    seal(&sandbox, "tree/a.yaml", &["--age", alice], nothing);
    seal(&sandbox, "tree/deep/b.yaml", &["--age", &format!("{alice},{bob}")], nothing);
    seal(&sandbox, "tree/c.yaml", &["--age", bob], nothing);
    let rules = format!(
        "recipients:\n  alice: {alice}\n  bob: {bob}\ncreation_rules:\n  - path_glob: '**/*.yaml'\n    age: [alice, bob]\n"
    );
    sandbox.write("tree/.sops-rules.yaml", rules);
    let run = doctor(&sandbox, &[], nothing);
    let file = keys::age_identity_file();
    let file = file.display();
    let expected = format!(
        "age {alice} (alice), in 2 files and 1 rule: its key is in SOPS_AGE_KEY_FILE ({file})"
    );
    assert!(line(&run, alice).ends_with(&expected), "{}", run.out());
    let expected = format!("age {bob} (bob), in 2 files and 1 rule: no identity for it is at hand");
    assert!(line(&run, bob).ends_with(&expected), "{}", run.out());
    let shut: Vec<_> = run.out().lines().filter(|line| line.contains("does not open")).collect();
    assert_eq!(shut.len(), 1, "{}", run.out());
    assert!(
        shut[0].starts_with("fault") && shut[0].contains(" c.yaml does not open"),
        "{}",
        shut[0]
    );

    let run = doctor(&sandbox, &["--json"], nothing);
    let found: Value = serde_json::from_str(run.out()).expect("JSON");
    let recipients: Vec<_> = found
        .as_array()
        .expect("a list")
        .iter()
        .filter(|one| one["recipient"].is_object())
        .collect();
    assert_eq!(recipients.len(), 2);
    let of =
        |id: &str| recipients.iter().find(|one| one["recipient"]["id"] == id).expect("it is there");
    let recipient = &of(alice)["recipient"];
    assert_eq!(recipient["kind"], "age");
    assert_eq!(recipient["name"], "alice");
    assert_eq!((&recipient["files"], &recipient["rules"]), (&Value::from(2), &Value::from(1)));
    assert_eq!(
        (&recipient["key"], &of(bob)["recipient"]["key"]),
        (&"held".into(), &"absent".into())
    );
    assert_eq!(recipient["source"], format!("SOPS_AGE_KEY_FILE ({file})"));
}

#[test]
fn ssh_keys_and_those_of_gpg_are_known_by_their_own() {
    let sandbox = Sandbox::new();
    // The path of the agent's socket must be short.
    let home = TempDir::with_prefix_in("gpg-", "/tmp").expect("a directory for gpg");
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).expect("a mode");
    let gpg = |args: &[&str]| {
        let mut gpg = sandbox.command(peers::gpg());
        gpg.args(["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""]);
        sandbox.run(gpg.args(args).env("GNUPGHOME", home.path())).ok()
    };
    let fingerprint = |name: &str| {
        gpg(&["--quick-generate-key", name, "default", "default", "never"]);
        let listed = gpg(&["--with-colons", "--list-keys", name]);
        let line = listed.out().lines().find(|line| line.starts_with("fpr:")).expect("a key");
        line.split(':').nth(9).expect("a fingerprint").to_owned()
    };
    let (own, lost) = (fingerprint("own@example.com"), fingerprint("lost@example.com"));
    let with_gpg = |command: &mut Command| {
        command.env("GNUPGHOME", home.path());
    };
    let mut public = Vec::new();
    for name in ["id_ed25519", "other"] {
        let mut command = sandbox.command(peers::system("ssh-keygen"));
        fs::create_dir_all(sandbox.home().join(".ssh")).expect("a folder");
        let file = sandbox.home().join(".ssh").join(name);
        sandbox.run(command.args(["-q", "-N", "", "-t", "ed25519", "-f"]).arg(&file)).ok();
        let text = fs::read_to_string(file.with_extension("pub")).expect("a public key");
        public.push(text.split_whitespace().take(2).collect::<Vec<_>>().join(" "));
    }
    seal(&sandbox, "tree/own.yaml", &["--age", &public[0], "--pgp", &own], with_gpg);
    seal(&sandbox, "tree/ssh.yaml", &["--age", &public[1]], with_gpg);
    seal(&sandbox, "tree/pgp.yaml", &["--pgp", &lost], with_gpg);
    gpg(&["--yes", "--delete-secret-keys", &lost]);

    let run = doctor(&sandbox, &[], with_gpg);
    assert!(line(&run, &public[0]).contains(".ssh/id_ed25519"), "{}", run.out());
    assert!(line(&run, &public[1]).ends_with("no identity for it is at hand"), "{}", run.out());
    assert!(line(&run, &own).contains("its key is in"), "{}", run.out());
    assert!(line(&run, &own).contains(home.path().to_str().expect("UTF-8")), "{}", run.out());
    assert!(line(&run, &lost).ends_with("gpg has no secret key for it"), "{}", run.out());
    assert!(run.out().contains("1 of 3 sealed files open"), "{}", run.out());
    for name in [" ssh.yaml does not open", " pgp.yaml does not open"] {
        assert!(run.out().contains(name), "{}", run.out());
    }
    let mut stop = sandbox.command(peers::system("gpgconf"));
    sandbox.run(stop.args(["--kill", "all"]).env("GNUPGHOME", home.path()));
}

/// A file that only a key of AWS opens, as far as that shows.
const OF_AWS: &str = "\
password: ENC[AES256_GCM,data:AA==,iv:AA==,tag:AAAAAAAAAAAAAAAAAAAAAA==,type:str]
sops:
    kms:
        - arn: arn:aws:kms:eu-west-1:111122223333:key/none
          created_at: \"2026-01-01T00:00:00Z\"
          enc: AAAA
          aws_profile: ops
    lastmodified: \"2026-01-01T00:00:00Z\"
    mac: ENC[AES256_GCM,data:AA==,iv:AA==,tag:AAAAAAAAAAAAAAAAAAAAAA==,type:str]
    version: 3.13.1
";

#[test]
fn clouds_are_looked_for_in_the_configuration_and_asked_when_that_is_said() {
    let sandbox = Sandbox::new();
    sandbox.write("tree/a.yaml", OF_AWS);
    let arn = "arn:aws:kms:eu-west-1:111122223333:key/none";
    let vault = "https://vault.example.com/v1/transit/keys/none";
    let rules = format!(
        "creation_rules:\n  - kms: {arn}\n    aws_profile: ops\n  - hc_vault_transit_uri: {vault}\n"
    );
    sandbox.write("tree/.sops.yaml", rules.replacen("  - kms", "  - path_regex: ^a\n    kms", 1));
    let listener = Listener::answering("HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n{}");
    let address = listener.address();
    let with = |command: &mut Command| {
        command.env("AWS_ENDPOINT_URL", &address);
    };
    let run = doctor(&sandbox, &[], with);
    let told = "in 1 file and 1 rule: not configured: there is no profile ops";
    assert!(line(&run, arn).ends_with(told), "{}", run.out());
    assert!(
        line(&run, vault).ends_with("not configured: there is no token for Vault"),
        "{}",
        run.out()
    );
    let files = lines(&run, "files");
    assert!(
        files[1].starts_with("fault") && files[1].contains("a.yaml does not open"),
        "{}",
        run.out()
    );

    let aws = sandbox.home().join(".aws");
    fs::create_dir_all(&aws).expect("a folder");
    let credentials = "[ops]\naws_access_key_id = none\naws_secret_access_key = none\n";
    fs::write(aws.join("credentials"), credentials).expect("a file");
    let run = doctor(&sandbox, &[], with);
    assert!(line(&run, arn).ends_with("what is here: configured: profile ops"), "{}", run.out());
    let files = lines(&run, "files");
    let told = format!("not asked: {arn} (configured: profile ops); bulla doctor --online asks");
    assert!(files[1].starts_with("warning") && files[1].ends_with(&told), "{}", run.out());
    assert_eq!(listener.received(), "", "nobody was asked");

    let run = doctor(&sandbox, &["--online"], with).exits(1);
    let files = lines(&run, "files");
    assert!(
        files[1].starts_with("fault") && files[1].contains("a.yaml does not open"),
        "{}",
        run.out()
    );
    assert!(listener.received().contains("TrentService.Decrypt"), "{}", listener.received());
}
