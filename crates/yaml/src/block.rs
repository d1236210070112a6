//! Where a block scalar's header and body stand.
//!
//! The parser's span begins at the first content character, in the column of the
//! block's indentation, and runs through trailing blank lines into the next
//! line's indentation. An edit needs the header, and the body without what
//! follows its last content line.

use crate::span::Span;

/// The bytes of a block scalar.
pub(crate) struct Block {
    /// `|`, `>` and the indicators behind it.
    pub(crate) header: Span,
    /// From the header line's line break to the end of the last content line.
    pub(crate) body: Option<Span>,
    /// Where structure goes on.
    pub(crate) end: usize,
}

/// Finds a block scalar whose header stands behind `from` and whose content the
/// parser placed at `content`, indented by `column` columns.
pub(crate) fn locate(text: &str, from: usize, content: Span, column: usize) -> Option<Block> {
    let start = find_header(text.as_bytes(), from, content.start as usize)?;
    let indicators = text.as_bytes()[start + 1..]
        .iter()
        .take_while(|byte| matches!(byte, b'+' | b'-' | b'0'..=b'9'))
        .count();
    let header = Span::new(start, start + 1 + indicators);
    let line_break = line_end(text.as_bytes(), start);
    let body = last_content_line(text.as_bytes(), line_break, content, column)
        .map(|end| Span::new(line_break, end));
    let end = body.map_or(line_break, |body| body.end as usize);
    Some(Block { header, body, end })
}

/// The next `|` or `>` that is not inside a comment.
///
/// Between two tokens stand only blanks, line breaks, indicators, comments and a
/// `...` in the first column.
fn find_header(bytes: &[u8], from: usize, content: usize) -> Option<usize> {
    let mut at = from;
    // With an empty body, the parser's span is the header itself or behind it.
    while at < bytes.len() && at <= content.max(from) {
        match bytes[at] {
            b'|' | b'>' => return Some(at),
            b'#' => at = line_end(bytes, at),
            b' ' | b'\t' | b'\r' | b'\n' | b':' | b'-' | b'?' | b',' | b'.' => at += 1,
            // A byte order mark.
            0xef | 0xbb | 0xbf => at += 1,
            _ => return None,
        }
    }
    None
}

/// The end of the last line that is longer than the indentation.
fn last_content_line(
    bytes: &[u8],
    line_break: usize,
    content: Span,
    column: usize,
) -> Option<usize> {
    if content.is_empty() {
        return None;
    }
    let (from, to) = (content.start as usize, content.end as usize);
    let mut last = None;
    let mut start = after_break(bytes, line_break);
    while start < bytes.len() && start < to {
        let end = line_end(bytes, start);
        if to < end {
            // The span ends inside this line: in the indentation of what follows.
            break;
        }
        if end > from && end - start > column {
            last = Some(end);
        }
        start = after_break(bytes, end);
    }
    last
}

/// The offset of the line break, or of the end of input, that ends the line.
pub(crate) fn line_end(bytes: &[u8], at: usize) -> usize {
    memchr::memchr2(b'\n', b'\r', &bytes[at..]).map_or(bytes.len(), |found| at + found)
}

/// The offset behind the line break at `at`.
pub(crate) fn after_break(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(b'\r') if bytes.get(at + 1) == Some(&b'\n') => at + 2,
        Some(_) => at + 1,
        None => at,
    }
}
