//! Documents that nobody meant to write: generated ones with a few changes that
//! matter to YAML.

use fastrand::Rng;

/// Characters that mean something to YAML, or to one of its readers.
const SIGNIFICANT: [char; 34] = [
    ':', '-', '?', '|', '>', '\'', '"', '#', '&', '*', '!', '%', '@', ',', '[', ']', '{', '}', ' ',
    '\t', '\r', '\n', '\u{feff}', '\u{85}', '\u{2028}', '\u{2029}', '\0', '\u{7}', '\u{7f}',
    '\u{a0}', '~', '`', '.', 'é',
];

/// Pieces that open, close or bend a structure.
const PIECES: [&str; 40] = [
    "---\n",
    "...\n",
    "--- # c\n",
    "--- &a !!map\n",
    "---\t\n",
    "\n...",
    "%YAML 1.1\n---\n",
    "%TAG !e! tag:e,2000:\n---\n",
    "# a comment\n",
    " # behind",
    "? ",
    "? k\n: v\n",
    ": ",
    "- ",
    "-\t",
    "- - ",
    "|\n",
    "|2+\n",
    ">-\n",
    "&a ",
    "*a",
    "!!str ",
    "!!int ",
    "!<tag:yaml.org,2002:str> ",
    "! ",
    "!!binary ",
    "<<: *n1\n",
    "sops: x\n",
    "sops:\n    mac: ENC[AES256_GCM,data:,iv:,tag:,type:str]\n",
    "ENC[AES256_GCM,data:x]",
    "\"\\\n ",
    "\\x41\\u2028\\",
    "''",
    "\"\"",
    "{}",
    "[]",
    "{a: b, c}",
    "[a: b, ? c]",
    "\r\n",
    "_unencrypted",
];

/// A text with one to four changes; `other` gives the fragments that are spliced in.
pub fn mutate(rng: &mut Rng, text: &str, other: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..rng.usize(1..5) {
        change(rng, &mut text, other);
    }
    text
}

fn change(rng: &mut Rng, text: &mut String, other: &str) {
    let at = place(rng, text);
    match rng.u8(..20) {
        0..=3 => text.insert(at, SIGNIFICANT[rng.usize(..SIGNIFICANT.len())]),
        4..=5 => {
            if at < text.len() {
                text.remove(at);
            }
        }
        6 => {
            if let Some(character) = text[at..].chars().next() {
                text.insert(at, character);
            }
        }
        7..=9 => text.insert_str(at, PIECES[rng.usize(..PIECES.len())]),
        10..=14 => change_lines(rng, text),
        15 => {
            let (from, to) = two_places(rng, other);
            text.insert_str(at, &other[from..to]);
        }
        16 => {
            let (from, to) = two_places(rng, text);
            text.replace_range(from..to.min(ceil(text, from + 40)), "");
        }
        17 => {
            text.truncate(text.trim_end_matches(['\n', '\r', ' ']).len());
            let ends =
                ["", "\n", "\n\n", "\n\n\n", "\r", "\r\n", " ", "\n ", "\n\t", "\n#", "\n..."];
            text.push_str(ends[rng.usize(..ends.len())]);
        }
        18 => {
            let open = ["[", "{a: ", "- ", "? ", "\n "];
            let open = open[rng.usize(..open.len())].repeat(rng.usize(1..1100));
            text.insert_str(at, &open);
        }
        _ => text.insert(0, '\u{feff}'),
    }
}

/// Doubles, drops, swaps, or moves in or out a line, or ends it otherwise.
fn change_lines(rng: &mut Rng, text: &mut String) {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    if lines.is_empty() {
        return;
    }
    let (at, to) = (rng.usize(..lines.len()), rng.usize(..lines.len()));
    match rng.u8(..6) {
        0 => lines.insert(to, lines[at].clone()),
        1 => drop(lines.remove(at)),
        2 => lines.swap(at, to),
        3 => lines[at].insert_str(0, &" ".repeat(rng.usize(1..4))),
        4 => {
            let blanks = lines[at].len() - lines[at].trim_start_matches(' ').len();
            if blanks > 0 {
                lines[at].replace_range(..rng.usize(1..=blanks), "");
            }
        }
        _ => {
            let line = lines[at].trim_end_matches(['\r', '\n']).len();
            lines[at].truncate(line);
            lines[at].push_str(["\r\n", "\r", "\u{2028}", "\n\n"][rng.usize(..4)]);
        }
    }
    *text = lines.concat();
}

/// An offset between two characters.
fn place(rng: &mut Rng, text: &str) -> usize {
    ceil(text, rng.usize(..=text.len()))
}

fn two_places(rng: &mut Rng, text: &str) -> (usize, usize) {
    let (one, other) = (place(rng, text), place(rng, text));
    (one.min(other), one.max(other))
}

fn ceil(text: &str, at: usize) -> usize {
    (at..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len())
}
