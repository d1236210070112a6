//! The checksum of age recipients, so that a lost letter has a line number.
//!
//! The bech32 crate stops at 1,023 characters; age's hybrid recipients have twice as
//! many.

const CHARSET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const CHECKSUM: usize = 6;

/// The prefix of a lower-case Bech32 text and how many bytes it holds; `None` when
/// it is damaged. As in age, there is no limit on the length.
pub(super) fn decoded(text: &str) -> Option<(&str, usize)> {
    let (prefix, data) = text.rsplit_once('1')?;
    let is_prefix = |byte: u8| byte.is_ascii_graphic() && !byte.is_ascii_uppercase();
    if prefix.is_empty() || !prefix.bytes().all(is_prefix) || data.len() < CHECKSUM {
        return None;
    }
    let mut state = Polymod(1);
    prefix.bytes().for_each(|byte| state.feed(byte >> 5));
    state.feed(0);
    prefix.bytes().for_each(|byte| state.feed(byte & 31));
    for byte in data.bytes() {
        let value = CHARSET.iter().position(|&char| char == byte)?;
        state.feed(value as u8);
    }
    (state.0 == 1).then_some((prefix, (data.len() - CHECKSUM) * 5 / 8))
}

/// The remainder of the text so far, as a polynomial over GF(32): BIP 173.
struct Polymod(u32);

impl Polymod {
    fn feed(&mut self, value: u8) {
        const GENERATOR: [u32; 5] =
            [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
        let top = self.0 >> 25;
        self.0 = (self.0 & 0x01ff_ffff) << 5 ^ u32::from(value);
        for (bit, generator) in GENERATOR.iter().enumerate() {
            if top >> bit & 1 == 1 {
                self.0 ^= generator;
            }
        }
    }
}
