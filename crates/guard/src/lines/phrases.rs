//! Names and values without a sign between them: calls, statements of servers, sentences.

use std::ops::Range;

use super::{Assignment, Kind, VALUE_LIMIT};
use crate::credential::Writing;
use crate::name::{Meaning, meaning};

/// Words that make a key one that opens something: `api key`.
const OWNERS: [&str; 7] = ["access", "api", "auth", "encryption", "private", "secret", "signing"];

/// The value that a name is followed by, which ends where `name` does.
pub(super) fn value(text: &str, name: Range<usize>, kind: Kind) -> Option<Assignment<'_>> {
    let written = text.get(name.clone())?;
    let first = name.start.saturating_sub(VALUE_LIMIT);
    let before = text.as_bytes().get(first..name.start)?;
    let line = memchr::memrchr(b'\n', before).map_or(before, |at| &before[at + 1..]);
    let end = text.len().min(name.end + VALUE_LIMIT);
    let end = memchr::memchr(b'\n', &text.as_bytes()[name.end..end]).map_or(end, |n| name.end + n);
    let rest = text.get(name.end..end)?;
    let at = |range: Range<usize>| name.end + range.start..name.end + range.end;
    let found = |name, range, writing| Some(Assignment { name, value: at(range), writing });

    if let Some(inner) = rest.strip_prefix('(') {
        // `source.setPassword("…")`, `Builder.password("…")`
        let (range, _) = quoted(inner, 1)?;
        let last = written.rsplit('.').next().unwrap_or(written);
        return match last.strip_prefix("set").filter(|own| !own.is_empty()) {
            Some(own) => found(own, range, Writing::Quoted),
            None => found(last, range, Writing::Shown).filter(|_| written.contains('.')),
        };
    }
    if let Some(range) = next_line(text, line, rest, end) {
        return Some(Assignment { name: written, value: range, writing: Writing::Data });
    }
    let is_comment = line.trim_ascii_start().starts_with(b"#")
        || line.trim_ascii_start().starts_with(b"//")
        || kind != Kind::Settings;
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let behind = &rest[blanks..];
    if blanks == 0 {
        return None;
    }
    // `password is 'x'`
    let is = ["is ", "is: ", "= "].iter().find(|word| behind.starts_with(**word));
    let from = blanks + is.map_or(0, |word| word.len());
    if is_comment && !says_what_follows(written) {
        return None;
    }
    if let Some((range, _)) = quoted(&rest[from..], from) {
        // `secret "x";`, `Authorization "Bearer x"`, and sentences.
        let is_statement = !is_comment && (line.trim_ascii().is_empty() || is_header(written));
        let range = range.start + scheme(&rest[range.clone()])..range.end;
        return found(written, range, if is_statement { Writing::Data } else { Writing::Shown });
    }
    // `user admin insecure-password x`: the last word of a line.
    let word = behind.strip_prefix("--plaintext ").unwrap_or(behind);
    let is_last = !word.is_empty() && !word.trim_end().contains(char::is_whitespace);
    let is_password = meaning(written) == Meaning::Password;
    if is_comment || !is_last || !is_password {
        return None;
    }
    let start = rest.len() - word.len();
    found(written, start..start + word.trim_end().len(), Writing::Shown)
}

/// `name = "auth.password"`, and `value = "…"` on the next line.
fn next_line(text: &str, line: &[u8], rest: &str, end: usize) -> Option<Range<usize>> {
    // First what takes no time: a line may have a name in every other word.
    if rest.trim_end().trim_end_matches(',') != "\"" {
        return None;
    }
    let head: Vec<u8> = line.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let is_name = head.starts_with(b"name=\"") || head.starts_with(b"key=\"");
    if !is_name {
        return None;
    }
    let below = text.get(end + 1..)?.lines().next()?;
    let value = below.trim_start().strip_prefix("value")?.trim_start().strip_prefix('=')?;
    let (range, _) = quoted(value.trim_start(), 0)?;
    let start = end + 1 + below.len() - value.trim_start().len();
    Some(start + range.start..start + range.end)
}

