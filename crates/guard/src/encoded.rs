//! What is hidden in base64 or hexadecimal, wherever it stands: texts, compressed
//! texts, keys.

use std::borrow::Cow;
use std::io::Read;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use flate2::read::MultiGzDecoder;

use crate::found::Found;
use crate::judge::{FINDING_LIMIT, Search};
use crate::{der_key, ed25519};

/// Standard base64, its padding there or not, bits behind its end or not: a sloppy
/// encoder hides nothing.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// How many characters tell whether a run is the base64 of a text.
const SNIFFED: usize = 64;

/// Shorter runs hold nothing that is looked for.
const SHORTEST_RUN: usize = 40;

/// Encoders break their lines behind as many characters.
const LINES: std::ops::RangeInclusive<usize> = 48..=100;

/// The longest indentation of a broken line.
const LONGEST_INDENTATION: usize = 64;

/// How many bytes are unpacked of one compressed text: a chart with all of its schemas has some
/// MiB, and what unpacks for ever must end.
const UNPACKED_LIMIT: usize = 16 << 20;

const TOO_PACKED: &str = "more is compressed in it than is looked at: 16 MiB of one text, 64 MiB in all; \
                          unpack it, and see what is in it with bulla guard FOLDER";

/// The beginning of a JSON object, in hexadecimal.
const HEX_OBJECT: &[u8] = b"7b22";

/// What the runs of a text stand for.
pub(crate) fn find(text: &[u8], search: &mut Search) -> Vec<Found> {
    let mut found = Vec::new();
    for run in Runs::new(text) {
        if found.len() >= FINDING_LIMIT {
            break;
        }
        // In lock files, and as long as a key pair.
        if text[..run.start].ends_with(b"sha512-") {
            continue;
        }
        found.extend(run_holds(&run, search));
    }
    found
}

fn run_holds(run: &Run<'_>, search: &mut Search) -> Vec<Found> {
    let span = run.start..run.end;
    if ed25519::is_run(&run.characters) {
        return vec![ed25519::found(span)];
    }
    let inner = |found: Vec<Found>| found.into_iter().map(|inner| wrapped(inner, &span)).collect();
    if run.characters.starts_with(HEX_OBJECT)
        && let Some(text) =
            hex::decode(&*run.characters).ok().and_then(|b| String::from_utf8(b).ok())
    {
        return inner(search.inner(&text, &[]).unwrap_or_default());
    }
    match Content::of(&run.characters) {
        Some(Content::Text(text)) => inner(search.inner(&text, &[]).unwrap_or_default()),
        Some(Content::Packed(bytes)) => inner(packed(&bytes, &[], search).unwrap_or_default()),
        Some(Content::Der(bytes)) => {
            let found = der_key::what(&bytes).map(|(rule, confidence, why)| {
                Found::new(span.clone(), rule, confidence, &format!("{why}{IN_BASE64}"))
            });
            found.into_iter().collect()
        }
        None => Vec::new(),
    }
}

/// What was found inside of something.
pub(crate) fn wrapped(inner: Found, span: &std::ops::Range<usize>) -> Found {
    let why = match inner.why.ends_with(IN_BASE64) {
        true => inner.why,
        false => inner.why + IN_BASE64,
    };
    Found { span: span.clone(), value: None, why, ..inner }
}

const IN_BASE64: &str = ", in base64";

/// The bytes that base64 stands for, standard or for addresses; blanks in it are
/// passed over.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let compact: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            byte => byte,
        })
        .collect();
    LENIENT.decode(compact).ok()
}

/// What base64 stands for, as far as it is looked at.
enum Content {
    Text(String),
    Packed(Vec<u8>),
    Der(Vec<u8>),
}

impl Content {
    fn of(run: &[u8]) -> Option<Self> {
        // Most runs are no text; their beginning shows it.
        let head = LENIENT.decode(&run[..run.len().min(SNIFFED) / 4 * 4]).ok()?;
        let is_packed = head.starts_with(&[0x1f, 0x8b]);
        let is_der = head.starts_with(&[0x30]) || head.starts_with(&[0xfe, 0xed, 0xfe, 0xed]);
        let is_text = !head.iter().any(|&byte| is_odd(byte));
        if !(is_packed || is_der || is_text) {
            return None;
        }
        let bytes = LENIENT.decode(run).ok()?;
        if is_packed {
            return Some(Self::Packed(bytes));
        }
        if is_der && !is_text || der_key::what(&bytes).is_some() {
            return Some(Self::Der(bytes));
        }
        String::from_utf8(bytes).ok().map(Self::Text)
    }
}

/// What is in something compressed, as far as it is looked at. `None` if there is no text, or
/// it is too deep.
pub(crate) fn packed(bytes: &[u8], names: &[&str], search: &mut Search) -> Option<Vec<Found>> {
    let limit = UNPACKED_LIMIT.min(search.left());
    let mut unpacked = Vec::new();
    // One byte more shows that there is more. What is damaged is looked at as far as it goes.
    let _ = MultiGzDecoder::new(bytes).take(limit as u64 + 1).read_to_end(&mut unpacked);
    if unpacked.len() > limit {
        search.pass_over(TOO_PACKED);
        unpacked.truncate(limit);
    }
    let text = String::from_utf8_lossy(&unpacked);
    if text.is_empty() {
        return None;
    }
    let found = search.inner(&text, names);
    if found.is_none() {
        // Unpacking has its price, whether or not it is looked at.
        search.spend(unpacked.len());
    }
    found
}

