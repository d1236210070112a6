//! Nonces from the operating system, fetched by the page.

use crate::cipher::IV_LENGTH;
use crate::error::Error;

/// How many nonces one call to the operating system brings.
const PAGE: usize = 128;

/// Fresh nonces; each of its bytes is given out once.
pub(crate) struct Nonces {
    page: [[u8; IV_LENGTH]; PAGE],
    used: usize,
}

impl Nonces {
    pub(crate) fn new() -> Self {
        Self { page: [[0; IV_LENGTH]; PAGE], used: PAGE }
    }

    /// The next nonce.
    pub(crate) fn draw(&mut self) -> Result<[u8; IV_LENGTH], Error> {
        if self.used == PAGE {
            getrandom::fill(self.page.as_flattened_mut()).map_err(|_| Error::NoRandomness)?;
            self.used = 0;
        }
        self.used += 1;
        Ok(self.page[self.used - 1])
    }
}
