//! How a token is come by.

use std::fs;
use std::path::{Path, PathBuf};

use bulla_core::KeyError;
use secrecy::{ExposeSecret, SecretString};
use vaultrs::api::auth::approle::requests::LoginWithApproleRequest;
use vaultrs::api::auth::kubernetes::requests::LoginWithKubernetesRequest;

use super::address::is_path;
use super::client::{Client, is_header};
use crate::environment::VaultVariables;

/// Where a pod finds the token of its service account.
const POD_TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// How one gets a token, in the order of preference: what was set for this purpose
/// comes before what an earlier `vault login` left.
pub(super) enum Method<'e> {
    /// `VAULT_TOKEN`
    Given(&'e SecretString),
    /// `VAULT_ROLE_ID` and `VAULT_SECRET_ID`
    AppRole { role_id: &'e str, secret_id: &'e str, path: &'e str },
    /// `VAULT_ROLE`: Kubernetes, and JWT, whose login is the same under another path.
    Jwt { role: &'e str, file: PathBuf, path: &'e str },
    /// `~/.vault-token`
    File(&'e Path),
    /// None: an agent may add one.
    Absent,
}

impl<'e> Method<'e> {
    pub(super) fn of(variables: &'e VaultVariables) -> Self {
        let path = |usual| variables.auth_path.as_deref().unwrap_or(usual);
        if let Some(token) = &variables.token {
            return Self::Given(token);
        }
        if let (Some(role_id), Some(secret_id)) = (&variables.role_id, &variables.secret_id) {
            let secret_id = secret_id.expose_secret();
            return Self::AppRole { role_id, secret_id, path: path("approle") };
        }
        if let Some(role) = &variables.role {
            let file = variables.jwt_file.clone().unwrap_or_else(|| PathBuf::from(POD_TOKEN));
            return Self::Jwt { role, file, path: path("kubernetes") };
        }
        match &variables.token_file {
            Some(file) if file.exists() => Self::File(file),
            _ => Self::Absent,
        }
    }

    /// In words.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Given(_) => "with VAULT_TOKEN".into(),
            Self::AppRole { path, .. } => format!("with VAULT_ROLE_ID at auth/{path}"),
            Self::Jwt { role, path, .. } => format!("with the role {role} at auth/{path}"),
            Self::File(file) => format!("with {}", file.display()),
            Self::Absent => "without a token".into(),
        }
    }

    /// The token; logs in when it takes that.
    pub(super) async fn token(&self, client: &Client) -> Result<SecretString, KeyError> {
        let token = match self {
            Self::Given(token) => (*token).clone(),
            Self::File(file) => secret_file(file)?,
            Self::AppRole { role_id, secret_id, path } => {
                let request = LoginWithApproleRequest {
                    mount: mount(path)?,
                    role_id: (*role_id).to_owned(),
                    secret_id: (*secret_id).to_owned(),
                };
                client.login(request).await?
            }
            Self::Jwt { role, file, path } => {
                let request = LoginWithKubernetesRequest {
                    mount: mount(path)?,
                    role: (*role).to_owned(),
                    jwt: secret_file(file)?.expose_secret().to_owned(),
                };
                client.login(request).await?
            }
            Self::Absent => SecretString::default(),
        };
        if is_header(token.expose_secret()) {
            return Ok(token);
        }
        Err(KeyError::new(format!("{} cannot be asked {}", client.host(), self.describe()))
            .with_hint("a token has neither blanks nor line breaks in it; get a new one"))
    }
}

fn mount(path: &str) -> Result<String, KeyError> {
    let path = path.trim_matches('/').trim_start_matches("auth/");
    match is_path(path) {
        true => Ok(path.to_owned()),
        false => Err(KeyError::new("VAULT_AUTH_PATH is not the path of a login method")),
    }
}

/// A file of one token; editors and `vault login` differ about its end.
fn secret_file(path: &Path) -> Result<SecretString, KeyError> {
    let text = fs::read_to_string(path).map(zeroize::Zeroizing::new).map_err(|error| {
        KeyError::new(format!("{}: cannot be read: {}", path.display(), error.kind()))
    })?;
    Ok(SecretString::from(text.trim()))
}
