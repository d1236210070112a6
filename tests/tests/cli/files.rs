//! Where bytes come from and go to: streams, files, links, modes.

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Stdio;
use std::thread;
use std::time::Instant;

use bulla_testkit::Sandbox;

use crate::common::{MANIFEST, SECRET, bulla, bulla_with, command, repository, snapshot};

fn mode(sandbox: &Sandbox, file: &str) -> u32 {
    let metadata = fs::metadata(sandbox.path(file)).expect("the file is there");
    metadata.permissions().mode() & 0o7777
}

/// What everybody writes, and what hardly anybody does.
fn texts() -> [String; 5] {
    let crlf = MANIFEST.replace('\n', "\r\n");
    let without_end = MANIFEST.trim_end().to_owned();
    let two = format!("# first\n{MANIFEST}---\n# second\n{}", MANIFEST.replace("db", "other"));
    let block = "a:\n  - |\n    one\n\n    two\n  - >-\n    folded\n    text\n# end\n".to_owned();
    [MANIFEST.to_owned(), crlf, without_end, two, block]
}

#[test]
fn what_is_sealed_in_place_opens_to_the_very_bytes() {
    for text in texts() {
        let sandbox = repository();
        sandbox.write("db.enc.yaml", &text);
        bulla(&sandbox, &["encrypt", "-i", "db.enc.yaml"]).ok();
        let sealed = sandbox.read_text("db.enc.yaml");
        assert!(sealed.contains("mac: ENC[") && !sealed.contains(SECRET), "{sealed}");
        assert_eq!(bulla(&sandbox, &["decrypt", "db.enc.yaml"]).ok().out(), text);
        bulla(&sandbox, &["decrypt", "--in-place", "db.enc.yaml"]).ok();
        assert_eq!(sandbox.read_text("db.enc.yaml"), text);
    }
}

#[test]
fn streams_do_as_well_as_files() {
    let sandbox = repository();
    let args = ["encrypt", "--filename-override", "db.enc.yaml"];
    let sealed = bulla_with(&sandbox, &args, MANIFEST).ok();
    assert!(!sealed.out().contains(SECRET));
    assert_eq!(bulla_with(&sandbox, &["decrypt"], &sealed.stdout).ok().out(), MANIFEST);
    assert_eq!(bulla_with(&sandbox, &["decrypt", "-"], &sealed.stdout).ok().out(), MANIFEST);
    assert_eq!(snapshot(&sandbox).len(), 1, "nothing but the rules");
}

#[test]
fn a_file_that_is_replaced_keeps_mode_and_links() {
    let sandbox = repository();
    sandbox.write("real/db.enc.yaml", MANIFEST);
    fs::set_permissions(sandbox.path("real/db.enc.yaml"), Permissions::from_mode(0o640)).unwrap();
    symlink("real/db.enc.yaml", sandbox.path("db.enc.yaml")).unwrap();
    for verb in ["encrypt", "decrypt"] {
        bulla(&sandbox, &[verb, "-i", "db.enc.yaml"]).ok();
        assert_eq!(mode(&sandbox, "real/db.enc.yaml"), 0o640);
        assert!(sandbox.path("db.enc.yaml").is_symlink());
    }
    assert_eq!(sandbox.read_text("real/db.enc.yaml"), MANIFEST);
    assert_eq!(snapshot(&sandbox).len(), 3, "the rules, the file and the link");
}

#[test]
fn a_new_plaintext_is_for_its_owner_alone() {
    let sandbox = repository();
    sandbox.write("db.enc.yaml", MANIFEST);
    bulla(&sandbox, &["encrypt", "db.enc.yaml", "--output", "sealed.yaml"]).ok();
    bulla(&sandbox, &["decrypt", "sealed.yaml", "--output", "plain.yaml"]).ok();
    assert_eq!(mode(&sandbox, "plain.yaml"), 0o600);
    assert_eq!(sandbox.read_text("plain.yaml"), MANIFEST);
    let part = r#"["stringData"]["password"]"#;
    bulla(&sandbox, &["decrypt", "sealed.yaml", "--extract", part, "--output", "part"]).ok();
    assert_eq!(mode(&sandbox, "part"), 0o600);
    assert_eq!(sandbox.read_text("part"), SECRET);
}

