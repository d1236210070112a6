//! Whether credentials for a service are configured. Only the service knows whether they
//! are good.

#[cfg(feature = "azure")]
use std::ffi::OsStr;
#[cfg(feature = "aws")]
use std::fs;

use super::Holding;
#[cfg(feature = "aws")]
use crate::environment::AwsVariables;
#[cfg(feature = "azure")]
use crate::environment::AzureVariables;
#[cfg(feature = "gcp")]
use crate::environment::GcpVariables;
#[cfg(feature = "vault")]
use crate::environment::VaultVariables;

fn configured(with: impl std::fmt::Display) -> Holding {
    Holding::Perhaps(format!("configured: {with}"))
}

fn not_configured(what: impl std::fmt::Display) -> Holding {
    Holding::Absent(format!("not configured: {what}"))
}

/// A machine of the cloud has credentials that only asking would show.
#[cfg(any(feature = "aws", feature = "gcp"))]
const MACHINE: &str = "and whether this machine has its own was not asked";

/// `named` is the profile that the file asks for.
#[cfg(feature = "aws")]
pub(super) fn aws(variables: &AwsVariables, named: Option<&str>) -> Holding {
    let named = named.filter(|name| !name.is_empty());
    let profile = named.or(variables.profile.as_deref());
    if let (None, Some(name)) = (named, variables.credentials) {
        return configured(name);
    }
    let texts: Vec<_> = variables.files.iter().flat_map(fs::read_to_string).collect();
    let has = |name: &str| texts.iter().any(|text| has_profile(text, name));
    match profile {
        Some(name) if has(name) => configured(format_args!("profile {name}")),
        Some(name) => not_configured(format_args!("there is no profile {name}")),
        None if has("default") => configured("profile default"),
        None => not_configured(format_args!("no credentials of AWS are here, {MACHINE}")),
    }
}

/// Whether a configuration file of AWS has a section for a profile.
#[cfg(feature = "aws")]
fn has_profile(text: &str, name: &str) -> bool {
    let headings = text.lines().filter_map(|line| {
        let inner = line.trim().strip_prefix('[')?.split(']').next()?.trim();
        Some(inner.strip_prefix("profile").map_or(inner, str::trim_start))
    });
    headings.into_iter().any(|heading| heading == name)
}

#[cfg(feature = "gcp")]
pub(super) fn gcp(variables: &GcpVariables) -> Holding {
    match variables {
        GcpVariables { credentials: Some(_), .. } => configured("GOOGLE_CREDENTIALS"),
        GcpVariables { access_token: Some(_), .. } => configured("GOOGLE_OAUTH_ACCESS_TOKEN"),
        GcpVariables { default_file: Some(file), .. } if file.is_file() => {
            configured(file.display())
        }
        _ => not_configured(format_args!("no credentials of Google Cloud are here, {MACHINE}")),
    }
}

#[cfg(feature = "azure")]
pub(super) fn azure(variables: &AzureVariables, search_path: Option<&OsStr>) -> Holding {
    let AzureVariables { tenant_id, client_id, client_secret, federated_token_file, .. } =
        variables;
    let is_named = tenant_id.is_some() && client_id.is_some();
    match (client_secret, federated_token_file) {
        (Some(_), _) if is_named => configured("AZURE_CLIENT_SECRET"),
        (_, Some(_)) if is_named => configured("AZURE_FEDERATED_TOKEN_FILE"),
        _ if variables.has_identity_endpoint => configured("a managed identity"),
        _ if crate::azure::credential::has_tool(search_path) => {
            configured("the login of az, if there is one")
        }
        _ => not_configured(
            "no credentials of Azure are here, and whether this machine has an identity was not asked",
        ),
    }
}

#[cfg(feature = "vault")]
pub(super) fn vault(variables: &VaultVariables) -> Holding {
    match variables {
        VaultVariables { token: Some(_), .. } => configured("VAULT_TOKEN"),
        VaultVariables { role_id: Some(_), secret_id: Some(_), .. } => configured("VAULT_ROLE_ID"),
        VaultVariables { role: Some(role), .. } => configured(format_args!("the role {role}")),
        VaultVariables { token_file: Some(file), .. } if file.is_file() => {
            configured(file.display())
        }
        VaultVariables { agent_address: Some(_), .. } => configured("VAULT_AGENT_ADDR"),
        _ => not_configured("there is no token for Vault"),
    }
}

#[cfg(all(test, feature = "aws"))]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_a_section_of_either_file() {
        let text = "# [old]\n[default]\nregion = x\n[profile  ops]\n[ dev ]\n[sso-session s]\n";
        for name in ["default", "ops", "dev"] {
            assert!(has_profile(text, name), "{name}");
        }
        for name in ["old", "region", "s", "profile", "op"] {
            assert!(!has_profile(text, name), "{name}");
        }
    }

    #[test]
    fn the_profile_that_a_file_names_comes_before_everything_else() {
        let variables =
            AwsVariables { credentials: Some("AWS_ACCESS_KEY_ID"), ..AwsVariables::default() };
        assert_eq!(aws(&variables, None), configured("AWS_ACCESS_KEY_ID"));
        assert_eq!(aws(&variables, Some("")), configured("AWS_ACCESS_KEY_ID"));
        assert_eq!(aws(&variables, Some("ops")), not_configured("there is no profile ops"));
    }
}
