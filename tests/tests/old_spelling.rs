//! bulla under the name of sops: a link is enough.

#![forbid(unsafe_code)]

#[path = "old_spelling/callers.rs"]
mod callers;
#[path = "old_spelling/common.rs"]
mod common;
#[path = "old_spelling/same_as_sops.rs"]
mod same_as_sops;
