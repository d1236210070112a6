//! What is said when none of a file's keys opens it.

use std::fmt::Write;

use bulla_core::rules::Rules;
use bulla_core::{Attempt, MasterKey};

use crate::exit::Code;
use crate::failure::Failure;

/// A record for each key: whose it is, what was tried, why that failed, what to do.
///
/// `rules` know names for keys; they are a help and no more, since opening a file
/// never depends on them.
pub(crate) fn failure(file: &str, attempts: &[Attempt], rules: Option<&Rules>) -> Failure {
    let keys = match attempts.len() {
        0 => "this file names no key, so nobody can open it; restore it".to_owned(),
        1 => "the one key of this file could not be used to open it".to_owned(),
        n => format!("none of the {n} keys of this file could be used to open it"),
    };
    let mut message = format!("{file}: {keys}\n");
    for attempt in attempts {
        let name = rules.and_then(|rules| rules.name_of(&attempt.key));
        message.push('\n');
        record(&mut message, attempt, name);
    }
    // The line break comes with printing.
    Failure::new(Code::NoKey, message.trim_end())
}

fn record(out: &mut String, attempt: &Attempt, name: Option<&str>) {
    let key = match name {
        Some(name) => format!("{} ({name})", attempt.key),
        None => attempt.key.to_string(),
    };
    row(out, attempt.key.kind(), &key);
    if attempt.tried.is_empty() {
        row(out, "tried", "nothing");
    }
    for (index, source) in attempt.tried.iter().enumerate() {
        row(out, if index == 0 { "tried" } else { "" }, source);
    }
    let (why, what) = match &attempt.error {
        Some(error) => (error.reason.clone(), error.hint.clone()),
        None => (why_not(attempt).to_owned(), None),
    };
    row(out, "failed", &why);
    row(out, "do", &what.unwrap_or_else(|| advice(attempt).to_owned()));
}

fn row(out: &mut String, label: &str, text: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "  {label:<8}  {}", text.replace('\n', " "));
}

fn why_not(attempt: &Attempt) -> &'static str {
    if attempt.tried.is_empty() {
        "this version cannot open keys of this kind"
    } else {
        "none of these opens it"
    }
}

fn advice(attempt: &Attempt) -> &'static str {
    match &*attempt.key {
        MasterKey::Age { .. } if !attempt.tried.is_empty() => {
            "get its identity and name the file in SOPS_AGE_KEY_FILE, or have the file sealed for you"
        }
        _ => "open the file with one of its other keys, or have it sealed for one that you hold",
    }
}
