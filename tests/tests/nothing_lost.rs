//! No file is lost: a process that is killed, a disk that is full, a folder that cannot
//! be written, two processes at once.

#![forbid(unsafe_code)]

#[path = "nothing_lost/common.rs"]
mod common;

#[path = "nothing_lost/at_once.rs"]
mod at_once;
#[path = "nothing_lost/killed.rs"]
mod killed;
#[path = "nothing_lost/refused.rs"]
mod refused;
