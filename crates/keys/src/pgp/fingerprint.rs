//! Fingerprints, which come from files and become arguments of gpg.

/// A fingerprint or a long key ID: hexadecimal digits, so that no option and no name is
/// one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint {
    text: String,
}

impl Fingerprint {
    /// Reads a fingerprint: 40 digits (version 4), 64 (version 5 and later), or the 16
    /// of a long key ID. Short key IDs are refused, as anybody can make a key with one
    /// of his choice.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text: String = text.split_whitespace().collect();
        let digits = text.strip_suffix('!').unwrap_or(&text);
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        (is_hex && matches!(digits.len(), 16 | 40 | 64)).then_some(Self { text })
    }

    /// As gpg takes it: with the `!` that means this very subkey.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// The digits alone.
    pub(super) fn digits(&self) -> &str {
        self.text.trim_end_matches('!')
    }

    /// Whether this very subkey is meant, and no other of the same key.
    pub(super) fn is_exact(&self) -> bool {
        self.text.ends_with('!')
    }

    /// What sops gives to `--trusted-key`: the last 16 digits, and the `!`.
    pub(super) fn short(&self) -> &str {
        let length = 16 + usize::from(self.is_exact());
        // All of it is ASCII and at least this long.
        &self.text[self.text.len() - length..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGITS: &str = "89288B17786B6E6D44D645B0574AEC773E7E5077";

    #[test]
    fn the_mark_of_a_subkey_stays() {
        let key = Fingerprint::parse(DIGITS).unwrap();
        assert_eq!((key.as_str(), key.short(), key.is_exact()), (DIGITS, &DIGITS[24..], false));
        let exact = Fingerprint::parse(&format!("{DIGITS}!")).unwrap();
        assert_eq!((exact.digits(), exact.short()), (DIGITS, "574AEC773E7E5077!"));
        assert!(exact.is_exact() && exact.as_str().ends_with('!'));
        let id = Fingerprint::parse(&DIGITS[24..]).unwrap();
        assert_eq!(id.short(), id.as_str());
        let blanks = "8928 8B17 786B 6E6D 44D6  45B0 574A EC77 3E7E 5077";
        assert_eq!(Fingerprint::parse(blanks), Some(key));
    }

    #[test]
    fn what_gpg_would_take_for_something_else_is_refused() {
        let option = format!("--{}", &DIGITS[2..]);
        let twice = format!("{DIGITS}!!");
        let prefixed = format!("0x{}", &DIGITS[2..]);
        for text in ["", "!", "3E7E5077", "alice@example.com", &option, &twice, &prefixed, "=Alice"]
        {
            assert!(Fingerprint::parse(text).is_none(), "{text}");
        }
    }
}
