//! SIGKILL at random instants. `BULLA_KILLS=1000` makes it as many as that.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use bulla_testkit::{Sandbox, keys};
use fastrand::Rng;

use crate::common::{bulla, command, leftovers, manifest, opened, readable, repository};

const FILE: &str = "db.enc.yaml";

fn kills() -> usize {
    std::env::var("BULLA_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(48)
}

/// A verb, what the file is before it, and what it may hold after it.
struct Case {
    args: Vec<String>,
    /// Whether the file lies open before.
    open: bool,
    /// What is replaced by what in the plaintext.
    change: Option<(&'static str, &'static str)>,
}

fn cases() -> Vec<Case> {
    let case = |args: &[&str]| Case {
        args: args.iter().map(|&arg| arg.to_owned()).collect(),
        open: false,
        change: None,
    };
    vec![
        case(&["rotate", "--in-place", FILE]),
        case(&["updatekeys", "--yes", FILE]),
        case(&["rotate", "--in-place", "--add-age", keys::age_other_recipient(), FILE]),
        Case {
            change: Some(("name: db\n", "name: other\n")),
            ..case(&["set", FILE, r#"["metadata"]["name"]"#, r#""other""#])
        },
        Case { open: true, ..case(&["encrypt", "--in-place", FILE]) },
    ]
}

/// Starts it and kills it after a while; whether it was still running.
fn kill_after(command: &mut Command, wait: Duration) -> bool {
    let mut child =
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("bulla starts");
    thread::sleep(wait);
    child.kill().expect("it is our child");
    child.wait().expect("it is our child").code().is_none()
}

#[test]
fn a_process_that_is_killed_leaves_the_old_file_or_the_new_one() {
    let plain = manifest();
    let mut rng = Rng::with_seed(7);
    let (mut old_files, mut new_files, mut killed) = (0, 0, 0);
    let sandbox = repository();
    sandbox.write(FILE, &plain);
    bulla(&sandbox, &["encrypt", "--in-place", FILE]).ok();
    let sealed = sandbox.read(FILE);
    // What `updatekeys` changes: the rules have one more recipient than the file.
    let rules = sandbox.read_text(".sops-rules.yaml");
    sandbox.write(
        ".sops-rules.yaml",
        rules.replace("age: ", &format!("age: {},", keys::age_other_recipient())),
    );
    let cases = cases();
    let mut longest = Duration::from_millis(20);
    for kill in 0..kills() {
        let case = &cases[kill % cases.len()];
        let old = if case.open { plain.as_bytes() } else { &sealed };
        sandbox.write(FILE, old);
        let args: Vec<_> = case.args.iter().map(String::as_str).collect();
        if kill < cases.len() {
            let started = Instant::now();
            bulla(&sandbox, &args).ok();
            longest = longest.max(started.elapsed());
            assert_ne!(sandbox.read(FILE), old, "{args:?} changes the file");
            continue;
        }
        killed +=
            usize::from(kill_after(&mut command(&sandbox, &args), longest.mul_f64(rng.f64())));
        let new = sandbox.read(FILE);
        check_left(&sandbox, case, &plain);
        if new == old {
            old_files += 1;
            continue;
        }
        new_files += 1;
        let expected = match case.change {
            Some((from, to)) => plain.replace(from, to),
            None => plain.clone(),
        };
        assert_eq!(opened(&new).as_ref(), Ok(&expected), "{args:?}");
    }
    // What is left goes with the next verb that writes there.
    sandbox.write(FILE, &sealed);
    bulla(&sandbox, &["rotate", "--in-place", FILE]).ok();
    assert_eq!(leftovers(&sandbox), Vec::<std::path::PathBuf>::new());
    assert!(killed > 0 && old_files > 0, "{killed} killed, {old_files} old, {new_files} new");
    eprintln!("{killed} killed, {old_files} old files, {new_files} new ones");
}

/// No plaintext but where it was, and no part of a file under another name.
fn check_left(sandbox: &Sandbox, case: &Case, plain: &str) {
    let is_file = |path: &std::path::PathBuf| path.ends_with(FILE);
    let readable = readable(sandbox);
    let foreign: Vec<_> = readable.iter().filter(|path| !(case.open && is_file(path))).collect();
    assert!(foreign.is_empty(), "{:?} leaves plaintext in {foreign:?}", case.args);
    if readable.iter().any(is_file) {
        assert_eq!(sandbox.read_text(FILE), plain, "{:?} leaves half a file", case.args);
    }
    for path in leftovers(sandbox) {
        let left = fs::read(&path).expect("nobody removes it");
        assert!(opened(&left).is_ok(), "{:?} leaves {} bytes of a file", case.args, left.len());
    }
}

#[test]
fn what_a_dead_process_left_is_removed_and_what_is_somebody_elses_is_not() {
    let sandbox = repository();
    for name in [".bulla-Ab3dE9", ".bulla-notes", ".bulla.yaml"] {
        sandbox.write(name, "x");
    }
    sandbox.write(FILE, manifest());
    bulla(&sandbox, &["encrypt", "--in-place", FILE]).ok();
    let mut left = leftovers(&sandbox);
    left.retain(|path| !path.ends_with(".bulla-notes"));
    assert_eq!(left, Vec::<std::path::PathBuf>::new());
    assert!(sandbox.path(".bulla-notes").exists() && sandbox.path(".bulla.yaml").exists());
}
