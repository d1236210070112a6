//! The parts of a text that are YAML or JSON.

use std::ops::Range;

use bulla_yaml::{Stream, Style};
use memchr::memmem;

use super::blocks;
use crate::lines::Kind;
use crate::words::{self, Topic, Topics};

/// How far around a word the object that it belongs to is looked for.
const OBJECT_LIMIT: usize = 64 << 10;

/// How many objects in objects are tried.
const OBJECT_DEPTH: usize = 8;

/// How many characters are looked at in that search, in one text.
const STEP_LIMIT: usize = 10_000_000;

/// How many values of one text are held at once: each takes some 270 bytes.
const NODE_LIMIT: usize = 500_000;

/// How many lines of a text are looked at to tell whether it is YAML.
const SNIFFED_LINES: usize = 60;

/// How many places with the kind of a Secret are looked around.
const ISLAND_LIMIT: usize = 1000;

/// A part of a text.
pub(super) struct Part<'p, 's> {
    /// Where it stands.
    pub(super) range: Range<usize>,
    /// As YAML or JSON, when it is that.
    pub(super) stream: Option<&'p Stream<'s>>,
    /// What it is called where it stands.
    pub(super) name: Option<&'p str>,
    /// Whether it is a text of several lines that is nothing known here.
    pub(super) is_text: bool,
}

/// Whether a value is worth being read by itself.
pub(super) fn is_promising(text: &str) -> bool {
    let topics = words::topics(text);
    topics.any(&[Topic::Secret, Topic::KeyFile, Topic::Sops])
}

/// Parses a text: whole; else each of its documents, with templates painted over; else
/// the blocks, the objects and the manifests in it. `false` when there was too much of it.
pub(super) fn each_part(
    text: &str,
    topics: Topics,
    kind: Kind,
    mut take: impl FnMut(Part<'_, '_>),
) -> bool {
    let mut is_whole = true;
    let mut seen: Vec<Range<usize>> = Vec::new();
    let mut readable = Readable { seen: &mut seen, take: &mut take };
    // Programs and pages have colons too.
    let looks_structured = match kind {
        Kind::Settings | Kind::Command => looks_structured(text),
        Kind::Program | Kind::Prose => announces_itself(text),
    };
    if !looks_structured || !readable.whole(text, 0, None) {
        if looks_structured {
            for range in documents(text) {
                let offset = range.start;
                if text.len() > range.len() && readable.whole(&text[range.clone()], offset, None) {
                    continue;
                }
                is_whole &= !is_too_dense(&text[range.clone()]);
                readable.pieces(&text[range], offset, topics);
            }
        } else {
            readable.pieces(text, 0, topics);
        }
    }
    // What a patch adds is what somebody wants to have.
    for file in blocks::added(text) {
        let mut seen = Vec::new();
        let mut readable = Readable { seen: &mut seen, take: &mut take };
        let offset = file.range.start;
        let is_read = self::looks_structured(&file.painted)
            && readable.whole(&file.painted, offset, Some(file.path));
        let content = file.painted.trim();
        if !is_read && !content.contains('\n') {
            // One value, and the name of its file beside it.
            let start = offset + (file.painted.len() - file.painted.trim_start().len());
            let range = start..start + content.len();
            take(Part { range, stream: None, name: Some(file.path), is_text: false });
        }
    }
    // What is commented out is committed too.
    if topics.any(&[Topic::Secret, Topic::KeyFile])
        && let Some(painted) = blocks::comments(text)
        && is_promising(&painted)
    {
        let mut seen = Vec::new();
        let mut readable = Readable { seen: &mut seen, take: &mut take };
        readable.pieces(&painted, 0, topics);
    }
    is_whole
}

/// Whether a text has more values than can be held in memory at once. What separates
/// them is counted: colons, and commas or lines.
pub(crate) fn is_too_dense(text: &str) -> bool {
    // Nobody needs two bytes for a value, and most texts have far fewer.
    if text.len() < NODE_LIMIT {
        return false;
    }
    let bytes = text.as_bytes();
    let count = |byte: u8| memchr::memchr_iter(byte, bytes).count();
    let items = memmem::find_iter(bytes, b"- ").count();
    count(b':') + count(b',').max(count(b'\n')) + items > NODE_LIMIT
}

/// What has been read of a text, and who wants it.
struct Readable<'r, F> {
    seen: &'r mut Vec<Range<usize>>,
    take: &'r mut F,
}

