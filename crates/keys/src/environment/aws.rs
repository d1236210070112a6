//! What the environment says about AWS KMS.

use std::path::PathBuf;

use super::{path, text, variable};

/// What bulla itself has to know. The library of AWS reads its variables and files
/// itself, when the first such key is tried.
#[derive(Clone, Default)]
pub struct AwsVariables {
    /// `BULLA_AWS_ROLE_ALLOWLIST`: roles that a file may name, parted by commas;
    /// `all`; `none`.
    pub role_allow_list: Option<String>,
    /// `AWS_ROLE_ARN`: the role of a pod or a job.
    pub role_arn: Option<String>,
    /// Whether that role is what the credentials are of: `AWS_WEB_IDENTITY_TOKEN_FILE`
    /// is set, and no access key that would come before it.
    pub is_web_identity: bool,
    /// `AWS_CA_BUNDLE`: certificates that take the place of the system's.
    pub ca_bundle: Option<PathBuf>,
}

impl AwsVariables {
    pub(super) fn read() -> Self {
        Self {
            role_allow_list: text("BULLA_AWS_ROLE_ALLOWLIST"),
            role_arn: text("AWS_ROLE_ARN"),
            is_web_identity: variable("AWS_WEB_IDENTITY_TOKEN_FILE").is_some()
                && variable("AWS_ACCESS_KEY_ID").is_none(),
            ca_bundle: path("AWS_CA_BUNDLE"),
        }
    }
}
