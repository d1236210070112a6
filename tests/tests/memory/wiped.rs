//! What is left in memory of a file that was opened.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use bulla_core::{Format, seal};
use bulla_testkit::{Sandbox, keys};
use bulla_tests::sealing::{NOW, keyring, recipe};

use crate::common::{SECRET, data_key, found_in, sealed};

/// A process that is ended with the value.
struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Process {
    fn start(command: &mut Command) -> Self {
        let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = started.expect("it starts");
        let input = child.stdin.take().expect("it is piped");
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        Self { child, input, output }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("it says something");
        line
    }

    fn go_on(&mut self) {
        self.input.write_all(b"\n").expect("it reads");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn nothing_is_left_of_plaintext_data_key_and_identity() {
    let sandbox = sealed();
    // Little is done after the opening of a small file that would overwrite anything.
    let small = format!("a: {SECRET}\n");
    let small = seal(&small, Format::Yaml, &recipe(), &keyring(), NOW).expect("it seals");
    sandbox.write("small.enc.yaml", small.text);
    for file in ["db.enc.yaml", "small.enc.yaml"] {
        is_wiped_of(&sandbox, file);
    }
}

fn is_wiped_of(sandbox: &Sandbox, file: &str) {
    let data_key = data_key(sandbox, file);
    let needles: [(&str, &[u8]); 3] = [
        ("plaintext", SECRET.as_bytes()),
        ("the data key", &data_key),
        ("the identity", keys::age_identity().as_bytes()),
    ];
    let program = env!("CARGO_BIN_EXE_opens_and_waits");
    let mut command = sandbox.command(program);
    let mut process =
        Process::start(command.arg(sandbox.path(file)).arg(keys::age_identity_file()));
    assert!(process.line().starts_with("opened"));
    let pid = process.child.id();
    let before = found_in(pid, &needles).expect("its memory can be read");
    for (name, _) in needles.iter().filter(|(name, _)| *name != "the data key") {
        assert!(before.iter().any(|found| found.starts_with(name)), "{name}: {before:?}");
    }
    process.go_on();
    assert_eq!(process.line(), "wiped\n");
    let after = found_in(pid, &needles).expect("its memory can be read");
    assert_eq!(after, Vec::<String>::new());
}