impl<F: FnMut(Part<'_, '_>)> Readable<'_, F> {
    /// Takes a text as YAML, with what is foreign in it painted over if need be.
    fn whole(&mut self, text: &str, offset: usize, name: Option<&str>) -> bool {
        if self.stream(text, offset, name) {
            return true;
        }
        if is_too_dense(text) {
            return false;
        }
        [paint_over_templates, paint_over_comments, paint_over_tabs]
            .iter()
            .filter_map(|paint| paint(text))
            .any(|painted| self.stream(&painted, offset, name))
    }

    fn stream(&mut self, text: &str, offset: usize, name: Option<&str>) -> bool {
        if is_too_dense(text) {
            return false;
        }
        let Ok(stream) = Stream::parse(text) else { return false };
        if !has_structure(&stream) {
            return false;
        }
        let range = offset..offset + text.len();
        self.seen.push(range.clone());
        (self.take)(Part { range, stream: Some(&stream), name, is_text: false });
        true
    }

    /// Takes what is readable in a text that is not.
    fn pieces(&mut self, text: &str, offset: usize, topics: Topics) {
        for block in blocks::find(text) {
            let range = block.range;
            let inner = &text[range.clone()];
            let offset = offset + range.start;
            let is_read = looks_structured(inner)
                && (self.whole(inner, offset, block.name)
                    || documents(inner).fold(false, |any, range| {
                        let whole = range.len() == inner.len();
                        (!whole
                            && self.whole(&inner[range.clone()], offset + range.start, block.name))
                            || any
                    }));
            if !is_read {
                let range = offset..offset + inner.len();
                (self.take)(Part { range, stream: None, name: block.name, is_text: block.is_text });
            }
        }
        if !topics.any(&[Topic::Secret, Topic::KeyFile, Topic::Sops]) {
            return;
        }
        let is_new = |seen: &[Range<usize>], at: usize| {
            !seen.iter().any(|range| range.contains(&(offset + at)))
        };
        let mut steps = STEP_LIMIT;
        for word in key_words(text) {
            if !is_new(self.seen, word) {
                continue;
            }
            objects_around(text.as_bytes(), word, &mut steps).into_iter().rev().any(|object| {
                let start = offset + object.start;
                text.get(object).is_some_and(|inner| self.whole(inner, start, None))
            });
        }
        for kind in kinds(text).take(ISLAND_LIMIT) {
            if is_new(self.seen, kind) {
                let island = island(text, kind);
                self.whole(&text[island.clone()], offset + island.start, None);
            }
        }
    }
}

fn has_structure(stream: &Stream<'_>) -> bool {
    let mut roots = stream.documents().iter().filter_map(|document| document.root);
    roots.any(|root| stream.node(root).scalar().is_none_or(|scalar| scalar.style != Style::Plain))
}

/// Whether a text begins as manifests and JSON do, and little else.
fn announces_itself(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    ["{", "[", "---\n", "apiVersion:", "kind:"].iter().any(|start| text.starts_with(start))
}

/// Whether the first lines of a text could be YAML or JSON: programs are not, and are
/// not parsed to find that out.
pub(super) fn looks_structured(text: &str) -> bool {
    let mut lines =
        text.lines().take(SNIFFED_LINES).map(|line| line.trim_start_matches('\u{feff}').trim());
    let is_skipped = |line: &&str| {
        line.is_empty()
            || line.starts_with(['#', '%'])
            || line.starts_with("{{")
            || line.starts_with("//")
            || *line == "---"
    };
    let Some(line) = lines.find(|line| !is_skipped(line)) else { return false };
    let line = line.strip_prefix("--- ").unwrap_or(line);
    let is_item = line.starts_with("- ");
    let line = line.trim_start_matches("- ");
    if is_item
        || line.starts_with(['{', '[', '"', '\'', '&', '!', '?', '*', '|', '>'])
        || line == "-"
    {
        return true;
    }
    // A key: letters, and what is in the names of things.
    let Some(colon) = line.find(':') else { return false };
    let key = &line[..colon];
    let is_key = |character: char| character.is_alphanumeric() || "_-./$ {}@*".contains(character);
    !key.is_empty()
        && key.chars().all(is_key)
        && key.split(' ').count() <= 4
        && line[colon + 1..].chars().next().is_none_or(|next| next == ' ' || next == '\t')
}

/// The documents of a stream, each from its `---` on.
fn documents(text: &str) -> impl Iterator<Item = Range<usize>> {
    let breaks = memmem::find_iter(text.as_bytes(), b"\n---").map(|at| at + 1);
    let mut starts: Vec<_> = [0].into_iter().chain(breaks).collect();
    starts.push(text.len());
    (1..starts.len()).map(move |index| starts[index - 1]..starts[index])
}

