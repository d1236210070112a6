//! Where age's identities come from, and what may be wrong there.

use std::fs;
use std::process::Command;

use bulla_core::{KeyService, MasterKey};
use bulla_keys::age::Age;
use bulla_keys::{AgeVariables, Environment};
use bulla_testkit::{Sandbox, keys, peers};
use secrecy::{ExposeSecret, SecretSlice};

use crate::common::{
    PLAIN, SECRET, both_ways, on_terminal, open, open_in_vain, sandbox, script, seal,
    without_terminal,
};

const PASSPHRASE: &str = "open sesame";

/// `sealed.yaml`, for the test key.
fn sealed() -> Sandbox {
    let sandbox = sandbox();
    seal(&sandbox, &["--age", keys::age_recipient()], |_| {});
    sandbox
}

fn variable(name: &'static str, value: impl Into<String>) -> impl Fn(&mut Command) {
    let value = value.into();
    move |command| {
        command.env(name, &value);
    }
}

/// A file of identities that the real age sealed with [`PASSPHRASE`].
fn protected(sandbox: &Sandbox, identities: &str, armored: bool) -> String {
    let mut age = sandbox.command(peers::pinned("age", "1.3.2"));
    age.env("PATH", peers::age_plugins()).env("AGE_PASSPHRASE", PASSPHRASE);
    age.env("AGE_PASSPHRASE_WORK_FACTOR", "10").args(["-e", "-j", "batchpass"]);
    if armored {
        age.arg("-a");
    }
    let sealed = sandbox.run_with(&mut age, identities).ok();
    sandbox.write("keys.age", &sealed.stdout).display().to_string()
}

#[test]
fn the_sources_of_sops_are_all_merged() {
    let sandbox = sealed();
    let (mine, other) = (keys::age_identity(), keys::age_other_identity());
    let wrong = sandbox.write("wrong.txt", format!("{other}\n")).display().to_string();
    let right = keys::age_identity_file().display().to_string();
    let default = sandbox.config().join("sops/age/keys.txt");
    fs::create_dir_all(default.parent().unwrap()).unwrap();
    let sources = [
        ("SOPS_AGE_KEY", mine.to_owned(), other.to_owned()),
        ("SOPS_AGE_KEY_FILE", right.clone(), wrong.clone()),
        ("SOPS_AGE_KEY_CMD", format!("cat '{right}'"), format!("cat '{wrong}'")),
    ];
    fs::write(&default, other).unwrap();
    // One source has the right identity, all the others a wrong one.
    for good in 0..4 {
        fs::write(&default, if good == 3 { mine } else { other }).unwrap();
        let set = |command: &mut Command| {
            for (index, (name, right, wrong)) in sources.iter().enumerate() {
                command.env(name, if index == good { right } else { wrong });
            }
        };
        assert_eq!(open(&sandbox, set).ok().out(), PLAIN, "{good}");
    }
    fs::write(&default, other).unwrap();
    let shown = open_in_vain(&sandbox, |command| {
        for (name, _, wrong) in &sources {
            command.env(name, wrong);
        }
    });
    let rows: Vec<_> = shown.lines().filter(|line| line.contains("which does not fit")).collect();
    assert_eq!(rows.len(), 4, "{shown}");
}

#[test]
fn key_files_are_read_however_an_editor_left_them() {
    let sandbox = sealed();
    let (mine, other) = (keys::age_identity(), keys::age_other_identity());
    let texts = [
        format!("\u{feff}# mine\r\n{mine}\r\n"),
        format!("{other} {mine}"),
        format!("   {mine}   # at work\n\n"),
        format!("# a\n#b\n\n{other}\n{mine}"),
        format!("from a newer age 9000\n{mine}\n"),
    ];
    for text in texts {
        let file = sandbox.write("keys.txt", &text).display().to_string();
        assert_eq!(open(&sandbox, variable("SOPS_AGE_KEY_FILE", file)).ok().out(), PLAIN);
        assert_eq!(open(&sandbox, variable("SOPS_AGE_KEY", text)).ok().out(), PLAIN);
    }
}

