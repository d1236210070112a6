//! The transit engine of HashiCorp Vault and OpenBao.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bulla_core::{KeyError, KeyService, MasterKey, WrappedKey};
use secrecy::{ExposeSecret, SecretSlice};
use vaultrs::api::transit::requests::{DecryptDataRequest, EncryptDataRequest};
use zeroize::Zeroizing;

mod address;
mod client;
mod login;
pub(crate) mod requests;

use address::{Server, Servers, TransitKey};
use client::{Client, is_header};

use crate::environment::{Environment, NetworkVariables, Variables, VaultVariables};
use crate::remote::{Remote, Transport, Trust};

/// Wraps and unwraps with keys that a Vault or an OpenBao holds.
///
/// A token goes only to servers that the environment names: `VAULT_ADDR`,
/// `VAULT_AGENT_ADDR`, `SOPS_HC_VAULT_ALLOWLIST`, or a key that the user typed. The
/// address in a file is anybody's.
pub struct Vault {
    variables: Variables<VaultVariables>,
    remote: Arc<Remote>,
    servers: Servers,
    transport: OnceLock<Arc<Transport>>,
    network: Variables<NetworkVariables>,
    clients: Mutex<HashMap<Server, Arc<Client>>>,
}

impl Vault {
    /// The service; reads and connects nothing yet.
    pub(crate) fn new(environment: &Environment, remote: Arc<Remote>) -> Self {
        Self {
            variables: environment.vault.clone(),
            remote,
            servers: Servers::new(environment),
            transport: OnceLock::new(),
            network: environment.network.clone(),
            clients: Mutex::default(),
        }
    }

    /// The one client of a server.
    fn client(&self, address: &str) -> Result<Arc<Client>, KeyError> {
        let server = self.servers.choose(address)?;
        if !is_header(self.variables.namespace.as_deref().unwrap_or_default()) {
            return Err(KeyError::new("VAULT_NAMESPACE is not a namespace"));
        }
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            let transport = self.transport.get_or_init(|| {
                Arc::new(Transport::new(self.network.clone(), trust(&self.variables)))
            });
            Arc::new(Client::new(server.clone(), transport.clone(), self.variables.clone()))
        };
        Ok(clients.entry(server.clone()).or_insert_with(new).clone())
    }
}

impl KeyService for Vault {
    fn unwrap(&self, wrapped: &WrappedKey) -> Result<Option<SecretSlice<u8>>, KeyError> {
        let MasterKey::Vault { address, engine_path, key_name } = &wrapped.key else {
            return Ok(None);
        };
        let key = TransitKey::new(engine_path, key_name)?;
        let client = self.client(address)?;
        let request = DecryptDataRequest {
            mount: key.mount,
            name: key.name,
            ciphertext: wrapped.enc.trim().to_owned(),
            ..DecryptDataRequest::default()
        };
        let answer = self.remote.run(client.host(), client.call(request))?;
        let plaintext = Zeroizing::new(answer.plaintext);
        let secret = STANDARD
            .decode(plaintext.as_bytes())
            .map_err(|_| KeyError::new("Vault answered with something that is not base64"))?;
        Ok(Some(SecretSlice::from(secret)))
    }

    fn wrap(
        &self,
        key: &MasterKey,
        secret: &SecretSlice<u8>,
    ) -> Result<Option<WrappedKey>, KeyError> {
        let MasterKey::Vault { address, engine_path, key_name } = key else { return Ok(None) };
        let transit = TransitKey::new(engine_path, key_name)?;
        let client = self.client(address)?;
        let request = EncryptDataRequest {
            mount: transit.mount,
            name: transit.name,
            plaintext: STANDARD.encode(secret.expose_secret()),
            ..EncryptDataRequest::default()
        };
        let enc = self.remote.run(client.host(), client.call(request))?.ciphertext;
        // What is written into a file has to be what Vault writes, and no more.
        let plain = enc.bytes().all(|byte| byte.is_ascii_graphic());
        if !plain || !enc.starts_with("vault:v") {
            return Err(KeyError::new("Vault answered with something that is no ciphertext"));
        }
        Ok(Some(WrappedKey { key: key.clone(), enc, created_at: None }))
    }

    fn tried(&self, key: &MasterKey) -> Vec<String> {
        let MasterKey::Vault { address, .. } = key else { return Vec::new() };
        match self.servers.choose(address) {
            Ok(server) => {
                vec![format!("{server}, {}", login::Method::of(&self.variables).describe())]
            }
            Err(_) => vec!["no server: this address is not one that you allow".to_owned()],
        }
    }
}

/// `VAULT_CACERT` and `VAULT_CAPATH` take the place of the system's certificates, as
/// in Vault's own client.
fn trust(variables: &VaultVariables) -> Trust {
    let mut roots: Vec<_> = variables.ca_cert.iter().cloned().collect();
    if let (true, Some(folder)) = (roots.is_empty(), &variables.ca_path) {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        roots.extend(entries.map(|entry| entry.path()).filter(|path| path.is_file()));
    }
    let identity = variables.client_cert.clone().zip(variables.client_key.clone());
    Trust { roots, identity, anybody: variables.skip_verify }
}
