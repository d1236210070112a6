//! From bytes to text.

use std::borrow::Cow;

/// How much of a file is looked at to tell whether it is text.
const SNIFFED: usize = 8000;

/// A file's content.
pub(crate) enum Text<'b> {
    /// Text in UTF-8, converted if it was not; what is invalid is replaced.
    Whole(Cow<'b, str>),
    /// Text that would have to be converted, and is too large for that.
    TooLarge(&'b [u8]),
    /// Anything else.
    Binary(&'b [u8]),
}

/// Beyond this many bytes a text is not converted: of one byte may become three.
const CONVERTED_LIMIT: usize = 16 << 20;

/// Tells text from other bytes. UTF-16 is text too, with its mark or without: what
/// an editor on Windows wrote hides from those who look for bytes.
pub(crate) fn read(bytes: &[u8]) -> Text<'_> {
    if let Some(rest) = bytes.strip_prefix(&[0xff, 0xfe]) {
        return utf16(rest, u16::from_le_bytes);
    }
    if let Some(rest) = bytes.strip_prefix(&[0xfe, 0xff]) {
        return utf16(rest, u16::from_be_bytes);
    }
    let head = &bytes[..bytes.len().min(SNIFFED)];
    if !head.contains(&0) {
        // Much quicker when nothing has to be replaced.
        return match str::from_utf8(bytes) {
            Ok(text) => Text::Whole(Cow::Borrowed(text)),
            Err(_) if bytes.len() > CONVERTED_LIMIT => Text::TooLarge(bytes),
            Err(_) => Text::Whole(String::from_utf8_lossy(bytes)),
        };
    }
    // Mostly ASCII, so that every other byte is nought.
    let noughts = |odd: usize| head.iter().skip(odd).step_by(2).filter(|&&byte| byte == 0).count();
    let half = head.len() / 2;
    match (noughts(0), noughts(1)) {
        (even, odd) if half > 4 && odd * 10 > half * 8 && even * 10 < half => {
            utf16(bytes, u16::from_le_bytes)
        }
        (even, odd) if half > 4 && even * 10 > half * 8 && odd * 10 < half => {
            utf16(bytes, u16::from_be_bytes)
        }
        _ => Text::Binary(bytes),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Text<'_> {
    if bytes.len() > CONVERTED_LIMIT {
        return Text::TooLarge(bytes);
    }
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let text = char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER));
    Text::Whole(text.collect::<String>().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> Option<String> {
        match read(bytes) {
            Text::Whole(text) => Some(text.into_owned()),
            Text::TooLarge(_) | Text::Binary(_) => None,
        }
    }

    #[test]
    fn large_texts_are_not_converted() {
        let is_too_large = |bytes: &[u8]| matches!(read(bytes), Text::TooLarge(_));
        let mut large = vec![b'a'; CONVERTED_LIMIT + 1];
        assert!(!is_too_large(&large));
        large[CONVERTED_LIMIT] = 0xff;
        assert!(is_too_large(&large));
        assert!(!is_too_large(&large[1..]));
        large.splice(..1, [0xff, 0xfe, b'a', 0]);
        assert!(is_too_large(&large));
    }

    #[test]
    fn text_is_text_in_every_encoding() {
        let le: Vec<u8> = "kind: Secret".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = "kind: Secret".encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [
            b"kind: Secret".to_vec(),
            le.clone(),
            be.clone(),
            [&[0xff, 0xfe][..], &le].concat(),
            [&[0xfe, 0xff][..], &be].concat(),
        ] {
            assert_eq!(text(&bytes).unwrap(), "kind: Secret");
        }
        assert_eq!(text(b"caf\xe9").unwrap(), "caf\u{fffd}");
        assert_eq!(text(b"").unwrap(), "");
    }

    #[test]
    fn other_bytes_are_not() {
        assert_eq!(text(&[0; 100]), None);
        assert_eq!(text(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0"), None);
    }
}
