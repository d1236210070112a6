//! Sections, keys and comments, as go-ini reads them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use super::value::{self, MARKS, Reading};

/// The section of keys that stand before the first header.
pub(crate) const DEFAULT: &str = "DEFAULT";
/// What parts a key from its value.
const DELIMITERS: [char; 2] = ['=', ':'];

/// A file of sections.
#[derive(Clone)]
pub(super) struct File<'s> {
    pub(super) sections: Vec<Section<'s>>,
    /// Comments that go-ini drops, because nothing follows but the `sops` block or the
    /// end of the file; with the number of the section that they stand in.
    pub(super) trailing: Vec<(usize, Group)>,
}

/// A section: a header and what follows it. The first one has no header.
#[derive(Clone, Default)]
pub(super) struct Section<'s> {
    pub(super) name: Cow<'s, str>,
    pub(super) header: Option<Range<usize>>,
    /// The comments above its header and behind it.
    pub(super) comments: Group,
    pub(super) entries: Vec<Entry<'s>>,
    /// Where the line after its last entry starts.
    pub(super) end: usize,
}

/// A key and its value.
#[derive(Clone)]
pub(super) struct Entry<'s> {
    pub(super) key: Cow<'s, str>,
    /// Where the key stands.
    pub(super) at: usize,
    pub(super) value: Reading<'s>,
    /// The comments above it and behind its value.
    pub(super) comments: Group,
    /// Which entry of the section had this key before: go-ini takes this value, in the
    /// other's place.
    pub(super) again: Option<usize>,
}

/// Comments that go-ini takes for one.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    /// Those on lines of their own, from the first mark to the end of the last one; between
    /// them are nothing but empty lines.
    pub(super) above: Option<Range<usize>>,
    /// The one behind a header or a value.
    pub(super) behind: Option<Range<usize>>,
}

impl Group {
    /// All comments of it, from their marks to the ends of their lines.
    pub(super) fn iter(&self, text: &str) -> impl Iterator<Item = Range<usize>> {
        self.lines(text).chain(self.behind.clone())
    }

    /// Those on lines of their own.
    pub(super) fn lines(&self, text: &str) -> impl Iterator<Item = Range<usize>> {
        let Range { start: mut next, end } = self.above.clone().unwrap_or_default();
        let line = move || {
            (next < end).then(|| {
                let line = next..value::line_end(text, next).min(end);
                next = line.end;
                let whole = text[line.clone()].trim_start();
                let start = line.end - whole.len();
                start..start + whole.trim_end().len()
            })
        };
        std::iter::from_fn(line).filter(|line| !line.is_empty())
    }
}

/// Reads a file; `block` is the name of the section with metadata.
///
/// # Errors
///
/// With the place and the reason.
pub(super) fn read<'s>(text: &'s str, block: &str) -> Result<File<'s>, (usize, &'static str)> {
    let mut sections = vec![Section { name: DEFAULT.into(), ..Section::default() }];
    let mut trailing = Vec::new();
    let mut last = 0;
    let mut comments = Group::default();
    let mut seen = HashMap::new();
    let mut next = value::start(text);
    while next < text.len() {
        let end = value::line_end(text, next);
        let whole = text[next..end].trim_start();
        let at = end - whole.len();
        next = end;
        let line = whole.trim_end();
        if line.is_empty() {
            continue;
        }
        if line.starts_with(MARKS) {
            let start = comments.above.map_or(at, |above| above.start);
            comments.above = Some(start..at + line.len());
            continue;
        }
        if line.starts_with('[') {
            let close = line.rfind(']').ok_or((at, "this section has no closing bracket"))?;
            let name = &line[1..close];
            if name.is_empty() {
                return Err((at, "this section has no name"));
            }
            let mark = line[close..].find(MARKS);
            comments.behind = mark.map(|mark| at + close + mark..at + line.len());
            let mut comments = std::mem::take(&mut comments);
            if name == block {
                trailing.push((last, Group { above: comments.above.take(), behind: None }));
            } else {
                last = sections.len();
            }
            sections.push(Section {
                name: name.into(),
                header: Some(at..at + close + 1),
                comments,
                entries: Vec::new(),
                end,
            });
            seen.clear();
            continue;
        }
        let (key, offset) = key_name(whole).map_err(|reason| (at, reason))?;
        let value = value::read(text, at + offset).map_err(|reason| (at, reason))?;
        next = value.next;
        comments.behind = value.comment.clone();
        let comments = std::mem::take(&mut comments);
        // There is always the section without a header.
        let Some(section) = sections.last_mut() else { break };
        section.end = next;
        let again = seen.get(&key).copied();
        if again.is_none() {
            seen.insert(key.clone(), section.entries.len());
        }
        section.entries.push(Entry { key, at, value, comments, again });
    }
    trailing.push((last, comments));
    for section in &mut sections {
        section.entries.shrink_to_fit();
    }
    Ok(File { sections, trailing })
}

