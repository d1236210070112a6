//! Texts that their host writes otherwise: with backslashes in the strings of programs,
//! with entities in markup, with doubled quotes in tables, behind a sign on each line.
//!
//! What is taken out of the host is judged like any other text. Whatever has structure that
//! is known here has been read by then, and is passed over.

use std::ops::Range;

use memchr::memmem;

use crate::finding::Rule;
use crate::found::Found;
use crate::judge::{FINDING_LIMIT, Search};
use crate::nearby;
use crate::words::{self, Topic};

mod prefixed;

/// Shorter texts hold nothing that has not shown itself.
const SHORTEST: usize = 40;

/// The longest text of a host; longer ones are whole files.
const LONGEST: usize = 256 << 10;

/// How many bytes of one file are looked at for ends of texts.
const STEP_LIMIT: usize = 32 << 20;

/// What is worth a look at what is in a text.
const PROMISING: [Topic; 6] =
    [Topic::Secret, Topic::KeyFile, Topic::Sops, Topic::Armor, Topic::Name, Topic::Age];

/// A text of a host.
struct Piece {
    /// Where it stands there.
    range: Range<usize>,
    text: String,
    /// Whether its lines are lines of the host.
    has_lines: bool,
}

/// What is in the texts of a host, where `is_news` says that nobody has looked yet.
pub(crate) fn find(text: &str, search: &mut Search, is_news: impl Fn(usize) -> bool) -> Vec<Found> {
    let mut pieces = strings(text);
    pieces.extend(markup(text));
    pieces.extend(cells(text));
    pieces.extend(prefixed::find(text));
    let mut found = Vec::new();
    for piece in pieces.iter().filter(|piece| {
        // The quote in front of it: what is inside may have been read as what it is not.
        is_news(piece.range.start.saturating_sub(1))
    }) {
        if found.len() >= FINDING_LIMIT {
            break;
        }
        let is_list = piece.text.contains("[\n");
        let is_promising = is_list || words::topics(&piece.text).any(&PROMISING);
        if piece.text.len() < SHORTEST || !is_promising {
            continue;
        }
        let name = nearby::name_of(text, &piece.range);
        let names: Vec<&str> = name.into_iter().collect();
        let inner = search.shown(&piece.text, &names).unwrap_or_default();
        // A string is no file that somebody has to open.
        let inner = inner.into_iter().filter(|inner| !is_about_files(inner.rule));
        found.extend(inner.map(|inner| placed(text, piece, inner)));
    }
    found
}

/// Whether a rule says how a file was sealed, and not what can be read in it.
fn is_about_files(rule: Rule) -> bool {
    matches!(rule, Rule::NoRecipients | Rule::DamagedSeal | Rule::NotSealed | Rule::NotCovered)
}

/// Something in a piece, where it stands in the host.
fn placed(text: &str, piece: &Piece, inner: Found) -> Found {
    let lines = |bytes: &[u8]| memchr::memchr_iter(b'\n', bytes).count();
    let span = if piece.has_lines {
        let host = &text.as_bytes()[piece.range.clone()];
        let own = piece.text.as_bytes();
        let line = |number: usize| match number.checked_sub(1) {
            None => Some(0),
            Some(index) => memchr::memchr_iter(b'\n', host).nth(index).map(|at| at + 1),
        };
        let first = lines(&own[..inner.span.start.min(own.len())]);
        let last =
            lines(&own[..inner.span.end.saturating_sub(1).clamp(inner.span.start, own.len())]);
        let start = piece.range.start + line(first).unwrap_or_default();
        let end = line(last + 1).map_or(piece.range.end, |at| piece.range.start + at - 1);
        start..end.max(start)
    } else {
        piece.range.clone()
    };
    Found { span, value: None, ..inner }
}

/// Strings of one line in which backslashes stand for something.
fn strings(text: &str) -> Vec<Piece> {
    let bytes = text.as_bytes();
    let mut pieces = Vec::new();
    let mut free = 0;
    for hit in memchr::memchr_iter(b'\\', bytes) {
        if hit < free || !matches!(bytes.get(hit + 1), Some(b'"' | b'n')) {
            continue;
        }
        let start = memchr::memrchr(b'\n', &bytes[free..hit]).map_or(free, |at| free + at + 1);
        let end = memchr::memchr(b'\n', &bytes[hit..]).map_or(bytes.len(), |at| hit + at);
        free = end;
        for range in literals(&text[start..end]) {
            let range = start + range.start..start + range.end;
            let literal = &text[range.clone()];
            let is_written = literal.contains("\\\"") || literal.matches("\\n").count() > 1;
            if is_written && (SHORTEST..=LONGEST).contains(&literal.len()) {
                pieces.push(Piece { range, text: unescaped(literal), has_lines: false });
            }
        }
    }
    pieces
}

/// What stands between double quotes in a line.
fn literals(line: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open = None;
    let mut is_escaped = false;
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => match open.take() {
                Some(start) => found.push(start..at),
                None => open = Some(at + 1),
            },
            _ => {}
        }
    }
    found
}

