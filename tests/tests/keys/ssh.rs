//! SSH keys, made by ssh-keygen.

use std::fs;
use std::process::Command;

use bulla_testkit::{Sandbox, keys, peers};

use crate::common::{
    PLAIN, SECRET, both_ways, on_terminal, open, open_in_vain, sandbox, script, seal,
    without_terminal,
};

const PASSPHRASE: &str = "open sesame";

/// Makes a key pair `name` and `name.pub`; the public key.
#[track_caller]
fn ssh_key(sandbox: &Sandbox, name: &str, flags: &[&str], passphrase: &str) -> String {
    let mut command = sandbox.command(peers::system("ssh-keygen"));
    command.args(["-q", "-N", passphrase, "-C", "alice at work", "-f", name]).args(flags);
    sandbox.run(&mut command).ok();
    sandbox.read_text(format!("{name}.pub")).trim().to_owned()
}

fn key_file(sandbox: &Sandbox, name: &str) -> impl Fn(&mut Command) {
    let path = sandbox.path(name);
    move |command| {
        command.env("SOPS_AGE_SSH_PRIVATE_KEY_FILE", &path);
    }
}

#[test]
fn keys_of_both_kinds_go_both_ways() {
    let sandbox = sandbox();
    for (name, flags) in [
        ("ed25519", &["-t", "ed25519"][..]),
        ("rsa", &["-t", "rsa", "-b", "2048"]),
        ("pem", &["-t", "rsa", "-b", "3072", "-m", "PEM"]),
    ] {
        let public = ssh_key(&sandbox, name, flags, "");
        both_ways(&sandbox, &["--age", &public], key_file(&sandbox, name));
        assert!(sandbox.read_text("sealed.yaml").contains(&public), "the comment stays");
    }
}

#[test]
fn the_keys_of_the_home_directory_are_found() {
    let sandbox = sandbox();
    fs::create_dir(sandbox.home().join(".ssh")).unwrap();
    for (name, flags) in
        [("id_ed25519", &["-t", "ed25519"][..]), ("id_rsa", &["-t", "rsa", "-b", "2048"])]
    {
        let public = ssh_key(&sandbox, name, flags, "");
        seal(&sandbox, &["--age", &public], |_| {});
        let shown = open_in_vain(&sandbox, |_| {});
        let missing = format!("/home/.ssh/{name}: there is no such file");
        assert!(shown.contains(&missing), "{shown}");
        fs::rename(sandbox.path(name), sandbox.home().join(".ssh").join(name)).unwrap();
        assert_eq!(open(&sandbox, |_| {}).ok().out(), PLAIN);
    }
}

#[test]
fn a_command_may_print_the_key() {
    let sandbox = sandbox();
    let public = ssh_key(&sandbox, "key", &["-t", "ed25519"], "");
    let print =
        script(&sandbox, "print", "#!/bin/sh\necho \"$SOPS_AGE_RECIPIENT\" >> log\ncat key\n");
    let by_command = |command: &mut Command| {
        command.env("SOPS_AGE_SSH_PRIVATE_KEY_CMD", &print);
    };
    seal(&sandbox, &["--age", &public], |_| {});
    assert_eq!(open(&sandbox, by_command).ok().out(), PLAIN);
    assert_eq!(sandbox.read_text("log").trim(), public);
    for version in ["3.12.2", "3.13.1"] {
        let mut sops = sandbox.command(peers::pinned("sops", version));
        sops.args(["decrypt", "sealed.yaml"]);
        by_command(&mut sops);
        assert!(sandbox.run(&mut sops).ok().out().contains(SECRET));
    }

    // A file for another kind of key is no reason to start it.
    fs::remove_file(sandbox.path("log")).unwrap();
    seal(&sandbox, &["--age", keys::age_recipient()], |_| {});
    open_in_vain(&sandbox, by_command);
    assert!(!sandbox.path("log").exists());
}

#[test]
fn a_passphrase_is_asked_for_once_on_the_terminal() {
    let sandbox = sandbox();
    for (name, flags) in [
        ("ed25519", &["-t", "ed25519"][..]),
        ("rsa", &["-t", "rsa", "-b", "2048"]),
        ("gcm", &["-t", "ed25519", "-Z", "aes256-gcm@openssh.com"]),
        ("cbc", &["-t", "ed25519", "-Z", "aes256-cbc"]),
    ] {
        let public = ssh_key(&sandbox, name, flags, PASSPHRASE);
        seal(&sandbox, &["--age", &public], |_| {});
        let (code, screen) = on_terminal(&sandbox, PASSPHRASE, key_file(&sandbox, name));
        assert_eq!(code, 0, "{name}: {screen}");
        assert_eq!(sandbox.read_text("opened"), PLAIN);
        assert_eq!(screen.matches("Passphrase of SOPS_AGE_SSH_PRIVATE_KEY_FILE (").count(), 1);
        assert!(!screen.contains(PASSPHRASE) && !screen.contains(SECRET), "{screen}");

        let (code, screen) = on_terminal(&sandbox, "wrong", key_file(&sandbox, name));
        assert_eq!(code, 128, "{name}: {screen}");
        assert_eq!(screen.matches("Passphrase of").count(), 1, "{screen}");
        assert!(screen.contains("the passphrase that was given for"), "{screen}");
        assert!(sandbox.read("opened").is_empty());
    }
}

