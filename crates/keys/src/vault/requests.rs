//! Other engines of Vault and OpenBao.

use std::sync::Arc;
use std::time::Duration;

use bulla_core::KeyError;

use super::Vault;
use super::client::Client;
use crate::environment::Environment;
use crate::remote::Remote;
use crate::requests::Reply;

/// Asks engines of a server with the token that its keys are asked with.
pub struct VaultRequests {
    vault: Vault,
    client: Arc<Client>,
}

impl VaultRequests {
    /// A server that a file names, or that of the environment. Connects nothing yet;
    /// each request may take as long as `limit`.
    ///
    /// # Errors
    ///
    /// When the environment does not say that this server may get a token.
    pub fn new(
        environment: &Environment,
        limit: Duration,
        address: Option<&str>,
    ) -> Result<Self, KeyError> {
        let own = environment.vault.address.as_deref();
        let own = own.or(environment.vault.agent_address.as_deref());
        let address = address.or(own).ok_or_else(|| {
            KeyError::new("neither the rule nor your environment names a Vault server")
                .with_hint("set VAULT_ADDR")
        })?;
        let vault = Vault::new(environment, Remote::new(Some(limit)));
        let client = vault.client(address)?;
        Ok(Self { vault, client })
    }

    /// The server, as messages name it.
    pub fn server(&self) -> &str {
        self.client.host()
    }

    /// Reads what is at a path below `/v1/`, in which everything is encoded that has to
    /// be.
    ///
    /// # Errors
    ///
    /// When there is no token, or no answer. An answer that says no is one.
    pub fn get(&self, path: &str) -> Result<Reply, KeyError> {
        self.vault.remote.run(self.server(), self.client.read(path))
    }

    /// Writes JSON there. It is sent once, as each time may leave something behind.
    ///
    /// # Errors
    ///
    /// As [`VaultRequests::get`].
    pub fn post(&self, path: &str, json: Vec<u8>) -> Result<Reply, KeyError> {
        self.vault.remote.run(self.server(), self.client.write(path, json))
    }
}
