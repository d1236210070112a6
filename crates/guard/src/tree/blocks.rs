//! Documents that stand in texts of other languages: between the marks of shells,
//! Terraform, Markdown and Python, or in comments.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

mod diff;
mod hosts;

pub(super) use diff::added;

/// How many blocks of one text are looked at.
const BLOCK_LIMIT: usize = 10_000;

/// The longest word that ends a heredoc.
const LONGEST_WORD: usize = 40;

/// The longest line that a string of several lines begins on.
const LONGEST_LINE: usize = 2000;

/// How many bytes are looked at for ends of blocks, in one text: some never end.
const STEP_LIMIT: usize = 64 << 20;

/// A part of a text that is a text of its own.
pub(super) struct Block<'t> {
    pub(super) range: Range<usize>,
    /// What the file is called that it goes to, or the name that it is given.
    pub(super) name: Option<&'t str>,
    /// Whether its marks hold nothing but texts of several lines: what begins behind a
    /// simple quote may be a program.
    pub(super) is_text: bool,
}

/// Whether a text may have blocks, though it has no word in it that is waited for.
pub(super) fn may_have(text: &str) -> bool {
    static MARKS: LazyLock<AhoCorasick> = LazyLock::new(|| {
        let marks =
            ["<<", "```", "~~~", "echo ", "printf ", "@'", "''", "[CDATA[", ".. code", "\n+++ "];
        // Far more of them would be too many.
        AhoCorasick::new(marks).expect("some ten short marks fit")
    });
    MARKS.is_match(text)
}

/// Which of the signs that blocks begin with are in a line.
#[derive(Clone, Copy)]
struct Signs(u8);

impl Signs {
    const LESS: u8 = 1;
    const OUTPUT: u8 = 2;
    const FENCE: u8 = 4;
    const QUOTE: u8 = 8;
    const ASSIGNED: u8 = 16;
    /// What long strings of Lua and Jsonnet begin with, twice or three times.
    const LONG: u8 = 32;

    const OF: [u8; 256] = {
        let mut of = [0; 256];
        of[b'<' as usize] = Self::LESS;
        of[b'>' as usize] = Self::OUTPUT;
        of[b'|' as usize] = Self::OUTPUT | Self::LONG;
        of[b'[' as usize] = Self::LONG;
        of[b'`' as usize] = Self::FENCE | Self::QUOTE;
        of[b'~' as usize] = Self::FENCE;
        of[b'\'' as usize] = Self::QUOTE;
        of[b'"' as usize] = Self::QUOTE;
        of[b'=' as usize] = Self::ASSIGNED;
        of[b':' as usize] = Self::ASSIGNED;
        of
    };

    fn of(line: &str) -> Self {
        Self(line.bytes().fold(0, |signs, byte| signs | Self::OF[usize::from(byte)]))
    }

    fn any(self, signs: u8) -> bool {
        self.0 & signs != 0
    }
}

/// Heredocs, fences and strings, in order and side by side.
pub(super) fn find(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut lines = Lines { text, at: 0 };
    let mut last_line = "";
    let mut last_file = None;
    let mut steps = STEP_LIMIT;
    while let Some((start, line)) = lines.next() {
        if blocks.len() >= BLOCK_LIMIT {
            break;
        }
        let end = start + line.len();
        // Most lines begin nothing, and one look at their characters shows it.
        let signs = Signs::of(line);
        if signs.any(Signs::ASSIGNED)
            && let Some(file) = file_named(line)
        {
            last_file = Some((start, file));
        }
        if signs.any(Signs::LESS)
            && let Some(word) = heredoc(line)
        {
            let range = lines.until(|line| {
                // PHP goes on behind it: `EOF);`
                let rest = line.trim().strip_prefix(word);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([';', ')', ',']))
            });
            let near = last_file.filter(|(at, _)| start - at < NEAR).map(|(_, file)| file);
            let name = name_in(line).filter(|name| !CONTENT_NAMES.contains(name)).or(near);
            blocks.push(Block { range, name, is_text: true });
        } else if signs.any(Signs::OUTPUT)
            && let Some((range, name)) = written(line)
        {
            blocks.push(Block {
                range: start + range.start..start + range.end,
                name: Some(name),
                is_text: false,
            });
        } else if signs.any(Signs::FENCE)
            && let Some(fence) = fence(line)
        {
            let range = lines.until(|line| {
                let line = quote_free(line).trim();
                line.starts_with(fence)
                    && line.trim_start_matches(fence.chars().next().unwrap_or('`')).is_empty()
            });
            blocks.push(Block { range, name: name_in(last_line), is_text: true });
        } else if (signs.any(Signs::LESS | Signs::QUOTE) || hosts::may_delimit(line))
            && let Some(host) = hosts::begins(line, last_line, &text[lines.at..], &mut steps)
        {
            let body = start + host.inside.unwrap_or(line.len() + 1);
            let range = body.min(text.len())..lines.at + host.length;
            lines.at = range.end;
            blocks.push(Block { range, name: host.name, is_text: true });
        } else if signs.any(Signs::QUOTE | Signs::LONG)
            && let Some((mark, at)) = long_string(line)
        {
            // A backslash joins lines: the text begins on the next one.
            let joined = if line[at..].trim_end() == "\\" { line.len() - at } else { 0 };
            let body = (start + at + joined).min(text.len());
            let rest = &text[body..];
            let close = rest.find(mark).map_or(text.len(), |length| body + length);
            if close > end {
                blocks.push(Block {
                    range: body..close,
                    name: name_in(line),
                    is_text: mark.len() > 1 || mark == "`",
                });
                lines.at = close + mark.len();
            }
        }
        // `[source,json]` stands between a block and what is said about it.
        if !line.trim().is_empty() && !hosts::is_attribute(line) {
            last_line = line;
        }
    }
    blocks
}

