//! Bare keys beside the name of their file, in texts whose structure nobody knows: a
//! session in a terminal, a listing in some markup, what a program will write.
//!
//! The shape of such a key is that of hashes. It counts when it stands alone, when a name
//! that only key files have stands on its line or on one of those around it, and when
//! nothing there speaks of hashes or of what is public.

use std::ops::Range;

use crate::bare;
use crate::encoded::Runs;
use crate::found::Found;
use crate::judge::FINDING_LIMIT;
use crate::key_files::lists;
use crate::name::{Meaning, meaning, words};
use crate::shape::is_random;

/// How many lines above a value the name of its file may stand, blank ones left out.
const LINES_ABOVE: usize = 4;

/// How far from a value its name may stand, in bytes.
const FAR: usize = 600;

/// The shortest password that is told from a word.
const SHORTEST_PASSWORD: usize = 12;

/// Longer runs are no bare keys, not even in base64.
const LONGEST: usize = 200;

/// Every bare key whose file is named nearby.
pub(crate) fn find(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for run in Runs::new(text.as_bytes()) {
        if found.len() >= FINDING_LIMIT {
            break;
        }
        let Some(lines) = text.get(run.start..run.end) else { continue };
        // What looks like a broken line may be a word on the next one.
        let line = lines.lines().next().unwrap_or_default();
        let values = [lines, line];
        for value in &values[..if line == lines { 1 } else { 2 }] {
            let range = run.start..run.start + value.len();
            if value.len() > LONGEST || !stands_alone(text.as_bytes(), &range) {
                continue;
            }
            if bare::is_validator_password(value) {
                found.extend(password_behind(text, &range));
            } else if bare::is_keystore_name(value) {
                // A name and no value.
            } else if let Some(list) = list_of_keys(text, &range) {
                found.push(list);
            } else if let Some(bare) =
                name_of(text, &range).and_then(|name| bare::find_encoded(value, &[name]))
            {
                found.push(Found { span: range, ..bare });
                break;
            }
        }
    }
    found
}

/// The password of a validator's keystore, behind the name of its file: on the same line,
/// or alone on one of the next.
fn password_behind(text: &str, name: &Range<usize>) -> Option<Found> {
    let rest = text.get(name.end..)?;
    let rest = &rest[..rest.floor_char_boundary(FAR)];
    let words = rest.lines().take(LINES_ABOVE).flat_map(|line| {
        line.split(|c: char| c.is_whitespace() || "\"'`<>()[]{},;|\\:=".contains(c))
    });
    let password = words.into_iter().find(|word| {
        word.len() >= SHORTEST_PASSWORD
            && is_random(word)
            && is_mixed(word)
            && !word.starts_with(['-', '.', '/', '~'])
    })?;
    let at = name.end + (password.as_ptr() as usize - rest.as_ptr() as usize);
    let found = bare::find_encoded(password, &[text.get(name.clone())?])?;
    Some(Found { span: at..at + password.len(), ..found })
}

/// Letters in both cases, and digits: numbers are of one alphabet.
fn is_mixed(word: &str) -> bool {
    let kinds: [fn(&u8) -> bool; 3] =
        [u8::is_ascii_lowercase, u8::is_ascii_uppercase, u8::is_ascii_digit];
    kinds.iter().all(|kind| word.as_bytes().iter().any(kind))
        && !word.starts_with("0x")
        && !word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The first item of a list of keys, as relay miners and gateways have them, in a text that
/// is no YAML.
fn list_of_keys(text: &str, range: &Range<usize>) -> Option<Found> {
    let from = text.floor_char_boundary(range.start.saturating_sub(FAR));
    let start = from + text[from..range.start].rfind('\n')? + 1;
    let above = text[from..start].strip_suffix('\n')?;
    let head = above.lines().next_back()?.trim().strip_suffix(':')?;
    let name = head.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_').next()?;
    let mut items = text[start..].lines().map_while(item).peekable();
    (lists::NAMES.contains(&name) && items.peek().is_some() && items.all(lists::is_key))
        .then(|| lists::found(range.clone()))
}

/// What stands behind the dash of an item, whatever the host has before and behind it.
fn item(line: &str) -> Option<&str> {
    let content = line.trim_start_matches(|c: char| c.is_whitespace() || "#/>*;|%".contains(c));
    let item = content.strip_prefix("- ")?.trim();
    let end = item.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(item.len());
    Some(&item[..end])
}

/// The file that something is the content of, by a name on its line or around it.
pub(crate) fn name_of<'t>(text: &'t str, range: &Range<usize>) -> Option<&'t str> {
    let bytes = text.as_bytes();
    // A line may be as long as the file.
    let line_start = |at: usize| {
        let from = at.saturating_sub(2 * FAR);
        memchr::memrchr(b'\n', &bytes[from..at]).map_or(from, |found| from + found + 1)
    };
    let line_end = |at: usize| {
        let to = bytes.len().min(at + 2 * FAR);
        memchr::memchr(b'\n', &bytes[at..to]).map_or(to, |found| at + found)
    };
    let own = line_start(range.start)..line_end(range.end);
    let before = text.get(own.start.max(range.start.saturating_sub(FAR))..range.start)?;
    let behind = text.get(range.end..own.end.min(range.end + FAR))?;
    if has_name_of_its_own(before) || speaks_of_hashes(before) || is_checksum_line(before, behind) {
        return None;
    }
    let mut at = own.start;
    let above = std::iter::from_fn(|| {
        let end = at.checked_sub(1)?;
        at = line_start(end);
        text.get(at..end)
    });
    let above = above
        .take(2 * LINES_ABOVE)
        .filter(|line| line.chars().any(char::is_alphanumeric))
        .take(LINES_ABOVE)
        .take_while(|line| line.len() <= FAR && !speaks_of_hashes(line));
    let below = text.get(own.end..).and_then(|rest| rest.get(1..)).unwrap_or_default();
    let below = below.lines().take(LINES_ABOVE).take_while(|line| line.len() <= FAR);
    [before, behind].into_iter().chain(above).chain(below).find_map(key_file_in)
}

