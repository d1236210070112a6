//! Sealed files that somebody changed who has no key: bulla refuses them, or opens them
//! to what was sealed. Never to anything else.
#![allow(clippy::unwrap_used)]

#[path = "tamper/bytes.rs"]
mod bytes;
#[path = "tamper/changes.rs"]
mod changes;
