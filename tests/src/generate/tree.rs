//! Trees of every shape, as JSON, from a seed.
//!
//! Left out is what sops loses when it writes another format: whole floats, which
//! become integers; integers of more than six digits, which are floats in its JSON up to
//! 3.13.1.

use fastrand::Rng;
use serde_json::{Map, Number, Value, json};

/// Texts that any format holds.
const PLAIN: [&str; 12] = [
    "value",
    "two words",
    "a=b",
    "é",
    "日本",
    "x_y-z",
    "http://u@h/?a=b",
    "a: b",
    "{}",
    "%",
    "true",
    "12",
];
/// Texts that have to be quoted in one way or another.
const ODD: [&str; 46] = [
    "",
    " lead",
    "trail ",
    "tab\tx",
    "a #b",
    "#c",
    "- x",
    "-",
    "-x",
    "?",
    "? x",
    ":",
    "a:",
    "[x]",
    "'single'",
    "it's",
    "\"double\"",
    "&a",
    "*a",
    "!t",
    "|",
    ">",
    "@x",
    "`x`",
    "null",
    "~",
    "yes",
    "off",
    "n",
    "0x1F",
    "0o17",
    "1_000",
    "1e3",
    ".5",
    "1:20",
    "2001-01-01",
    "two\nlines",
    "ends\n",
    "ends\n\n",
    "\nstarts",
    "  in\ndented",
    "space \nbreak",
    "back\\slash",
    "😀",
    "\u{1}\u{7f}\u{85}\u{2028}\u{a0}",
    "---",
];

/// A tree of any depth.
pub fn tree(seed: u64) -> Value {
    let mut rng = Rng::with_seed(seed);
    map(&mut rng, 3)
}

/// Texts by name; the names too are texts that dotenv holds.
pub fn flat(seed: u64) -> Value {
    let mut rng = Rng::with_seed(seed);
    entries(&mut rng, |rng| leaf(rng, &PLAIN))
}

/// Texts by section and name, of those that go-ini writes as it reads them.
pub fn sections(seed: u64) -> Value {
    let mut rng = Rng::with_seed(seed);
    entries(&mut rng, |rng| entries(rng, |rng| leaf(rng, &PLAIN)))
}

fn entries(rng: &mut Rng, value: impl Fn(&mut Rng) -> Value) -> Value {
    let mut map = Map::new();
    for number in 0..rng.usize(1..6) {
        let name = rng.choice(["KEY", "a b", "é", "x.y", "DEFAULT"]).unwrap_or_default();
        let name = if number == 0 { name.to_owned() } else { format!("{name}{number}") };
        map.insert(name, value(rng));
    }
    map.into()
}

fn map(rng: &mut Rng, depth: usize) -> Value {
    let mut map = Map::new();
    for _ in 0..rng.usize(1..6) {
        let key = if rng.u8(..3) == 0 { text(rng, &ODD) } else { text(rng, &PLAIN) };
        // A key of several lines is written in many ways.
        map.insert(key.replace(['\n', '\u{85}', '\u{2028}'], " "), node(rng, depth));
    }
    map.into()
}

fn node(rng: &mut Rng, depth: usize) -> Value {
    match rng.u8(..8) {
        0 if depth > 0 => map(rng, depth - 1),
        1 if depth > 0 => (0..rng.usize(1..4)).map(|_| node(rng, depth - 1)).collect(),
        2 => rng.choice([json!({}), json!([]), Value::Null]).unwrap_or_default(),
        3..=4 => leaf(rng, &PLAIN),
        _ => text(rng, &ODD).into(),
    }
}

fn leaf(rng: &mut Rng, texts: &[&str]) -> Value {
    match rng.u8(..6) {
        0 => rng.i64(-1000..100_000).into(),
        1 => rng.bool().into(),
        2 => {
            let floats = [0.1, -2.5, 1.5e-7, 123_456.789, 12_345_678.5, 1e-5, 0.000_001, 6.02e23];
            let float = rng.choice(floats).and_then(Number::from_f64);
            float.map_or(Value::Null, Value::Number)
        }
        _ => text(rng, texts).into(),
    }
}

fn text(rng: &mut Rng, texts: &[&str]) -> String {
    rng.choice(texts).copied().unwrap_or_default().to_owned()
}
