//! The program as its users meet it: arguments in; streams, files and exit codes out.

#![forbid(unsafe_code)]

#[path = "cli/common.rs"]
mod common;

#[path = "cli/contents.rs"]
mod contents;
#[path = "cli/convert.rs"]
mod convert;
#[path = "cli/create_secret.rs"]
mod create_secret;
#[path = "cli/exit_codes.rs"]
mod exit_codes;
#[path = "cli/fail_closed.rs"]
mod fail_closed;
#[path = "cli/files.rs"]
mod files;
#[path = "cli/keys.rs"]
mod keys;
#[path = "cli/large.rs"]
mod large;
#[path = "cli/peers.rs"]
mod peers;
#[path = "cli/reference.rs"]
mod reference;
#[path = "cli/rules.rs"]
mod rules;
