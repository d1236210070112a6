//! What age is told by the environment.

use std::path::PathBuf;

use secrecy::SecretString;

use super::{text, variable};

/// The variables of age.
#[derive(Clone, Default)]
pub struct AgeVariables {
    /// `SOPS_AGE_KEY`: identities, parted by line breaks or blanks.
    pub key: Option<SecretString>,
    /// `SOPS_AGE_KEY_FILE`: a file of identities.
    pub key_file: Option<PathBuf>,
    /// `SOPS_AGE_KEY_CMD`: a command that prints identities; split into words as a
    /// shell does, started without one.
    pub key_cmd: Option<String>,
    /// `SOPS_AGE_SSH_PRIVATE_KEY_FILE`: a private key of OpenSSH.
    pub ssh_private_key_file: Option<PathBuf>,
    /// `SOPS_AGE_SSH_PRIVATE_KEY_CMD`: a command that prints one.
    pub ssh_private_key_cmd: Option<String>,
    /// `BULLA_AGE_PLUGINS`: the plugins that recipients may start, parted by commas:
    /// `yubikey` for `age-plugin-yubikey`.
    pub plugins: Option<String>,
}

impl AgeVariables {
    pub(super) fn read() -> Self {
        Self {
            key: text("SOPS_AGE_KEY").map(SecretString::from),
            key_file: variable("SOPS_AGE_KEY_FILE").map(PathBuf::from),
            key_cmd: text("SOPS_AGE_KEY_CMD"),
            ssh_private_key_file: variable("SOPS_AGE_SSH_PRIVATE_KEY_FILE").map(PathBuf::from),
            ssh_private_key_cmd: text("SOPS_AGE_SSH_PRIVATE_KEY_CMD"),
            plugins: text("BULLA_AGE_PLUGINS"),
        }
    }
}
