//! Key services: asking another process for what its keys open, and being asked.
//!
//! The protocol is that of `sops keyservice`, gRPC with two methods, so either side
//! may be sops. What is sent is a data key or a group's share, never a value of a
//! file; nothing but the connection protects it. That is why [`serve`] is for a unix
//! socket of the user alone, unless somebody asks for TCP, and why there is mutual
//! TLS for TCP.

mod address;
mod client;
mod messages;
mod server;

pub use address::{Address, AddressError};
pub(crate) use client::Client;
pub use server::{Listening, Operation, Peer, Request, ServerTls, Watch, serve};

use bulla_core::Keyring;

use crate::environment::Environment;
use crate::remote::Remote;

/// The keyring with these key services, which share a runtime.
pub(crate) fn add<'k>(
    keyring: Keyring<'k>,
    addresses: &[Address],
    environment: &Environment,
) -> Keyring<'k> {
    let remote = Remote::new(environment.timeout);
    let client =
        |address: &Address| Client::new(address.clone(), &environment.asking, remote.clone());
    addresses.iter().map(client).fold(keyring, Keyring::with)
}

/// The methods of the protocol, which has no package.
const ENCRYPT: &str = "/KeyService/Encrypt";
const DECRYPT: &str = "/KeyService/Decrypt";

/// The largest message that is read, in bytes. A wrapped data key takes a few hundred,
/// with a post-quantum recipient a few thousand.
const MESSAGE_LIMIT: usize = 64 << 10;