/// The text with its Go templates replaced by as many underscores, which is a
/// placeholder too, and lines of nothing but templates by comments.
fn paint_over_templates(text: &str) -> Option<String> {
    let mut painted = text.to_owned().into_bytes();
    let mut at = 0;
    let mut any = false;
    while let Some(open) = text[at..].find("{{").map(|found| at + found) {
        let Some(close) = text[open..].find("}}").map(|found| open + found + 2) else { break };
        for byte in &mut painted[open..close] {
            if *byte != b'\n' && *byte != b'\r' {
                *byte = b'_';
            }
        }
        at = close;
        any = true;
    }
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        let content = painted[start..end].trim_ascii();
        let only_templates = line.trim_start().starts_with("{{")
            && !content.is_empty()
            && content.iter().all(|&byte| byte == b'_' || byte == b' ');
        if only_templates && let Some(first) = painted[start..end].iter().position(|&b| b == b'_') {
            painted[start + first] = b'#';
        }
        start = end;
    }
    // Bytes were replaced by ASCII, whole characters at a time.
    any.then_some(painted).and_then(|painted| String::from_utf8(painted).ok())
}

/// The text with the comments of JavaScript made blank, as settings in JSON have them.
fn paint_over_comments(text: &str) -> Option<String> {
    if !text.trim_start().starts_with(['{', '[', '/']) {
        return None;
    }
    let mut painted = text.to_owned().into_bytes();
    let mut any = false;
    let mut in_text = false;
    let mut at = 0;
    let bytes = text.as_bytes();
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'\\', _) if in_text => at += 1,
            (b'"', _) => in_text = !in_text,
            (b'/', Some(mark @ (b'/' | b'*'))) if !in_text => {
                let end = match mark {
                    b'/' => memchr::memchr(b'\n', &bytes[at..]).map(|length| at + length),
                    _ => memmem::find(&bytes[at..], b"*/").map(|length| at + length + 2),
                };
                let end = end.unwrap_or(bytes.len());
                for byte in &mut painted[at..end] {
                    if *byte != b'\n' && *byte != b'\r' {
                        *byte = b' ';
                    }
                }
                any = true;
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    any.then_some(painted).and_then(|painted| String::from_utf8(painted).ok())
}

/// The text with blanks for the tabs that its lines begin with.
fn paint_over_tabs(text: &str) -> Option<String> {
    if !text.contains("\n\t") && !text.starts_with('\t') {
        return None;
    }
    let mut painted = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let rest = line.trim_start_matches('\t');
        painted.extend(std::iter::repeat_n(' ', line.len() - rest.len()));
        painted.push_str(rest);
    }
    Some(painted)
}

/// Where the members of key files stand.
fn key_words(text: &str) -> Vec<usize> {
    const KEY_WORDS: [&str; 14] = [
        "priv_key",
        "PrivKey",
        "private_key",
        "PrivateKey",
        "privateShard",
        "eciesKey",
        "rsaKey",
        "secret_share",
        "ciphertext",
        "\"auths\"",
        "\"Issued\"",
        "\"kdf\"",
        "\"Secret\"",
        "privateKey",
    ];
    let find =
        |word: &&str| memmem::find_iter(text.as_bytes(), word.as_bytes()).collect::<Vec<_>>();
    let mut words: Vec<_> = KEY_WORDS.iter().flat_map(find).collect();
    words.sort_unstable();
    words
}

/// The objects that a place is in, the smallest first.
fn objects_around(bytes: &[u8], at: usize, steps: &mut usize) -> Vec<Range<usize>> {
    let mut objects = Vec::new();
    let mut inside = at;
    while objects.len() < OBJECT_DEPTH
        && let Some(start) = object_start(bytes, inside, at, steps)
        && let Some(end) = object_end(bytes, start, steps).filter(|&end| end > at)
    {
        objects.push(start..end);
        inside = start;
    }
    objects
}

/// The brace that opens the object that a place is in.
fn object_start(bytes: &[u8], inside: usize, word: usize, steps: &mut usize) -> Option<usize> {
    let from = word.saturating_sub(OBJECT_LIMIT).min(inside);
    let mut depth = 0;
    for index in memchr::memrchr2_iter(b'{', b'}', &bytes[from..inside]) {
        *steps = steps.checked_sub(1)?;
        match bytes[from + index] {
            b'}' => depth += 1,
            _ if depth == 0 => return Some(from + index),
            _ => depth -= 1,
        }
    }
    None
}

