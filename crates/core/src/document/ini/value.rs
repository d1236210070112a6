//! One value, as go-ini reads it.
//!
//! There are four ways: up to a comment or the line's end, with or without one pair
//! of quotes around it; between backticks or `"""`, over as many lines as it takes;
//! and over lines that end with a backslash.

use std::borrow::Cow;
use std::ops::Range;

/// The quotes that take everything as it is, line breaks too. The longer is tried
/// first.
const RAW: [&str; 2] = ["\"\"\"", "`"];
/// What begins a comment.
pub(super) const MARKS: [char; 2] = ['#', ';'];

/// A value and where it stands.
#[derive(Clone)]
pub(super) struct Reading<'s> {
    pub(super) value: Cow<'s, str>,
    /// The value with its quotes, without the blanks around.
    pub(super) outer: Range<usize>,
    /// One of the two quotes; empty when there are none.
    pub(super) quote: &'static str,
    /// It goes over lines that end with a backslash.
    pub(super) continued: bool,
    /// The comment behind it, from its mark to its last visible character.
    pub(super) comment: Option<Range<usize>>,
    /// Whether the comment may be meant as a part of the value.
    pub(super) is_doubtful: bool,
    /// Whether something stands behind the quotes that go-ini drops, now or when
    /// the value has become one line.
    pub(super) is_cut: bool,
    /// Where the next line starts.
    pub(super) next: usize,
}

impl<'s> Reading<'s> {
    fn new(value: impl Into<Cow<'s, str>>, outer: Range<usize>, next: usize) -> Self {
        Self {
            value: value.into(),
            outer,
            quote: "",
            continued: false,
            comment: None,
            is_doubtful: false,
            is_cut: false,
            next,
        }
    }

    /// The value without its quotes.
    pub(super) fn inner(&self) -> Range<usize> {
        self.outer.start + self.quote.len()..self.outer.end - self.quote.len()
    }
}

/// Reads the value that begins behind the delimiter at `start`.
///
/// # Errors
///
/// When a quote is not closed.
pub(super) fn read(text: &str, start: usize) -> Result<Reading<'_>, &'static str> {
    let next = line_end(text, start);
    let line = &text[start..next];
    let at = start + line.len() - line.trim_start().len();
    let line = line.trim_start();
    if line.is_empty() {
        // Where a value could be put: behind the delimiter.
        return Ok(Reading::new("", start..start, next));
    }
    if let Some(quote) = RAW.into_iter().find(|quote| line.starts_with(quote)) {
        // go-ini takes three quotes alone at the end of the file for a value.
        return raw(text, at, next, quote);
    }
    let line = line.trim_end();
    if line.ends_with('\\') {
        return Ok(continued(text, at, line, next));
    }
    let Some(mark) = line.find(MARKS) else {
        return Ok(quoted(line, at, next));
    };
    let before = line[..mark].trim_end();
    let behind = line[mark..].trim_start_matches(MARKS);
    let value_at = if before.is_empty() { start } else { at };
    let mut reading = quoted(before, value_at, next);
    let opens = before.starts_with(['"', '\'']) && reading.quote.is_empty();
    reading.comment = Some(at + mark..at + line.len());
    reading.is_doubtful = match mark {
        0 => !behind.is_empty() && !behind.starts_with([' ', '\t']),
        _ => opens || before.len() == mark,
    };
    Ok(reading)
}

/// Where a file begins: behind a byte order mark.
pub(super) fn start(text: &str) -> usize {
    text.len() - text.strip_prefix('\u{feff}').unwrap_or(text).len()
}

/// The start of the line behind `at`.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |end| at + end + 1)
}

/// A value on one line, which loses one pair of quotes that has none of its kind
/// inside.
fn quoted(line: &str, at: usize, next: usize) -> Reading<'_> {
    let outer = at..at + line.len();
    for quote in ["'", "\""] {
        let inner = line.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        if let Some(inner) = inner.filter(|inner| !inner.contains(quote)) {
            return Reading { quote, ..Reading::new(inner, outer, next) };
        }
    }
    Reading::new(line, outer, next)
}

