//! Texts that are hidden in base64, wherever it stands.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::ed25519::runs;
use crate::judge::{Found, Search};

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

/// What stands in the base64 of a text.
pub(crate) fn find(text: &str, search: &mut Search) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, run) in runs(text.as_bytes()) {
        let Some(decoded) = decode_text(run) else { continue };
        for inner in search.inner(&decoded).unwrap_or_default() {
            found.push(wrapped(inner, at));
        }
    }
    found
}

/// What was found inside of something that begins at `at`.
pub(crate) fn wrapped(inner: Found, at: usize) -> Found {
    let why = match inner.why.ends_with(IN_BASE64) {
        true => inner.why,
        false => inner.why + IN_BASE64,
    };
    Found { at, value: None, why, ..inner }
}

const IN_BASE64: &str = ", in base64";

/// The bytes that base64 stands for; blanks in it are passed over.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let compact: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    LENIENT.decode(compact).ok()
}

/// The text that a run of base64 characters stands for.
pub(crate) fn decode_text(run: &[u8]) -> Option<String> {
    // Most runs are no text; their beginning shows it.
    let head = &run[..run.len().min(SNIFFED) / 4 * 4];
    let head = LENIENT.decode(head).ok()?;
    if head.iter().any(|&byte| is_odd(byte)) {
        return None;
    }
    let bytes = LENIENT.decode(run).ok()?;
    String::from_utf8(bytes).ok()
}

/// Whether a byte is rare in a text.
fn is_odd(byte: u8) -> bool {
    byte < b' ' && !matches!(byte, b'\n' | b'\r' | b'\t') || byte == 0x7f
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

    #[test]
    fn only_texts_are_texts() {
        assert_eq!(decode_text(b"aHVudGVyMg==").unwrap(), "hunter2");
        assert_eq!(decode_text(b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), None);
        assert_eq!(decode_text(b"/////w=="), None);
    }
}
