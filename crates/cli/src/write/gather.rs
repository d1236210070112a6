//! A sealed text that is kept until all of it is there.

use std::io;
use std::ops::Deref;

use memmap2::MmapMut;

/// Text in memory of its own.
///
/// It is not on the heap, which is overwritten when it is given back: what is sealed needs
/// none of that. And it comes in large pages where the system has them. In small ones, to
/// get a page takes longer than to fill it.
pub(super) struct Gathered {
    memory: MmapMut,
    used: usize,
}

impl Gathered {
    /// Room for so many bytes, or for more when they come.
    pub(super) fn new(length: usize) -> io::Result<Self> {
        Ok(Self { memory: memory(length)?, used: 0 })
    }

    /// Adds a part.
    pub(super) fn push(&mut self, part: &[u8]) -> io::Result<()> {
        let end = self.used + part.len();
        if end > self.memory.len() {
            let mut larger = memory(end.saturating_mul(2))?;
            larger[..self.used].copy_from_slice(self);
            self.memory = larger;
        }
        self.memory[self.used..end].copy_from_slice(part);
        self.used = end;
        Ok(())
    }
}

impl Deref for Gathered {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.memory[..self.used]
    }
}

fn memory(length: usize) -> io::Result<MmapMut> {
    // No bytes cannot be mapped.
    let memory = MmapMut::map_anon(length.max(1))?;
    // A wish, which the system may not grant.
    #[cfg(target_os = "linux")]
    let _ = memory.advise(memmap2::Advice::HugePage);
    Ok(memory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_when_there_is_more_than_was_said() {
        let parts: Vec<Vec<u8>> = (0..40_u8).map(|n| vec![n; usize::from(n) * 7]).collect();
        for length in [0, 1, 100, 1 << 20] {
            let mut gathered = Gathered::new(length).unwrap();
            for part in &parts {
                gathered.push(part).unwrap();
            }
            assert_eq!(*gathered, parts.concat(), "{length}");
        }
    }
}
