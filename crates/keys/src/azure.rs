//! Azure Key Vault.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use azure_core::credentials::TokenCredential;
use azure_core::http::RequestContent;
use azure_security_keyvault_keys::models::{
    EncryptionAlgorithm, KeyClientEncryptOptions, KeyOperationParameters, KeyOperationResult,
};
use azure_security_keyvault_keys::{KeyClient, KeyClientOptions, ResourceExt};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bulla_core::{KeyError, KeyService, MasterKey, WrappedKey};
use secrecy::{ExposeSecret, SecretSlice};

mod address;
pub(crate) mod credential;
mod failure;
mod pipeline;

use address::{KeyName, Vaults};
use failure::explain;
use pipeline::Pipeline;

use crate::environment::{AzureVariables, Environment, Variables};
use crate::remote::{Origin, Remote, Transport, Trust};

/// Wraps and unwraps with RSA keys of Azure Key Vault, by RSA-OAEP-256 as sops does.
///
/// A token is asked for and sent only when the environment names the vault, and only
/// to hosts that belong to Azure: the URL in a file is anybody's.
pub struct Azure {
    variables: Variables<AzureVariables>,
    remote: Arc<Remote>,
    vaults: Vaults,
    pipeline: Pipeline,
    search_path: Option<std::ffi::OsString>,
    credential: tokio::sync::OnceCell<Arc<dyn TokenCredential>>,
    clients: Mutex<HashMap<Origin, Arc<KeyClient>>>,
}

impl Azure {
    /// The service; reads and connects nothing yet.
    pub(crate) fn new(environment: &Environment, remote: Arc<Remote>) -> Self {
        let transport = Transport::new(environment.network.clone(), Trust::default());
        Self {
            variables: environment.azure.clone(),
            remote,
            vaults: Vaults::new(environment),
            pipeline: Pipeline::new(transport),
            search_path: environment.path.clone(),
            credential: tokio::sync::OnceCell::new(),
            clients: Mutex::default(),
        }
    }

    /// The one client of a vault.
    async fn client(&self, vault: &Origin) -> Result<Arc<KeyClient>, KeyError> {
        let make = || async {
            credential::of(&self.variables, self.search_path.as_deref(), &self.pipeline)
        };
        let credential = self.credential.get_or_try_init(make).await?.clone();
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(vault) {
            return Ok(client.clone());
        }
        let options = KeyClientOptions {
            client_options: self.pipeline.options(),
            ..KeyClientOptions::default()
        };
        let client = KeyClient::new(vault.as_str(), credential, Some(options))
            .map_err(|error| explain(vault, &error))?;
        let client = Arc::new(client);
        clients.insert(vault.clone(), client.clone());
        Ok(client)
    }

    /// The version that is current.
    async fn current_version(
        &self,
        client: &KeyClient,
        vault: &Origin,
        name: &str,
    ) -> Result<String, KeyError> {
        let answer = client.get_key(name, None).await.map_err(|error| explain(vault, &error))?;
        let key = answer.into_model().map_err(|_| failure::garbage(vault))?;
        let id = key.resource_id().map_err(|_| failure::garbage(vault))?;
        let version = id.version.filter(|version| address::is_version(version));
        version.ok_or_else(|| failure::garbage(vault))
    }

    async fn decrypt(
        &self,
        vault: &Origin,
        key: &KeyName<'_>,
        value: Vec<u8>,
    ) -> Result<Vec<u8>, KeyError> {
        let client = self.client(vault).await?;
        let version = match key.version {
            Some(version) => version.to_owned(),
            None => self.current_version(&client, vault, key.name).await?,
        };
        let answer = client.decrypt(key.name, &version, parameters(value)?, None).await;
        result(vault, answer)
    }

    /// The version that was used, and what came out.
    async fn encrypt(
        &self,
        vault: &Origin,
        key: &KeyName<'_>,
        value: Vec<u8>,
    ) -> Result<(String, Vec<u8>), KeyError> {
        let client = self.client(vault).await?;
        let version = match key.version {
            Some(version) => version.to_owned(),
            // Another version would not open it, so the file has to name this one.
            None => self.current_version(&client, vault, key.name).await?,
        };
        let options = KeyClientEncryptOptions {
            key_version: Some(version.clone()),
            ..KeyClientEncryptOptions::default()
        };
        let answer = client.encrypt(key.name, parameters(value)?, Some(options)).await;
        Ok((version, result(vault, answer)?))
    }
}

impl KeyService for Azure {
    fn unwrap(&self, wrapped: &WrappedKey) -> Result<Option<SecretSlice<u8>>, KeyError> {
        let MasterKey::AzureKv { vault_url, name, version } = &wrapped.key else {
            return Ok(None);
        };
        let vault = self.vaults.choose(vault_url)?;
        let key = KeyName::new(name, version)?;
        // Some versions of sops padded it.
        let value = URL_SAFE_NO_PAD.decode(wrapped.enc.trim().trim_end_matches('='));
        let value = value.map_err(|_| {
            KeyError::new("its wrapped data key is damaged").with_hint("restore the file from git")
        })?;
        let secret = self.remote.run(vault.as_str(), self.decrypt(&vault, &key, value))?;
        Ok(Some(SecretSlice::from(secret)))
    }

    fn wrap(
        &self,
        key: &MasterKey,
        secret: &SecretSlice<u8>,
    ) -> Result<Option<WrappedKey>, KeyError> {
        let MasterKey::AzureKv { vault_url, name, version } = key else { return Ok(None) };
        let vault = self.vaults.choose(vault_url)?;
        let wanted = KeyName::new(name, version)?;
        let value = secret.expose_secret().to_vec();
        let call = self.encrypt(&vault, &wanted, value);
        let (version, enc) = self.remote.run(vault.as_str(), call)?;
        let (vault_url, name) = (vault_url.clone(), name.clone());
        Ok(Some(WrappedKey {
            key: MasterKey::AzureKv { vault_url, name, version },
            enc: URL_SAFE_NO_PAD.encode(enc),
            created_at: None,
        }))
    }

    fn tried(&self, key: &MasterKey) -> Vec<String> {
        let MasterKey::AzureKv { vault_url, .. } = key else { return Vec::new() };
        match self.vaults.choose(vault_url) {
            Ok(vault) => vec![format!("{vault}, with {}", credential::described(&self.variables))],
            Err(_) => vec!["no vault: this address is not one that you allow".to_owned()],
        }
    }
}

fn parameters(value: Vec<u8>) -> Result<RequestContent<KeyOperationParameters>, KeyError> {
    let parameters = KeyOperationParameters {
        algorithm: Some(EncryptionAlgorithm::RsaOaep256),
        value: Some(value),
        ..KeyOperationParameters::default()
    };
    // Bytes and a name: that is always JSON.
    parameters.try_into().map_err(|_| KeyError::new("the request cannot be written"))
}

fn result(
    vault: &Origin,
    answer: azure_core::Result<azure_core::http::Response<KeyOperationResult>>,
) -> Result<Vec<u8>, KeyError> {
    let answer = answer.map_err(|error| explain(vault, &error))?;
    let model = answer.into_model().map_err(|_| failure::garbage(vault))?;
    model.result.filter(|result| !result.is_empty()).ok_or_else(|| failure::garbage(vault))
}
