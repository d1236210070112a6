//! The variables in which programs of this field are given secrets.

/// Those that hold a secret themselves, not the path of a file with one: a program that is
/// started for anything else is started without them.
pub const SECRET_VARIABLES: [&str; 12] = [
    "SOPS_AGE_KEY",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "AZURE_CLIENT_SECRET",
    "AZURE_PASSWORD",
    "GOOGLE_CREDENTIALS",
    "GOOGLE_OAUTH_ACCESS_TOKEN",
    "HUAWEICLOUD_SDK_SK",
    "VAULT_SECRET_ID",
    "VAULT_TOKEN",
    "BAO_TOKEN",
];