/// Names that say that something is the content of a file, and not of which.
const CONTENT_NAMES: [&str; 6] = ["content", "contents", "data", "inline", "text", "value"];

/// How far above a block the name of its file stands, in bytes.
const NEAR: usize = 400;

/// `destination = "local/jwt.hex"`, `path: /etc/jwt.hex`
fn file_named(line: &str) -> Option<&str> {
    let (name, value) = line.split_once(['=', ':'])?;
    let is_file = ["destination", "dest", "path", "filename", "file", "target", "file_name"];
    if !is_file.contains(&name.trim().trim_matches(['"', '\'', '-', ' '])) {
        return None;
    }
    let value = value.trim().trim_end_matches([',', ';']).trim_matches(['"', '\'']);
    (!value.is_empty() && !value.contains(char::is_whitespace)).then_some(value)
}

/// What a command writes into a file: `echo '…' > FILE`, `printf %s … | tee FILE`.
fn written(line: &str) -> Option<(Range<usize>, &str)> {
    let command = ["echo ", "printf "]
        .iter()
        .filter_map(|command| Some(line.find(command)? + command.len()))
        .min()?;
    let rest = &line[command..];
    let arrow = rest
        .rfind('>')
        .filter(|&at| !rest[at..].contains(['\'', '"']) || rest[..at].ends_with(' '));
    let target = arrow.map(|at| {
        rest[at + 1..].trim_start().split([' ', ';', '&', '|']).next().unwrap_or_default()
    });
    let tee = rest.rfind("| tee ").or_else(|| rest.rfind("| sudo tee ")).map(|at| {
        rest[at..]
            .split_whitespace()
            .skip_while(|word| *word != "tee")
            .skip(1)
            .find(|word| !word.starts_with('-'))
            .unwrap_or_default()
    });
    let name = tee.or(target)?.trim_matches(['"', '\'']);
    // The last argument before the sign.
    let end = rest.rfind("| tee ").or_else(|| rest.rfind("| sudo tee ")).or(arrow)?;
    let before = rest[..end].split(" | ").next().unwrap_or_default().trim_end();
    let (start, stop) = match before.bytes().last()? {
        quote @ (b'\'' | b'"') => {
            let open = before.find(char::from(quote))?;
            (open + 1, before.len() - 1)
        }
        _ => (before.rfind(' ').map_or(0, |at| at + 1), before.len()),
    };
    (start < stop && !name.is_empty()).then(|| (command + start..command + stop, name))
}

