//! Everything that is taken from the process's environment, read once.
//!
//! Each kind of key has a file of its own below, and a field in [`Environment`].

mod age;
mod asking;
#[cfg(feature = "aws")]
mod aws;
#[cfg(feature = "azure")]
mod azure;
#[cfg(feature = "gcp")]
mod gcp;
#[cfg(feature = "remote")]
mod network;
mod pgp;
#[cfg(feature = "remote")]
mod variables;
#[cfg(feature = "vault")]
mod vault;

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use bulla_core::MasterKey;
#[cfg(feature = "remote")]
use secrecy::SecretString;

pub use age::AgeVariables;
pub use asking::AskingVariables;
#[cfg(feature = "aws")]
pub use aws::AwsVariables;
#[cfg(feature = "azure")]
pub use azure::AzureVariables;
#[cfg(feature = "gcp")]
pub use gcp::GcpVariables;
#[cfg(feature = "remote")]
pub use network::NetworkVariables;
pub use pgp::PgpVariables;
#[cfg(feature = "remote")]
pub use variables::Variables;
#[cfg(feature = "vault")]
pub use vault::VaultVariables;

/// The variables that name keys to seal for, one for each kind.
pub const MASTER_KEYS: [&str; 7] = [
    "SOPS_AGE_RECIPIENTS",
    "SOPS_PGP_FP",
    "SOPS_KMS_ARN",
    "SOPS_GCP_KMS_IDS",
    "SOPS_HUAWEICLOUD_KMS_IDS",
    "SOPS_AZURE_KEYVAULT_URLS",
    "SOPS_VAULT_URIS",
];

/// The variables and folders that keys come from. Tests make one by hand.
#[derive(Clone, Default)]
pub struct Environment {
    /// What age needs.
    pub age: AgeVariables,
    /// What PGP needs.
    pub pgp: PgpVariables,
    /// Proxies.
    #[cfg(feature = "remote")]
    pub network: Variables<NetworkVariables>,
    /// What AWS KMS needs.
    #[cfg(feature = "aws")]
    pub aws: Variables<AwsVariables>,
    /// What Azure Key Vault needs.
    #[cfg(feature = "azure")]
    pub azure: Variables<AzureVariables>,
    /// What Google Cloud KMS needs.
    #[cfg(feature = "gcp")]
    pub gcp: Variables<GcpVariables>,
    /// What Vault and OpenBao need.
    #[cfg(feature = "vault")]
    pub vault: Variables<VaultVariables>,
    /// Keys that the user spelled out on the command line: whoever holds them may be
    /// sent credentials.
    pub named: Vec<MasterKey>,
    /// How long one key that is held elsewhere may take; ten seconds when absent.
    pub timeout: Option<Duration>,
    /// How keys are asked for, and whom.
    pub asking: AskingVariables,
    /// The keys to seal for, parted by commas, by the variable that names them:
    /// [`MASTER_KEYS`].
    pub master_keys: BTreeMap<&'static str, String>,
    /// `SOPS_CONFIG`: the rules file to use.
    pub config: Option<PathBuf>,
    /// The folder of the user's configuration: `XDG_CONFIG_HOME` everywhere, else
    /// what the system has for it.
    pub config_dir: Option<PathBuf>,
    /// `HOME`: where `.ssh` is.
    pub home: Option<PathBuf>,
    /// `PATH`: where programs are looked for.
    pub path: Option<OsString>,
}

impl Environment {
    /// Reads the process's environment; what belongs to one service, when that is asked.
    pub fn read() -> Self {
        Self {
            age: AgeVariables::read(),
            pgp: PgpVariables::read(),
            #[cfg(feature = "remote")]
            network: Variables::later(NetworkVariables::read),
            #[cfg(feature = "aws")]
            aws: Variables::later(AwsVariables::read),
            #[cfg(feature = "azure")]
            azure: Variables::later(AzureVariables::read),
            #[cfg(feature = "gcp")]
            gcp: Variables::later(GcpVariables::read),
            #[cfg(feature = "vault")]
            vault: Variables::later(VaultVariables::read),
            named: Vec::new(),
            timeout: None,
            asking: AskingVariables::read(),
            master_keys: MASTER_KEYS.iter().filter_map(|name| Some((*name, text(name)?))).collect(),
            config: variable("SOPS_CONFIG").map(PathBuf::from),
            config_dir: config_dir(),
            home: variable("HOME").map(PathBuf::from),
            path: variable("PATH"),
        }
    }
}

/// A variable of the process. An empty one is as good as none, as in sops.
fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

/// A variable that is text; one that is not UTF-8 is none.
fn text(name: &str) -> Option<String> {
    variable(name).and_then(|value| value.into_string().ok())
}

/// A variable whose value nobody should see.
#[cfg(feature = "remote")]
#[allow(dead_code, reason = "not every kind of key needs all of these")]
fn secret(name: &str) -> Option<SecretString> {
    text(name).map(SecretString::from)
}

/// The path that a variable names.
#[cfg(feature = "remote")]
#[allow(dead_code, reason = "not every kind of key needs all of these")]
fn path(name: &str) -> Option<PathBuf> {
    variable(name).map(PathBuf::from)
}

/// Whether a variable says yes, as Go reads it.
#[cfg(feature = "remote")]
#[allow(dead_code, reason = "not every kind of key needs all of these")]
fn is_true(name: &str) -> bool {
    let text = text(name).unwrap_or_default();
    ["1", "t", "T", "true", "TRUE", "True"].contains(&text.as_str())
}

/// Go's `os.UserConfigDir`, with XDG's variable honoured on macOS too, as in sops.
fn config_dir() -> Option<PathBuf> {
    if let Some(dir) = variable("XDG_CONFIG_HOME") {
        return Some(PathBuf::from(dir));
    }
    if cfg!(windows) {
        return variable("AppData").map(PathBuf::from);
    }
    let home = PathBuf::from(variable("HOME")?);
    Some(if cfg!(target_os = "macos") {
        home.join("Library/Application Support")
    } else {
        home.join(".config")
    })
}
