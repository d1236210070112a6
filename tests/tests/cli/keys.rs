//! Keys: who can open a file, what is said when nobody can, and making them.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use bulla_testkit::{Sandbox, keys, peers};

use crate::common::{MANIFEST, SECRET, bulla, bulla_with, repository, says_nothing_of, snapshot};

/// A repository with a file that is sealed for alice.
fn sealed() -> Sandbox {
    let sandbox = repository();
    sandbox.write("db.enc.yaml", MANIFEST);
    bulla(&sandbox, &["encrypt", "-i", "db.enc.yaml"]).ok();
    sandbox
}

#[test]
fn identities_come_from_where_sops_takes_them() {
    let sandbox = sealed();
    let decrypt = || {
        let mut command = sandbox.bulla();
        command.args(["decrypt", "db.enc.yaml"]);
        command
    };
    let file = keys::age_identity_file();
    let cat = format!("cat '{}'", file.display());
    for (name, value) in [
        ("SOPS_AGE_KEY", keys::age_identity()),
        ("SOPS_AGE_KEY_FILE", file.to_str().unwrap()),
        ("SOPS_AGE_KEY_CMD", &cat),
    ] {
        let run = sandbox.run(decrypt().env(name, value)).ok();
        assert_eq!(run.out(), MANIFEST, "{name}");
    }
    sandbox.run(&mut decrypt()).exits(128);
    let default = sandbox.config().join("sops/age/keys.txt");
    fs::create_dir_all(default.parent().unwrap()).unwrap();
    fs::copy(file, default).unwrap();
    assert_eq!(sandbox.run(&mut decrypt()).ok().out(), MANIFEST);
}

#[test]
fn a_wrong_key_is_explained_recipient_by_recipient() {
    let sandbox = sealed();
    let before = snapshot(&sandbox);
    let other = keys::age_other_identity_file();
    for way in [&[][..], &["--output", "out.yaml"], &["--in-place"]] {
        let mut command = sandbox.bulla();
        command.args(["decrypt", "db.enc.yaml"]).args(way).env("SOPS_AGE_KEY_FILE", &other);
        let run = sandbox.run(&mut command).exits(128);
        assert!(run.stdout.is_empty());
        assert_eq!(snapshot(&sandbox), before);
        says_nothing_of(&sandbox, &run, &[SECRET, keys::age_other_identity()]);
        let expected = format!(
            "\
bulla: db.enc.yaml: the one key of this file could not be used to open it

  age       {} (alice)
  tried     SOPS_AGE_KEY_FILE ({}): 1 identity, which does not fit
            [SANDBOX]/home/.config/sops/age/keys.txt: there is no such file
  failed    none of these opens it
  do        get its identity and name the file in SOPS_AGE_KEY_FILE, or have the file sealed for you
",
            keys::age_recipient(),
            other.display()
        );
        assert_eq!(sandbox.normalise(run.err()), expected);
    }
}

#[test]
fn rules_that_are_broken_cost_the_names_and_nothing_else() {
    let sandbox = sealed();
    sandbox.write(".sops-rules.yaml", "creation_rules: [");
    assert_eq!(bulla(&sandbox, &["decrypt", "db.enc.yaml"]).ok().out(), MANIFEST);
    let run = sandbox.run(sandbox.bulla().args(["decrypt", "db.enc.yaml"])).exits(128);
    assert!(run.err().contains(keys::age_recipient()) && !run.err().contains("alice"));
}

#[test]
fn a_line_of_a_key_file_that_is_no_identity_is_named_and_skipped() {
    let sandbox = sealed();
    let other = keys::age_other_identity();
    let file = sandbox.write("keys.txt", format!("# mine\nhunter2-correct-horse\n{other}\n"));
    let mut command = sandbox.bulla();
    command.args(["decrypt", "db.enc.yaml"]).env("SOPS_AGE_KEY_FILE", &file);
    let run = sandbox.run(&mut command).exits(128);
    assert!(run.err().contains("1 identity, which does not fit, line 2 is not an age identity"));
    says_nothing_of(&sandbox, &run, &[SECRET, other]);

    let good = format!("hunter2-correct-horse\n{other}\n{}\n", keys::age_identity());
    sandbox.write("keys.txt", good);
    assert_eq!(sandbox.run(&mut command).ok().out(), MANIFEST);
}

