//! As whom Azure Key Vault is asked.

use std::ffi::OsStr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};
use azure_core::error::{Error, ErrorKind};
use azure_identity::{
    AzureCliCredential, ClientAssertionCredentialOptions, ClientSecretCredential,
    ClientSecretCredentialOptions, ManagedIdentityCredential, ManagedIdentityCredentialOptions,
    UserAssignedId, WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};
use bulla_core::KeyError;
use secrecy::ExposeSecret;

use super::pipeline::Pipeline;
use crate::environment::AzureVariables;

/// How long a machine without a managed identity may keep us waiting: it has nobody
/// at the address where one would be asked for.
const PROBE: Duration = Duration::from_secs(1);

/// The credential that is configured, in the order of `DefaultAzureCredential`: a
/// client secret, a workload identity, a managed identity, the command line tool.
///
/// What the variables name is taken alone: when it fails, nothing else is tried.
pub(super) fn of(
    variables: &AzureVariables,
    search_path: Option<&OsStr>,
    pipeline: &Pipeline,
) -> Result<Arc<dyn TokenCredential>, KeyError> {
    let AzureVariables { tenant_id, client_id, client_secret, federated_token_file, .. } =
        variables;
    let made: azure_core::Result<Arc<dyn TokenCredential>> = match (tenant_id, client_id) {
        (Some(tenant), Some(client)) if client_secret.is_some() => {
            let secret = client_secret.as_ref().map(ExposeSecret::expose_secret);
            let options = ClientSecretCredentialOptions { client_options: pipeline.options() };
            let secret = Secret::new(secret.unwrap_or_default().to_owned());
            ClientSecretCredential::new(tenant, client.clone(), secret, Some(options))
                .map(|credential| credential as Arc<dyn TokenCredential>)
        }
        (Some(tenant), Some(client)) if federated_token_file.is_some() => {
            let options = WorkloadIdentityCredentialOptions {
                credential_options: ClientAssertionCredentialOptions {
                    client_options: pipeline.options(),
                },
                client_id: Some(client.clone()),
                tenant_id: Some(tenant.clone()),
                token_file_path: federated_token_file.clone(),
            };
            WorkloadIdentityCredential::new(Some(options))
                .map(|credential| credential as Arc<dyn TokenCredential>)
        }
        _ => {
            let managed = ManagedIdentityCredential::new(Some(ManagedIdentityCredentialOptions {
                user_assigned_id: client_id.clone().map(UserAssignedId::ClientId),
                client_options: pipeline.options(),
            }));
            managed.and_then(|managed| {
                let tool =
                    has_tool(search_path).then(|| AzureCliCredential::new(None)).transpose()?;
                Ok(Arc::new(Ambient { managed, tool, is_certain: variables.has_identity_endpoint })
                    as Arc<dyn TokenCredential>)
            })
        }
    };
    made.map_err(|_| {
        KeyError::new(format!("the Azure credential cannot be used: {}", described(variables)))
            .with_hint("check AZURE_TENANT_ID, AZURE_CLIENT_ID and what goes with them")
    })
}

/// In words.
pub(super) fn described(variables: &AzureVariables) -> &'static str {
    let AzureVariables { tenant_id, client_id, client_secret, federated_token_file, .. } =
        variables;
    match (tenant_id.is_some() && client_id.is_some(), client_secret, federated_token_file) {
        (true, Some(_), _) => "AZURE_CLIENT_SECRET",
        (true, None, Some(_)) => "AZURE_FEDERATED_TOKEN_FILE",
        _ => "a managed identity, or the login of az",
    }
}

/// Whether the command line tool is there to be started.
pub(crate) fn has_tool(search_path: Option<&OsStr>) -> bool {
    let search_path = search_path.unwrap_or_default();
    std::env::split_paths(search_path).any(|folder| folder.join("az").is_file())
}

/// What the machine itself knows: its managed identity, or who logged in on it.
#[derive(Debug)]
struct Ambient {
    managed: Arc<ManagedIdentityCredential>,
    tool: Option<Arc<AzureCliCredential>>,
    /// Whether a variable says that there is a managed identity.
    is_certain: bool,
}

#[async_trait]
impl TokenCredential for Ambient {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        if self.is_certain {
            return self.managed.get_token(scopes, options).await;
        }
        let probe = tokio::time::timeout(PROBE, self.managed.get_token(scopes, options)).await;
        let failed = match probe {
            Ok(Ok(token)) => return Ok(token),
            Ok(Err(error)) => error,
            Err(_) => Error::with_message(ErrorKind::Credential, "no managed identity"),
        };
        match &self.tool {
            Some(tool) => tool.get_token(scopes, None).await,
            None => Err(failed),
        }
    }
}
