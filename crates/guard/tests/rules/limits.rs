//! Hostile files: bounded time and memory, no crash, and what can be seen is seen.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bulla_guard::judge;

use crate::{node_key, pair};

/// Judges in a thread with a small stack, and says how many findings there were.
#[track_caller]
fn survives(bytes: Vec<u8>) -> usize {
    let start = Instant::now();
    let thread = std::thread::Builder::new().stack_size(1 << 20);
    let thread = thread.spawn(move || judge("f", &bytes).len()).expect("a thread starts");
    let count = thread.join().expect("it does not crash");
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
    count
}

#[test]
fn deep_nesting() {
    for text in ["[", "{", "{\"a\":", "- ", "? ", "a: {b: [", "&a [*a, "] {
        survives(text.repeat(100_000).into_bytes());
    }
    survives(["[".repeat(900), "]".repeat(900)].concat().into_bytes());
    let lines: String = (0..2000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    survives(lines.into_bytes());
}

#[test]
fn aliases_that_multiply() {
    let mut bomb = String::from("a0: &a0 {k: hunter2}\n");
    for level in 1..20 {
        let alias = format!("*a{}", level - 1);
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", vec![alias; 20].join(", ")));
    }
    bomb.push_str("kind: Secret\ndata: *a19\n");
    assert!(survives(bomb.into_bytes()) <= 1000);
    survives(b"kind: Secret\ndata: &a {b: *a, c: hunter2}\n".to_vec());
}

#[test]
fn base64_of_base64() {
    let mut text = node_key(1);
    for _ in 0..50 {
        text = STANDARD.encode(&text);
        if text.len() > 20 << 20 {
            break;
        }
    }
    assert_eq!(survives(text.into_bytes()), 0, "too deep to be looked at, and too deep to hang");
}

#[test]
fn long_lines_and_long_lists() {
    assert_eq!(survives(format!("a: {}\n", "x".repeat(10 << 20)).into_bytes()), 0);
    assert_eq!(survives(vec![b' '; 10 << 20]), 0);
    assert_eq!(survives("-----BEGIN ".repeat(200_000).into_bytes()), 0);
    assert_eq!(survives("AGE-SECRET-KEY-1".repeat(200_000).into_bytes()), 0);
    assert_eq!(survives("-----BEGIN PRIVATE KEY-----\n".repeat(20_000).into_bytes()), 0);
    assert_eq!(survives("{{".repeat(1 << 20).into_bytes()), 0);
    assert_eq!(survives(format!("kind: Secret {}", "priv_key".repeat(100_000)).into_bytes()), 0);
    assert_eq!(survives("\n---".repeat(200_000).into_bytes()), 0);
    let many: String = (0..20_000).map(|number| format!("  k{number}: hunter2\n")).collect();
    assert_eq!(survives(format!("kind: Secret\nstringData:\n{many}").into_bytes()), 1000);
}

#[test]
fn bytes_of_every_kind() {
    for byte in 0..=255 {
        assert_eq!(survives(vec![byte; 1000]), 0);
    }
    assert_eq!(survives(Vec::new()), 0);
    let noise: Vec<u8> = (0..1_000_000_u64)
        .map(|number| (number.wrapping_mul(6_364_136_223_846_793_005) >> 33) as u8)
        .collect();
    assert_eq!(survives(noise.clone()), 0);
    // In a binary, keys in armor are still seen.
    let body = STANDARD.encode([&[0x30, 0x30][..], &[9; 48]].concat());
    let pem = format!("-----BEGIN EC PRIVATE KEY-----\n{body}\n-----END EC PRIVATE KEY-----\n");
    assert_eq!(survives([&b"\0\x01"[..], &noise[..100], pem.as_bytes()].concat()), 1);
    assert_eq!(survives([&b"\0\x01\0\0"[..], pair(1).as_bytes(), b"\0"].concat()), 1);
    assert_eq!(survives([&b"\xff\xfe\xff"[..], pem.as_bytes()].concat()), 0, "odd UTF-16");
}

#[test]
fn beyond_the_limit_for_structure_keys_are_still_found() {
    let filler = "# nothing\n".repeat(2 << 20);
    let text = format!("{filler}key: {}\n", pair(1));
    assert!(text.len() > bulla_guard::STRUCTURE_LIMIT);
    assert_eq!(survives(text.into_bytes()), 1);
}