#[test]
fn what_did_not_change_keeps_its_ciphertext_and_its_time() {
    let sandbox = repository();
    sandbox.write("plain.yaml", MANIFEST);
    let seal = ["encrypt", "plain.yaml", "--output", "db.enc.yaml"];
    let seal = [&seal[..], &["--filename-override", "db.enc.yaml"]].concat();
    bulla(&sandbox, &seal).ok();
    let first = sandbox.read_text("db.enc.yaml");
    let time =
        |sandbox: &Sandbox| fs::metadata(sandbox.path("db.enc.yaml")).unwrap().modified().unwrap();
    let before = time(&sandbox);
    bulla(&sandbox, &seal).ok();
    assert_eq!(sandbox.read_text("db.enc.yaml"), first);
    assert_eq!(time(&sandbox), before);

    sandbox.write("plain.yaml", MANIFEST.replace("alice", "bob"));
    bulla(&sandbox, &seal).ok();
    let second = sandbox.read_text("db.enc.yaml");
    let line = |text: &str, start: &str| {
        text.lines().find(|line| line.trim_start().starts_with(start)).unwrap().to_owned()
    };
    assert_eq!(line(&first, "password:"), line(&second, "password:"));
    assert_ne!(line(&first, "user:"), line(&second, "user:"));
    assert_eq!(
        bulla(
            &sandbox,
            &[
                "encrypt",
                "plain.yaml",
                "--onto",
                "db.enc.yaml",
                "--filename-override",
                "db.enc.yaml"
            ]
        )
        .ok()
        .out(),
        second
    );
}

#[test]
fn a_predecessor_of_somebody_else_gives_way_to_a_fresh_data_key() {
    let sandbox = repository();
    sandbox.write("db.enc.yaml", MANIFEST);
    let other = bulla_testkit::keys::age_other_recipient();
    bulla(&sandbox, &["encrypt", "db.enc.yaml", "--age", other, "--output", "out.yaml"]).ok();
    let first = sandbox.read_text("out.yaml");
    let again = ["encrypt", "db.enc.yaml", "--age", other];
    let run = bulla(&sandbox, &[&again[..], &["--output", "out.yaml"]].concat()).ok();
    assert!(run.err().contains("out.yaml: sealed with a fresh data key"), "{}", run.err());
    let second = sandbox.read_text("out.yaml");
    assert!(first != second && !second.contains(SECRET));

    // When it is asked for, it has to be of use.
    let run = bulla(&sandbox, &[&again[..], &["--onto", "out.yaml"]].concat()).exits(128);
    let expected = format!(
        "bulla: out.yaml: the one key of this file could not be used to open it\n\n  age       {other}\n"
    );
    assert!(run.stdout.is_empty() && run.err().starts_with(&expected), "{}", run.err());
    let run = bulla(&sandbox, &[&again[..], &["--onto", "db.enc.yaml"]].concat()).exits(1);
    assert!(run.err().contains("db.enc.yaml: there is no `sops` block"), "{}", run.err());
    bulla(&sandbox, &[&again[..], &["--onto", "missing.yaml"]].concat()).exits(100);

    // Who is no longer a recipient knows the old data key, so there is a fresh one.
    bulla(&sandbox, &["encrypt", "db.enc.yaml", "--output", "out.yaml"]).ok();
    assert_eq!(bulla(&sandbox, &["decrypt", "out.yaml"]).ok().out(), MANIFEST);
}