#[test]
fn what_is_in_a_key_file_is_named_by_its_line_and_never_shown() {
    let sandbox = sealed();
    let truncated = &keys::age_identity()[..70];
    let cases: [(&[u8], &str); 6] = [
        (b"", "no identity"),
        (b"\xff\xfe\x00", "is not text"),
        (truncated.as_bytes(), "no identity, line 1 is not an age identity and was skipped"),
        (
            b"a\nb\nc\nd\ne\n",
            "line 3 is not an age identity and was skipped, 2 more lines were skipped",
        ),
        (
            b"-----BEGIN OPENSSH PRIVATE KEY-----\n",
            "name SSH keys in SOPS_AGE_SSH_PRIVATE_KEY_FILE",
        ),
        (b"age-encryption.org/v1\nbroken", "looks like a file of age, and is damaged"),
    ];
    for (bytes, expected) in cases {
        let file = sandbox.write("keys.txt", bytes).display().to_string();
        let shown = open_in_vain(&sandbox, variable("SOPS_AGE_KEY_FILE", file));
        assert!(shown.contains(expected), "{shown}");
        assert!(!shown.contains(truncated), "{shown}");
    }
    sandbox.write("keys.txt", vec![b'\n'; (1 << 20) + 1]);
    let large = sandbox.path("keys.txt").display().to_string();
    let shown = open_in_vain(&sandbox, variable("SOPS_AGE_KEY_FILE", large));
    assert!(shown.contains("is larger than 1048576 bytes"), "{shown}");
}

#[test]
fn a_command_is_told_the_recipient_and_may_print_another_key_for_each() {
    let sandbox = sandbox();
    let both = format!("{},{}", keys::age_other_recipient(), keys::age_recipient());
    seal(&sandbox, &["--age", &both], |_| {});
    let (recipient, identity) = (keys::age_recipient(), keys::age_identity());
    let text = format!("#!/bin/sh\n[ \"$SOPS_AGE_RECIPIENT\" = {recipient} ] && echo {identity}\n");
    let command = script(&sandbox, "print", &text).display().to_string();
    assert_eq!(open(&sandbox, variable("SOPS_AGE_KEY_CMD", command)).ok().out(), PLAIN);
}

#[test]
fn a_command_that_ignores_the_recipient_is_not_started_for_each() {
    let sandbox = sandbox();
    let recipients: Vec<_> = (0..5).map(|_| bulla_keys::age::generate().recipient).collect();
    seal(&sandbox, &["--age", &recipients.join(",")], |_| {});
    let text = format!("#!/bin/sh\necho ran >> log\necho {}\n", keys::age_identity());
    let command = script(&sandbox, "print", &text).display().to_string();
    open_in_vain(&sandbox, variable("SOPS_AGE_KEY_CMD", command));
    assert_eq!(sandbox.read_text("log").lines().count(), 2);
}

#[test]
fn a_file_for_any_number_of_recipients_starts_a_command_sixteen_times_at_most() {
    let sandbox = sandbox();
    let recipients: Vec<_> = (0..40).map(|_| bulla_keys::age::generate().recipient).collect();
    seal(&sandbox, &["--age", &recipients.join(",")], |_| {});
    let text = "#!/bin/sh\necho ran >> log\necho \"# $SOPS_AGE_RECIPIENT\"\n";
    let command = script(&sandbox, "print", text).display().to_string();
    open_in_vain(&sandbox, variable("SOPS_AGE_KEY_CMD", command));
    assert_eq!(sandbox.read_text("log").lines().count(), 16);
}

#[test]
fn a_command_that_prints_no_key_says_what_it_did() {
    let sandbox = sealed();
    for (command, expected) in [
        ("yes", "SOPS_AGE_KEY_CMD: printed more than 1048576 bytes"),
        ("head -c 100 /dev/zero", "SOPS_AGE_KEY_CMD: no identity, line 1 is not an age identity"),
        ("printf '\\377'", "SOPS_AGE_KEY_CMD: is not text"),
        ("false", "SOPS_AGE_KEY_CMD: failed: exit status: 1"),
        ("true", "SOPS_AGE_KEY_CMD: no identity"),
        ("/no/such/program", "SOPS_AGE_KEY_CMD: cannot be started: entity not found"),
        ("echo 'x", "SOPS_AGE_KEY_CMD: has a quote that is not closed"),
        ("sh -c 'kill -9 $$'", "SOPS_AGE_KEY_CMD: failed: signal: 9"),
    ] {
        let shown = open_in_vain(&sandbox, variable("SOPS_AGE_KEY_CMD", command));
        assert!(shown.contains(expected), "{command}: {shown}");
    }
}

