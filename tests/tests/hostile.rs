//! Input that somebody made to hurt: an error or the right result, in memory in proportion
//! to it. `BULLA_SCALE=100` makes the large ones as large as they can get.

#![forbid(unsafe_code)]

#[path = "hostile/common.rs"]
mod common;

#[path = "hostile/files.rs"]
mod files;
#[path = "hostile/metadata.rs"]
mod metadata;
#[path = "hostile/sizes.rs"]
mod sizes;
#[path = "hostile/tokens.rs"]
mod tokens;
