//! Signals, to the command and to bulla.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use bulla_testkit::{Sandbox, Terminal, binary};

use crate::common::{SECRET, bulla, is_gone, sealed, with_key};

#[test]
fn a_command_that_a_signal_ends_gives_the_code_that_a_shell_gives() {
    let sandbox = sealed();
    for (signal, code) in [("TERM", 143), ("KILL", 137), ("INT", 130)] {
        let kill = format!("kill -{signal} $$; sleep 9");
        bulla(&sandbox, &["exec-env", "x.yaml", &kill]).exits(code);
        bulla(&sandbox, &["exec-file", "x.yaml", &kill]).exits(code);
    }
}

#[test]
fn signals_are_passed_on_and_the_command_decides() {
    let sandbox = sealed();
    for signal in ["TERM", "HUP", "INT", "QUIT", "USR1", "USR2"] {
        let script =
            format!("trap 'echo caught; exit 5' {signal}; echo {{}}; while :; do sleep 0.05; done");
        for command in ["exec-env", "exec-file"] {
            let mut child =
                start(with_key(&sandbox, &binary("bulla")).args([command, "x.yaml", &script]));
            let mut lines = lines_of(&mut child);
            let path = lines.next().expect("the command runs");
            send(&sandbox, signal, &child);
            assert_eq!(lines.next().as_deref(), Some("caught"), "{command} {signal}");
            assert_eq!(child.wait().unwrap().code(), Some(5), "{command} {signal}");
            if command == "exec-file" {
                is_gone(&path);
            }
        }
    }
}

#[test]
fn a_command_that_does_not_catch_a_signal_takes_the_plaintext_along() {
    let sandbox = sealed();
    for flags in [&["--no-fifo"][..], &[]] {
        let mut bulla = with_key(&sandbox, &binary("bulla"));
        bulla.arg("exec-file").args(flags).args(["x.yaml", "echo {}; exec sleep 99"]);
        let mut child = start(&mut bulla);
        let path = lines_of(&mut child).next().expect("the command runs");
        assert!(Path::new(&path).exists());
        send(&sandbox, "TERM", &child);
        assert_eq!(child.wait().unwrap().code(), Some(143));
        is_gone(&path);
    }
}

#[test]
fn what_a_kill_leaves_is_removed_by_the_next_start_but_not_what_lives() {
    let sandbox = sealed();
    let command = || {
        let mut bulla = with_key(&sandbox, &binary("bulla"));
        bulla.args(["exec-file", "--no-fifo", "x.yaml", "echo {}; exec sleep 99"]);
        let mut child = start(&mut bulla);
        let path = lines_of(&mut child).next().expect("the command runs");
        (child, path)
    };
    let (mut living, kept) = command();
    let (mut killed, left) = command();
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert!(std::fs::read_to_string(&left).unwrap().contains(SECRET));
    bulla(&sandbox, &["exec-file", "x.yaml", "true"]).ok();
    is_gone(&left);
    assert!(std::fs::read_to_string(&kept).unwrap().contains(SECRET));
    send(&sandbox, "TERM", &living);
    living.wait().unwrap();
    is_gone(&kept);
}

#[test]
fn an_interrupt_that_is_typed_comes_to_the_command_once() {
    let sandbox = sealed();
    let script = "n=0; trap 'n=$((n+1)); echo caught $n' INT; echo ready; \
                  while [ $n -lt 1 ]; do sleep 0.05; done; sleep 0.3; echo total $n; exit 6";
    for command in ["exec-env", "exec-file"] {
        let mut bulla = with_key(&sandbox, &binary("bulla"));
        bulla.args([command, "x.yaml", script]);
        let mut terminal = Terminal::start(bulla);
        terminal.expect("ready").press_control('c').expect("total 1");
        assert_eq!(terminal.ends().0, 6, "{command}");
    }
}

fn start(command: &mut Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("bulla starts")
}

fn lines_of(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let stdout = child.stdout.take().expect("it is piped");
    BufReader::new(stdout).lines().map_while(Result::ok)
}

fn send(sandbox: &Sandbox, signal: &str, child: &Child) {
    // A trap that has just been set may still have to be taken note of.
    thread::sleep(Duration::from_millis(20));
    let id = child.id().to_string();
    sandbox.run(sandbox.command("kill").args(["-s", signal, &id])).ok();
}