/// The text with everything that is no comment made blank, and the signs of comments
/// too: as long as the text, byte for byte. `None` when there is no longer comment.
pub(super) fn comments(text: &str) -> Option<String> {
    let mut painted = Vec::with_capacity(text.len());
    let mut count = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_start();
        let sign = ["#", "//", "--", ";"].iter().find(|sign| content.starts_with(**sign));
        let break_length = line.len() - line.trim_end_matches(['\n', '\r']).len();
        match sign {
            Some(sign) => {
                count += 1;
                let indentation = line.len() - content.len();
                let rest = &content[sign.len()..];
                painted.extend(std::iter::repeat_n(b' ', indentation + sign.len()));
                painted.extend(rest.as_bytes());
            }
            None => {
                painted.extend(std::iter::repeat_n(b' ', line.len() - break_length));
                painted.extend(&line.as_bytes()[line.len() - break_length..]);
            }
        }
    }
    // Whole lines were kept or replaced.
    (count >= 2).then(|| String::from_utf8(painted).ok()).flatten()
}

struct Lines<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lines<'t> {
    /// The next line, without its line break, and where it begins.
    fn next(&mut self) -> Option<(usize, &'t str)> {
        let start = self.at;
        let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        let length = memchr::memchr(b'\n', rest.as_bytes()).map_or(rest.len(), |at| at + 1);
        self.at = start + length;
        Some((start, rest[..length].trim_end_matches(['\n', '\r'])))
    }

    /// The lines up to one that ends them, which is passed over.
    fn until(&mut self, is_end: impl Fn(&str) -> bool) -> Range<usize> {
        let start = self.at;
        while let Some((at, line)) = self.next() {
            if is_end(line) {
                return start..at;
            }
        }
        start..self.text.len()
    }
}

/// The word that ends the heredoc that a line begins: `<<EOF`, `<<-'EOF'`, `<<~EOT`, and
/// PHP's `<<<'EOF'` at the end of a line.
fn heredoc(line: &str) -> Option<&str> {
    let at = line.find("<<")?;
    let is_php = line[at..].starts_with("<<<");
    let rest = line[at + 2 + usize::from(is_php)..].trim_start_matches(['-', '~']).trim_start();
    let rest = rest.trim_start_matches(['"', '\'', '\\']);
    let length =
        rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let word = &rest[..length];
    // `<<` shifts bits, and `<<<` is a string.
    let is_word = word.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && length <= LONGEST_WORD
        && (!is_php || (rest[length..].trim_matches(['\'', '"']).is_empty() && is_upper(word)));
    is_word.then_some(word)
}

fn is_upper(word: &str) -> bool {
    !word.contains(|letter: char| letter.is_ascii_lowercase())
}

/// The mark of a Markdown fence.
fn fence(line: &str) -> Option<&str> {
    let line = quote_free(line).trim_start();
    let mark = ["```", "~~~"].iter().find(|mark| line.starts_with(**mark))?;
    let length = line.len() - line.trim_start_matches(mark.chars().next()?).len();
    // One that is closed on its own line is no fence.
    (!line[length..].contains(mark)).then(|| &line[..length])
}

/// A line without the signs of a quotation.
fn quote_free(line: &str) -> &str {
    line.trim_start_matches(['>', ' '])
}

/// The mark that ends the string that is open at the end of a line, and where it begins.
fn long_string(line: &str) -> Option<(&'static str, usize)> {
    // Nobody has written such a line: of a packed program all is one.
    if line.len() > LONGEST_LINE {
        return None;
    }
    // `r#"…"#`, `[[…]]`, `|||…|||`
    for (open, close) in [("r#\"", "\"#"), ("[[", "]]"), ("|||", "|||")] {
        let begins = |at: &usize| {
            let rest = &line[at + open.len()..];
            let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            // Lists of lists begin like this, too.
            let is_text = rest.is_empty()
                || rest.starts_with(['{', '-', '#', '['])
                || (word > 0 && rest[word..].starts_with(": "))
                || rest[word..].trim_end() == ":";
            !rest.contains(close) && (is_text || open != "[[")
        };
        if let Some(at) = line.rfind(open).filter(begins) {
            return Some((close, at + open.len()));
        }
    }
    for mark in ["\"\"\"", "'''", "`"] {
        let count = line.matches(mark).count();
        let Some(at) = line.rfind(mark).filter(|_| count % 2 == 1) else { continue };
        // In prose one may be missing; in programs something stands before it.
        let before = line[..at].trim_end();
        let opens = mark != "`"
            || before.ends_with(['=', '(', ':', ',', '[', '{', '+'])
            || before.ends_with("return");
        if opens {
            return Some((mark, at + mark.len()));
        }
    }
    // A string of a shell: `echo '{`, `KEY='`.
    for mark in ["'", "\""] {
        let trimmed = line.trim_end();
        let opens = trimmed.ends_with(&format!("{mark}{{"))
            || trimmed.ends_with(&format!("{mark}["))
            || trimmed.ends_with(&format!("={mark}"))
            || trimmed.ends_with(&format!(" {mark}"));
        if opens && trimmed.matches(mark).count() % 2 == 1 {
            return trimmed.rfind(mark).map(|at| (mark, at + 1));
        }
    }
    None
}