#[test]
fn a_plaintext_does_not_go_where_the_next_commit_would_take_it_along() {
    let sandbox = repository();
    sandbox.git(&["init", "--quiet"]);
    sandbox.write("db.enc.yaml", MANIFEST);
    bulla(&sandbox, &["encrypt", "-i", "db.enc.yaml"]).ok();
    sandbox.git(&["add", "."]);
    symlink("db.enc.yaml", sandbox.path("link.yaml")).unwrap();
    let before = snapshot(&sandbox);
    for args in [
        &["decrypt", "-i", "db.enc.yaml"][..],
        &["decrypt", "db.enc.yaml", "--output", "db.enc.yaml"],
        &["decrypt", "db.enc.yaml", "--output", "link.yaml"],
        &["decrypt", "-i", "link.yaml"],
    ] {
        let run = bulla(&sandbox, args).exits(3);
        assert!(run.stdout.is_empty() && run.err().contains("--allow-tracked"), "{}", run.err());
        assert_eq!(snapshot(&sandbox), before);
    }
    bulla(&sandbox, &["decrypt", "db.enc.yaml", "--output", "untracked.yaml"]).ok();
    bulla(&sandbox, &["decrypt", "db.enc.yaml", "--output", "/dev/stdout"]).ok();
    bulla(&sandbox, &["decrypt", "-i", "db.enc.yaml", "--allow-tracked"]).ok();
    assert_eq!(sandbox.read_text("db.enc.yaml"), MANIFEST);
}

#[test]
fn an_output_that_cannot_be_written_changes_nothing() {
    let sandbox = repository();
    sandbox.write("db.enc.yaml", MANIFEST);
    bulla(&sandbox, &["encrypt", "-i", "db.enc.yaml"]).ok();
    fs::create_dir(sandbox.path("dir")).unwrap();
    let before = snapshot(&sandbox);
    for output in ["nowhere/x.yaml", "dir", "db.enc.yaml/x"] {
        let run = bulla(&sandbox, &["decrypt", "db.enc.yaml", "--output", output]).exits(3);
        assert!(run.stdout.is_empty() && !run.err().contains(SECRET));
        assert_eq!(snapshot(&sandbox), before);
    }
}

#[test]
fn a_reader_who_has_gone_is_no_failure() {
    let sandbox = repository();
    let text = format!("a: {}\n", "x".repeat(1 << 20));
    let args = ["encrypt", "--filename-override", "db.enc.yaml"];
    let sealed = bulla_with(&sandbox, &args, text).ok();
    let mut child = command(&sandbox, &["decrypt"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("bulla starts");
    drop(child.stdout.take());
    child.stdin.take().unwrap().write_all(&sealed.stdout).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
}

#[test]
fn a_process_that_is_killed_leaves_the_old_file_or_the_new_one() {
    let sandbox = repository();
    let line = format!("- {SECRET}\n");
    let plain = format!("a:\n{}", line.repeat(2000));
    sandbox.write("x.enc.yaml", &plain);
    bulla(&sandbox, &["encrypt", "-i", "x.enc.yaml"]).ok();
    let sealed = sandbox.read_text("x.enc.yaml");
    // How long one takes: the blows fall from the beginning to the end of it.
    let started = Instant::now();
    bulla(&sandbox, &["decrypt", "x.enc.yaml"]).ok();
    let all = started.elapsed();
    for blow in 1..=10 {
        sandbox.write("x.enc.yaml", &sealed);
        let mut child = command(&sandbox, &["decrypt", "-i", "x.enc.yaml"]).spawn().unwrap();
        thread::sleep(all * blow / 9);
        child.kill().unwrap();
        child.wait().unwrap();
        let text = sandbox.read_text("x.enc.yaml");
        assert!(text == sealed || text == plain, "half a file after blow {blow}");
        assert!(fs::read_dir(sandbox.tmp()).unwrap().next().is_none());
    }
}

#[test]
fn a_part_is_extracted_as_sops_prints_it() {
    let sandbox = repository();
    sandbox.write("x.enc.yaml", "a: one\nc:\n  d: 5\n  e[0]: [x, y]\n");
    bulla(&sandbox, &["encrypt", "-i", "x.enc.yaml"]).ok();
    let extract = |path: &str| bulla(&sandbox, &["decrypt", "x.enc.yaml", "--extract", path]);
    assert_eq!(extract(r#"["a"]"#).ok().out(), "one");
    assert_eq!(extract(r#"['c']["d"]"#).ok().out(), "5\n");
    assert_eq!(extract(r#"["c"]["e[0]"][1]"#).ok().out(), "y");
    assert!(extract("a").exits(91).stdout.is_empty());
    assert!(extract(r#"["b"]"#).exits(1).stdout.is_empty());
}
