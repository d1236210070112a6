//! `exec-env` and `exec-file`: what the command gets, what comes back from it, and
//! what is left behind.

#![forbid(unsafe_code)]

#[path = "exec/common.rs"]
mod common;

#[path = "exec/env.rs"]
mod env;
#[path = "exec/file.rs"]
mod file;
#[path = "exec/same_as_sops.rs"]
mod same_as_sops;
#[path = "exec/signals.rs"]
mod signals;
