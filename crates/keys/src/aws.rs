//! AWS KMS.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use aws_sdk_kms::Client;
use aws_sdk_kms::primitives::Blob;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bulla_core::{KeyError, KeyService, MasterKey, WrappedKey};
use secrecy::{ExposeSecret, SecretSlice};
use tokio::sync::OnceCell;

mod arn;
mod connector;
mod failure;
mod identity;
pub(crate) mod requests;

use arn::KeyArn;
use connector::Connector;
use failure::explain;
use identity::{Identity, Trusted};

use crate::environment::{AwsVariables, Environment, NetworkVariables, Variables};
use crate::remote::{Remote, Transport, Trust};

/// Wraps and unwraps with keys that AWS KMS holds.
///
/// Requests go to AWS, or where the user's own environment or configuration has an
/// endpoint; a file only names region, role and profile. Role and profile are used
/// when the user's configuration has them.
pub struct Aws {
    variables: Variables<AwsVariables>,
    network: Variables<NetworkVariables>,
    remote: Arc<Remote>,
    trusted: Trusted,
    connector: OnceLock<Connector>,
    clients: Mutex<HashMap<Whom, Arc<OnceCell<Client>>>>,
}

/// What one client is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Whom {
    region: String,
    identity: Identity,
}

impl Aws {
    /// The service; reads and connects nothing yet.
    pub(crate) fn new(environment: &Environment, remote: Arc<Remote>) -> Self {
        Self {
            variables: environment.aws.clone(),
            network: environment.network.clone(),
            remote,
            trusted: Trusted::new(environment),
            connector: OnceLock::new(),
            clients: Mutex::default(),
        }
    }

    /// The one client of a region and an identity.
    async fn client(&self, whom: &Whom) -> Result<Client, KeyError> {
        let cell = {
            let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
            clients.entry(whom.clone()).or_default().clone()
        };
        let connect = || async {
            let config = self.trusted.config(&whom.identity, &whom.region, self.connector());
            Ok(Client::new(&config.await?))
        };
        cell.get_or_try_init(connect).await.cloned()
    }

    fn connector(&self) -> Connector {
        self.connector.get_or_init(|| trusted_connector(&self.variables, &self.network)).clone()
    }
}

impl KeyService for Aws {
    fn unwrap(&self, wrapped: &WrappedKey) -> Result<Option<SecretSlice<u8>>, KeyError> {
        let MasterKey::Kms { arn, context, .. } = &wrapped.key else { return Ok(None) };
        let key = KeyArn::parse(arn)?;
        let blob = STANDARD.decode(wrapped.enc.trim()).map_err(|_| {
            KeyError::new("its wrapped data key is damaged").with_hint("restore the file from git")
        })?;
        let whom = Whom { region: key.region.to_owned(), identity: Identity::of(&wrapped.key) };
        let answer = self.remote.run(&key.whom(), async {
            let call = self.client(&whom).await?.decrypt().key_id(arn);
            let call = call.set_encryption_context(Some(pairs(context)));
            let answer = call.ciphertext_blob(Blob::new(blob)).send().await;
            answer.map_err(|error| explain(&key, error))
        })?;
        let secret = answer.plaintext.ok_or_else(|| failure::garbage(&key))?;
        Ok(Some(SecretSlice::from(secret.into_inner())))
    }

    fn wrap(
        &self,
        key: &MasterKey,
        secret: &SecretSlice<u8>,
    ) -> Result<Option<WrappedKey>, KeyError> {
        let MasterKey::Kms { arn, context, .. } = key else { return Ok(None) };
        let parsed = KeyArn::parse(arn)?;
        let whom = Whom { region: parsed.region.to_owned(), identity: Identity::of(key) };
        let answer = self.remote.run(&parsed.whom(), async {
            let call = self.client(&whom).await?.encrypt().key_id(arn);
            let call = call.set_encryption_context(Some(pairs(context)));
            let call = call.plaintext(Blob::new(secret.expose_secret()));
            call.send().await.map_err(|error| explain(&parsed, error))
        })?;
        let blob = answer.ciphertext_blob.ok_or_else(|| failure::garbage(&parsed))?;
        let enc = STANDARD.encode(blob.into_inner());
        Ok(Some(WrappedKey { key: key.clone(), enc, created_at: None }))
    }

    fn tried(&self, key: &MasterKey) -> Vec<String> {
        let MasterKey::Kms { arn, .. } = key else { return Vec::new() };
        match KeyArn::parse(arn) {
            Ok(parsed) => {
                vec![format!("{}, with {}", parsed.whom(), Identity::of(key).described())]
            }
            Err(_) => vec!["no region: this is not the ARN of a key".to_owned()],
        }
    }
}

/// What AWS is asked through; connects nothing yet.
fn trusted_connector(variables: &AwsVariables, network: &Variables<NetworkVariables>) -> Connector {
    let roots = variables.ca_bundle.iter().cloned().collect();
    Connector::new(Transport::new(network.clone(), Trust { roots, ..Trust::default() }))
}

/// The encryption context, which is always sent.
fn pairs(context: &[(String, String)]) -> HashMap<String, String> {
    context.iter().cloned().collect()
}