/// The name of a key, and where its value begins.
pub(super) fn key_name(line: &str) -> Result<(Cow<'_, str>, usize), &'static str> {
    const NO_DELIMITER: &str = "there is no `=` or `:`; write key = value, or ; for a comment";
    let quote = match line.as_bytes() {
        [b'"', b'"', b'"', ..] if line.len() > 6 => "\"\"\"",
        [b'"', ..] => "\"",
        [b'`', ..] => "`",
        _ => "",
    };
    let (name, behind) = if quote.is_empty() {
        let end = line.find(DELIMITERS).ok_or(NO_DELIMITER)?;
        (&line[..end], end)
    } else {
        let rest = &line[quote.len()..];
        let end = rest.find(quote).ok_or("the quote around this key is not closed")?;
        let behind = 2 * quote.len() + end;
        (&rest[..end], behind + line[behind..].find(DELIMITERS).ok_or(NO_DELIMITER)?)
    };
    match name.trim() {
        "" => Err("this key has no name"),
        name => Ok((name.into(), behind + 1)),
    }
}

/// What sops reads of comments that go-ini takes for one: the marks before the first
/// go. If nothing is left of the first, that goes too: sops panics when it writes an
/// empty line of a comment.
pub(super) fn comment_text<'c>(comments: impl Iterator<Item = &'c str>) -> String {
    let mut joined = String::new();
    for comment in comments {
        if !joined.is_empty() {
            joined.push('\n');
        }
        joined.push_str(comment);
    }
    without_marks(&joined).trim_start_matches('\n').to_owned()
}

/// A comment without what sops takes off its beginning.
pub(super) fn without_marks(comment: &str) -> &str {
    match comment.chars().next() {
        Some(mark) if MARKS.contains(&mark) => comment.trim_start_matches([mark, ' ']),
        _ => comment,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_what_go_ini_reads() {
        let cases = [
            ("k = v", "k", 3),
            ("a b:c=d", "a b", 4),
            ("\"a=b\" = c", "a=b", 7),
            ("`a\"b`:c", "a\"b", 6),
            ("\"\"\"a`b\"\"\" x = c", "a`b", 13),
            ("\"\"\"=", "", 0),
            ("=v", "", 0),
            ("v", "", 0),
            ("`v = 1", "", 0),
        ];
        for (line, name, behind) in cases {
            match key_name(line) {
                Ok(found) => assert_eq!(found, (name.into(), behind), "{line}"),
                Err(_) => assert_eq!(name, "", "{line}"),
            }
        }
    }

    #[test]
    fn comments_belong_to_what_follows_them() {
        let text = "; top\n\n# two\n[a] ; b\n;c\nk = v ;d\n; end\n";
        let file = read(text, "sops").unwrap();
        let shown = |group: &Group| comment_text(group.iter(text).map(|at| &text[at]));
        assert_eq!(shown(&file.sections[1].comments), "top\n# two\n; b");
        assert_eq!(shown(&file.sections[1].entries[0].comments), "c\n;d");
        assert_eq!((file.trailing[0].0, shown(&file.trailing[0].1)), (1, "end".to_owned()));
    }
}
