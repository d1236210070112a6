//! The tokens of one sealing.
//!
//! A file has one token for each secret, each longer than its secret. They stand
//! one behind the other in one text, as they will stand in the file, so that edits
//! borrow them and the check of the result finds them again.

use std::ops::Range;

use crate::cipher::Cipher;
use crate::error::Error;
use crate::randomness::Nonces;
use crate::value::ValueType;

/// What was sealed, in document order.
pub(crate) struct Tokens {
    text: String,
    made: Vec<Made>,
    nonces: Nonces,
    /// What is encrypted next, in place.
    buffer: Vec<u8>,
}

struct Made {
    part: usize,
    /// The token with what stands around it.
    range: Range<usize>,
    /// The mark that stands around it, in bytes on each side.
    before: usize,
    after: usize,
}

/// One token.
#[derive(Clone, Copy)]
pub(crate) struct Token<'t> {
    /// Which part of the document it is for.
    pub(crate) part: usize,
    /// The token with its quotes, or with the `#` of a comment.
    pub(crate) written: &'t str,
    /// The token alone.
    pub(crate) bare: &'t str,
}

impl Tokens {
    pub(crate) fn new() -> Self {
        Self { text: String::new(), made: Vec::new(), nonces: Nonces::new(), buffer: Vec::new() }
    }

    /// Seals a plaintext; `before` and `after` stand around its token.
    ///
    /// # Errors
    ///
    /// As [`Cipher::seal`].
    pub(crate) fn seal(
        &mut self,
        cipher: &Cipher,
        part: usize,
        (before, after): (&str, &str),
        plain: &[u8],
        aad: &str,
        kind: ValueType,
    ) -> Result<(), Error> {
        let iv = self.nonces.draw()?;
        self.buffer.clear();
        self.buffer.extend_from_slice(plain);
        let tag = cipher.seal_in_place(iv, &mut self.buffer, aad)?;
        let start = self.text.len();
        self.text.push_str(before);
        crate::sealed_value::print(&self.buffer, &iv, &tag, kind, &mut self.text);
        self.text.push_str(after);
        self.close(part, start, (before, after));
        Ok(())
    }

    /// Takes a token that was made before.
    pub(crate) fn keep(&mut self, part: usize, (before, after): (&str, &str), token: &str) {
        let start = self.text.len();
        self.text.extend([before, token, after]);
        self.close(part, start, (before, after));
    }

    fn close(&mut self, part: usize, start: usize, (before, after): (&str, &str)) {
        let (before, after) = (before.len(), after.len());
        self.made.push(Made { part, range: start..self.text.len(), before, after });
    }

    /// All of them, in document order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Token<'_>> {
        self.made.iter().map(|made| {
            let Range { start, end } = made.range;
            Token {
                part: made.part,
                written: &self.text[start..end],
                bare: &self.text[start + made.before..end - made.after],
            }
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.made.len()
    }
}
