//! Files that are larger than anybody wants to have in memory.

use std::fs;

use bulla_testkit::{Run, Sandbox, keys, peers};

use crate::common::{bulla, command, snapshot};

/// The size of the file, in bytes: not a whole number of anything.
const LENGTH: usize = (24 << 20) + 13;

/// What the program has in memory besides the file, in bytes, in a build for tests.
const ITSELF: usize = 40 << 20;

/// Bytes that are no text.
fn bytes() -> Vec<u8> {
    (0..LENGTH).map(|n| ((n * 7) >> 3) as u8 ^ (n >> 13) as u8).collect()
}

fn large() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("large.bin", bytes());
    sandbox
}

/// Runs bulla, and gives the most that it had in memory, in bytes.
#[track_caller]
fn measured(sandbox: &Sandbox, args: &[&str]) -> (Run, usize) {
    let memory = sandbox.path("memory");
    let program = command(sandbox, &[]);
    let mut measured = sandbox.command(env!("CARGO_BIN_EXE_measured"));
    measured.arg(&memory).arg(program.get_program()).args(args);
    let run = sandbox.run(measured.env("SOPS_AGE_KEY_FILE", keys::age_identity_file()));
    let text = fs::read_to_string(&memory).expect("it was measured");
    fs::remove_file(memory).expect("it was there");
    (run, text.parse().expect("a number"))
}

#[test]
fn a_large_file_is_sealed_while_it_is_read_and_any_sops_opens_it() {
    let sandbox = large();
    let seal = ["encrypt", "--age", keys::age_recipient()];
    let (run, memory) = measured(&sandbox, &[&seal[..], &["large.bin"]].concat());
    sandbox.write("to-stdout", run.ok().stdout);
    assert!(memory < LENGTH * 3 / 2 + ITSELF, "{memory}");
    for args in [&["--output", "new", "large.bin"][..], &["-i", "large.bin"]] {
        let (run, memory) = measured(&sandbox, &[&seal[..], args].concat());
        assert!(run.ok().stdout.is_empty());
        // Nothing of the file stays.
        assert!(memory < ITSELF, "{args:?}: {memory}");
    }
    let opened = bytes();
    for name in ["to-stdout", "new", "large.bin"] {
        let (run, memory) = measured(&sandbox, &["decrypt", "--input-type", "binary", name]);
        assert!(run.ok().stdout == opened, "{name}");
        assert!(memory < LENGTH * 5 / 2 + ITSELF, "{name}: {memory}");
        let mut sops = sandbox.command(peers::sops());
        sops.args(["decrypt", "--input-type", "binary", "--output-type", "binary", name]);
        let run = sandbox.run(sops.env("SOPS_AGE_KEY_FILE", keys::age_identity_file()));
        assert!(run.ok().stdout == opened, "{name}");
    }
}

#[test]
fn one_that_has_a_predecessor_keeps_its_data_key() {
    let sandbox = large();
    let seal = ["encrypt", "--age", keys::age_recipient(), "large.bin", "--output", "sealed"];
    bulla(&sandbox, &seal).ok();
    let first = sandbox.read_text("sealed");
    bulla(&sandbox, &seal).ok();
    assert!(sandbox.read_text("sealed") == first, "nothing changed, and nothing did");
    let mut changed = bytes();
    changed[LENGTH / 2] ^= 1;
    sandbox.write("large.bin", changed);
    bulla(&sandbox, &seal).ok();
    let second = sandbox.read_text("sealed");
    let key =
        |text: &str| text[text.find("\"age\"").expect("a key")..].split("}").next().map(str::len);
    assert!(second != first && key(&second) == key(&first));
}

#[test]
fn one_that_cannot_be_sealed_changes_nothing() {
    let sandbox = large();
    let before = snapshot(&sandbox);
    let run = bulla(&sandbox, &["encrypt", "-i", "large.bin"]);
    assert!(run.code != 0 && run.stdout.is_empty(), "{}", run.err());
    for (args, code) in [
        (&["encrypt", "--age", "age1none", "large.bin"][..], 1),
        (&["encrypt", "--age", keys::age_recipient(), "large.bin", "--output", "no/where"], 3),
        (&["encrypt", "--age", keys::age_recipient(), "large.bin", "--onto", "missing"], 100),
    ] {
        let run = bulla(&sandbox, args).exits(code);
        assert!(run.stdout.is_empty(), "{args:?}");
    }
    bulla(&sandbox, &["encrypt", "-i", "--age", keys::age_recipient(), "large.bin"]).ok();
    let sealed = snapshot(&sandbox);
    let run = bulla(&sandbox, &["encrypt", "-i", "--age", keys::age_recipient(), "large.bin"]);
    assert!(run.code != 0 && run.err().contains("this file is sealed"), "{}", run.err());
    assert!(snapshot(&sandbox) == sealed && sealed != before);
}