/// What stands between quotes at the start of a text, from `base` on, and the quote.
fn quoted(text: &str, base: usize) -> Option<(Range<usize>, char)> {
    let quote = text.chars().next().filter(|quote| matches!(quote, '"' | '\'' | '`'))?;
    let length = text[1..].find(quote).filter(|&length| length > 0)?;
    Some((base + 1..base + 1 + length, quote))
}

/// Whether what a sentence has in quotes behind a word is one of those: `pass "x"` and
/// `use the key "x"` are about something else.
fn says_what_follows(name: &str) -> bool {
    match meaning(name) {
        Meaning::Password => !name.eq_ignore_ascii_case("pass"),
        Meaning::Token => name.eq_ignore_ascii_case("token"),
        _ => false,
    }
}

fn is_header(name: &str) -> bool {
    name.eq_ignore_ascii_case("authorization") || name.to_ascii_lowercase().ends_with("api-key")
}

fn scheme(value: &str) -> usize {
    let schemes = ["Bearer ", "Basic ", "Token "];
    schemes.iter().find(|scheme| value.starts_with(**scheme)).map_or(0, |scheme| scheme.len())
}

/// Whether a `key` is one of those, by the word before it: `api key: …`.
pub(super) fn is_owned(line: &[u8], name: &str) -> bool {
    let before = String::from_utf8_lossy(line).to_ascii_lowercase();
    let owner = before.trim_end().rsplit(|c: char| !c.is_ascii_alphanumeric()).next();
    name.eq_ignore_ascii_case("key") && owner.is_some_and(|owner| OWNERS.contains(&owner))
}

#[cfg(test)]
mod tests {
    use crate::lines::{Kind, find};

    fn found(text: &str, kind: Kind) -> Vec<&str> {
        find(text, kind, |_| true).into_iter().map(|found| &text[found.span]).collect()
    }

    #[test]
    fn values_behind_names_without_a_sign() {
        for (text, kind) in [
            ("source.setPassword(\"tiger42#Kraken\");", Kind::Program),
            ("Redis.builder().password(\"tiger42#Kraken\")", Kind::Program),
            ("  user admin insecure-password tiger42#Kraken\n", Kind::Settings),
            ("rootpw --plaintext tiger42#Kraken\n", Kind::Settings),
            ("d-i passwd/user-password password tiger42#Kraken\n", Kind::Settings),
            ("set {\n  name  = \"auth.password\"\n  value = \"tiger42#Kraken\"\n}", Kind::Settings),
            ("as `admin` with the password `tiger42#Kraken`.", Kind::Prose),
            ("# the db password is 'tiger42#Kraken', take it out", Kind::Program),
        ] {
            assert_eq!(found(text, kind), ["tiger42#Kraken"], "{text}");
        }
        let token = "q8ZrT2Lm9xWv4KpB7nYc1sHd";
        for text in [
            format!("secret \"{token}\";"),
            format!("proxy_set_header Authorization \"Bearer {token}\";"),
            format!("- rotate the api key: {token}\n"),
        ] {
            assert_eq!(found(&text, Kind::Settings), [token], "{text}");
        }
    }

    #[test]
    fn names_that_are_followed_by_something_else() {
        for (text, kind) in [
            ("form.setPassword(\"Password\")", Kind::Program),
            ("field.password(\"new-password\")", Kind::Program),
            ("the password \"hunter\" of the book", Kind::Prose),
            ("the password `PASSWORD` is read", Kind::Prose),
            ("change the password every90days\n", Kind::Settings),
            ("# a password tiger42#Kraken\n", Kind::Settings),
            ("the api key: see below\n", Kind::Prose),
            ("name = \"auth.password\"\nvalue = var.password\n", Kind::Settings),
            ("name = \"auth.password\"", Kind::Settings),
            ("password \"", Kind::Settings),
            ("setPassword(", Kind::Program),
        ] {
            assert_eq!(found(text, kind), Vec::<&str>::new(), "{text}");
        }
    }
}
