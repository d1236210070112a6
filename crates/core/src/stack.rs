//! What calls leave on the stack.
//!
//! A key schedule is made on the stack before it is moved to where it stays, and every use
//! of it may put parts there again. Nobody wipes the frame of a call that has returned.

use std::hint::black_box;

/// How much of the stack is overwritten, in bytes: some times what the deepest call of a
/// cipher takes, which without optimisation is a multiple of what it takes with it.
const DEPTH: usize = if cfg!(debug_assertions) { 128 << 10 } else { 32 << 10 };

/// Does something with keys, and overwrites what it left on the stack.
pub(crate) fn wiped<T>(work: impl FnOnce() -> T) -> T {
    let made = apart(work);
    overwrite();
    made
}

/// In a frame of its own, below the caller's.
#[inline(never)]
fn apart<T>(work: impl FnOnce() -> T) -> T {
    work()
}

/// Overwrites what the calls before this one have left below the caller.
#[inline(never)]
pub(crate) fn overwrite() {
    // Not a constant, which would stand elsewhere.
    let mut frame = [0_u8; DEPTH];
    black_box(&mut frame);
}
