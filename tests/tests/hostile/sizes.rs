//! Much of everything.

use std::fmt::Write;

use bulla_testkit::{Sandbox, keys};

use crate::common::{base, block, bulla, scale, sealed};

/// How often a sealed file fits into the memory that opening it may take.
const TIMES: u64 = 6;

#[test]
fn bombs_and_towers_are_refused() {
    let sandbox = Sandbox::new();
    let aliases: String = (1..30)
        .map(|level| {
            format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(", "))
        })
        .collect();
    let levels = 100_000;
    let cases = [
        ("aliases", format!("a0: &a0 [x]\n{aliases}")),
        ("an alias of itself", "a: &a [*a]\n".into()),
        ("lists", format!("a: {}{}\n", "[".repeat(levels), "]".repeat(levels))),
        ("mappings", format!("a: {}1{}\n", "{a: ".repeat(levels), "}".repeat(levels))),
        ("open brackets", format!("a: {}\n", "[".repeat(levels))),
        ("dashes", format!("a:\n{}x\n", "- ".repeat(levels))),
        ("indentation", (0..3000).map(|level| format!("{}a:\n", " ".repeat(level))).collect()),
    ];
    for (what, text) in cases {
        sandbox.write("x.yaml", format!("{text}{}", block()));
        let opened = bulla(&sandbox, &["decrypt", "x.yaml"]);
        opened.refused(what);
        sandbox.write("x.yaml", &text);
        let sealed = bulla(&sandbox, &["encrypt", "--age", keys::age_recipient(), "x.yaml"]);
        // What nests no deeper than it may, and has no aliases, can be sealed.
        if sealed.code != Some(0) {
            sealed.refused(what);
        }
    }
    for (what, text) in [
        ("lists", format!("{{\"a\": {}{}}}", "[".repeat(levels), "]".repeat(levels))),
        ("mappings", format!("{}1{}", "{\"a\": ".repeat(levels), "}".repeat(levels))),
    ] {
        sandbox.write("x.json", text);
        bulla(&sandbox, &["decrypt", "x.json"]).refused(what);
    }
}

#[test]
fn large_files_come_back_in_memory_in_proportion() {
    let sandbox = Sandbox::new();
    let base = base(&sandbox);
    let size = scale() * (8 << 20);
    let head = "apiVersion: v1\nkind: Secret\nstringData:\n";
    let mut values = String::from(head);
    let mut number = 0;
    while values.len() < size {
        let _ = writeln!(values, "  key_{number}: value-{number:0200}");
        number += 1;
    }
    let mut small = String::from(head);
    for number in 0..scale() * 20_000 {
        let _ = writeln!(small, "  k{number}: v{number}");
    }
    let documents: String =
        (0..scale() * 500).map(|number| format!("---\n{head}  a: value-{number}\n")).collect();
    let scalar =
        format!("{head}  a: |\n    {}\n  b: '{}'\n", "x".repeat(size / 2), "y".repeat(size / 2));
    for (what, text) in [
        ("values", values),
        ("a scalar", scalar),
        ("small values", small),
        ("documents", documents),
    ] {
        let sealed = sealed(&text);
        sandbox.write("x.yaml", &sealed);
        let opened = bulla(&sandbox, &["decrypt", "x.yaml"]);
        assert_eq!(opened.code, Some(0), "{what}: {}", opened.err);
        assert!(opened.out == text.as_bytes(), "{what}");
        let used = opened.memory.saturating_sub(base);
        let length = sealed.len() as u64;
        eprintln!(
            "{what}: {} MB take {:.1} times as much",
            length >> 20,
            used as f64 / length as f64
        );
        assert!(used < TIMES * length + (4 << 20), "{what}: {used} for {length}");
    }
}

#[test]
fn files_of_other_formats_are_read_in_proportion() {
    let sandbox = Sandbox::new();
    let base = base(&sandbox);
    let size = scale() * (4 << 20);
    let line = "A_VARIABLE=some value of usual length\n";
    for (name, text) in [
        ("x.env", line.repeat(size / line.len())),
        ("x.ini", format!("[a]\n{}", line.repeat(size / line.len()))),
        (
            "x.json",
            format!("{{\"a\": [{}1]}}", "\"some value of usual length\",".repeat(size / 29)),
        ),
        ("x.bin", "\0".repeat(size)),
        ("x.yaml", format!("a: |\n  {}\n", "x".repeat(size))),
        ("commas.json", format!("[{}1]", "1,".repeat(size / 2))),
        ("spaces.json", " ".repeat(size)),
        ("lines.yaml", "\n".repeat(size)),
        ("hashes.yaml", "#\n".repeat(size / 2)),
        ("marks.yaml", "---\n".repeat(size / 4)),
    ] {
        sandbox.write(name, &text);
        let opened = bulla(&sandbox, &["decrypt", name]);
        opened.refused(name);
        let times = opened.memory.saturating_sub(base) as f64 / text.len() as f64;
        eprintln!("{name}: {times:.1} times as much memory");
        // A node or a comment for every two bytes.
        let is_dense = ["commas", "marks", "hashes"].iter().any(|dense| name.starts_with(dense));
        let most = if is_dense { 120.0 } else { 20.0 };
        assert!(times < most, "{name}: {times:.1}");
    }
}
