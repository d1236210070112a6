//! What the environment says about Vault and OpenBao.

use std::path::PathBuf;

use secrecy::SecretString;

use super::{is_true, path, secret, text};

/// The variables of Vault's own clients, the allow list of sops, and what logging in
/// needs.
#[derive(Clone, Default)]
pub struct VaultVariables {
    /// `VAULT_ADDR`: the server that credentials are for.
    pub address: Option<String>,
    /// `VAULT_AGENT_ADDR`: a proxy of Vault's own that is asked instead of whatever
    /// address a file names.
    pub agent_address: Option<String>,
    /// `SOPS_HC_VAULT_ALLOWLIST`: more servers, parted by commas; `all`; `none`.
    pub allow_list: Option<String>,
    /// `VAULT_TOKEN`
    pub token: Option<SecretString>,
    /// `~/.vault-token`, which `vault login` writes.
    pub token_file: Option<PathBuf>,
    /// `VAULT_NAMESPACE`
    pub namespace: Option<String>,
    /// `VAULT_ROLE_ID`, for AppRole.
    pub role_id: Option<String>,
    /// `VAULT_SECRET_ID`, for AppRole.
    pub secret_id: Option<SecretString>,
    /// `VAULT_ROLE`, for Kubernetes and JWT.
    pub role: Option<String>,
    /// `VAULT_JWT_FILE`: the token to log in with; a pod's own when absent.
    pub jwt_file: Option<PathBuf>,
    /// `VAULT_AUTH_PATH`: where the login method is mounted, `approle` or
    /// `kubernetes` when absent.
    pub auth_path: Option<String>,
    /// `VAULT_CACERT`: certificates that take the place of the system's.
    pub ca_cert: Option<PathBuf>,
    /// `VAULT_CAPATH`: a folder of such.
    pub ca_path: Option<PathBuf>,
    /// `VAULT_CLIENT_CERT`
    pub client_cert: Option<PathBuf>,
    /// `VAULT_CLIENT_KEY`
    pub client_key: Option<PathBuf>,
    /// `VAULT_SKIP_VERIFY`: whether any certificate will do.
    pub skip_verify: bool,
}

impl VaultVariables {
    pub(super) fn read() -> Self {
        Self {
            address: text("VAULT_ADDR"),
            agent_address: text("VAULT_AGENT_ADDR"),
            allow_list: text("SOPS_HC_VAULT_ALLOWLIST"),
            token: secret("VAULT_TOKEN"),
            token_file: path("HOME").map(|home| home.join(".vault-token")),
            namespace: text("VAULT_NAMESPACE"),
            role_id: text("VAULT_ROLE_ID"),
            secret_id: secret("VAULT_SECRET_ID"),
            role: text("VAULT_ROLE"),
            jwt_file: path("VAULT_JWT_FILE"),
            auth_path: text("VAULT_AUTH_PATH"),
            ca_cert: path("VAULT_CACERT"),
            ca_path: path("VAULT_CAPATH"),
            client_cert: path("VAULT_CLIENT_CERT"),
            client_key: path("VAULT_CLIENT_KEY"),
            skip_verify: is_true("VAULT_SKIP_VERIFY"),
        }
    }
}
