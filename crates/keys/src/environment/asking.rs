//! How keys are asked for, and whom.

use std::num::NonZero;
use std::path::PathBuf;

use super::{text, variable};

/// The variables about asking for keys; a command line may put others in their place.
#[derive(Clone, Default)]
pub struct AskingVariables {
    /// `SOPS_DECRYPTION_ORDER`: kinds of keys in the order in which they are tried.
    pub decryption_order: Option<String>,
    /// `SOPS_KEYSERVICE`: key services to ask, parted by commas.
    pub keyservices: Vec<String>,
    /// `SOPS_ENABLE_LOCAL_KEYSERVICE`: whether the keys of this machine count.
    pub enable_local: Option<String>,
    /// `BULLA_KEYSERVICE_CA`: who vouches for key services at `tls://`.
    pub keyservice_ca: Option<PathBuf>,
    /// `BULLA_KEYSERVICE_CERT`: what is shown to them.
    pub keyservice_cert: Option<PathBuf>,
    /// `BULLA_KEYSERVICE_KEY`: the private key of that.
    pub keyservice_key: Option<PathBuf>,
    /// How many keys are asked at a time; 32 when absent.
    pub jobs: Option<NonZero<usize>>,
}

impl AskingVariables {
    pub(super) fn read() -> Self {
        let services = text("SOPS_KEYSERVICE").unwrap_or_default();
        let services = services.split(',').map(str::trim).filter(|service| !service.is_empty());
        Self {
            decryption_order: text("SOPS_DECRYPTION_ORDER"),
            keyservices: services.map(str::to_owned).collect(),
            enable_local: text("SOPS_ENABLE_LOCAL_KEYSERVICE"),
            keyservice_ca: variable("BULLA_KEYSERVICE_CA").map(PathBuf::from),
            keyservice_cert: variable("BULLA_KEYSERVICE_CERT").map(PathBuf::from),
            keyservice_key: variable("BULLA_KEYSERVICE_KEY").map(PathBuf::from),
            jobs: None,
        }
    }
}
