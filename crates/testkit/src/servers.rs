//! Real servers for tests, each on a port of its own of this machine, stopped when the value is
//! dropped.

mod bao;
mod clouds;
mod http;
mod listener;
mod logins;
mod moto;
mod process;

pub use bao::Bao;
pub use clouds::Clouds;
pub use http::{Answer, request};
pub use listener::Listener;
pub use logins::Logins;
pub use moto::Moto;
