//! Each kind of key against the real thing: sealed here and opened there, the other way
//! round, and everything that may be wrong with it.

#![forbid(unsafe_code)]

#[path = "keys/common.rs"]
mod common;

#[path = "keys/age.rs"]
mod age;
#[path = "keys/hybrid.rs"]
mod hybrid;
#[path = "keys/pgp.rs"]
mod pgp;
#[path = "keys/plugin.rs"]
mod plugin;
#[path = "keys/ssh.rs"]
mod ssh;
