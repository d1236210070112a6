//! What the environment says about Azure Key Vault.

use std::path::PathBuf;

use secrecy::SecretString;

use super::{path, secret, text, variable};

/// The variables of Azure's own libraries, and bulla's allow list.
#[derive(Clone, Default)]
pub struct AzureVariables {
    /// `BULLA_AZURE_ALLOWLIST`: vaults, parted by commas; `all`; `none`.
    pub allow_list: Option<String>,
    /// `AZURE_TENANT_ID`
    pub tenant_id: Option<String>,
    /// `AZURE_CLIENT_ID`
    pub client_id: Option<String>,
    /// `AZURE_CLIENT_SECRET`
    pub client_secret: Option<SecretString>,
    /// `AZURE_FEDERATED_TOKEN_FILE`: the token of a pod's service account.
    pub federated_token_file: Option<PathBuf>,
    /// `AZURE_AUTHORITY_HOST`: who issues tokens; it tells which cloud this is.
    pub authority_host: Option<String>,
    /// Whether `IDENTITY_ENDPOINT` says that this machine has a managed identity.
    pub has_identity_endpoint: bool,
}

impl AzureVariables {
    pub(super) fn read() -> Self {
        Self {
            allow_list: text("BULLA_AZURE_ALLOWLIST"),
            tenant_id: text("AZURE_TENANT_ID"),
            client_id: text("AZURE_CLIENT_ID"),
            client_secret: secret("AZURE_CLIENT_SECRET"),
            federated_token_file: path("AZURE_FEDERATED_TOKEN_FILE"),
            authority_host: text("AZURE_AUTHORITY_HOST"),
            has_identity_endpoint: variable("IDENTITY_ENDPOINT").is_some(),
        }
    }
}
