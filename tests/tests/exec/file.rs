//! A sealed file's plaintext as a file.

use std::time::{Duration, Instant};

use bulla_testkit::{Sandbox, binary};

use crate::common::{SECRET, bulla, is_gone, seal, sealed, with_key};

#[test]
fn a_fifo_gives_the_plaintext_once_and_is_gone_afterwards() {
    let sandbox = sealed();
    let show = "test -p {} && cat {} && stat -c %a {} $(dirname {}) && echo {}";
    let run = bulla(&sandbox, &["exec-file", "x.yaml", show]).ok();
    let plain = format!("token: {SECRET}\nport: 5432\n");
    let rest = run.out().strip_prefix(&plain).expect("the plaintext comes first");
    let path = rest.strip_prefix("600\n700\n").expect("for the owner alone");
    assert!(path.ends_with("/tmp-file\n"), "{path}");
    is_gone(path);
    assert_eq!(std::fs::read_dir(sandbox.tmp()).unwrap().count(), 0);
}

#[test]
fn a_file_can_be_read_twice_and_is_gone_afterwards() {
    let sandbox = sealed();
    let show = "test -f {} && grep -c hunter2 {} {} && stat -c %a {} && echo {}";
    let run = bulla(&sandbox, &["exec-file", "--no-fifo", "--filename", "db.cfg", "x.yaml", show]);
    let run = run.ok();
    let lines: Vec<_> = run.out().lines().collect();
    assert!(lines[0].ends_with("db.cfg:1") && lines[1].ends_with("db.cfg:1"));
    assert_eq!(lines[2], "600");
    is_gone(lines[3]);
}

#[test]
fn a_fifo_that_nobody_opens_holds_nobody_up() {
    let sandbox = sealed();
    let started = Instant::now();
    for (command, code) in [("exit 3", 3), ("echo {}", 0), ("rm {}", 0)] {
        bulla(&sandbox, &["exec-file", "x.yaml", command]).exits(code);
    }
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_plaintext_larger_than_a_pipe_goes_through_whole_or_as_far_as_it_is_read() {
    let sandbox = Sandbox::new();
    seal(&sandbox, "x.yaml", &format!("a: {}\n", "x".repeat(1 << 20)));
    let run = bulla(&sandbox, &["exec-file", "x.yaml", "wc -c < {}"]).ok();
    assert_eq!(run.out().trim(), (4 + (1 << 20)).to_string());
    let run = bulla(&sandbox, &["exec-file", "x.yaml", "head -c 5 {}"]).ok();
    assert_eq!((run.out(), run.err()), ("a: xx", ""));
}

#[test]
fn a_file_name_does_not_lead_out_of_the_folder() {
    let sandbox = sealed();
    for name in ["../x", "a/b", "/tmp/x", ".."] {
        for how in ["--filename=", "--no-fifo --filename="] {
            let mut args = vec!["exec-file"];
            let flags = format!("{how}{name}");
            args.extend(flags.split(' '));
            args.extend(["x.yaml", "echo started"]);
            assert!(bulla(&sandbox, &args).exits(1).stdout.is_empty(), "{name}");
        }
    }
}

#[test]
fn a_command_in_the_background_still_finds_its_file() {
    let sandbox = sealed();
    let command = format!("sleep 0.2; cp {{}} {}", sandbox.path("copy").display());
    let run = bulla(&sandbox, &["exec-file", "--background", "x.yaml", &command]).ok();
    assert!(run.err().contains("deprecated"), "{}", run.err());
    let started = Instant::now();
    let plain = format!("token: {SECRET}\nport: 5432\n");
    while std::fs::read_to_string(sandbox.path("copy")).ok().as_deref() != Some(&plain) {
        assert!(started.elapsed() < Duration::from_secs(30), "no copy was made");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn rules_that_a_variable_names_say_how_it_is_laid_out() {
    let sandbox = sealed();
    sandbox.write("rules/sops.yaml", "stores:\n  json:\n    indent: 3\n");
    let line = ["exec-file", "--no-fifo", "--output-type", "json", "x.yaml", "cat {}"];
    let mut command = with_key(&sandbox, &binary("bulla"));
    let run = sandbox.run(command.args(line).env("SOPS_CONFIG", "rules/sops.yaml")).ok();
    assert!(run.out().starts_with("{\n   \"token\": "), "{}", run.out());
    let run = bulla(&sandbox, &[&["--config", "rules/sops.yaml"][..], &line].concat()).ok();
    assert!(run.out().starts_with("{\n   \"token\": "), "{}", run.out());
}