#[test]
fn keys_that_this_version_does_not_know_are_listed_too() {
    let sandbox = sealed();
    let huawei = "    hckms:\n        - key_id: tr-west-1:7f4f2b6e-2a3f-4a6d-9d0e-3c9a5d6c1b2a\n          created_at: \"2026-01-01T00:00:00Z\"\n          enc: none\n";
    let text = sandbox.read_text("db.enc.yaml").replace("sops:\n", &format!("sops:\n{huawei}"));
    sandbox.write("db.enc.yaml", text);
    let run = sandbox.run(sandbox.bulla().args(["decrypt", "db.enc.yaml"])).exits(128);
    assert!(run.err().contains("none of the 2 keys"), "{}", run.err());
    assert!(run.err().contains("  hckms     tr-west-1:7f4f2b6e-2a3f-4a6d-9d0e-3c9a5d6c1b2a\n"));
    assert!(run.err().contains("this version cannot open keys of this kind"));
    // Nobody who sealed the file has named it.
    let run = bulla(&sandbox, &["decrypt", "db.enc.yaml"]).exits(51);
    assert!(run.err().contains("the selector or the recipients were changed"), "{}", run.err());
    let text = sandbox.read_text("db.enc.yaml");
    let (sealed, _) = text.split_once("    bulla:").expect("a record");
    sandbox.write("db.enc.yaml", sealed);
    assert_eq!(bulla(&sandbox, &["decrypt", "db.enc.yaml"]).ok().out(), MANIFEST);
}

#[test]
fn a_process_that_holds_keys_leaves_no_core_dump() {
    let sandbox = sealed();
    let script = sandbox.write("key.sh", "ulimit -c > limit\necho $KEY\n");
    let mut command = sandbox.bulla();
    command
        .args(["decrypt", "db.enc.yaml"])
        .env("SOPS_AGE_KEY_CMD", format!("sh {}", script.display()))
        .env("KEY", keys::age_identity());
    sandbox.run(&mut command).ok();
    assert_eq!(sandbox.read_text("limit"), "0\n");
}

#[test]
fn a_recipient_cannot_steer_the_terminal() {
    let sandbox = sealed();
    let text = sandbox.read_text("db.enc.yaml");
    let text = text.replace(keys::age_recipient(), "\"age1\\e[2J\\u202e\\nx\"");
    sandbox.write("db.enc.yaml", text);
    let run = sandbox.run(sandbox.bulla().args(["decrypt", "db.enc.yaml"])).exits(128);
    assert!(run.err().contains(r"age1\u{1b}[2J\u{202e} x"), "{}", run.err());
}

#[test]
fn a_new_key_is_read_by_age_keygen_and_never_written_over_anything() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(sandbox.bulla().args(["keygen", "-o", "key.txt"])).ok();
    assert!(run.stdout.is_empty());
    let recipient = run.err().trim().strip_prefix("Public key: ").expect("as age-keygen says it");
    let mode = fs::metadata(sandbox.path("key.txt")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let theirs = sandbox.run(sandbox.command(peers::age_keygen()).args(["-y", "key.txt"])).ok();
    assert_eq!(theirs.out().trim(), recipient);
    let ours = sandbox.run(sandbox.bulla().args(["keygen", "-y", "key.txt"])).ok();
    assert_eq!(ours.out(), theirs.out());

    let before = snapshot(&sandbox);
    let run = sandbox.run(sandbox.bulla().args(["keygen", "-o", "key.txt"])).exits(3);
    assert!(run.err().contains("key.txt: cannot be written: file exists"), "{}", run.err());
    assert_eq!(snapshot(&sandbox), before);

    let run = sandbox.run(sandbox.bulla().arg("keygen")).ok();
    assert!(run.out().contains("\n# public key: age1") && run.out().contains("\nAGE-SECRET-KEY-1"));
}

