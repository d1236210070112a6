//! The tokens of one sealing.
//!
//! A file has one token for each secret, each longer than its secret. They stand
//! one behind the other in one text, as they will stand in the file, so that edits
//! borrow them and the check of the result finds them again.

use crate::cipher::{Cipher, IV_LENGTH};
use crate::error::Error;
use crate::randomness::Nonces;
use crate::sealed_value;
use crate::value::ValueType;

/// What was sealed, in document order.
pub(crate) struct Tokens {
    text: String,
    made: Vec<Made>,
    nonces: Nonces,
    /// What is encrypted next, in place.
    buffer: Vec<u8>,
}

/// A token, with what stands around it, from the end of the one before.
struct Made {
    end: usize,
    part: u32,
    /// The marks that stand around it, in bytes on each side.
    before: u8,
    after: u8,
}

/// How long the marks around a token are together, at most.
const MARKS: usize = 2;

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

    /// Makes room for tokens of plaintexts of these lengths: a text that grows has to be
    /// copied, and is up to three times in memory meanwhile.
    pub(crate) fn reserve(&mut self, plaintexts: impl Iterator<Item = usize>) {
        let (mut count, mut length, mut longest) = (0, 0, 0);
        for plaintext in plaintexts {
            count += 1;
            length += sealed_value::length(plaintext, IV_LENGTH) + MARKS;
            longest = longest.max(plaintext);
        }
        self.text.reserve_exact(length);
        self.made.reserve_exact(count);
        self.buffer.reserve_exact(longest);
    }

    /// Nothing more is to be sealed.
    pub(crate) fn done(mut self) -> Self {
        self.buffer = Vec::new();
        self
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
        self.text.push_str(before);
        sealed_value::print(&self.buffer, &iv, &tag, kind, &mut self.text);
        self.text.push_str(after);
        self.close(part, (before, after));
        Ok(())
    }

    /// Takes a token that was made before.
    pub(crate) fn keep(&mut self, part: usize, (before, after): (&str, &str), token: &str) {
        self.text.extend([before, token, after]);
        self.close(part, (before, after));
    }

    fn close(&mut self, part: usize, (before, after): (&str, &str)) {
        // Marks are quotes and the like. A file has fewer parts than bytes, which are at
        // most 4 GiB.
        let (before, after) = (before.len() as u8, after.len() as u8);
        self.made.push(Made { end: self.text.len(), part: part as u32, before, after });
    }

    /// All of them, in document order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Token<'_>> {
        let mut start = 0;
        self.made.iter().map(move |made| {
            let written = &self.text[start..made.end];
            start = made.end;
            let bare = usize::from(made.before)..written.len() - usize::from(made.after);
            Token { part: made.part as usize, written, bare: &written[bare] }
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.made.len()
    }
}
