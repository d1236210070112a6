//! Asking a key service.

use std::error::Error;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use bulla_core::{KeyError, KeyService, MasterKey, WrappedKey};
use http::uri::PathAndQuery;
use secrecy::{ExposeSecret, SecretSlice};
use tonic::client::Grpc;
use tonic::transport::{self, Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;
use zeroize::Zeroizing;

use super::messages::{Answer, Asked};
use super::{Address, DECRYPT, ENCRYPT, MESSAGE_LIMIT};
use crate::environment::AskingVariables;
use crate::remote::Remote;

/// How much of what a service says is shown.
const SHOWN: usize = 400;

/// A key service that is asked for keys of every kind; one connection, made with the
/// first question.
pub(crate) struct Client {
    address: Address,
    /// As it is named in messages.
    name: String,
    tls: TlsFiles,
    remote: Arc<Remote>,
    channel: OnceLock<Result<Channel, KeyError>>,
}

/// What `tls://` takes.
struct TlsFiles {
    ca: Option<PathBuf>,
    cert: Option<PathBuf>,
    key: Option<PathBuf>,
}

impl Client {
    /// Connects to nothing yet.
    pub(crate) fn new(address: Address, words: &AskingVariables, remote: Arc<Remote>) -> Self {
        let name = format!("key service {address}");
        let tls = TlsFiles {
            ca: words.keyservice_ca.clone(),
            cert: words.keyservice_cert.clone(),
            key: words.keyservice_key.clone(),
        };
        Self { address, name, tls, remote, channel: OnceLock::new() }
    }

    fn call(&self, method: &'static str, asked: Option<Asked>) -> Result<Vec<u8>, KeyError> {
        let asked = asked.ok_or_else(|| self.error("it knows no keys of this kind"))?;
        self.remote.run(&self.name, async {
            let channel = self.channel.get_or_init(|| self.connect()).clone()?;
            let mut grpc = Grpc::new(channel).max_decoding_message_size(MESSAGE_LIMIT);
            let unready = |error: transport::Error| self.failed(&Status::from_error(error.into()));
            grpc.ready().await.map_err(unready)?;
            let path = PathAndQuery::from_static(method);
            let codec = ProstCodec::<Asked, Answer>::default();
            let answer = grpc.unary(Request::new(asked), path, codec).await;
            Ok(answer.map_err(|status| self.failed(&status))?.into_inner().take())
        })
    }

    /// A connection that is made when it is needed, and again when it broke.
    fn connect(&self) -> Result<Channel, KeyError> {
        let wrong = |error: transport::Error| self.error(&reason(&error));
        let endpoint = match &self.address {
            Address::Unix(path) => {
                let path = path.to_str().ok_or_else(|| self.error("its path is not UTF-8"))?;
                Endpoint::from_shared(format!("unix:{path}"))
            }
            Address::Tcp { authority } => Endpoint::from_shared(format!("http://{authority}")),
            Address::Tls { authority } => {
                let tls = self.tls.read().map_err(|reason| self.error(&reason))?;
                Endpoint::from_shared(format!("https://{authority}"))
                    .and_then(|endpoint| endpoint.tls_config(tls))
            }
        };
        Ok(endpoint.map_err(wrong)?.connect_lazy())
    }

    fn error(&self, reason: &str) -> KeyError {
        KeyError::new(format!("{}: {reason}", self.name))
    }

    /// What a call that failed means.
    fn failed(&self, status: &Status) -> KeyError {
        if let Some(reason) = unreachable(status) {
            let error = KeyError::retryable(format!("{} cannot be reached: {reason}", self.name));
            return error.with_hint("check that it runs, and its address");
        }
        let said: String = status.message().chars().take(SHOWN).collect();
        let reason = format!("{}: {said}", self.name);
        match status.code() {
            Code::PermissionDenied | Code::Unauthenticated => KeyError::denied(reason),
            Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted => {
                KeyError::retryable(reason)
            }
            _ => KeyError::new(reason),
        }
    }
}

impl KeyService for Client {
    fn unwrap(&self, wrapped: &WrappedKey) -> Result<Option<SecretSlice<u8>>, KeyError> {
        let plain = self.call(DECRYPT, Asked::to_unwrap(wrapped))?;
        Ok(Some(SecretSlice::from(plain)))
    }

    fn wrap(
        &self,
        key: &MasterKey,
        secret: &SecretSlice<u8>,
    ) -> Result<Option<WrappedKey>, KeyError> {
        let enc = self.call(ENCRYPT, Asked::to_wrap(key, secret.expose_secret()))?;
        let enc = String::from_utf8(enc).ok().filter(|enc| !enc.is_empty());
        let enc = enc.ok_or_else(|| self.error("what it gave is no wrapped key"))?;
        Ok(Some(WrappedKey { key: key.clone(), enc, created_at: None }))
    }

    fn tried(&self, _key: &MasterKey) -> Vec<String> {
        vec![self.name.clone()]
    }
}

impl TlsFiles {
    /// Both sides show a certificate, or there is no connection.
    fn read(&self) -> Result<ClientTlsConfig, String> {
        let read = |file: &Option<PathBuf>, variable: &str| {
            let path = file.as_ref().ok_or_else(|| format!("{variable} names no file"))?;
            let text = fs::read(path).map(Zeroizing::new);
            text.map_err(|error| format!("{variable} ({}): {error}", path.display()))
        };
        let ca = read(&self.ca, "BULLA_KEYSERVICE_CA")?;
        let cert = read(&self.cert, "BULLA_KEYSERVICE_CERT")?;
        let key = read(&self.key, "BULLA_KEYSERVICE_KEY")?;
        let identity = Identity::from_pem(&*cert, &*key);
        Ok(ClientTlsConfig::new().ca_certificate(Certificate::from_pem(&*ca)).identity(identity))
    }
}

/// Why there is no connection, when that is what a call failed by.
fn unreachable(status: &Status) -> Option<String> {
    let error = status.source()?;
    error.is::<transport::Error>().then(|| reason(error))
}

/// The innermost cause: the others say that something failed.
fn reason(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    match cause.downcast_ref::<io::Error>() {
        // Without its number.
        Some(error) => {
            error.to_string().split(" (os error").next().unwrap_or_default().to_lowercase()
        }
        None => cause.to_string(),
    }
}
