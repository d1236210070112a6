//! Everything that is taken from the process's environment, read once.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use secrecy::SecretString;

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
    /// `SOPS_AGE_KEY`: identities, parted by line breaks or blanks.
    pub age_key: Option<SecretString>,
    /// `SOPS_AGE_KEY_FILE`: a file of identities.
    pub age_key_file: Option<PathBuf>,
    /// `SOPS_AGE_KEY_CMD`: a command that prints identities; split into words as a
    /// shell does, started without one.
    pub age_key_cmd: Option<String>,
    /// The keys to seal for, parted by commas, by the variable that names them:
    /// [`MASTER_KEYS`].
    pub master_keys: BTreeMap<&'static str, String>,
    /// `SOPS_CONFIG`: the rules file to use.
    pub config: Option<PathBuf>,
    /// The folder of the user's configuration: `XDG_CONFIG_HOME` everywhere, else
    /// what the system has for it.
    pub config_dir: Option<PathBuf>,
}

impl Environment {
    /// Reads the process's environment.
    pub fn read() -> Self {
        // An empty variable is as good as none, as in sops.
        let some = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
        let text = |name: &str| some(name).and_then(|value| value.into_string().ok());
        Self {
            age_key: text("SOPS_AGE_KEY").map(SecretString::from),
            age_key_file: some("SOPS_AGE_KEY_FILE").map(PathBuf::from),
            age_key_cmd: text("SOPS_AGE_KEY_CMD"),
            master_keys: MASTER_KEYS.iter().filter_map(|name| Some((*name, text(name)?))).collect(),
            config: some("SOPS_CONFIG").map(PathBuf::from),
            config_dir: config_dir(some),
        }
    }
}

/// Go's `os.UserConfigDir`, with XDG's variable honoured on macOS too, as in sops.
fn config_dir(some: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    if let Some(dir) = some("XDG_CONFIG_HOME") {
        return Some(PathBuf::from(dir));
    }
    if cfg!(windows) {
        return some("AppData").map(PathBuf::from);
    }
    let home = PathBuf::from(some("HOME")?);
    Some(if cfg!(target_os = "macos") {
        home.join("Library/Application Support")
    } else {
        home.join(".config")
    })
}
