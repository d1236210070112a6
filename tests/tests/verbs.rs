//! The verbs that change sealed files, each run once with the real sops and once with
//! bulla on the same files: the same exit code, the same effect.

#![forbid(unsafe_code)]

#[path = "verbs/common.rs"]
mod common;

#[path = "verbs/formats.rs"]
mod formats;
#[path = "verbs/groups.rs"]
mod groups;
#[path = "verbs/rotate.rs"]
mod rotate;
#[path = "verbs/set.rs"]
mod set;
#[path = "verbs/streams.rs"]
mod streams;
#[path = "verbs/updatekeys.rs"]
mod updatekeys;
