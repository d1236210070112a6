//! Google Cloud KMS.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bulla_core::{KeyError, KeyService, MasterKey, WrappedKey};
use google_cloud_gax::options::RequestOptionsBuilder;
use google_cloud_kms::client::KeyManagementService;
use secrecy::{ExposeSecret, SecretSlice};
use tokio::sync::OnceCell;

mod checksum;
mod credentials;
mod failure;
pub(crate) mod requests;
mod retry;

use checksum::crc32c;
use failure::explain;

use crate::environment::{Environment, GcpVariables, Variables};
use crate::remote::{Origin, Remote};

/// What messages call the service.
const WHOM: &str = "Google Cloud KMS";

/// Wraps and unwraps with keys that Google Cloud KMS holds.
///
/// A file names a key and no server: credentials go to Google, or where
/// `SOPS_GCP_KMS_ENDPOINT` says.
pub struct Gcp {
    variables: Variables<GcpVariables>,
    remote: Arc<Remote>,
    client: OnceCell<KeyManagementService>,
}

impl Gcp {
    /// The service; reads and connects nothing yet.
    pub(crate) fn new(environment: &Environment, remote: Arc<Remote>) -> Self {
        Self { variables: environment.gcp.clone(), remote, client: OnceCell::new() }
    }

    async fn client(&self) -> Result<&KeyManagementService, KeyError> {
        self.client.get_or_try_init(|| self.connect()).await
    }

    async fn connect(&self) -> Result<KeyManagementService, KeyError> {
        let variables = &self.variables;
        if !matches!(variables.client_type.as_deref(), None | Some("grpc" | "rest")) {
            let reason = "SOPS_GCP_KMS_CLIENT_TYPE is neither grpc nor rest";
            return Err(KeyError::new(reason));
        }
        let mut builder = KeyManagementService::builder()
            .with_credentials(credentials::of(variables)?)
            .with_retry_policy(retry::Busy)
            .with_backoff_policy(retry::pauses());
        if let Some(endpoint) = &variables.endpoint {
            builder = builder.with_endpoint(server(endpoint)?.as_str());
        }
        if let Some(domain) = &variables.universe_domain {
            builder = builder.with_universe_domain(domain);
        }
        // It would carry data keys to wherever it is sent.
        let builder =
            google_cloud_gax::client_builder::internal::with_follow_redirects(builder, false);
        builder.build().await.map_err(|error| failure::unprepared(&error))
    }
}

impl KeyService for Gcp {
    fn unwrap(&self, wrapped: &WrappedKey) -> Result<Option<SecretSlice<u8>>, KeyError> {
        let MasterKey::GcpKms { resource_id } = &wrapped.key else { return Ok(None) };
        check(resource_id)?;
        let ciphertext = STANDARD.decode(wrapped.enc.trim()).map_err(|_| {
            KeyError::new("its wrapped data key is damaged").with_hint("restore the file from git")
        })?;
        let answer = self.remote.run(WHOM, async {
            let sum = crc32c(&ciphertext);
            let call = self.client().await?.decrypt().set_name(resource_id);
            let call = call.set_ciphertext(ciphertext).set_ciphertext_crc32c(sum);
            call.with_idempotency(true).send().await.map_err(|error| explain(&error))
        })?;
        if answer.plaintext_crc32c.is_some_and(|sum| sum != crc32c(&answer.plaintext)) {
            return Err(failure::damaged());
        }
        Ok(Some(SecretSlice::from(answer.plaintext.to_vec())))
    }

    fn wrap(
        &self,
        key: &MasterKey,
        secret: &SecretSlice<u8>,
    ) -> Result<Option<WrappedKey>, KeyError> {
        let MasterKey::GcpKms { resource_id } = key else { return Ok(None) };
        check(resource_id)?;
        let answer = self.remote.run(WHOM, async {
            let plaintext = secret.expose_secret().to_vec();
            let sum = crc32c(&plaintext);
            let call = self.client().await?.encrypt().set_name(resource_id);
            let call = call.set_plaintext(plaintext).set_plaintext_crc32c(sum);
            call.with_idempotency(true).send().await.map_err(|error| explain(&error))
        })?;
        let broken = answer.ciphertext_crc32c.is_some_and(|sum| sum != crc32c(&answer.ciphertext));
        if broken || answer.ciphertext.is_empty() {
            return Err(failure::damaged());
        }
        let enc = STANDARD.encode(&answer.ciphertext);
        Ok(Some(WrappedKey { key: key.clone(), enc, created_at: None }))
    }

    fn tried(&self, key: &MasterKey) -> Vec<String> {
        let MasterKey::GcpKms { .. } = key else { return Vec::new() };
        let server = self.variables.endpoint.as_deref().unwrap_or(WHOM);
        vec![format!("{server}, with {}", credentials::described(&self.variables))]
    }
}

/// `projects/P/locations/L/keyRings/R/cryptoKeys/K`, which becomes part of a path:
/// nothing in it may lead to another place.
fn check(resource_id: &str) -> Result<(), KeyError> {
    let parts: Vec<_> = resource_id.split('/').collect();
    let made_of = |part: &str, more: &[u8]| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || more.contains(&byte);
        part.starts_with(|first: char| {
            first.is_ascii_alphanumeric() || first == '_' || first == '-'
        }) && part.bytes().all(allowed)
    };
    match parts[..] {
        ["projects", project, "locations", place, "keyRings", ring, "cryptoKeys", key]
            // Projects may stand below a domain: example.com:project.
            if made_of(project, b"-.:") && [place, ring, key].iter().all(|p| made_of(p, b"-_")) =>
        {
            Ok(())
        }
        _ => Err(KeyError::new("this is not the name of a key")
            .with_hint("it looks like projects/P/locations/L/keyRings/R/cryptoKeys/K")),
    }
}

/// The endpoint as sops has it: an address, or host and port alone.
fn server(endpoint: &str) -> Result<Origin, KeyError> {
    let with_scheme = match endpoint.contains("://") {
        true => endpoint.to_owned(),
        false => format!("https://{endpoint}"),
    };
    Origin::parse(&with_scheme)
        .ok_or_else(|| KeyError::new("SOPS_GCP_KMS_ENDPOINT is not the address of a server"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_else() {
        let name = |project: &str, key: &str| {
            format!("projects/{project}/locations/global/keyRings/r/cryptoKeys/{key}")
        };
        assert!(check(&name("my-project", "k_1")).is_ok());
        assert!(check(&name("example.com:my-project", "k")).is_ok());
        for (project, key) in [
            ("", "k"),
            ("..", "k"),
            ("p", "k/cryptoKeyVersions/1"),
            ("p", "k:destroy"),
            ("p", "k?x"),
            ("p", "k%2f"),
            ("p", "k\r\nx"),
        ] {
            assert!(check(&name(project, key)).is_err(), "{project} {key}");
        }
    }

    #[test]
    fn an_endpoint_is_a_server() {
        assert_eq!(server("127.0.0.1:9000").unwrap().as_str(), "https://127.0.0.1:9000");
        assert_eq!(server("http://127.0.0.1:9000/").unwrap().as_str(), "http://127.0.0.1:9000");
        assert!(server("https://kms.example.com/path").is_err());
    }
}
