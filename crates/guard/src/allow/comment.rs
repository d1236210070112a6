//! `# bulla:allow REASON`: a comment that lets pass what is on its line.

use memchr::memmem;

use crate::finding::Finding;

const WORD: &str = "bulla:allow";

/// What a comment begins with. The first ones are signs in other places as well, so a
/// blank has to stand before them.
const AFTER_BLANK: [&str; 3] = ["#", ";", "--"];
const ANYWHERE: [&str; 3] = ["//", "/*", "<!--"];

/// What a comment may end with.
const ENDS: [&str; 2] = ["*/", "-->"];

/// A comment that allows something.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Comment<'t> {
    /// From 1.
    pub(super) line: usize,
    /// The whole line.
    pub(super) text: &'t str,
    /// Empty when there is none; then it allows nothing.
    pub(super) reason: &'t str,
    /// Whether it is for the line below, too: it has its own line to itself, or stands
    /// behind the head of a block scalar, where the block itself has no comments.
    is_above: bool,
}

impl Comment<'_> {
    pub(super) fn covers(&self, finding: &Finding) -> bool {
        (finding.line..=finding.end_line).contains(&self.line)
            || self.is_above && self.line + 1 == finding.line
    }
}

/// All of them in a text.
pub(super) fn all(text: &str) -> Vec<Comment<'_>> {
    if memmem::find(text.as_bytes(), WORD.as_bytes()).is_none() {
        return Vec::new();
    }
    let lines = (1..).zip(text.split('\n'));
    lines.filter_map(|(number, line)| comment(number, line)).collect()
}

fn comment(line: usize, text: &str) -> Option<Comment<'_>> {
    let (before, behind) = text.split_once(WORD)?;
    let before = before.trim_end();
    let before = ANYWHERE.iter().find_map(|sign| before.strip_suffix(sign)).or_else(|| {
        let before = AFTER_BLANK.iter().find_map(|sign| before.strip_suffix(sign))?;
        let is_sign = before.is_empty() || before.ends_with(char::is_whitespace);
        is_sign.then_some(before)
    })?;
    // `bulla:allowed` is another word.
    if behind.starts_with(|next: char| next.is_alphanumeric() || next == '-' || next == '_') {
        return None;
    }
    let reason = behind.trim_start_matches(':').trim();
    let reason = ENDS.iter().find_map(|end| reason.strip_suffix(end)).unwrap_or(reason).trim();
    let is_above = before.trim().is_empty() || is_head(before);
    Some(Comment { line, text, reason, is_above })
}

/// Whether a line begins a block scalar: `key: |-`.
fn is_head(line: &str) -> bool {
    let line = line.trim_end().trim_end_matches(|sign: char| "+-0123456789".contains(sign));
    let key = line.strip_suffix(['|', '>']).map(str::trim_end);
    key.is_some_and(|key| key.ends_with([':', '-']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(line: &str) -> Option<(&str, bool)> {
        comment(1, line).map(|comment| (comment.reason, comment.is_above))
    }

    #[test]
    fn comments_of_many_languages() {
        for line in [
            "password: hunter2 # bulla:allow a test",
            "A=b\t#bulla:allow a test\r",
            "x = \"y\" // bulla:allow a test",
            "x = \"y\" /* bulla:allow a test */",
            "| a | <!-- bulla:allow a test -->",
            "a = b ; bulla:allow: a test",
            "select 'x'; -- bulla:allow a test",
        ] {
            assert_eq!(reason(line), Some(("a test", false)), "{line}");
        }
        assert_eq!(reason("  # bulla:allow a test"), Some(("a test", true)));
        assert_eq!(reason("key: |- # bulla:allow a test"), Some(("a test", true)));
        assert_eq!(reason("a: b # bulla:allow"), Some(("", false)));
        assert_eq!(reason("a: b <!-- bulla:allow -->"), Some(("", false)));
    }

    #[test]
    fn what_is_none() {
        for line in [
            "password: hunter2#bulla:allow a test",
            "password: bulla:allow a test",
            "a: b # bulla:allowed a test",
            "a: b # bulla: allow a test",
        ] {
            assert_eq!(reason(line), None, "{line}");
        }
    }
}
