//! Real servers for tests, each on a port of its own of this machine, stopped when the value is
//! dropped.

mod bao;
mod http;
mod listener;
mod process;

pub use bao::Bao;
pub use http::{Answer, request};
pub use listener::Listener;
