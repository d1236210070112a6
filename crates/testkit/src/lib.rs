//! Private to this workspace: what bulla's tests stand on.
//!
//! * [`Sandbox`]: a directory with its own home, git identity and environment, so that a test sees
//!   nothing of the machine it runs on and leaves nothing behind.
//! * [`peers`]: the real programs that bulla must agree with (sops, kustomize, age, gpg), pinned by
//!   version and digest.
//! * [`servers`]: the services that hold master keys, on ports of this machine.
//! * [`keys`]: two age identities that everybody may know.
//! * [`Terminal`]: a program in a terminal of its own.
//! * [`filters`]: what differs from run to run, taken out of a text before it is compared.
//!
//! ```no_run
//! use bulla_testkit::{Sandbox, keys, peers};
//!
//! let sandbox = Sandbox::new();
//! sandbox.write("secret.yaml", "password: hunter2\n");
//! let mut sops = sandbox.command(peers::sops());
//! sops.args(["encrypt", "--age", keys::age_recipient(), "secret.yaml"]);
//! let sealed = sandbox.run(&mut sops).ok();
//! assert!(!sealed.out().contains("hunter2"));
//! ```
//!
//! Everything here is for tests, so a helper that cannot do its work panics with a line that says
//! what to do next. The one exception is [`peers::install`], which `cargo xtask peers` calls.

#![forbid(unsafe_code)]

mod binaries;
pub mod filters;
pub mod keys;
pub mod peers;
mod sandbox;
pub mod servers;
mod terminal;

pub use binaries::binary;
pub use sandbox::{Run, Sandbox};
pub use terminal::Terminal;
