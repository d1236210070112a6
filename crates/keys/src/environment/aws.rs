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
    /// `AWS_PROFILE`
    pub profile: Option<String>,
    /// Where credentials come from without a profile, as far as variables say it: the
    /// name of one that is set.
    pub credentials: Option<&'static str>,
    /// The files of the user's configuration, there or not: `AWS_CONFIG_FILE`,
    /// `AWS_SHARED_CREDENTIALS_FILE`, or those below `~/.aws`.
    pub files: Vec<PathBuf>,
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
            profile: text("AWS_PROFILE"),
            credentials: CREDENTIALS.into_iter().find(|name| variable(name).is_some()),
            files: files(),
            ca_bundle: path("AWS_CA_BUNDLE"),
        }
    }
}

/// Variables one of which is enough for credentials, in the order of AWS's own libraries.
const CREDENTIALS: [&str; 4] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

fn files() -> Vec<PathBuf> {
    let home = path("HOME").map(|home| home.join(".aws"));
    let below = |name: &str| home.as_ref().map(|home| home.join(name));
    let config = path("AWS_CONFIG_FILE").or_else(|| below("config"));
    let credentials = path("AWS_SHARED_CREDENTIALS_FILE").or_else(|| below("credentials"));
    config.into_iter().chain(credentials).collect()
}
