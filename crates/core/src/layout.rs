//! How sealed values were written, where the token does not show it.
//!
//! A token keeps the quotes of the value it stands for. What else a spelling has
//! (block style, folding, escapes, a tag, an alias, `0x1F`) is recorded here; the
//! record is sealed with the data key and kept as `sops.bulla.layout`, which sops
//! ignores. Losing it loses style, never a value: each spelling is used only if it
//! reads back as the value that was opened.

use serde::{Deserialize, Serialize};

use crate::cipher::Cipher;
use crate::error::Error;
use crate::sealed_value::SealedValue;
use crate::value::ValueType;

/// The record of one file. In JSON, sealed as `str` with the additional data
/// `sops:bulla:layout:` and the file's `lastmodified`.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Layout {
    /// How many values of the file are sealed; a record of another number is
    /// another file's.
    #[serde(rename = "n")]
    pub sealed: usize,
    /// The file did not end with a line break.
    #[serde(rename = "open", default, skip_serializing_if = "is_false")]
    pub no_final_break: bool,
    /// The spellings that tokens do not show.
    #[serde(rename = "w", default, skip_serializing_if = "Vec::is_empty")]
    pub writings: Vec<Writing>,
    /// The same of comments that have one token for several lines; their numbers are
    /// those of the sealed comments.
    #[serde(rename = "k", default, skip_serializing_if = "Vec::is_empty")]
    pub comments: Vec<Writing>,
}

/// How one value was written.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Writing {
    /// Which of the sealed values, from 0 in document order.
    #[serde(rename = "i")]
    pub index: usize,
    /// Its style, when the value in that style is the very text.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub style: Option<WritingStyle>,
    /// Otherwise its text; for a block scalar, its header.
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
    /// The column of a literal block scalar's lines.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// The lines of a block scalar that its value does not give.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The tag with the blanks behind it, and how many bytes before the value it
    /// ended.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<(String, u32)>,
}

/// A style in which a value's text follows from the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WritingStyle {
    /// Without quotes.
    #[serde(rename = "p")]
    Plain,
    /// In single quotes.
    #[serde(rename = "s")]
    Single,
    /// In double quotes, escaped as bulla does.
    #[serde(rename = "d")]
    Double,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Layout {
    /// Whether there is anything to record.
    pub fn is_needed(&self) -> bool {
        self.no_final_break || !self.writings.is_empty() || !self.comments.is_empty()
    }

    /// The record as metadata keeps it.
    ///
    /// # Errors
    ///
    /// As [`Cipher::seal`].
    pub fn seal(&self, cipher: &Cipher, last_modified: &str) -> Result<String, Error> {
        // Strings, numbers and lists always serialise.
        let json = zeroize::Zeroizing::new(serde_json::to_vec(self).unwrap_or_default());
        Ok(cipher.seal(&json, &aad(last_modified), ValueType::Str)?.print())
    }

    /// The record, if it is one of this file as it stands.
    pub fn open(text: &str, cipher: &Cipher, last_modified: &str) -> Option<Self> {
        let sealed = SealedValue::parse(text).ok()?;
        let json = cipher.open(sealed, &aad(last_modified)).ok()?;
        serde_json::from_slice(&json).ok()
    }
}

/// No value can be sealed under this: `sops` is never a key of data at the top
/// level. The time ties the record to one state of the file.
fn aad(last_modified: &str) -> String {
    format!("{}:bulla:layout:{last_modified}", crate::metadata::KEY)
}
