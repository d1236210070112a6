//! The names of git's objects.

use std::fmt;

/// The longest name, that of SHA-256, in bytes.
const LONG: usize = 32;

/// The name of a blob, a tree or a commit: 20 bytes, or 32 in repositories that are made for it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Oid {
    bytes: [u8; LONG],
    length: u8,
}

impl Oid {
    /// As git prints it; `None` for anything else, abbreviations too.
    pub(crate) fn parse(hex: &[u8]) -> Option<Self> {
        let length = hex.len() / 2;
        let mut bytes = [0; LONG];
        let place = bytes.get_mut(..length).filter(|_| matches!(length, 20 | LONG))?;
        hex::decode_to_slice(hex, place).ok()?;
        Some(Self { bytes, length: length as u8 })
    }

    /// As it is in a tree; `None` when there are not 20 or 32 bytes.
    pub(crate) fn of_bytes(raw: &[u8]) -> Option<Self> {
        let mut bytes = [0; LONG];
        bytes.get_mut(..raw.len()).filter(|_| matches!(raw.len(), 20 | LONG))?.copy_from_slice(raw);
        Some(Self { bytes, length: raw.len() as u8 })
    }

    /// How many bytes it has.
    pub(crate) fn size(&self) -> usize {
        self.length.into()
    }

    /// Whether it is all zeros: what git has for a ref that is not there.
    pub(crate) fn is_none(&self) -> bool {
        self.bytes.iter().all(|&byte| byte == 0)
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.bytes[..self.size()]))
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_both_lengths_are_read_and_written() {
        for hex in ["e69de29bb2d1d6434b8b29ae775ad8c2e48c5391".to_owned(), "ab".repeat(32)] {
            let oid = Oid::parse(hex.as_bytes()).unwrap();
            assert_eq!((oid.to_string(), oid.is_none()), (hex, false));
            assert_eq!(Oid::of_bytes(&oid.bytes[..oid.size()]), Some(oid));
        }
        assert!(Oid::parse("0".repeat(40).as_bytes()).unwrap().is_none());
        for hex in ["", "e69de29", "HEAD", &"g".repeat(40), &"a".repeat(39), &"a".repeat(100)] {
            assert_eq!(Oid::parse(hex.as_bytes()), None, "{hex}");
        }
    }
}
