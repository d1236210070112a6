//! Scalars written so that they read back as the same text.

use std::fmt::Write;

/// A block scalar in two parts: what stands where the value begins, and what
/// follows the line that it stands on.
#[derive(Clone, PartialEq, Eq)]
pub struct Layout {
    /// `|` and its indicators.
    pub header: String,
    /// Line breaks and indented lines, from the header line's line break up to the
    /// last line without its own.
    pub body: String,
}

/// The text as it is, when it may stand without quotes.
///
/// Cautious: some texts that would be fine are refused. Whether the text then
/// resolves to a string is the caller's question to [`crate::resolve`].
pub fn plain(text: &str, in_flow: bool) -> Option<&str> {
    let bytes = text.as_bytes();
    let first = *bytes.first()?;
    let last = *bytes.last()?;
    let starts_badly = b"-?:,[]{}#&*!|>'\"%@`= \t<".contains(&first)
        || text.starts_with("...")
        || !is_printable_line(text);
    if starts_badly || matches!(last, b' ' | b'\t' | b':') {
        return None;
    }
    let inside = bytes.windows(2).any(|pair| {
        matches!(pair, [b':', b' ' | b'\t'] | [b' ' | b'\t', b'#']) || pair[0] == b'\t'
    });
    if inside || (in_flow && bytes.iter().any(|byte| b",[]{}:".contains(byte))) {
        return None;
    }
    Some(text)
}

/// The text in single quotes, when it is one printable line.
pub fn single_quoted(text: &str) -> Option<String> {
    if !is_printable_line(text) {
        return None;
    }
    let mut out = String::with_capacity(text.len() + text.matches('\'').count() + 2);
    let mut before = "'";
    for piece in text.split('\'') {
        out.push_str(before);
        out.push_str(piece);
        before = "''";
    }
    out.push('\'');
    Some(out)
}

/// The text in double quotes, on one line; any text can be written so.
pub fn double_quoted(text: &str) -> String {
    // The common case in one pass over the bytes.
    let is_bare = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    let escaped = text.bytes().filter(|byte| !is_bare(byte)).count();
    let mut out = String::with_capacity(text.len() + escaped + 2);
    out.push('"');
    if escaped == 0 {
        out.push_str(text);
        out.push('"');
        return out;
    }
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0' => out.push_str("\\0"),
            character if is_printable(character) => out.push(character),
            // Writing to a String cannot fail.
            character => {
                let code = u32::from(character);
                let _ = match code {
                    0..=0xff => write!(out, "\\x{code:02x}"),
                    0x100..=0xffff => write!(out, "\\u{code:04x}"),
                    _ => write!(out, "\\U{code:08x}"),
                };
            }
        }
    }
    out.push('"');
    out
}

/// The text as a literal block scalar.
///
/// `indent` is the column of the content, `base` the column of the collection it
/// stands in, `line_break` the file's own. `None` when a literal block cannot hold
/// the text or would not be clean.
pub fn literal(text: &str, indent: usize, base: usize, line_break: &str) -> Option<Layout> {
    let content = text.trim_end_matches('\n');
    if content.is_empty() || !content.split('\n').all(is_printable_line) {
        return None;
    }
    let first = content.split('\n').next()?;
    if content.split('\n').any(|line| line.starts_with('\t') || is_blank(line)) {
        return None;
    }
    let mut header = String::from("|");
    if first.is_empty() || first.starts_with(' ') {
        let indicator = indent.checked_sub(base).filter(|by| (1..=9).contains(by))?;
        // Writing to a String cannot fail.
        let _ = write!(header, "{indicator}");
    }
    match text.len() - content.len() {
        0 => header.push('-'),
        1 => {}
        _ => header.push('+'),
    }
    let lines = text.strip_suffix('\n').unwrap_or(text);
    Some(Layout { header, body: literal_body(lines, indent, line_break) })
}

/// The lines of a literal block scalar, each behind its line break; empty lines
/// are not indented.
pub fn literal_body(lines: &str, indent: usize, line_break: &str) -> String {
    let breaks = memchr::memchr_iter(b'\n', lines.as_bytes()).count() + 1;
    let mut body = String::with_capacity(lines.len() + breaks * (indent + line_break.len()));
    for line in lines.split('\n') {
        body.push_str(line_break);
        if !line.is_empty() {
            body.extend(std::iter::repeat_n(' ', indent));
            body.push_str(line);
        }
    }
    body
}

fn is_blank(line: &str) -> bool {
    !line.is_empty() && line.bytes().all(|byte| byte == b' ')
}

fn is_printable_line(text: &str) -> bool {
    // The common case in one pass over the bytes.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t')) {
        return true;
    }
    text.chars().all(|character| character == '\t' || is_printable(character))
}

/// What YAML lets stand unescaped, without the characters that some readers take
/// for line breaks or drop.
fn is_printable(character: char) -> bool {
    matches!(character,
        ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}'
        | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}
