//! What the environment says about Google Cloud KMS.

use std::path::PathBuf;

use secrecy::SecretString;

use super::{path, secret, text};

/// The variables of sops. Google's own library reads those of Application Default
/// Credentials itself, when the first such key is tried.
#[derive(Clone, Default)]
pub struct GcpVariables {
    /// `GOOGLE_CREDENTIALS`: a file of credentials, or what would stand in one.
    pub credentials: Option<SecretString>,
    /// `GOOGLE_OAUTH_ACCESS_TOKEN`
    pub access_token: Option<SecretString>,
    /// `GOOGLE_APPLICATION_CREDENTIALS`, or where `gcloud auth application-default login`
    /// writes: there or not.
    pub default_file: Option<PathBuf>,
    /// `SOPS_GCP_KMS_ENDPOINT`: the server that is asked instead of Google's.
    pub endpoint: Option<String>,
    /// `SOPS_GCP_KMS_CLIENT_TYPE`: `grpc` or `rest`. Both are accepted, and REST is
    /// what is spoken.
    pub client_type: Option<String>,
    /// `SOPS_GCP_KMS_UNIVERSE_DOMAIN`
    pub universe_domain: Option<String>,
    /// `STORAGE_EMULATOR_HOST`: the server that stands for Cloud Storage, and gets no
    /// credentials.
    pub storage_emulator: Option<String>,
}

impl GcpVariables {
    pub(super) fn read() -> Self {
        Self {
            credentials: secret("GOOGLE_CREDENTIALS"),
            access_token: secret("GOOGLE_OAUTH_ACCESS_TOKEN"),
            default_file: path("GOOGLE_APPLICATION_CREDENTIALS").or_else(well_known_file),
            endpoint: text("SOPS_GCP_KMS_ENDPOINT"),
            client_type: text("SOPS_GCP_KMS_CLIENT_TYPE"),
            universe_domain: text("SOPS_GCP_KMS_UNIVERSE_DOMAIN"),
            storage_emulator: text("STORAGE_EMULATOR_HOST"),
        }
    }
}

fn well_known_file() -> Option<PathBuf> {
    let folder = path("CLOUDSDK_CONFIG").or_else(|| Some(path("HOME")?.join(".config/gcloud")))?;
    Some(folder.join("application_default_credentials.json"))
}
