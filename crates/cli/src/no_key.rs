//! What is said when none of a file's keys opens it.

use std::fmt::Write;

use bulla_core::rules::Rules;
use bulla_core::{Attempt, Error, MasterKey};

use crate::failure::Failure;

/// A record for each key: whose it is, what was tried, why that failed, what to do.
/// With several groups, those of each group that could not be opened.
///
/// `rules` know names for keys; they are a help and no more, since opening a file
/// never depends on them. Any other error is said as it is.
pub(crate) fn failure(file: &str, error: &Error, rules: Option<&Rules>) -> Failure {
    let Error::NoKey { attempts, missing } = error else { return Failure::of(file, error) };
    let mut message = format!("{file}: {error}\n");
    match missing {
        None => records(&mut message, attempts.iter(), rules),
        Some(missing) => {
            for group in missing.groups() {
                // People count from 1.
                message += &format!("\ngroup {}\n", group + 1);
                let keys = attempts.iter().filter(|attempt| attempt.group == group);
                if keys.clone().next().is_none() {
                    message += "\n  it has no key, so nobody can open it\n";
                }
                records(&mut message, keys, rules);
            }
        }
    }
    // The line break comes with printing.
    Failure::new(error.into(), message.trim_end())
}

fn records<'a>(
    out: &mut String,
    attempts: impl Iterator<Item = &'a Attempt>,
    rules: Option<&Rules>,
) {
    for attempt in attempts {
        let name = rules.and_then(|rules| rules.name_of(&attempt.key));
        out.push('\n');
        record(out, attempt, name);
    }
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
    if attempt.errors.is_empty() {
        row(out, "failed", why_not(attempt));
    }
    for (index, error) in attempt.errors.iter().enumerate() {
        row(out, if index == 0 { "failed" } else { "" }, &error.reason);
    }
    let hints: Vec<&str> =
        attempt.errors.iter().filter_map(|error| error.hint.as_deref()).collect();
    row(out, "do", if hints.is_empty() { advice(attempt) } else { hints[0] });
    for hint in hints.iter().skip(1) {
        row(out, "", hint);
    }
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
    if attempt.tried.is_empty() {
        return "open the file with one of its other keys, or have it sealed for one that you hold";
    }
    match &*attempt.key {
        MasterKey::Age { recipient } if recipient.starts_with("ssh-") => {
            "name its private key in SOPS_AGE_SSH_PRIVATE_KEY_FILE, or have the file sealed for you"
        }
        MasterKey::Age { .. } => {
            "get its identity and name the file in SOPS_AGE_KEY_FILE, or have the file sealed for you"
        }
        MasterKey::Pgp { .. } => {
            "give gpg the secret key, or the card that has it, or have the file sealed for you"
        }
        _ => "open the file with one of its other keys, or have it sealed for one that you hold",
    }
}
