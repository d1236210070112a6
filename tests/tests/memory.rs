//! Plaintext and keys stay in memory, and not longer there than they are needed.

#![forbid(unsafe_code)]
#![cfg(target_os = "linux")]

#[path = "memory/common.rs"]
mod common;

#[path = "memory/children.rs"]
mod children;
#[path = "memory/dumps.rs"]
mod dumps;
#[path = "memory/shown.rs"]
mod shown;
#[path = "memory/wiped.rs"]
mod wiped;
#[path = "memory/writes.rs"]
mod writes;