#[test]
fn a_key_at_hand_starts_nothing_and_asks_nobody() {
    let sandbox = sandbox();
    let both = format!("{},{}", keys::age_other_recipient(), keys::age_recipient());
    seal(&sandbox, &["--age", &both], |_| {});
    let locked = protected(&sandbox, keys::age_other_identity(), true);
    let (code, screen) = on_terminal(&sandbox, PASSPHRASE, |command| {
        command
            .env("SOPS_AGE_KEY", keys::age_identity())
            .env("SOPS_AGE_KEY_FILE", &locked)
            .env("SOPS_AGE_KEY_CMD", "touch started")
            .env("SOPS_AGE_SSH_PRIVATE_KEY_CMD", "touch started");
    });
    assert_eq!((code, screen.as_str()), (0, ""));
    assert_eq!(sandbox.read_text("opened"), PLAIN);
    assert!(!sandbox.path("started").exists());
}

#[test]
fn identities_behind_a_passphrase_are_asked_for_once() {
    let sandbox = sandbox();
    // Twice, so that two wrapped keys could ask.
    let both = format!("{},{}", keys::age_other_recipient(), keys::age_recipient());
    seal(&sandbox, &["--age", &both], |_| {});
    for armored in [true, false] {
        let locked = protected(&sandbox, keys::age_identity(), armored);
        let file = variable("SOPS_AGE_KEY_FILE", locked);
        let (code, screen) = on_terminal(&sandbox, PASSPHRASE, &file);
        assert_eq!(code, 0, "{screen}");
        assert_eq!(sandbox.read_text("opened"), PLAIN);
        assert_eq!(screen.matches("Passphrase of SOPS_AGE_KEY_FILE (").count(), 1, "{screen}");
        assert!(!screen.contains(PASSPHRASE) && !screen.contains(SECRET), "{screen}");

        let (code, screen) = on_terminal(&sandbox, "wrong", &file);
        assert_eq!(code, 128, "{screen}");
        assert_eq!(screen.matches("Passphrase of").count(), 1, "{screen}");
        assert!(screen.contains("the passphrase that was given for"), "{screen}");

        let run = without_terminal(&sandbox, &file).exits(128);
        assert!(run.err().contains("there is no terminal to ask on"), "{}", run.err());
    }
    let for_a_key = {
        let mut age = sandbox.command(peers::age());
        age.args(["-a", "-r", keys::age_recipient()]);
        let sealed = sandbox.run_with(&mut age, keys::age_identity()).ok();
        sandbox.write("for-a-key.age", &sealed.stdout).display().to_string()
    };
    let shown = open_in_vain(&sandbox, variable("SOPS_AGE_KEY_FILE", for_a_key));
    assert!(shown.contains("only a passphrase can protect identities"), "{shown}");
}

#[test]
fn several_recipients_go_both_ways() {
    let both = format!("{},{}", keys::age_recipient(), keys::age_other_recipient());
    for identity in [keys::age_identity(), keys::age_other_identity()] {
        both_ways(&sandbox(), &["--age", &both], variable("SOPS_AGE_KEY", identity));
    }
}

#[test]
fn the_wrapped_key_itself_is_a_file_of_gos_age() {
    let secret = SecretSlice::from((0..32).collect::<Vec<u8>>());
    let environment = Environment {
        age: AgeVariables { key: Some(keys::age_identity().into()), ..AgeVariables::default() },
        ..Environment::default()
    };
    let service = Age::new(environment);
    let key = MasterKey::Age { recipient: keys::age_recipient().to_owned() };
    let mut wrapped = service.wrap(&key, &secret).unwrap().unwrap();
    for (version, program) in peers::all_age() {
        let sandbox = Sandbox::new();
        let mut opener = sandbox.command(&program);
        opener.args(["-d", "-i"]).arg(keys::age_identity_file());
        let opened = sandbox.run_with(&mut opener, &wrapped.enc).ok();
        assert_eq!(opened.stdout, secret.expose_secret(), "age {version}");

        let mut sealer = sandbox.command(&program);
        sealer.args(["-a", "-r", keys::age_recipient()]);
        wrapped.enc = sandbox.run_with(&mut sealer, secret.expose_secret()).ok().out().to_owned();
        let opened = service.unwrap(&wrapped).unwrap().unwrap();
        assert_eq!(opened.expose_secret(), secret.expose_secret(), "age {version}");
    }
}