/// The last name of a key file in a line.
fn key_file_in(line: &str) -> Option<&str> {
    let is_part = |character: char| character.is_ascii_alphanumeric() || "._-/".contains(character);
    let names = line.rsplit(|character| !is_part(character));
    names.map(|name| name.trim_end_matches('.')).find(|name| is_file_name(name)).map(last_part)
}

fn last_part(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// A name that only files with keys in them have.
fn is_file_name(name: &str) -> bool {
    let name = last_part(name);
    let extension = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty());
    let is_key = matches!(extension, Some((_, "key" | "hex" | "priv" | "sk" | "secret")))
        || matches!(name, "nodekey" | "jwtsecret" | "jwt-secret" | "jwt_secret" | "privkey");
    bare::is_keystore_name(name) || (is_key && bare::is_key_file(name))
}

/// Quotes, brackets, blanks or nothing on both sides.
fn stands_alone(bytes: &[u8], range: &Range<usize>) -> bool {
    let is_edge = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`<>()[]{},;|\\:=-".contains(byte);
    let before = range.start.checked_sub(1).and_then(|at| bytes.get(at));
    // `iv:…,tag:…`: parts of something.
    before.is_none_or(|byte| is_edge(byte) && !b":,".contains(byte))
        && bytes.get(range.end).is_none_or(is_edge)
}

/// Whether the name in front of a value, or anything else there, says that everybody may
/// see it.
fn speaks_of_hashes(line: &str) -> bool {
    const WORDS: [&str; 9] =
        ["sha256", "sha512", "sha1", "checksum", "digest", "hash", "integrity", "commit", "pubkey"];
    let lower = line.to_ascii_lowercase();
    let name = lower.trim_end_matches(|character: char| !character.is_alphanumeric());
    let name = name.rsplit(|character: char| character.is_whitespace()).next().unwrap_or(name);
    WORDS.iter().any(|word| lower.contains(word)) || meaning(name) == Meaning::Public
}

/// Whether a value stands behind a name that says what it is: `trust_root: "…"`. Those of
/// key files, and those for whatever is in a file, do not.
fn has_name_of_its_own(before: &str) -> bool {
    const CONTENT: [&str; 8] =
        ["body", "content", "data", "inline", "source", "str", "text", "value"];
    let is_around = |c: char| c.is_whitespace() || "\"'`r#@(|\\>".contains(c);
    let Some(before) = before.trim_end_matches(is_around).strip_suffix([':', '=']) else {
        return false;
    };
    let name = before.trim_end_matches(|c: char| c.is_whitespace() || "\"'[]&*)".contains(c));
    let name = name.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-').next();
    let words = words(name.unwrap_or_default());
    !words.last().is_some_and(|last| CONTENT.contains(&&**last)) && key_file_in(before).is_none()
}

/// `HASH  FILE`, as tools that make checksums write them.
fn is_checksum_line(before: &str, behind: &str) -> bool {
    let name = behind.strip_prefix("  ").or_else(|| behind.strip_prefix(" *"));
    before.trim().is_empty() && name.is_some_and(|name| !name.trim().contains(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "9f8a7c6b5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8b";

    const BASE64: &str = "Q0CYnWwL8BrB1Kp7yEml7Yi7lIfyDNgj5JwbfEhpASQ=";

    #[test]
    fn keys_beside_the_names_of_their_files() {
        for text in [
            format!("$ cat nodekey\n{HEX}\n$ exit\n"),
            format!("/* jwt.hex */\nconst char content[] = \"{HEX}\";\n"),
            format!("f+ /run/a/jwt.hex 0600 root root - {HEX}\n"),
            format!("<key>operator.key</key>\n<data>\n  {HEX}\n</data>\n"),
            format!("CONTENT='{HEX}'\nprintf %s \"$CONTENT\" > /root/nodekey\n"),
            format!("61757261{HEX}:\n\n    0x{HEX}\n"),
        ] {
            assert_eq!(find(&text).len(), 1, "{text}");
        }
    }

    #[test]
    fn hashes_beside_them() {
        for text in [
            format!("{HEX}  jwt.hex\n"),
            format!("{HEX} *nodekey\n"),
            format!("jwt.hex sha256: {HEX}\n"),
            format!("# checksum of nodekey\n{HEX}\n"),
            format!("genesis.hash\n{HEX}\n"),
            format!("see nodekey for more\n\na\nb\nc\nd\ne\n{HEX}\n"),
            format!("nodekey/{HEX}.json\n"),
            format!("operator.pub {HEX}\n"),
            format!("file: tls.key\ntrust_root: \"{HEX}\"\n"),
            format!("tls.key: ENC[AES256_GCM,data:eA==,iv:{BASE64},tag:eA==,type:str]\n"),
        ] {
            assert_eq!(find(&text).len(), 0, "{text}");
        }
    }
}
