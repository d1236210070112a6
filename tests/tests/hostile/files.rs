//! What may stand where a file is expected.

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::thread;

use bulla_testkit::Sandbox;

use crate::common::{base, bulla, sealed};

#[test]
fn bytes_that_are_no_text_are_refused() {
    let sandbox = Sandbox::new();
    for bytes in
        [&b"a: \xff\xfe\n"[..], b"a: b\0c\n", b"\0", b"\xef\xbb\xbf\xff", b"a: \xed\xa0\x80\n"]
    {
        for name in ["x.yaml", "x.json", "x.env", "x.ini"] {
            sandbox.write(name, bytes);
            bulla(&sandbox, &["decrypt", name]).refused(&format!("{name} {bytes:?}"));
        }
    }
}

#[test]
fn loops_folders_and_things_that_are_not_there_are_refused() {
    let sandbox = Sandbox::new();
    symlink("b.yaml", sandbox.path("a.yaml")).unwrap();
    symlink("a.yaml", sandbox.path("b.yaml")).unwrap();
    symlink("nowhere", sandbox.path("dangling.yaml")).unwrap();
    fs::create_dir(sandbox.path("folder.yaml")).unwrap();
    let long = "x".repeat(300);
    for name in ["a.yaml", "dangling.yaml", "folder.yaml", "missing.yaml", "a.yaml/x", &long] {
        for verb in ["decrypt", "encrypt", "rotate", "filestatus"] {
            bulla(&sandbox, &[verb, name]).refused(&format!("{verb} {name:.20}"));
        }
    }
}

#[test]
fn pipes_are_read_and_endless_devices_are_not() {
    let sandbox = Sandbox::new();
    let fifo = sandbox.path("x.yaml");
    assert!(Command::new("mkfifo").arg(&fifo).status().expect("mkfifo is there").success());
    let text = sealed("a: hunter2\n");
    let opened = thread::scope(|scope| {
        scope.spawn(|| {
            let mut pipe = fs::File::options().write(true).open(&fifo).expect("a reader is there");
            pipe.write_all(text.as_bytes()).expect("it is read");
        });
        bulla(&sandbox, &["decrypt", "x.yaml"])
    });
    assert_eq!(String::from_utf8_lossy(&opened.out), "a: hunter2\n", "{}", opened.err);
    bulla(&sandbox, &["decrypt", "/dev/null"]).refused("/dev/null");
    let base = base(&sandbox);
    for device in ["/dev/zero", "/dev/urandom"] {
        for verb in ["decrypt", "encrypt", "rotate"] {
            let refused = bulla(&sandbox, &[verb, "--input-type", "yaml", device]);
            refused.refused(device);
            assert!(refused.memory < base + (4 << 20), "{verb} {device}: {}", refused.memory);
        }
    }
}

#[test]
fn a_file_that_changes_while_it_is_read_is_read_as_one_of_both_or_refused() {
    let sandbox = Sandbox::new();
    let values: String = (0..2000).map(|number| format!("k{number}: hunter2\n")).collect();
    let (one, two) = (sealed(&values), sealed(&values.replace("hunter2", "other")));
    let path = sandbox.write("x.yaml", &one);
    let done = std::sync::atomic::AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut texts = [&two, &one].into_iter().cycle();
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                // Not moved over it: written to, as some editors do.
                fs::write(&path, texts.next().expect("for ever")).expect("it is ours");
            }
        });
        for _ in 0..30 {
            let opened = bulla(&sandbox, &["decrypt", "x.yaml"]);
            if opened.code == Some(0) {
                let text = String::from_utf8(opened.out).expect("text");
                assert!(text == values || text == values.replace("hunter2", "other"));
            } else {
                opened.refused("a changing file");
            }
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}

#[test]
fn names_that_look_like_something_else_are_names() {
    let sandbox = Sandbox::new();
    let text = sealed("a: hunter2\n");
    for name in [
        "two\nlines.yaml",
        "-rf.yaml",
        "--help.yaml",
        " .yaml",
        "$(id).yaml",
        "\u{1b}[2J.yaml",
        "'\".yaml",
    ] {
        sandbox.write(name, &text);
        let opened = bulla(&sandbox, &["decrypt", "--", name]);
        assert_eq!(
            String::from_utf8_lossy(&opened.out),
            "a: hunter2\n",
            "{name:?}: {}",
            opened.err
        );
        sandbox.write(name, "a: b\n");
        let refused = bulla(&sandbox, &["decrypt", "--", name]);
        assert!(refused.out.is_empty() && !refused.err.contains('\u{1b}'), "{name:?}");
        let rotated = {
            sandbox.write(name, &text);
            bulla(&sandbox, &["rotate", "--in-place", "--", name])
        };
        assert_eq!(rotated.code, Some(0), "{name:?}: {}", rotated.err);
        assert_ne!(sandbox.read_text(name), text, "{name:?}");
    }
}
