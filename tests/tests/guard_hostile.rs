//! Files that somebody made to bring the guard down: it ends, in little memory, with an
//! exit code that it has.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::process::Stdio;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bulla_testkit::Sandbox;
use flate2::Compression;
use flate2::write::GzEncoder;
use wait4::Wait4;

/// What the guard may take, whatever the file, in bytes.
const MEMORY: u64 = 200 << 20;

/// What it may take of a processor, without optimisation; an attack takes hours.
const SECONDS: u64 = 300;

/// Looks at a folder with this file in it, and gives the exit code.
#[track_caller]
fn survives(name: &str, write: impl FnOnce(&mut dyn Write)) -> i32 {
    let sandbox = Sandbox::new();
    let path = sandbox.write(format!("tree/{name}"), "");
    let mut file = BufWriter::new(File::create(path).expect("the file is there"));
    write(&mut file);
    file.flush().expect("there is room");
    let mut command = sandbox.bulla();
    command.args(["guard", "tree"]).stdin(Stdio::null()).stdout(Stdio::null());
    let child = command.stderr(Stdio::null()).spawn().expect("the program starts");
    let end = child.wait4().expect("it ends");
    let code = end.status.code();
    assert!(matches!(code, Some(0 | 1 | 3)), "{name}: {:?}", end.status);
    assert!(end.rusage.maxrss < MEMORY, "{name}: {} MiB", end.rusage.maxrss >> 20);
    let seconds = end.rusage.utime.as_secs() + end.rusage.stime.as_secs();
    assert!(seconds < SECONDS, "{name}: {seconds} s");
    code.unwrap_or_default()
}

fn repeat(out: &mut dyn Write, text: &str, size: usize) {
    let block = text.repeat(((1 << 20) / text.len()).max(1));
    for _ in 0..size.div_ceil(block.len()) {
        out.write_all(block.as_bytes()).expect("there is room");
    }
}

#[test]
fn a_gigabyte_of_braces() {
    assert_eq!(survives("a.json", |out| repeat(out, "{", 1 << 30)), 3);
}

#[test]
fn texts_that_grow_when_they_are_converted() {
    // Of each of these bytes would become three.
    let no_utf8 = [0xff; 1 << 20];
    let utf16 = [0x2d, 0x4e].repeat(1 << 19);
    for (name, start, block) in [("a.txt", &b""[..], &no_utf8[..]), ("b.txt", b"\xff\xfe", &utf16)]
    {
        let code = survives(name, |out| {
            out.write_all(start).expect("there is room");
            for _ in 0..60 {
                out.write_all(block).expect("there is room");
            }
        });
        assert_eq!(code, 3, "{name}");
    }
}

#[test]
fn aliases_that_multiply() {
    let code = survives("a.yaml", |out| {
        writeln!(out, "kind: Secret\ndata:\n  a0: &a0 aHVudGVyMg==").expect("there is room");
        for level in 1..30 {
            let aliases = vec![format!("*a{}", level - 1); 30].join(", ");
            writeln!(out, "  a{level}: &a{level} [{aliases}]").expect("there is room");
        }
    });
    assert_eq!(code, 1);
}

#[test]
fn lines_of_ten_megabytes() {
    for text in ["a", "QUJD", "password=", "\"", "https://a:b@", "{{", "ey", "-----BEGIN ", "a: {"]
    {
        survives("a.yaml", |out| repeat(out, text, 10 << 20));
    }
}

#[test]
fn base64_in_base64() {
    // Each coat makes it a third longer: after fifty of them, one byte is a megabyte.
    let mut text = "kind: Secret\nstringData:\n  a: hunter2\n".to_owned();
    for _ in 0..50 {
        text = STANDARD.encode(&text);
        if text.len() > 16 << 20 {
            break;
        }
    }
    survives("a.txt", |out| out.write_all(text.as_bytes()).expect("there is room"));
    let manifest = format!("kind: ConfigMap\ndata:\n  a: {text}\n");
    survives("a.yaml", |out| out.write_all(manifest.as_bytes()).expect("there is room"));
}

/// As many bytes, compressed to a thousandth.
fn packed(byte: u8, size: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let block = [byte; 1 << 16];
    for _ in 0..size.div_ceil(block.len()) {
        encoder.write_all(&block).expect("memory has room");
    }
    encoder.finish().expect("memory has room")
}

#[test]
fn much_in_little() {
    // What is not looked at is said to be so.
    let bomb = packed(b'a', 1 << 30);
    assert_eq!(survives("a.gz", |out| out.write_all(&bomb).expect("there is room")), 3);
    let small = packed(b'a', 1 << 20);
    assert_eq!(survives("a.gz", |out| out.write_all(&small).expect("there is room")), 0);
    // Texts and no texts, each as large as is unpacked of one, again and again.
    for byte in [b'a', 0xff] {
        let coat = STANDARD.encode(packed(byte, 16 << 20));
        let code = survives("a.yaml", |out| {
            for number in 0..300 {
                writeln!(out, "k{number}: {coat}").expect("there is room");
            }
        });
        assert_eq!(code, 3, "{byte}");
    }
}

#[test]
fn more_values_than_memory_holds() {
    let secret = "kind: Secret\ndata:\n  a: aHVudGVyMg==\n";
    for item in ["- a\n", "- a: {b: c}\n", "- [[], [], []]\n"] {
        survives("a.yaml", |out| {
            writeln!(out, "{secret}list:").expect("there is room");
            repeat(out, item, 15 << 20);
        });
    }
    // It has a Secret in it, was not parsed, and says so.
    let code = survives("a.json", |out| {
        write!(out, "{{\"kind\":\"Secret\",\"list\":[").expect("there is room");
        repeat(out, "1,", 15 << 20);
        write!(out, "1]}}").expect("there is room");
    });
    assert_eq!(code, 3);
}

#[test]
fn blocks_that_never_end() {
    for (name, line) in [
        ("a.sh", "cat <<A\n"),
        ("a.md", "```\n"),
        ("a.ps1", "@'\n"),
        ("a.nix", "a = ''\n"),
        ("a.xml", "<![CDATA[\n"),
        ("a.rst", "  .. code::\n"),
        ("a.adoc", "----\n"),
        ("a.patch", "+++ b/a\n@@ -0,0 +1 @@\n+a\n"),
        ("b.xml", "<add key=\"password\" "),
        ("a.plist", "<key>password</key>"),
        ("a.py", "password = \""),
    ] {
        survives(name, |out| repeat(out, line, 4 << 20));
    }
}

#[test]
fn names_that_are_no_names() {
    for name in ["a\nb.yaml", "a\u{1b}[2J.yaml", "-rf", "\u{202e}.yaml", "::error::", " "] {
        let code = survives(name, |out| {
            out.write_all(b"kind: Secret\nstringData:\n  a: hunter2\n").expect("there is room");
        });
        assert_eq!(code, 1, "{name:?}");
    }
}
