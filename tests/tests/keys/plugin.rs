//! age's plugins: real ones, one that is a toy, and one that must never be started.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use bulla_testkit::{Sandbox, keys, peers};
use secrecy::ExposeSecret;

use crate::common::{PLAIN, both_ways, open, open_in_vain, path_with, sandbox, script, seal};

/// What age-plugin-tagtest has the key of.
const TAG_RECIPIENT: &str = "age1tag1qwe0kafsjrar4txm6heqnhpfuggzr0gvznz7fvygxrlq90u5mq2pysxtw6h";
const TAG_IDENTITY: &str = "AGE-PLUGIN-TAGTEST-1CXM4UC";

const EVIL_RECIPIENT: &str = "age1evil1dpjkcmr07pjl3r";
const TOY_RECIPIENT: &str = "age1toy1dpjkcmr0j50jwv";
const TOY_IDENTITY: &str = "AGE-PLUGIN-TOY-1DPJKCMR0SUTFQ0";

/// A plugin that keeps its file keys in its stanzas, in the clear.
const TOY: &str = r#"#!/usr/bin/env python3
import base64, sys
def receive():
    head, body = sys.stdin.readline().split()[1:], ""
    while True:
        line = sys.stdin.readline().strip()
        body += line
        if len(line) < 64:
            return head, body
def send(*words, body=""):
    print("->", *words)
    for at in range(0, len(body) + 1, 64):
        print(body[at:at + 64])
    sys.stdout.flush()
def ask(*words, body=""):
    send(*words, body=body)
    return receive()
machine = sys.argv[1].removeprefix("--age-plugin=")
key = None
while True:
    (command, *words), body = receive()
    if command == "done":
        break
    if machine == "recipient-v1" and command == "wrap-file-key":
        key = body
    if machine == "identity-v1" and command == "recipient-stanza" and words[1] == "toy":
        key = body
if machine == "recipient-v1":
    ask("recipient-stanza", "0", "toy", body=key)
elif key:
    ask("file-key", "0", body=key)
send("done")
"#;

/// A plugin that leaves a mark wherever it is started.
fn evil(sandbox: &Sandbox) -> impl Fn(&mut Command) {
    let mark = sandbox.path("mark");
    script(sandbox, "bin/age-plugin-evil", &format!("#!/bin/sh\n: > '{}'\n", mark.display()));
    let path = path_with(&sandbox.path("bin"));
    move |command| {
        command.env("PATH", &path);
    }
}

fn identity<'a>(identity: &'a str, dir: &std::path::Path) -> impl Fn(&mut Command) + 'a {
    let path = path_with(dir);
    move |command| {
        command.env("SOPS_AGE_KEY", identity).env("PATH", &path);
    }
}

#[test]
fn a_key_in_a_token_is_sealed_for_without_a_plugin_and_opened_by_one() {
    let sandbox = sandbox();
    let empty = sandbox.path("empty");
    fs::create_dir(&empty).unwrap();
    // Sealing needs nothing on PATH.
    seal(&sandbox, &["--age", TAG_RECIPIENT], |command| {
        command.env("PATH", &empty);
    });
    let plugins = peers::age_plugins();
    assert_eq!(open(&sandbox, identity(TAG_IDENTITY, &plugins)).ok().out(), PLAIN);
    both_ways(&sandbox, &["--age", TAG_RECIPIENT], identity(TAG_IDENTITY, &plugins));
}

#[test]
fn an_identity_of_a_plugin_opens_a_hybrid_file() {
    let sandbox = sandbox();
    let key = bulla_keys::age::generate_hybrid();
    let plugins = peers::age_plugins();
    let mut convert = sandbox.command(plugins.join("age-plugin-pq"));
    let secret = key.identity.expose_secret();
    let converted = sandbox.run_with(convert.arg("-identity"), format!("{secret}\n")).ok();
    assert!(converted.out().starts_with("AGE-PLUGIN-PQ-1"));
    seal(&sandbox, &["--age", &key.recipient], |_| {});
    assert_eq!(open(&sandbox, identity(converted.out().trim(), &plugins)).ok().out(), PLAIN);
}

#[test]
fn a_plugin_that_is_named_by_the_users_identity_goes_both_ways() {
    let sandbox = sandbox();
    script(&sandbox, "bin/age-plugin-toy", TOY);
    let toy = identity(TOY_IDENTITY, &sandbox.path("bin"));
    both_ways(&sandbox, &["--age", TOY_RECIPIENT], &toy);
}

