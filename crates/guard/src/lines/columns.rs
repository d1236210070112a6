//! Tables of Markdown: a column has a name, and values below.

use crate::credential::{self, Writing};
use crate::found::Found;
use crate::name::{Meaning, meaning};

/// The values of columns whose names say that they are passwords or tokens.
pub(super) fn find(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    let mut last = "";
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim();
        if !content.starts_with('|') {
            names.clear();
        } else if is_rule(content) {
            names = cells(last).map(str::trim).collect();
        } else {
            for (cell, name) in cells(line).zip(&names) {
                let value = cell.trim().trim_matches('`');
                let is_secret = matches!(meaning(name), Meaning::Password | Meaning::Token);
                let verdict = is_secret.then(|| credential::judge(name, value, Writing::Shown));
                if let Some(verdict) = verdict.flatten() {
                    let start = at + (value.as_ptr() as usize - line.as_ptr() as usize);
                    let span = start..start + value.len();
                    found.push(Found::new(span, verdict.rule, verdict.confidence, verdict.why));
                }
            }
        }
        last = line;
        at += line.len();
    }
    found
}

fn cells(line: &str) -> impl Iterator<Item = &str> {
    line.trim().trim_start_matches('|').trim_end_matches('|').split('|')
}

/// `| --- | :-: |`
fn is_rule(line: &str) -> bool {
    line.contains("--") && line.bytes().all(|byte| b"|-: ".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_name_what_is_below() {
        let table = |value: &str| {
            format!("| user | password |\n| --- | :-: |\n| app | {value} |\n\n| a | b |\n")
        };
        let text = table("`tiger42#Kraken`");
        let found = find(&text);
        assert_eq!(&text[found[0].span.clone()], "tiger42#Kraken");
        for value in ["changeme", "the one of the user", "string", "${DB_PASSWORD}", ""] {
            assert!(super::find(&table(value)).is_empty(), "{value}");
        }
        assert!(super::find(&text.replace("password", "purpose")).is_empty());
    }
}
