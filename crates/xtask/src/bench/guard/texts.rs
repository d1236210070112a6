//! Files of the kinds that a GitOps tree has. They are as long and as monotonous as real ones, and
//! have the same words in them: names of keys, references, digests, addresses.

use std::fmt::Write;

use fastrand::Rng;

mod charts;
mod manifests;
mod programs;

pub(super) use charts::{dashboard, template, values};
pub(super) use manifests::{definition, references, sealed, settings, workload};
pub(super) use programs::{go_sum, infrastructure, package_lock, page, program, script};

/// What things are called.
const NAMES: [&str; 60] = [
    "service",
    "gateway",
    "worker",
    "cache",
    "index",
    "queue",
    "proxy",
    "exporter",
    "relay",
    "validator",
    "archive",
    "monitor",
    "ledger",
    "session",
    "billing",
    "search",
    "account",
    "report",
    "stream",
    "mirror",
    "node",
    "cluster",
    "policy",
    "storage",
    "volume",
    "network",
    "request",
    "response",
    "timeout",
    "scheduler",
    "backend",
    "frontend",
    "ingress",
    "operator",
    "status",
    "condition",
    "version",
    "release",
    "update",
    "handler",
    "client",
    "server",
    "config",
    "option",
    "port",
    "token",
    "path",
    "label",
    "replica",
    "topic",
    "shard",
    "region",
    "bucket",
    "cert",
    "issuer",
    "webhook",
    "metrics",
    "dashboard",
    "alert",
    "secret",
];

/// What sentences are made of besides.
const WORDS: [&str; 60] = [
    "the",
    "is",
    "and",
    "of",
    "which",
    "when",
    "must",
    "not",
    "be",
    "a",
    "an",
    "to",
    "in",
    "for",
    "value",
    "field",
    "default",
    "optional",
    "enabled",
    "list",
    "object",
    "this",
    "that",
    "with",
    "are",
    "from",
    "by",
    "it",
    "only",
    "if",
    "used",
    "set",
    "specifies",
    "whether",
    "number",
    "given",
    "name",
    "each",
    "more",
    "than",
    "one",
    "may",
    "will",
    "has",
    "no",
    "other",
    "same",
    "after",
    "before",
    "changes",
    "describes",
    "contains",
    "running",
    "key",
    "as",
    "on",
    "or",
    "its",
    "these",
    "resources",
];

const HEX: &[u8] = b"0123456789abcdef";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The beginning of an image, and what compressed pixels look like.
pub(super) fn image(rng: &mut Rng) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    let length = rng.usize(2_000..300_000);
    out.extend(std::iter::repeat_with(|| rng.u8(..)).take(length));
    out
}

/// What a packed chart looks like to who does not unpack it: the sign of gzip, and noise.
pub(super) fn archive(rng: &mut Rng) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    let length = rng.usize(3_000..60_000);
    out.extend(std::iter::repeat_with(|| rng.u8(..)).take(length));
    out
}

/// A file that should not be there, each kind in turn, and its name.
pub(super) fn secret(rng: &mut Rng, number: usize) -> (&'static str, String) {
    match number % 4 {
        0 => (
            "secret.yaml",
            format!(
                "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {}\ndata:\n  password: {}\n",
                name(rng),
                run(rng, BASE64, 24),
            ),
        ),
        1 => (
            "node_key.json",
            format!(
                "{{\"priv_key\":{{\"type\":\"tendermint/PrivKeyEd25519\",\"value\":\"{}==\"}}}}\n",
                run(rng, BASE64, 86),
            ),
        ),
        2 => ("prod.env", format!("DB_HOST=db\nDB_PASSWORD={}\n", run(rng, HEX, 24))),
        _ => {
            let mut out = "-----BEGIN PRIVATE KEY-----\n".to_owned();
            for _ in 0..25 {
                push(&mut out, format_args!("{}\n", run(rng, BASE64, 64)));
            }
            out.push_str("-----END PRIVATE KEY-----\n");
            ("tls.key", out)
        }
    }
}

fn word(rng: &mut Rng) -> &'static str {
    NAMES[rng.usize(..NAMES.len())]
}

fn name(rng: &mut Rng) -> String {
    format!("{}-{}", word(rng), word(rng))
}

fn sentence(rng: &mut Rng) -> String {
    let count = rng.usize(4..14);
    let words = (0..count).map(|_| match rng.u8(0..5) {
        0 => word(rng),
        _ => WORDS[rng.usize(..WORDS.len())],
    });
    words.collect::<Vec<_>>().join(" ")
}

/// So many characters out of an alphabet.
fn run(rng: &mut Rng, alphabet: &[u8], length: usize) -> String {
    (0..length).map(|_| char::from(alphabet[rng.usize(..alphabet.len())])).collect()
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("writing to a String cannot fail");
}