/// A value up to the last quote of the first line that has one.
fn raw<'s>(
    text: &'s str,
    at: usize,
    next: usize,
    quote: &'static str,
) -> Result<Reading<'s>, &'static str> {
    let first = at + quote.len();
    let (mut line, mut next) = (first, next);
    loop {
        if let Some(length) = text[line..next].rfind(quote) {
            let (end, outer) = (line + length, at..line + length + quote.len());
            let is_cut = !text[outer.end..next].trim().is_empty();
            return Ok(Reading { quote, is_cut, ..Reading::new(&text[first..end], outer, next) });
        }
        if next == text.len() {
            return Err("a quote is opened here and not closed");
        }
        (line, next) = (next, line_end(text, next));
    }
}

/// A value whose lines end with a backslash, but for the last one; an empty line
/// ends it too.
fn continued<'s>(text: &'s str, at: usize, first: &str, next: usize) -> Reading<'s> {
    let mut end = at + first.len();
    let mut value = first[..first.len() - 1].to_owned();
    let mut next = next;
    loop {
        let start = next;
        next = line_end(text, start);
        let line = text[start..next].trim();
        if start < next {
            let lead = text[start..next].len() - text[start..next].trim_start().len();
            end = match line.is_empty() {
                true => start + text[start..next].trim_end_matches(['\r', '\n']).len(),
                false => start + lead + line.len(),
            };
        }
        value.push_str(line);
        if line.is_empty() || !value.ends_with('\\') {
            break;
        }
        value.pop();
    }
    Reading { continued: true, ..Reading::new(value, at..end, next) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> String {
        read(text, 0).unwrap().value.into_owned()
    }

    #[test]
    fn values_are_what_go_ini_reads() {
        let cases = [
            ("", ""),
            (" \t\r\n", ""),
            (" v \r\n", "v"),
            ("\u{a0}v\u{a0}\n", "v"),
            ("'x'", "x"),
            ("\"x y\" \n", "x y"),
            ("'it''s'", "'it''s'"),
            ("\"\"\"\n\"\"\"", "\n"),
            ("''", ""),
            ("a;b", "a"),
            ("\"a#b\"", "\"a"),
            (" ; only", ""),
            ("`a;b`", "a;b"),
            ("`a`b`", "a`b"),
            ("`a\nb` ; c\n", "a\nb"),
            ("\"\"\"a\r\nb\"\"\"\r\n", "a\r\nb"),
            ("one \\\n   two\nx=1\n", "one two"),
            ("one \\\n\nx=1\n", "one "),
            ("one\\", "one"),
            ("\\\n\\\n", ""),
            ("a\\\nb # not a comment\\\n'c'", "ab # not a comment'c'"),
        ];
        for (text, expected) in cases {
            assert_eq!(value(text), expected, "{text:?}");
        }
        assert!(read("`a\nb", 0).is_err());
        assert!(read("\"\"\"a\"\"\n", 0).is_err());
    }

    #[test]
    fn what_may_be_part_of_the_value_is_doubtful() {
        let doubtful = ["pass#word", "\"a;b\"", "' a #", "#hash", "x;"];
        let clear = ["v ; c", "v\t#c", "; c", "'v' ;c", "## c"];
        for text in doubtful {
            assert!(read(text, 0).unwrap().is_doubtful, "{text}");
        }
        for text in clear {
            assert!(!read(text, 0).unwrap().is_doubtful, "{text}");
        }
    }

    #[test]
    fn what_stands_behind_raw_quotes_is_noticed() {
        assert!(read("`v` ; c\n", 0).unwrap().is_cut);
        assert!(read("\"\"\"v\nw\"\"\" # c\n", 0).unwrap().is_cut);
        assert!(!read("`v` \r\n", 0).unwrap().is_cut);
    }
}