#[test]
fn the_allow_list_and_the_users_own_words_take_the_place_of_an_identity() {
    let sandbox = sandbox();
    script(&sandbox, "bin/age-plugin-toy", TOY);
    let toy = identity(TOY_IDENTITY, &sandbox.path("bin"));
    let nobody = |command: &mut Command| {
        toy(command);
        command.env_remove("SOPS_AGE_KEY");
    };
    // Spelled out.
    seal(&sandbox, &["--age", TOY_RECIPIENT], nobody);
    seal(&sandbox, &[], |command| {
        nobody(command);
        command.env("SOPS_AGE_RECIPIENTS", TOY_RECIPIENT);
    });
    sandbox.write(
        ".sops.yaml",
        format!("recipients:\n  x: {TOY_RECIPIENT}\ncreation_rules:\n  - age: x\n"),
    );
    seal(&sandbox, &[], |command| {
        nobody(command);
        command.env("BULLA_AGE_PLUGINS", "yubikey, toy");
    });
    assert_eq!(open(&sandbox, &toy).ok().out(), PLAIN);
    // A name that was typed stands for what the rules say.
    let mut command = sandbox.bulla();
    command.args(["encrypt", "plain.yaml", "--age", "x"]);
    nobody(&mut command);
    let run = sandbox.run(&mut command).fails();
    assert!(run.err().contains("which is not allowed"), "{}", run.err());
}

#[test]
fn a_recipient_of_the_repository_starts_no_program() {
    let sandbox = sandbox();
    let evil = evil(&sandbox);
    sandbox.write(
        ".sops.yaml",
        format!("creation_rules:\n  - path_regex: plain\n    age: {EVIL_RECIPIENT}\n"),
    );
    let encrypt = |with: &dyn Fn(&mut Command)| {
        let mut command = sandbox.bulla();
        command.args(["encrypt", "plain.yaml", "--output", "out.yaml"]);
        evil(&mut command);
        with(&mut command);
        sandbox.run(&mut command).fails()
    };
    let run = encrypt(&|_| {});
    assert!(
        run.err().contains("would start age-plugin-evil, which is not allowed"),
        "{}",
        run.err()
    );
    assert!(run.err().contains("BULLA_AGE_PLUGINS=evil"), "{}", run.err());
    for list in ["", "toy", "evi", "evil2", "*", "all"] {
        encrypt(&|command| {
            command.env("BULLA_AGE_PLUGINS", list);
        });
    }

    // A sealed file that names it, for somebody who has other identities.
    seal(&sandbox, &["--age", keys::age_recipient()], |_| {});
    let text = sandbox.read_text("sealed.yaml");
    sandbox.write("sealed.yaml", text.replace(keys::age_recipient(), EVIL_RECIPIENT));
    open_in_vain(&sandbox, |command| {
        evil(command);
        command.env("SOPS_AGE_KEY", keys::age_other_identity());
    });
    assert!(!sandbox.path("mark").exists() && !sandbox.path("out.yaml").exists());

    // The mark is left when the user allows it, so it would have been seen.
    let run = encrypt(&|command| {
        command.env("BULLA_AGE_PLUGINS", "evil");
    });
    assert!(run.err().contains("age failed: "), "{}", run.err());
    assert!(sandbox.path("mark").exists() && !sandbox.path("out.yaml").exists());
}

#[test]
fn names_that_lead_out_of_path_are_no_recipients() {
    let sandbox = sandbox();
    let evil = evil(&sandbox);
    for recipient in
        ["age1../evil1dpjkcmr04094p5", "age1-evil1dpjkcmr0m8wvnj", "age1pq1dpjkcmr09c0xs0"]
    {
        let mut command = sandbox.bulla();
        command.args(["encrypt", "plain.yaml", "--output", "out.yaml", "--age", recipient]);
        evil(&mut command);
        command.env("BULLA_AGE_PLUGINS", "../evil,-evil,pq");
        let run = sandbox.run(&mut command).fails();
        assert!(run.err().contains("this is not an age recipient"), "{}", run.err());
    }
    assert!(!sandbox.path("mark").exists());
}

#[test]
fn the_working_directory_has_no_plugins() {
    let sandbox = sandbox();
    let evil = evil(&sandbox);
    symlink(sandbox.path("bin/age-plugin-evil"), sandbox.path("age-plugin-evil")).unwrap();
    for path in [".:/usr/bin:/bin", "bin:/usr/bin:/bin", ":/usr/bin:/bin"] {
        let mut command = sandbox.bulla();
        command.args(["encrypt", "plain.yaml", "--output", "out.yaml", "--age", EVIL_RECIPIENT]);
        evil(&mut command);
        command.env("PATH", path).env("BULLA_AGE_PLUGINS", "evil");
        let run = sandbox.run(&mut command).fails();
        assert!(run.err().contains("PATH has a relative entry"), "{path}: {}", run.err());
    }
    assert!(!sandbox.path("mark").exists());
}

#[test]
fn a_plugin_that_is_missing_or_dies_is_named() {
    let sandbox = sandbox();
    script(&sandbox, "bin/age-plugin-toy", TOY);
    let toy = identity(TOY_IDENTITY, &sandbox.path("bin"));
    seal(&sandbox, &["--age", TOY_RECIPIENT], &toy);
    fs::remove_file(sandbox.path("bin/age-plugin-toy")).unwrap();
    let shown = open_in_vain(&sandbox, &toy);
    assert!(shown.contains("age-plugin-toy is not on PATH"), "{shown}");

    script(&sandbox, "bin/age-plugin-toy", "#!/bin/sh\nexit 1\n");
    let shown = open_in_vain(&sandbox, &toy);
    assert!(shown.contains("age-plugin-toy failed: "), "{shown}");
    assert!(shown.lines().all(|line| line.len() < 600), "{shown}");
}
