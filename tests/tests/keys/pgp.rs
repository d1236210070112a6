//! PGP, through a real gpg with an agent of its own.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use bulla_testkit::{Run, Sandbox, keys, peers};
use tempfile::TempDir;

use crate::common::{PLAIN, SECRET, both_ways, open, open_in_vain, sandbox, script, seal};

/// A home of gpg. Not in the sandbox: the path of the agent's socket must be short.
struct Gpg {
    dir: TempDir,
}

impl Gpg {
    fn new() -> Self {
        let dir = TempDir::with_prefix_in("gpg-", "/tmp").expect("a directory for gpg");
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o700)).expect("a mode");
        Self { dir }
    }

    fn home(&self) -> &Path {
        self.dir.path()
    }

    /// Lets a command use these keys.
    fn env(&self) -> impl Fn(&mut Command) + use<> {
        let home = self.home().to_owned();
        move |command| {
            command.env("GNUPGHOME", &home);
        }
    }

    #[track_caller]
    fn run(&self, sandbox: &Sandbox, args: &[&str]) -> Run {
        let mut gpg = sandbox.command(peers::gpg());
        gpg.args(["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""]);
        gpg.args(args);
        self.env()(&mut gpg);
        sandbox.run(&mut gpg).ok()
    }

    /// The fingerprints of a key and its subkeys.
    #[track_caller]
    fn fingerprints(&self, sandbox: &Sandbox, name: &str) -> Vec<String> {
        let listed = self.run(sandbox, &["--with-colons", "--list-keys", name]);
        let lines = listed.out().lines().filter(|line| line.starts_with("fpr:"));
        lines.filter_map(|line| line.split(':').nth(9)).map(str::to_owned).collect()
    }

    /// Makes a key that can encrypt; its fingerprint.
    #[track_caller]
    fn key(&self, sandbox: &Sandbox, name: &str) -> String {
        let user = format!("{name} <{name}@example.com>");
        self.run(sandbox, &["--quick-gen-key", &user, "future-default", "default", "never"]);
        self.fingerprints(sandbox, name).swap_remove(0)
    }
}

impl Drop for Gpg {
    fn drop(&mut self) {
        let mut kill = Command::new(peers::system("gpgconf"));
        let _ = kill.args(["--kill", "all"]).env("GNUPGHOME", self.home()).status();
    }
}

/// Seals with bulla, which must refuse; what it said.
#[track_caller]
fn refused(sandbox: &Sandbox, fingerprint: &str, with: impl Fn(&mut Command)) -> String {
    let mut command = sandbox.bulla();
    command.args(["encrypt", "plain.yaml", "--output", "out.yaml", "--pgp", fingerprint]);
    with(&mut command);
    let run = sandbox.run(&mut command).fails();
    assert!(!sandbox.path("out.yaml").exists() && run.stdout.is_empty());
    run.err().to_owned()
}

#[test]
fn keys_go_both_ways() {
    let (sandbox, gpg) = (sandbox(), Gpg::new());
    let fingerprint = gpg.key(&sandbox, "alice");
    both_ways(&sandbox, &["--pgp", &fingerprint], gpg.env());
    // A long key ID, and a subkey that is meant and no other.
    both_ways(&sandbox, &["--pgp", &fingerprint[24..]], gpg.env());
    let subkey = format!("{}!", gpg.fingerprints(&sandbox, "alice")[1]);
    both_ways(&sandbox, &["--pgp", &subkey], gpg.env());
    assert!(sandbox.read_text("sealed.yaml").contains(&subkey));
}

#[test]
fn age_and_pgp_stand_in_for_each_other() {
    let (sandbox, gpg) = (sandbox(), Gpg::new());
    let fingerprint = gpg.key(&sandbox, "alice");
    let flags = ["--pgp", &fingerprint, "--age", keys::age_recipient()];
    both_ways(&sandbox, &flags, gpg.env());
    // The age key at hand opens it without starting gpg.
    let spy = script(&sandbox, "spy", "#!/bin/sh\n: > started\nexit 1\n");
    let opened = open(&sandbox, |command| {
        command.env("SOPS_AGE_KEY", keys::age_identity()).env("SOPS_GPG_EXEC", &spy);
    });
    assert!(opened.ok().out().contains(SECRET));
    assert!(!sandbox.path("started").exists());
}

#[test]
fn keys_that_cannot_be_sealed_for_are_found_before_anything_is_written() {
    let (sandbox, gpg) = (sandbox(), Gpg::new());
    let old = "20200101T000000";
    gpg.run(
        &sandbox,
        &[
            "--faked-system-time",
            old,
            "--quick-gen-key",
            "old <old@example.com>",
            "future-default",
            "default",
            "20200201T000000",
        ],
    );
    gpg.run(&sandbox, &["--quick-gen-key", "sign <sign@example.com>", "ed25519", "sign", "never"]);
    // A key that is good, with a subkey that is not any more.
    gpg.run(
        &sandbox,
        &[
            "--faked-system-time",
            old,
            "--quick-gen-key",
            "half <half@example.com>",
            "ed25519",
            "sign",
            "never",
        ],
    );
    let half = gpg.fingerprints(&sandbox, "half").swap_remove(0);
    gpg.run(
        &sandbox,
        &[
            "--faked-system-time",
            old,
            "--quick-add-key",
            &half,
            "cv25519",
            "encr",
            "20200201T000000",
        ],
    );
    let revoked = gpg.key(&sandbox, "gone");
    let certificate = gpg.home().join(format!("openpgp-revocs.d/{revoked}.rev"));
    let text = fs::read_to_string(certificate).unwrap().replace(":-----BEGIN", "-----BEGIN");
    let certificate = sandbox.write("gone.rev", text).display().to_string();
    gpg.run(&sandbox, &["--import", &certificate]);

    let of = |name: &str| gpg.fingerprints(&sandbox, name).swap_remove(0);
    for (fingerprint, why) in [
        (of("old"), "it has expired on 2020-02-01"),
        (of("sign"), "it cannot encrypt, only sign or certify"),
        (half.clone(), "its subkey for encryption has expired on 2020-02-01"),
        (
            format!("{}!", gpg.fingerprints(&sandbox, "half")[1]),
            "this subkey has expired on 2020-02-01",
        ),
        (format!("{half}!"), "it cannot encrypt, only sign or certify"),
        (revoked, "it was revoked"),
        ("A".repeat(40), "gpg does not have this key"),
    ] {
        let said = refused(&sandbox, &fingerprint, gpg.env());
        assert!(said.contains(why) && said.contains("; "), "{fingerprint}: {said}");
    }
}

#[test]
fn what_is_no_fingerprint_never_reaches_gpg() {
    let sandbox = sandbox();
    let spy = script(&sandbox, "spy", "#!/bin/sh\n: > started\nexit 1\n");
    for text in ["--output=x", "alice@example.com", "DEADBEEF", "-o", "0x0123456789ABCDEF"] {
        sandbox.write(
            ".sops.yaml",
            format!("creation_rules:\n  - path_regex: plain\n    pgp: '{text}'\n"),
        );
        let mut command = sandbox.bulla();
        command.args(["encrypt", "plain.yaml", "--output", "out.yaml"]).env("SOPS_GPG_EXEC", &spy);
        sandbox.run(&mut command).fails();
    }
    assert!(!sandbox.path("started").exists() && !sandbox.path("out.yaml").exists());
}

#[test]
fn somebody_elses_file_says_what_was_asked() {
    let (sandbox, alice, bob) = (sandbox(), Gpg::new(), Gpg::new());
    let fingerprint = alice.key(&sandbox, "alice");
    seal(&sandbox, &["--pgp", &fingerprint], alice.env());
    let shown = open_in_vain(&sandbox, bob.env());
    assert!(shown.contains(&format!("  pgp       {fingerprint}\n")), "{shown}");
    assert!(
        shown.contains(&format!("with the secret keys of {}", bob.home().display())),
        "{shown}"
    );
    assert!(shown.contains("none of these opens it"), "{shown}");

    let text = sandbox.read_text("sealed.yaml");
    let armor = text.find("-----BEGIN PGP MESSAGE-----").unwrap();
    let mut damaged = text.clone();
    damaged.replace_range(armor + 60..armor + 64, "////");
    sandbox.write("sealed.yaml", damaged);
    let shown = open_in_vain(&sandbox, alice.env());
    assert!(shown.contains("failed    "), "{shown}");
    sandbox.write("sealed.yaml", text.replace("-----BEGIN PGP", "-----BEGIN AGE"));
    let shown = open_in_vain(&sandbox, alice.env());
    assert!(shown.contains("its wrapped data key is damaged"), "{shown}");
}

#[test]
fn what_gpg_says_is_one_line_and_what_it_gives_is_checked() {
    let (sandbox, gpg) = (sandbox(), Gpg::new());
    let fingerprint = gpg.key(&sandbox, "alice");
    seal(&sandbox, &["--pgp", &fingerprint], gpg.env());
    for (body, why) in [
        ("printf 'gpg: \\033[2Jone\\r\\n\\ngpg: two\\n' >&2; exit 2", "gpg failed: [2Jone; two"),
        ("exit 2", "gpg failed: exit status: 2"),
        ("exit 0", "gpg opened it and found nothing in it"),
        ("printf short", "what it opens is not a data key of 32 bytes"),
        ("head -c 1000 /dev/zero", "gpg printed more than 64 bytes"),
        ("yes | head -c 1000000 >&2; exit 1", "gpg failed: y; y; y; "),
    ] {
        let fake = script(&sandbox, "fake", &format!("#!/bin/sh\n{body}\n"));
        let shown = open_in_vain(&sandbox, |command| {
            command.env("SOPS_GPG_EXEC", &fake);
        });
        assert!(shown.contains(why), "{body}: {shown}");
    }
    let shown = open_in_vain(&sandbox, |command| {
        command.env("PATH", sandbox.path("nowhere"));
    });
    assert!(shown.contains("gpg is not on PATH") && shown.contains("SOPS_GPG_EXEC"), "{shown}");
}

#[test]
fn gpg_gets_the_arguments_of_sops_and_the_key_on_its_input() {
    let (sandbox, gpg) = (sandbox(), Gpg::new());
    let fingerprint = gpg.key(&sandbox, "alice");
    let real = peers::gpg();
    let text = format!(
        "#!/bin/sh\necho \"$*\" >> '{}'\nenv > '{}'\nexec '{}' \"$@\"\n",
        sandbox.path("log").display(),
        sandbox.path("env").display(),
        real.display()
    );
    let spy = script(&sandbox, "spy", &text);
    let with = |command: &mut Command| {
        gpg.env()(command);
        command.env("SOPS_GPG_EXEC", &spy).env("GPG_TTY", "/dev/pts/99");
        command.env("SOPS_AGE_KEY", keys::age_other_identity());
    };
    let arguments = |sops: &PathBuf| {
        let _ = fs::remove_file(sandbox.path("log"));
        let mut command = sandbox.command(sops);
        command.args(["encrypt", "--pgp", &fingerprint, "plain.yaml"]);
        with(&mut command);
        sandbox.run(&mut command).ok();
        sandbox.read_text("log").lines().last().map(str::to_owned)
    };
    let theirs = arguments(&peers::sops());
    let _ = fs::remove_file(sandbox.path("log"));
    seal(&sandbox, &["--pgp", &fingerprint], with);
    let ours = sandbox.read_text("log").lines().last().map(str::to_owned);
    assert_eq!(ours, theirs);
    assert_eq!(open(&sandbox, with).ok().out(), PLAIN);
    let env = sandbox.read_text("env");
    assert!(env.contains("GPG_TTY=/dev/pts/99") && !env.contains("AGE-SECRET-KEY"), "{env}");
}

#[test]
fn the_passphrase_of_a_key_goes_through_pinentry() {
    let (sandbox, gpg) = (sandbox(), Gpg::new());
    // A pinentry that knows the answer, as somebody at a keyboard would.
    let pinentry = script(
        &sandbox,
        "pinentry",
        "#!/bin/sh\necho OK\nwhile read -r line; do case $line in GETPIN*) echo 'D open sesame'; echo OK;; BYE*) echo OK; exit;; *) echo OK;; esac; done\n",
    );
    let agent = format!("pinentry-program {}\n", pinentry.display());
    fs::write(gpg.home().join("gpg-agent.conf"), agent).unwrap();
    let mut make = sandbox.command(peers::gpg());
    make.args(["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "open sesame"]);
    make.args([
        "--quick-gen-key",
        "locked <locked@example.com>",
        "future-default",
        "default",
        "never",
    ]);
    gpg.env()(&mut make);
    sandbox.run(&mut make).ok();
    let fingerprint = gpg.fingerprints(&sandbox, "locked").swap_remove(0);
    seal(&sandbox, &["--pgp", &fingerprint], gpg.env());
    // The agent that made the key knows its passphrase still.
    let mut kill = sandbox.command(peers::system("gpgconf"));
    kill.args(["--kill", "gpg-agent"]);
    gpg.env()(&mut kill);
    sandbox.run(&mut kill).ok();
    assert_eq!(open(&sandbox, gpg.env()).ok().out(), PLAIN);

    fs::write(gpg.home().join("gpg-agent.conf"), "pinentry-program /bin/false\n").unwrap();
    sandbox.run(&mut kill).ok();
    let shown = open_in_vain(&sandbox, gpg.env());
    assert!(shown.contains("failed    gpg failed: "), "{shown}");
}