#[test]
fn without_a_terminal_nobody_is_asked_and_nothing_hangs() {
    let sandbox = sandbox();
    let public = ssh_key(&sandbox, "key", &["-t", "ed25519"], PASSPHRASE);
    seal(&sandbox, &["--age", &public], |_| {});
    let run = without_terminal(&sandbox, key_file(&sandbox, "key")).exits(128);
    assert!(run.stdout.is_empty());
    let said = "needs a passphrase, and there is no terminal to ask on";
    assert!(run.err().contains(said), "{}", run.err());
    assert!(run.err().contains("  do        open the file in a terminal"), "{}", run.err());
}

#[test]
fn the_passphrase_of_a_key_that_does_not_fit_is_not_asked_for() {
    let sandbox = sandbox();
    let other = ssh_key(&sandbox, "other", &["-t", "ed25519"], "");
    ssh_key(&sandbox, "key", &["-t", "ed25519"], PASSPHRASE);
    for recipient in [&other, keys::age_recipient()] {
        seal(&sandbox, &["--age", recipient], |_| {});
        let (code, screen) = on_terminal(&sandbox, PASSPHRASE, key_file(&sandbox, "key"));
        assert_eq!(code, 128);
        assert!(!screen.contains("Passphrase of"), "{screen}");
    }
    // Nor when another identity opens the file.
    let both = format!("{other},{}", keys::age_recipient());
    seal(&sandbox, &["--age", &both], |_| {});
    let (code, screen) = on_terminal(&sandbox, PASSPHRASE, |command| {
        key_file(&sandbox, "key")(command);
        command.env("SOPS_AGE_KEY", keys::age_identity());
    });
    assert_eq!((code, screen.as_str()), (0, ""));
}

#[test]
fn keys_that_age_cannot_use_say_why() {
    let sandbox = sandbox();
    let public = ssh_key(&sandbox, "good", &["-t", "ed25519"], "");
    seal(&sandbox, &["--age", &public], |_| {});
    ssh_key(&sandbox, "ecdsa", &["-t", "ecdsa"], "");
    ssh_key(&sandbox, "old", &["-t", "rsa", "-b", "2048", "-m", "PEM"], PASSPHRASE);
    ssh_key(&sandbox, "chacha", &["-t", "ed25519", "-Z", "chacha20-poly1305@openssh.com"], "xxxxx");
    let good = sandbox.read_text("good");
    sandbox.write("half", &good[..good.len() / 2]);
    sandbox.write("garbage", "not a key\n");
    sandbox.write("binary", [0xff, 0xfe, 0]);
    sandbox.write("large", vec![b'a'; (1 << 20) + 1]);
    for (name, why) in [
        ("ecdsa", "is of a kind that age cannot use; ed25519 and RSA keys are"),
        ("old", "is encrypted in an old way; write it anew with ssh-keygen -p -f FILE"),
        ("chacha", "is encrypted with a cipher that age does not know"),
        ("half", "is not a private SSH key that age can use"),
        ("good.pub", "is not a private SSH key that age can use"),
        ("garbage", "is not a private SSH key that age can use"),
        ("binary", "is not text"),
        ("large", "is larger than 1048576 bytes"),
        ("absent", "there is no such file"),
    ] {
        let shown = open_in_vain(&sandbox, key_file(&sandbox, name));
        let line =
            format!("SOPS_AGE_SSH_PRIVATE_KEY_FILE ({}): {why}", sandbox.path(name).display());
        assert!(shown.contains(&line), "{name}: {shown}");
    }
    sandbox.write("crlf", format!("\u{feff}{}", good.replace('\n', "\r\n")));
    assert_eq!(open(&sandbox, key_file(&sandbox, "crlf")).ok().out(), PLAIN);
}

#[test]
fn recipients_that_age_cannot_seal_for_are_refused() {
    let sandbox = sandbox();
    let small = ssh_key(&sandbox, "small", &["-t", "rsa", "-b", "1024"], "");
    let large = ssh_key(&sandbox, "large", &["-t", "rsa", "-b", "5120"], "");
    let ecdsa = ssh_key(&sandbox, "ecdsa", &["-t", "ecdsa"], "");
    for (public, why) in [
        (small, "this RSA key is too short to be safe"),
        (large, "this RSA key is longer than age can use"),
        (ecdsa, "is not an age recipient"),
    ] {
        let mut command = sandbox.bulla();
        command.args(["encrypt", "plain.yaml", "--output", "out.yaml", "--age", &public]);
        let run = sandbox.run(&mut command).fails();
        assert!(run.err().contains(why), "{}", run.err());
        assert!(!sandbox.path("out.yaml").exists());
    }
}