/// The name of a file, or of a value, in the line that begins a block.
fn name_in(line: &str) -> Option<&str> {
    // `cat > /etc/jwt.hex <<EOF`, `tee /etc/jwt.hex <<EOF`
    let target = line
        .rfind('>')
        .and_then(|at| line[at + 1..].split_whitespace().find(|word| !word.starts_with('<')));
    let tee = line
        .split_once("tee ")
        .and_then(|(_, rest)| rest.split_whitespace().find(|word| !word.starts_with(['-', '<'])));
    // `"jwt.hex" = <<EOT`, `content = <<EOT`
    let assigned = line.split_once(['=', ':']).map(|(name, _)| name.trim());
    // In prose: `keys/jwt.hex`:
    let ticked = line.split('`').skip(1).find(|part| !part.is_empty());
    let ticked = ticked.filter(|_| line.matches('`').count() > 1);
    [ticked, tee, target, hosts::quoted_file(line), assigned]
        .into_iter()
        .flatten()
        .map(|name| {
            name.rsplit(' ').next().unwrap_or(name).trim_matches(['"', '\'', '`', '*', ' '])
        })
        .find(|name| {
            !name.is_empty() && !name.contains(char::is_whitespace) && !name.contains(['$', '('])
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(text: &str) -> Vec<(&str, Option<&str>)> {
        find(text).into_iter().map(|block| (&text[block.range], block.name)).collect()
    }

    #[test]
    fn heredocs_fences_and_strings() {
        assert_eq!(blocks("cat > a/b.json <<'EOF'\n{}\nEOF\nx\n"), [("{}\n", Some("a/b.json"))]);
        assert_eq!(
            blocks("cat <<-EOF | sudo tee /k.hex\n\ta\n\tEOF\n"),
            [("\ta\n", Some("/k.hex"))]
        );
        assert_eq!(blocks("  \"k.hex\" = <<-EOT\n  a\n  EOT\n"), [("  a\n", Some("k.hex"))]);
        assert_eq!(blocks("In `k.hex`:\n\n```yaml\na: b\n```\n"), [("a: b\n", Some("k.hex"))]);
        assert_eq!(blocks("~~~~\na\n~~~\n~~~~\n"), [("a\n~~~\n", None)]);
        assert_eq!(blocks("KEY = \"\"\"\na\n\"\"\"\nb"), [("\na\n", Some("KEY"))]);
        assert_eq!(blocks("echo '{\n  \"a\": 1}' > x\n"), [("{\n  \"a\": 1}", None)]);
        assert_eq!(blocks("cat <<EOF\nnever closed"), [("never closed", None)]);
        assert_eq!(blocks("echo 'a b' > /k.hex\n"), [("a b", Some("/k.hex"))]);
        assert_eq!(
            blocks("RUN mkdir x && echo abc | base64 -d > x/k.hex"),
            [("abc", Some("x/k.hex"))]
        );
        assert_eq!(blocks("printf '%s' \"abc\" | sudo tee /k"), [("abc", Some("/k"))]);
        assert_eq!(
            blocks("destination = \"l/k.hex\"\ndata = <<EOH\na\nEOH\n"),
            [("a\n", Some("l/k.hex"))]
        );
        assert_eq!(blocks("const m = `a: b\nc: d\n`\n"), [("a: b\nc: d\n", Some("m"))]);
    }

    #[test]
    fn what_is_none() {
        for text in ["a << 2\n", "cat <<< word\n", "```a```\n", "x = \"\"\"a\"\"\"\n", ""] {
            assert_eq!(blocks(text), [], "{text}");
        }
    }

    #[test]
    fn comments_are_texts() {
        let text = "a: b\n# kind: Secret\n#   data: {}\nc: d # e\n";
        let painted = comments(text).unwrap();
        assert_eq!(painted.len(), text.len());
        assert_eq!(painted.trim(), "kind: Secret\n    data: {}");
        assert_eq!(comments("a: b\n"), None);
    }
}