#[test]
fn init_makes_a_repository_that_works_at_once() {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "--quiet"]);
    let run = sandbox.run(sandbox.bulla().args(["init", "--name", "alice"])).ok();
    let recipient = run.out().split_whitespace().find(|word| word.starts_with("age1")).unwrap();
    let expected = format!(
        "\
key    made {recipient} in [SANDBOX]/home/.config/sops/age/keys.txt; keep a copy, nothing opens without it
rules  wrote .sops-rules.yaml: *.enc.yaml is sealed for alice
git    wrote .gitattributes: sealed files keep their line ends
next   bulla encrypt --in-place secret.enc.yaml
       bulla guard install: git refuses what is not sealed
"
    );
    assert_eq!(sandbox.normalise(run.out()), expected);
    sandbox.write("deep/secret.enc.yaml", MANIFEST.replace('\n', "\r\n"));
    sandbox.run(sandbox.bulla().args(["encrypt", "-i", "deep/secret.enc.yaml"])).ok();
    sandbox.git(&["-c", "core.autocrlf=input", "add", "."]);
    let sealed = sandbox.read("deep/secret.enc.yaml");
    assert_eq!(sandbox.git(&["show", ":deep/secret.enc.yaml"]).stdout, sealed);
    let opened = sandbox.run(sandbox.bulla().args(["decrypt", "deep/secret.enc.yaml"])).ok();
    assert_eq!(opened.out(), MANIFEST.replace('\n', "\r\n"));
    sandbox.run(sandbox.bulla().args(["rules", "check"])).ok();
}

#[test]
fn init_takes_the_key_that_is_there_and_overwrites_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write(".gitattributes", "* text=auto\n");
    let run = bulla(&sandbox, &["init"]).ok();
    assert!(run.out().contains(&format!("found {}", keys::age_recipient())), "{}", run.out());
    assert!(
        run.out().contains("left .gitattributes alone") && run.out().contains("*.enc.yaml -text")
    );
    assert_eq!(sandbox.read_text(".gitattributes"), "* text=auto\n");
    let before = snapshot(&sandbox);
    bulla(&sandbox, &["init"]).exits(3);
    bulla(&sandbox, &["init", "nowhere"]).exits(100);
    for name in [".sops-rules.yaml", ".sops.yaml"] {
        let other = Sandbox::new();
        other.write(name, "# mine\n");
        bulla(&other, &["init"]).exits(3);
        assert_eq!(snapshot(&other).len(), 1);
    }
    assert_eq!(snapshot(&sandbox), before);
    assert!(!sandbox.config().join("sops").exists(), "no second key was made");
}

#[test]
fn the_command_line_beats_the_environment_and_both_beat_the_rules() {
    let sandbox = repository();
    sandbox.write("x.enc.yaml", MANIFEST);
    let (alice, other) = (keys::age_recipient(), keys::age_other_recipient());
    let sealed_for = |env: &str, args: &[&str]| {
        let mut command = sandbox.bulla();
        command.args(["encrypt", "x.enc.yaml"]).args(args).env("SOPS_AGE_RECIPIENTS", env);
        let run = sandbox.run(&mut command).ok();
        [alice, other].map(|recipient| run.out().contains(recipient))
    };
    assert_eq!(sealed_for("", &[]), [true, false]);
    assert_eq!(sealed_for(other, &[]), [false, true]);
    assert_eq!(sealed_for(other, &["--age", "alice"]), [true, false]);
    let both = format!("{other}, alice");
    assert_eq!(sealed_for("", &["--age", &both]), [true, true]);
    assert_eq!(sealed_for("", &["--age", "alice", "-a", other]), [true, true]);
}

#[test]
fn stdin_has_a_name_only_when_one_is_given() {
    let sandbox = repository();
    bulla_with(&sandbox, &["encrypt"], MANIFEST).exits(8);
    let args = ["encrypt", "-i", "--filename-override", "x.enc.yaml"];
    bulla_with(&sandbox, &args, MANIFEST).exits(8);
    bulla_with(&sandbox, &["decrypt", "-i"], MANIFEST).exits(8);
}
