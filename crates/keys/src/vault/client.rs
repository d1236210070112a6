//! The client of one server.

use std::sync::Arc;

use bulla_core::KeyError;
use rustify::Endpoint;
use rustify::errors::ClientError;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::OnceCell;
use vaultrs::api::{EndpointMiddleware, EndpointResult};

use super::address::Server;
use super::login::Method;
use crate::environment::{Variables, VaultVariables};
use crate::remote::{Answer, Transport, TransportError, classify, find_transport_error};
use crate::requests::{Reply, Request};

/// What one server is asked through, with its token.
///
/// The requests are those of vaultrs; they travel over our own transport, because
/// that of vaultrs follows redirects with the token and takes answers of any length.
pub(super) struct Client {
    server: Server,
    transport: Arc<Transport>,
    variables: Variables<VaultVariables>,
    token: OnceCell<SecretString>,
}

impl Client {
    /// Asks nothing yet.
    pub(super) fn new(
        server: Server,
        transport: Arc<Transport>,
        variables: Variables<VaultVariables>,
    ) -> Self {
        Self { server, transport, variables, token: OnceCell::new() }
    }

    /// What messages call the server.
    pub(super) fn host(&self) -> &str {
        self.server.base()
    }

    /// Asks with the token, which is come by once.
    pub(super) async fn call<E: Endpoint>(&self, request: E) -> Result<E::Response, KeyError> {
        let answer = self.execute(request, self.token().await?.expose_secret()).await;
        let answer = answer.map_err(|error| self.explain(&error))?;
        answer.data.ok_or_else(|| self.garbage())
    }

    /// Reads what is at a path below `/v1/`.
    pub(super) async fn read(&self, path: &str) -> Result<Reply, KeyError> {
        let request = self.request("GET", path, Vec::new()).await?;
        let answer = self.transport.send(request).await;
        Ok(answer.map_err(|error| of_transport(&error))?.into())
    }

    /// Writes JSON to a path below `/v1/`, once.
    pub(super) async fn write(&self, path: &str, json: Vec<u8>) -> Result<Reply, KeyError> {
        let request = self.request("POST", path, json).await?;
        let answer = self.transport.send_once(request).await;
        Ok(answer.map_err(|error| of_transport(&error))?.into())
    }

    async fn request(
        &self,
        method: &'static str,
        path: &str,
        body: Vec<u8>,
    ) -> Result<http::Request<Vec<u8>>, KeyError> {
        let token = self.token().await?.expose_secret();
        let mut headers = vec![("x-vault-request", "true".to_owned())];
        headers.push(("x-vault-token", token.to_owned()));
        if let Some(namespace) = &self.variables.namespace {
            headers.push(("x-vault-namespace", namespace.clone()));
        }
        if !body.is_empty() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        let url = format!("{}/v1/{path}", self.server.base());
        Ok(Request { method, url, headers, body }.into_http()?)
    }

    /// The token, which is come by once.
    async fn token(&self) -> Result<&SecretString, KeyError> {
        self.token.get_or_try_init(|| async { Method::of(&self.variables).token(self).await }).await
    }

    /// Asks for a token with what a login method wants.
    pub(super) async fn login<E: Endpoint>(&self, request: E) -> Result<SecretString, KeyError> {
        let answer = self.execute(request, "").await.map_err(|error| match error {
            // Vault answers a wrong secret with either of them.
            ClientError::ServerResponseError { code: 400..=403, .. } => {
                let method = Method::of(&self.variables).describe();
                KeyError::denied(format!("{} refuses the login {method}", self.server))
                    .with_hint("check role and secret, and the path in VAULT_AUTH_PATH")
            }
            error => self.explain(&error),
        })?;
        let auth = answer.auth.ok_or_else(|| self.garbage())?;
        Ok(SecretString::from(auth.client_token))
    }

    async fn execute<E: Endpoint>(
        &self,
        request: E,
        token: &str,
    ) -> Result<EndpointResult<E::Response>, ClientError> {
        let middleware = EndpointMiddleware {
            token: token.to_owned(),
            version: "v1".to_owned(),
            wrap: None,
            namespace: self.variables.namespace.clone(),
        };
        request.with_middleware(&middleware).exec(self).await?.wrap()
    }

    fn garbage(&self) -> KeyError {
        KeyError::new(format!("{} answered with something that Vault does not say", self.server))
    }

    /// One line, without what the server wrote: that could be anything.
    fn explain(&self, error: &ClientError) -> KeyError {
        let server = &self.server;
        let source = match error {
            ClientError::RequestError { source, .. } => Some(source),
            ClientError::ServerResponseError { code, content } => {
                return self.refused(*code, content.as_deref().unwrap_or_default());
            }
            _ => None,
        };
        match source.and_then(|source| find_transport_error(source.as_ref())) {
            Some(error) => of_transport(error),
            None if matches!(error, ClientError::ResponseParseError { .. }) => self.garbage(),
            None => KeyError::new(format!("{server} cannot be asked: {error}")),
        }
    }

    fn refused(&self, status: u16, body: &str) -> KeyError {
        let server = &self.server;
        let method = Method::of(&self.variables).describe();
        // The only two that Vault has no status for.
        if status == 400 && body.contains("encryption key not found") {
            return KeyError::new(format!("{server} has no such key"))
                .with_hint("check the key's name and mount path, or create it");
        }
        if status == 400 && body.contains("cipher") {
            return KeyError::new(format!("{server} cannot open it with this key"))
                .with_hint("restore the file from git");
        }
        match classify(status) {
            // Vault has one answer for a token that has expired and for a key that is
            // not this token's.
            Answer::Denied | Answer::Unauthenticated => {
                KeyError::denied(format!("{server} denies access {method}")).with_hint(
                    "log in again if the token has expired, or ask for the right to use this key",
                )
            }
            Answer::NotFound => KeyError::new(format!("{server} has no such path"))
                .with_hint("check mount path, key name and VAULT_NAMESPACE"),
            Answer::Throttled => {
                KeyError::retryable(format!("{server} limits requests; try later"))
            }
            Answer::Broken if status == 503 => {
                KeyError::retryable(format!("{server} is sealed or under maintenance"))
            }
            Answer::Broken => {
                KeyError::retryable(format!("{server} failed with the status {status}"))
            }
            Answer::Refused => {
                KeyError::new(format!("{server} refused {method}, with the status {status}"))
            }
        }
    }
}

#[async_trait::async_trait]
impl rustify::client::Client for Client {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, ClientError> {
        let (url, method) = (request.uri().to_string(), request.method().to_string());
        let sent = self.transport.send(request).await;
        sent.map_err(|error| ClientError::RequestError { source: error.into(), url, method })
    }

    fn base(&self) -> &str {
        self.server.base()
    }
}

/// What went wrong on the way, with the variable that Vault has for certificates.
fn of_transport(error: &TransportError) -> KeyError {
    let error = KeyError::from(error.clone());
    match error.hint.as_deref() {
        Some(hint) if hint.contains("SSL_CERT_FILE") => {
            error.with_hint("name the file of its certificate authority in VAULT_CACERT")
        }
        _ => error,
    }
}

/// Whether this can be the value of a header; the client library panics otherwise.
pub(super) fn is_header(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}
