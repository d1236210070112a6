//! `edit`: what the editor sees, what becomes of it, and what is left behind.

#![forbid(unsafe_code)]

#[path = "edit/common.rs"]
mod common;

#[path = "edit/data.rs"]
mod data;
#[path = "edit/ends.rs"]
mod ends;
#[path = "edit/same_as_sops.rs"]
mod same_as_sops;
#[path = "edit/terminal.rs"]
mod terminal;