/// Whether a byte is rare in a text.
fn is_odd(byte: u8) -> bool {
    byte < b' ' && !matches!(byte, b'\n' | b'\r' | b'\t') || byte == 0x7f
}

/// Characters that base64 and hexadecimal are made of, on one line or on several.
pub(crate) struct Run<'t> {
    pub(crate) start: usize,
    pub(crate) end: usize,
    characters: Cow<'t, [u8]>,
}

/// The runs of a text.
pub(crate) struct Runs<'t> {
    text: &'t [u8],
    at: usize,
}

const ALPHABET: [bool; 256] = {
    let mut alphabet = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        alphabet[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    alphabet[b'+' as usize] = true;
    alphabet[b'/' as usize] = true;
    alphabet[b'=' as usize] = true;
    alphabet
};

fn is_part(byte: u8) -> bool {
    ALPHABET[usize::from(byte)]
}

impl<'t> Runs<'t> {
    pub(crate) fn new(text: &'t [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// How many characters of a run stand here.
    fn length(&self, at: usize) -> usize {
        let rest = &self.text[at..];
        rest.iter().position(|&byte| !is_part(byte)).unwrap_or(rest.len())
    }

    /// Where the next line's characters begin, when there is nothing else before them.
    fn next_line(&self, end: usize) -> Option<usize> {
        let rest = &self.text[end..self.text.len().min(end + LONGEST_INDENTATION)];
        let blanks = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let breaks = rest[..blanks].iter().filter(|&&byte| byte == b'\n').count();
        (breaks == 1).then_some(end + blanks)
    }
}

impl<'t> Iterator for Runs<'t> {
    type Item = Run<'t>;

    fn next(&mut self) -> Option<Run<'t>> {
        while self.at < self.text.len() {
            // A run covers one of every so many bytes: most text is skipped.
            let probe = self.at + SHORTEST_RUN - 1;
            if probe >= self.text.len() {
                return None;
            }
            let back = self.text[self.at..=probe].iter().rposition(|&byte| !is_part(byte));
            if let Some(back) = back {
                self.at += back + 1;
                continue;
            }
            let start = self.at;
            let length = self.length(start);
            let mut end = start + length;
            self.at = end;
            let line = &self.text[start..end];
            let mut characters = Cow::Borrowed(line);
            if LINES.contains(&length) && !self.text[..start].trim_ascii_end().ends_with(b"-----") {
                while let Some(next) = self.next_line(end) {
                    let more = self.length(next);
                    let is_last = more < length;
                    if more == 0 || more > length || (is_last && !self.ends_line(next + more)) {
                        break;
                    }
                    characters.to_mut().extend(&self.text[next..next + more]);
                    end = next + more;
                    if is_last {
                        break;
                    }
                }
                self.at = end;
            } else if self.text[..start].trim_ascii_end().ends_with(b"-----") {
                // Armor is looked at by those who know it.
                continue;
            }
            return Some(without_name(start, end, characters));
        }
        None
    }
}

impl Runs<'_> {
    fn ends_line(&self, at: usize) -> bool {
        self.text.get(at).is_none_or(|byte| byte.is_ascii_whitespace() || b"\"'`\\".contains(byte))
    }
}

/// `KEY=abc` is a name and a value.
fn without_name(start: usize, end: usize, characters: Cow<'_, [u8]>) -> Run<'_> {
    let padding = characters.iter().rev().take_while(|&&byte| byte == b'=').count();
    let body = &characters[..characters.len() - padding];
    let name = body.iter().rposition(|&byte| byte == b'=').map_or(0, |at| at + 1);
    let characters = match characters {
        Cow::Borrowed(characters) => Cow::Borrowed(&characters[name..]),
        Cow::Owned(characters) => Cow::Owned(characters[name..].to_vec()),
    };
    Run { start: start + name, end, characters }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sloppy_base64_is_base64() {
        for text in ["aHVudGVyMg==", "aHVudGVyMg", "aHVu\n  dGVyMg==\n", "aHVudGVyMh=="] {
            assert_eq!(decode(text).unwrap(), b"hunter2", "{text}");
        }
        assert_eq!(decode("not base64!"), None);
    }

    fn is_text(run: &[u8]) -> bool {
        matches!(Content::of(run), Some(Content::Text(_)))
    }

    #[test]
    fn only_texts_are_texts() {
        assert!(is_text(b"aHVudGVyMg=="));
        assert!(!is_text(b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
        assert!(!is_text(b"/////w=="));
    }

    #[test]
    fn runs_go_over_lines() {
        let long = "abcDEF123+/".repeat(20);
        let runs = |text: &str| -> Vec<(usize, usize, String)> {
            Runs::new(text.as_bytes())
                .map(|run| {
                    (run.start, run.end, String::from_utf8(run.characters.into_owned()).unwrap())
                })
                .collect()
        };
        let lines: Vec<_> =
            long.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let text = format!("a: |\n  {}\nb: c\n", lines.join("\n  "));
        assert_eq!(runs(&text), [(7, text.len() - 6, long.clone())]);
        assert_eq!(runs(&format!("KEY={long}")), [(4, 224, long.clone())]);
        assert_eq!(runs(&format!("-----BEGIN X-----\n{}\n", &long[..64])), []);
        assert_eq!(runs(&"abc ".repeat(100)), []);
        assert_eq!(runs(&long[..39]), []);
        assert_eq!(runs(&format!("{} {}", &long[..40], &long[..41])).len(), 2);
    }
}
