//! What the codes are fed with: letters, numbers and texts, so that no two forms are
//! the same bytes.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::Tag;

/// How many bytes are gathered: a hash is slow at many small pieces.
const ROOM: usize = 4096;

/// A code that is being made.
pub(super) struct Sink {
    keyed: Hmac<Sha256>,
    mac: Hmac<Sha256>,
    gathered: Zeroizing<Vec<u8>>,
}

impl Sink {
    pub(super) fn new(keyed: Hmac<Sha256>) -> Self {
        let gathered = Zeroizing::new(Vec::with_capacity(ROOM));
        Self { mac: keyed.clone(), keyed, gathered }
    }

    /// One byte that says what follows.
    pub(super) fn letter(&mut self, letter: u8) {
        self.bytes(&[letter]);
    }

    /// 8 bytes, the most significant first.
    pub(super) fn number(&mut self, number: usize) {
        self.bytes(&(number as u64).to_be_bytes());
    }

    /// Its length as a number, and its bytes.
    pub(super) fn text(&mut self, text: &[u8]) {
        self.number(text.len());
        self.bytes(text);
    }

    /// Bytes as they are.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        if self.gathered.len() + bytes.len() > ROOM {
            self.mac.update(&self.gathered);
            self.gathered.clear();
        }
        match bytes.len() {
            0..=ROOM => self.gathered.extend_from_slice(bytes),
            _ => self.mac.update(bytes),
        }
    }

    /// The code of what was put in; the next one begins.
    pub(super) fn finish(&mut self) -> Tag {
        self.mac.update(&self.gathered);
        self.gathered.clear();
        let mac = std::mem::replace(&mut self.mac, self.keyed.clone());
        mac.finalize().into_bytes().into()
    }
}
