//! The parts of a text that are YAML or JSON.

use std::ops::Range;

use bulla_yaml::{Stream, Style};
use memchr::memmem;

/// How far around a word the object that it belongs to is looked for.
const OBJECT_LIMIT: usize = 16 << 10;

/// How many characters are looked at in that search, in one text.
const STEP_LIMIT: usize = 10_000_000;

/// Words without which the structure of a text shows nothing that its bytes do not.
const KEY_WORDS: [&str; 3] = ["priv_key", "PrivKey", "private_key"];

/// Whether a text is worth more than one attempt to parse it.
pub(super) fn is_promising(text: &str) -> bool {
    let has = |word: &str| memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    KEY_WORDS.iter().any(|word| has(word)) || (has("Secret") && has("kind")) || has("sops")
}

/// Parses a text: whole; else each of its documents, with templates painted over;
/// else the JSON objects in it that may be keys. Each stream comes with the offset
/// that it begins at.
pub(super) fn each_stream(text: &str, mut take: impl FnMut(&Stream<'_>, usize)) {
    match Stream::parse(text) {
        Ok(stream) if has_structure(&stream) => return take(&stream, 0),
        _ if !is_promising(text) => return,
        // Prose and programs are YAML too: one long scalar.
        Ok(_) => return take_objects(text, 0, &mut take),
        Err(_) => {}
    }
    for range in documents(text) {
        let offset = range.start;
        let part = &text[range];
        let painted;
        if let Ok(stream) = Stream::parse(part) {
            take(&stream, offset);
        } else if let Some(text) = paint_over_templates(part)
            && let Ok(stream) = {
                painted = text;
                Stream::parse(&painted)
            }
        {
            take(&stream, offset);
        } else {
            take_objects(part, offset, &mut take);
        }
    }
}

fn has_structure(stream: &Stream<'_>) -> bool {
    let mut roots = stream.documents().iter().filter_map(|document| document.root);
    roots.any(|root| stream.node(root).scalar().is_none_or(|scalar| scalar.style != Style::Plain))
}

fn take_objects(text: &str, offset: usize, take: &mut impl FnMut(&Stream<'_>, usize)) {
    for range in objects(text) {
        let offset = offset + range.start;
        if let Ok(stream) = Stream::parse(&text[range]) {
            take(&stream, offset);
        }
    }
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

/// JSON objects around the words that keys have.
fn objects(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut objects: Vec<Range<usize>> = Vec::new();
    let mut words: Vec<_> =
        KEY_WORDS.iter().flat_map(|word| memmem::find_iter(bytes, word.as_bytes())).collect();
    words.sort_unstable();
    let mut steps = STEP_LIMIT;
    for word in words {
        if objects.last().is_some_and(|last| word < last.end) {
            continue;
        }
        if let Some(start) = object_start(bytes, word, &mut steps)
            && let Some(end) = object_end(bytes, start, &mut steps)
        {
            objects.push(start..end);
        }
    }
    objects
}

/// The brace that opens the object that a place is in.
fn object_start(bytes: &[u8], at: usize, steps: &mut usize) -> Option<usize> {
    let from = at.saturating_sub(OBJECT_LIMIT);
    let mut depth = 0;
    for index in memchr::memrchr2_iter(b'{', b'}', &bytes[from..at]) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<(usize, String)> {
        let mut parts = Vec::new();
        each_stream(text, |stream, offset| parts.push((offset, stream.text().to_owned())));
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
    fn objects_are_found_in_other_languages() {
        let text = "cat <<EOF > {x}\n: [ {\"priv_key\": {\"type\": 1}, \"id\": \"}\\\"\"} ]\nEOF {";
        let texts: Vec<_> = objects(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(texts, [r#"{"priv_key": {"type": 1}, "id": "}\""}"#]);
        assert!(objects("priv_key } {").is_empty());
        assert!(objects("{ priv_key").is_empty());
    }
}
