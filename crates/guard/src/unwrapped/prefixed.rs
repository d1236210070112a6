//! Lines that all begin with the same sign: comments, quotations.

use super::Piece;
use crate::words::{self, Topic};

/// The signs that a line can begin with.
const SIGNS: [&str; 8] = ["//", "#", "--", ";", ">", "*", "%", "|"];

/// The longest block; prose is longer.
const LONGEST: usize = 64 << 10;

/// Blocks of two lines and more, without their signs.
pub(super) fn find(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut block: Option<(usize, &str, String)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_start();
        let sign = SIGNS.iter().copied().find(|sign| content.starts_with(sign));
        let is_same = block
            .as_ref()
            .is_some_and(|(_, open, inner)| Some(*open) == sign && inner.len() < LONGEST);
        if !is_same {
            pieces.extend(block.take().and_then(|block| piece(text, block)));
        }
        if let Some(sign) = sign {
            let (_, _, inner) = block.get_or_insert_with(|| (at, sign, String::new()));
            let rest = &content[sign.len()..];
            // One blank belongs to the sign.
            inner.push_str(rest.strip_prefix(' ').unwrap_or(rest));
        }
        at += line.len();
    }
    pieces.extend(block.and_then(|block| piece(text, block)));
    pieces
}

fn piece(text: &str, (start, _, inner): (usize, &str, String)) -> Option<Piece> {
    let lines = inner.matches('\n').count();
    // Prose has the names of things in it; a document has what stands under them.
    const TOPICS: [Topic; 3] = [Topic::Secret, Topic::KeyFile, Topic::Armor];
    let is_list = inner.contains("[\n");
    if lines < 2 || !(is_list || words::topics(&inner).any(&TOPICS)) {
        return None;
    }
    let end = text[start..].split_inclusive('\n').take(lines).map(str::len).sum::<usize>();
    let end = if inner.ends_with('\n') { start + end } else { text.len() };
    Some(Piece { range: start..end, text: inner, has_lines: true })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_quotations_are_texts() {
        let text = "a\n  // kind: Secret\n  //   a: b\nc\n> kind: Secret\n> a";
        let found = find(text);
        let texts: Vec<_> = found.iter().map(|piece| piece.text.as_str()).collect();
        assert_eq!(texts, ["kind: Secret\n  a: b\n"]);
        assert_eq!(&text[found[0].range.clone()], "  // kind: Secret\n  //   a: b\n");
    }
}
