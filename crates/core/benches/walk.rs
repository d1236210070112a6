//! The inside: parsing, and the whole walk of sealing and opening.
//!
//! The walk is parse, select, seal, splice and verify (which parses and opens the
//! result). `seal` asks the second parser as well, about a text whose
//! values are cut short: what that takes is measured apart.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::fmt::Write;
use std::hint::black_box;
use std::time::Duration;

use bulla_core::{Format, open, seal};
use bulla_yaml::{Stream, second_opinion};
use common::{NOW, keyring, recipe};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// A stream of validators' Secrets, about `bytes` long: nine values a Secret, as
/// in 45,000 values of 10 MB.
fn stream(bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 4096);
    let mut number = 0;
    while text.len() < bytes {
        write!(
            text,
            "---\n# validator {number}\napiVersion: v1\nkind: Secret\nmetadata:\n  name: pocket-core-{number}\n  namespace: pocket\ntype: Opaque\nstringData:\n"
        )
        .unwrap();
        for key in 0..9 {
            let value = format!("{key:02}{number:014}").repeat(10);
            match key % 3 {
                0 => writeln!(text, "  node_key_{key}.json: '{{\"priv_key\":{{\"type\":\"tendermint/PrivKeyEd25519\",\"value\":\"{value}\"}}}}'"),
                1 => writeln!(text, "  priv_val_key_{key}.json: |\n    {{\n      \"address\": \"{number:040}\",\n      \"priv_key\": \"{value}\"\n    }}"),
                _ => writeln!(text, "  token_{key}: \"{value}\"  # rotated with the node"),
            }
            .unwrap();
        }
        number += 1;
    }
    text
}

fn parsing(criterion: &mut Criterion) {
    let text = stream(10_000_000);
    let mut group = criterion.benchmark_group("parse 10 MB");
    group.throughput(Throughput::Bytes(text.len() as u64)).sample_size(20);
    group.bench_function("the parser under it", |bencher| {
        let options = || {
            granit_parser::options! { emit_anchor_events: true, max_buffered_comment_events: usize::MAX }
        };
        bencher.iter(|| {
            granit_parser::Parser::new_from_str_with_options(black_box(&text), options())
                .map(|event| event.unwrap().1.start.index())
                .max()
        });
    });
    group.bench_function("bulla-yaml", |bencher| {
        bencher.iter(|| Stream::parse(black_box(&text)).unwrap().len());
    });
    let full = Stream::parse(&text).unwrap();
    group.bench_function("second opinion", |bencher| {
        bencher.iter(|| second_opinion(black_box(&full)).unwrap());
    });
    // As in sealing: the values give way to stand-ins of three letters.
    let values = regex::Regex::new("'\\{.*\\}'|\\|\n(?:    .*\n)+|\"[0-9]+\"").unwrap();
    let text =
        values.replace_all(
            &text,
            |found: &regex::Captures<'_>| {
                if found[0].ends_with('\n') { "ENC\n" } else { "\"ENC\"" }
            },
        );
    let short = Stream::parse(&text).unwrap();
    assert_eq!(short.len(), full.len());
    group.bench_function("second opinion, values cut short", |bencher| {
        bencher.iter(|| second_opinion(black_box(&short)).unwrap());
    });
}

fn walking(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("walk");
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    for bytes in [1_000, 100_000, 1_000_000, 10_000_000, 100_000_000] {
        let text = stream(bytes);
        let sealed = seal(&text, Format::Yaml, &recipe(), &keyring(), NOW).unwrap();
        println!(
            "{} bytes, {} values, {} sealed bytes",
            text.len(),
            sealed.count,
            sealed.text.len()
        );
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(format!("seal {bytes}"), |bencher| {
            bencher
                .iter(|| seal(black_box(&text), Format::Yaml, &recipe(), &keyring(), NOW).unwrap());
        });
        group.bench_function(format!("open {bytes}"), |bencher| {
            bencher.iter(|| {
                open(black_box(&sealed.text), Format::Yaml, &keyring(), false).unwrap().text.len()
            });
        });
    }
}

criterion_group!(benches, parsing, walking);
criterion_main!(benches);
