//! The text of a sealed value: `ENC[AES256_GCM,data:…,iv:…,tag:…,type:…]`.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::PAD;

use crate::value::ValueType;

/// How every sealed value begins; what has this in it and is not one is damaged, or
/// left over.
pub const SEALED_MARK: &str = "ENC[AES256_GCM,";

const DATA: &str = "data:";

/// The fastest that this machine has: of a large file, base64 would take as long as the
/// cipher.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
static BASE64: LazyLock<base64::engine::Simd> =
    LazyLock::new(|| base64::engine::Simd::standard(PAD));
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
static BASE64: LazyLock<base64::engine::GeneralPurpose> =
    LazyLock::new(|| base64::engine::GeneralPurpose::new(&base64::alphabet::STANDARD, PAD));

/// The length of an authentication tag, in bytes.
pub const TAG_LENGTH: usize = 16;

/// A sealed value, taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SealedValue {
    /// The ciphertext; as long as the plaintext.
    pub data: Vec<u8>,
    /// The nonce. sops writes 32 bytes and reads any number.
    pub iv: Vec<u8>,
    /// The authentication tag.
    pub tag: [u8; TAG_LENGTH],
    /// What the plaintext is.
    pub kind: ValueType,
}

/// Why a text is not a sealed value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealedValueError {
    /// It does not begin as one.
    #[error("is not sealed")]
    NotSealed,
    /// It begins as one and then does not go on as one: cut off, text behind the
    /// bracket, no base64, a tag that is not 16 bytes.
    #[error("is sealed, but its text is damaged")]
    Damaged,
    /// A type that is none.
    #[error("is sealed with an unknown type")]
    UnknownType,
}

impl SealedValue {
    /// Whether a text claims to be a sealed value.
    pub fn looks_like_one(text: &str) -> bool {
        text.starts_with(SEALED_MARK)
    }

    /// Takes a text apart; stricter than sops, which accepts text behind the
    /// bracket, short tags and unknown types.
    ///
    /// # Errors
    ///
    /// When it is not exactly a sealed value.
    pub fn parse(text: &str) -> Result<Self, SealedValueError> {
        if !Self::looks_like_one(text) {
            return Err(SealedValueError::NotSealed);
        }
        let damaged = SealedValueError::Damaged;
        let inner = text.strip_prefix(SEALED_MARK).and_then(|rest| rest.strip_prefix(DATA));
        let inner = inner.and_then(|rest| rest.strip_suffix(']')).ok_or(damaged)?;
        // Neither base64 nor a type has a comma in it.
        let mut fields = inner.split(',');
        let mut field = |name: &str| fields.next()?.strip_prefix(name);
        let data = field("").ok_or(damaged)?;
        let iv = field("iv:").ok_or(damaged)?;
        let tag = field("tag:").ok_or(damaged)?;
        let kind = field("type:").ok_or(damaged)?;
        if fields.next().is_some() {
            return Err(damaged);
        }
        let decode = |text: &str| BASE64.decode(text).map_err(|_| damaged);
        let value = Self {
            data: decode(data)?,
            iv: decode(iv)?,
            tag: decode(tag)?.try_into().map_err(|_| damaged)?,
            kind: ValueType::from_name(kind).ok_or(SealedValueError::UnknownType)?,
        };
        if value.iv.is_empty() {
            return Err(damaged);
        }
        Ok(value)
    }

    /// The text.
    pub fn print(&self) -> String {
        let mut text = String::new();
        print(&self.data, &self.iv, &self.tag, self.kind, &mut text);
        text
    }
}

/// How long the text of a sealed value is at most: of any type.
pub(crate) fn length(data: usize, iv: usize) -> usize {
    let base64 = |bytes: usize| bytes.div_ceil(3) * 4;
    let names = SEALED_MARK.len() + DATA.len() + ",iv:,tag:,type:comment]".len();
    names + base64(data) + base64(iv) + base64(TAG_LENGTH)
}

/// Writes the text of a sealed value behind what is there.
pub(crate) fn print(data: &[u8], iv: &[u8], tag: &[u8], kind: ValueType, text: &mut String) {
    text.reserve(length(data.len(), iv.len()));
    begin(text);
    print_data(data, text);
    end(iv, tag, kind, text);
}

/// Writes what stands before the data.
pub(crate) fn begin(text: &mut String) {
    text.push_str(SEALED_MARK);
    text.push_str(DATA);
}

/// Writes data; of data in pieces, each but the last is a multiple of 3 bytes.
pub(crate) fn print_data(data: &[u8], text: &mut String) {
    BASE64.encode_string(data, text);
}

/// Whether a text is read as this data; `room` has as many bytes, which are overwritten.
pub(crate) fn reads_as(text: &str, data: &[u8], room: &mut [u8]) -> bool {
    let read = BASE64.decode_slice(text, room);
    read.is_ok_and(|length| room[..length] == *data)
}

/// Writes what stands behind the data.
pub(crate) fn end(iv: &[u8], tag: &[u8], kind: ValueType, text: &mut String) {
    text.push_str(",iv:");
    BASE64.encode_string(iv, text);
    text.push_str(",tag:");
    BASE64.encode_string(tag, text);
    text.push_str(",type:");
    text.push_str(kind.name());
    text.push(']');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> SealedValue {
        SealedValue {
            data: b"four".to_vec(),
            iv: vec![7; 32],
            tag: [9; TAG_LENGTH],
            kind: ValueType::Str,
        }
    }

    #[test]
    fn what_is_printed_is_parsed() {
        assert_eq!(SealedValue::parse(&example().print()), Ok(example()));
    }

    #[test]
    fn anything_else_is_refused() {
        let good = example().print();
        let cases = [
            (good[..good.len() - 1].to_owned(), SealedValueError::Damaged),
            (format!("{good} "), SealedValueError::Damaged),
            (format!(" {good}"), SealedValueError::NotSealed),
            (format!("{good}]"), SealedValueError::UnknownType),
            (good.replace("type:str", "type:string"), SealedValueError::UnknownType),
            (good.replace("tag:", "tag:AAAA"), SealedValueError::Damaged),
            (good.replace("iv:", "iv:*"), SealedValueError::Damaged),
            ("ENC[AES256_GCM,data:,iv:,tag:,type:str]".into(), SealedValueError::Damaged),
            ("ENC[rot13]".into(), SealedValueError::NotSealed),
        ];
        for (text, error) in cases {
            assert_eq!(SealedValue::parse(&text), Err(error), "{text}");
        }
    }
}
