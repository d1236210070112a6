//! The integrity record: its specification, what sops makes of it, and who writes it.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::PathBuf;

use bulla_core::{Document, Format, Recipe, Selector, SelectorKind, open_bytes, seal};
use bulla_testkit::{Sandbox, keys, peers};
use bulla_tests::sealing::{NOW, keyring, recipe};
use serde_json::{Map, Value as Json, json};

#[path = "integrity/vectors.rs"]
mod vectors;
#[path = "integrity/verbs.rs"]
mod verbs;
#[path = "integrity/verify.rs"]
mod verify;

/// Runs the page of the specification that is a program.
fn form(arguments: &[&str], input: &Json) -> Json {
    let program = peers::workspace_root().join("tests/tests/integrity/form.py");
    let sandbox = Sandbox::new();
    let mut python = sandbox.command("python3");
    let run = sandbox.run_with(python.arg(program).args(arguments), input.to_string()).ok();
    serde_json::from_str(run.out()).unwrap()
}

/// The data key of a sealed file, for a program that has no age.
fn data_key(text: &str, format: Format) -> String {
    let document = Document::parse(text, format).unwrap();
    hex::encode(keyring().unwrap(document.metadata().unwrap()).unwrap().expose())
}

/// The record of a file, as it stands in each block.
fn records(text: &str) -> Vec<&str> {
    let ends = |char: char| !char.is_ascii_alphanumeric() && !"+/=.".contains(char);
    let found = text.match_indices("v1.").map(|(at, _)| &text[at..]);
    let records = found.map(|rest| rest.split(ends).next().unwrap());
    records.filter(|record| record.len() >= 47).collect()
}