/// As C and JSON understand it.
fn unescaped(literal: &str) -> String {
    let mut out = String::with_capacity(literal.len());
    let mut rest = literal.chars();
    while let Some(character) = rest.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match rest.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some(kind @ ('u' | 'x')) => {
                let length = if kind == 'u' { 4 } else { 2 };
                let digits: String = rest.clone().take(length).collect();
                let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                match code.filter(|_| digits.len() == length) {
                    Some(code) => {
                        out.push(code);
                        rest.nth(length - 1);
                    }
                    None => out.push(kind),
                }
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

/// Texts of markup in which quotes are entities.
fn markup(text: &str) -> Vec<Piece> {
    let bytes = text.as_bytes();
    let mut pieces = Vec::new();
    let (mut free, mut steps) = (0, STEP_LIMIT);
    let hits = memmem::find_iter(bytes, b"&quot;").chain(memmem::find_iter(bytes, b"&#34;"));
    for hit in hits {
        if hit < free {
            continue;
        }
        let from = hit.saturating_sub(LONGEST);
        let start =
            memchr::memrchr2(b'>', b'<', &bytes[from..hit]).map_or(from, |at| from + at + 1);
        let to = bytes.len().min(hit + LONGEST);
        let end = memchr::memchr(b'<', &bytes[hit..to]).map_or(to, |at| hit + at);
        free = end;
        let Some(left) = steps.checked_sub(end - start) else { break };
        steps = left;
        if let Some(segment) = text.get(start..end) {
            pieces.push(Piece {
                range: start..end,
                text: without_entities(segment),
                has_lines: true,
            });
        }
    }
    pieces
}

fn without_entities(segment: &str) -> String {
    const ENTITIES: [(&str, &str); 7] = [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&apos;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        // Last, or it would make entities of what is none.
        ("&amp;", "&"),
    ];
    ENTITIES.iter().fold(segment.to_owned(), |text, (entity, sign)| text.replace(entity, sign))
}

/// Cells of tables, whose quotes are doubled.
fn cells(text: &str) -> Vec<Piece> {
    let bytes = text.as_bytes();
    let mut pieces = Vec::new();
    let (mut free, mut steps) = (0, STEP_LIMIT);
    for hit in memmem::find_iter(bytes, b"\"\"") {
        let is_longer = bytes.get(hit + 2) == Some(&b'"') || bytes[..hit].ends_with(b"\"");
        // `a("")` is an empty string, and `"""` opens one of several lines, or a cell.
        let is_inside = bytes.get(hit + 2).is_some_and(u8::is_ascii_alphanumeric);
        if hit < free || is_longer || !is_inside {
            continue;
        }
        let from = free.max(hit.saturating_sub(LONGEST));
        let Some(left) = steps.checked_sub(hit - from) else { break };
        steps = left;
        let opens = |at: &usize| {
            let before = at.checked_sub(1).map(|before| bytes[before]);
            bytes[at + 1] != b'"' && before.is_none_or(|byte| b",;\t\n".contains(&byte))
        };
        let Some(open) =
            memchr::memrchr_iter(b'"', &bytes[from..hit]).map(|at| from + at).find(opens)
        else {
            continue;
        };
        let end = end_of_cell(bytes, open + 1);
        let Some(left) = steps.checked_sub(end.map_or(LONGEST, |end| end - open)) else { break };
        steps = left;
        let Some(end) = end else { continue };
        free = end;
        let range = open + 1..end;
        if let Some(cell) = text.get(range.clone()) {
            pieces.push(Piece { range, text: cell.replace("\"\"", "\""), has_lines: true });
        }
    }
    pieces
}

/// The quote that is not doubled.
fn end_of_cell(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    let limit = bytes.len().min(start + LONGEST);
    while let Some(quote) = memchr::memchr(b'"', bytes.get(at..limit)?).map(|length| at + length) {
        if bytes.get(quote + 1) != Some(&b'"') {
            return Some(quote);
        }
        at = quote + 2;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(pieces: Vec<Piece>) -> Vec<String> {
        pieces.into_iter().map(|piece| piece.text).collect()
    }

    #[test]
    fn hosts_write_texts_in_their_own_way() {
        assert_eq!(
            texts(strings(
                "x(\"a\", \"{\\\"a\\\":\\n1\\u0041, and more that makes it long enough}\");\n"
            )),
            ["{\"a\":\n1A, and more that makes it long enough}"]
        );
        assert_eq!(
            texts(markup("<a b=\"c\">{&quot;a&quot;: &lt;&amp;quot;}</a>")),
            ["{\"a\": <&quot;}"]
        );
        assert_eq!(texts(cells("a,b\n1,\"{\"\"a\"\":\n2}\",3\n")), ["{\"a\":\n2}"]);
    }

    #[test]
    fn what_is_no_text_of_a_host() {
        for text in ["a(\"\");", "\"\"\"doc\"\"\"", "\\\"", "&quot;", "\"\"a", "\"a\\", "\\u\"\\\""]
        {
            let all = [strings(text), markup(text), cells(text)].concat_texts();
            assert!(all.iter().all(|piece| piece.len() < SHORTEST), "{text}: {all:?}");
        }
    }

    trait Texts {
        fn concat_texts(self) -> Vec<String>;
    }

    impl Texts for [Vec<Piece>; 3] {
        fn concat_texts(self) -> Vec<String> {
            self.into_iter().flat_map(texts).collect()
        }
    }
}