/// Behind the brace that closes it.
fn object_end(bytes: &[u8], start: usize, steps: &mut usize) -> Option<usize> {
    let mut depth = 0;
    let mut in_text = false;
    let mut escaped = false;
    for (index, &byte) in bytes.iter().enumerate().skip(start).take(OBJECT_LIMIT) {
        *steps = steps.checked_sub(1)?;
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => in_text = !in_text,
            b'{' if !in_text => depth += 1,
            b'}' if !in_text => {
                depth -= 1;
                if depth == 0 {
                    return Some(index + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// Where `kind: Secret` stands.
fn kinds(text: &str) -> impl Iterator<Item = usize> + '_ {
    memmem::find_iter(text.as_bytes(), b"kind:").filter(|&at| {
        text[at + 5..].trim_start().trim_start_matches(['"', '\'']).starts_with("Secret")
    })
}

/// The lines around a place that are indented as it is, or deeper.
fn island(text: &str, at: usize) -> Range<usize> {
    let bytes = text.as_bytes();
    let line_start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |at| at + 1);
    let column = at - line_start;
    let belongs = |line: &str| {
        let content = line.trim();
        let indentation = line.len() - line.trim_start().len();
        let is_end = content.starts_with("---") || content.starts_with("```");
        content.is_empty() || (indentation >= column && !is_end && is_yaml_line(content))
    };
    let mut start = line_start;
    while start > 0 {
        let before = memchr::memrchr(b'\n', &bytes[..start - 1]).map_or(0, |at| at + 1);
        let line = &text[before..start];
        if line.trim().is_empty() || !belongs(line) {
            break;
        }
        start = before;
    }
    let mut end = line_start;
    for line in text[line_start..].split_inclusive('\n') {
        let is_first = end == line_start;
        if !is_first && !belongs(line) {
            break;
        }
        end += line.len();
    }
    start..end
}

/// Whether a line can be one of a manifest: an entry, an item, a part of a value.
fn is_yaml_line(line: &str) -> bool {
    if line.starts_with('`') || line.starts_with("\"\"\"") || line.starts_with("'''") {
        return false;
    }
    line.starts_with(['-', '#', '"', '\'', '}', ']', '{'])
        || line.contains(": ")
        || line.ends_with(':')
        || !line.contains(' ')
        || !line.contains(['=', ';', '(', '$'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<(usize, String)> {
        let mut parts = Vec::new();
        each_part(text, words::topics(text), Kind::Settings, |part| {
            if let Some(stream) = part.stream {
                parts.push((part.range.start, stream.text().to_owned()));
            }
        });
        parts
    }

    #[test]
    fn one_broken_document_does_not_hide_the_others() {
        let text = "kind: Secret\n---\na: [\n---\nb: c\n";
        assert_eq!(parts(text), [(0, "kind: Secret\n".to_owned()), (22, "---\nb: c\n".to_owned())]);
    }

    #[test]
    fn templates_are_painted_over_byte_for_byte() {
        let text = "{{- if .Values.on }}\nkind: Secret\nname: {{ .Release.Name }}-x\n{{ end -}}\n";
        let painted = &parts(text)[0].1;
        assert_eq!(painted.len(), text.len());
        assert!(painted.starts_with("#___"), "{painted}");
        assert!(painted.contains("\nname: ___________________-x\n#_"), "{painted}");
        assert_eq!(paint_over_templates("kind: Secret"), None);
        assert_eq!(paint_over_templates("a {{ b"), None);
        assert!(paint_over_templates("{{ ü }}").is_some());
    }

    #[test]
    fn comments_and_tabs_are_painted_over() {
        let text = "{\n  // a \"comment\"\n  \"a\": \"//b\" /* c */\n}";
        let painted = paint_over_comments(text).unwrap();
        assert_eq!(painted.len(), text.len());
        assert_eq!(painted.replace(' ', ""), "{\n\n\"a\":\"//b\"\n}");
        assert_eq!(paint_over_comments("a: b // c"), None);
        assert_eq!(paint_over_tabs("\ta:\n\t\tb: c\n").unwrap(), " a:\n  b: c\n");
    }

    #[test]
    fn objects_are_found_in_other_languages() {
        let text = "x(function() { a({\"priv_key\": {\"type\": 1}, \"id\": \"}\\\"\"}); })";
        assert!(
            parts(text).iter().any(|(_, part)| part == r#"{"priv_key": {"type": 1}, "id": "}\""}"#),
            "{:?}",
            parts(text)
        );
        for text in ["priv_key } {", "{ priv_key"] {
            assert!(objects_around(text.as_bytes(), text.find('p').unwrap(), &mut 1000).is_empty());
        }
    }

    #[test]
    fn manifests_are_found_in_other_languages() {
        let text =
            "func a() {\n  x := `\n  apiVersion: v1\n  kind: Secret\n  data:\n    a: b\n`\n}\n";
        let found = parts(text);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].1.contains("data:\n    a: b"));
    }

    #[test]
    fn programs_do_not_look_structured() {
        for text in [
            "package main\n\nfunc a() {",
            "#!/bin/sh\nset -e\n",
            "import os\n",
            "FROM a:b\n",
            "https://x\n",
            "",
        ] {
            assert!(!looks_structured(text), "{text}");
        }
        for text in [
            "# a\n\na: b\n",
            "{\"a\": 1}",
            "- a\n",
            "---\na:\n  b\n",
            "{{- if a }}\na: b\n",
            "\u{feff}kind: Secret",
        ] {
            assert!(looks_structured(text), "{text}");
        }
    }
}
