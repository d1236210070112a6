//! Which vaults are asked, and which never.

use bulla_core::{KeyError, MasterKey};

use crate::environment::Environment;
use crate::remote::{AllowList, Origin};

/// Each cloud by the ending of those who issue its tokens, and the domains below
/// which its vaults and its managed hardware are.
const CLOUDS: [(&[&str], [&str; 2]); 3] = [
    (
        &["chinacloudapi.cn", "partner.microsoftonline.cn"],
        ["vault.azure.cn", "managedhsm.azure.cn"],
    ),
    (&["microsoftonline.us"], ["vault.usgovcloudapi.net", "managedhsm.usgovcloudapi.net"]),
    (&[], ["vault.azure.net", "managedhsm.azure.net"]),
];

/// The vaults that the user's environment is configured for.
pub(super) struct Vaults {
    own: Vec<Origin>,
    allow_list: AllowList,
    domains: [&'static str; 2],
}

impl Vaults {
    pub(super) fn new(environment: &Environment) -> Self {
        let named = environment.named.iter().filter_map(|key| match key {
            MasterKey::AzureKv { vault_url, .. } => Origin::parse(vault_url),
            _ => None,
        });
        let keys = environment.master_keys.get("SOPS_AZURE_KEYVAULT_URLS").map(String::as_str);
        let keys = keys.unwrap_or_default().split(',');
        Self {
            own: named.chain(keys.filter_map(|key| Origin::of_url(key.trim()))).collect(),
            allow_list: AllowList::parse(environment.azure.allow_list.as_deref()),
            domains: domains(environment.azure.authority_host.as_deref().unwrap_or_default()),
        }
    }

    /// The vault that a file names.
    pub(super) fn choose(&self, vault_url: &str) -> Result<Origin, KeyError> {
        let vault = Origin::parse(vault_url).filter(|vault| vault.as_str().starts_with("https:"));
        let Some(vault) = vault else {
            return Err(KeyError::new("its vault is not the address of a server")
                .with_hint("it looks like https://NAME.vault.azure.net"));
        };
        // A token is good for every vault of its cloud, so no other server may see one.
        let below = |domain: &&str| {
            let name = vault.host().strip_suffix(domain).and_then(|name| name.strip_suffix('.'));
            name.is_some_and(|name| !name.is_empty() && !name.contains('.'))
        };
        if !self.domains.iter().any(below) {
            let domain = self.domains[0];
            let reason = format!("{vault} is not a vault of this cloud, so it gets no token");
            return Err(KeyError::denied(reason).with_hint(format!(
                "vaults are below {domain}; AZURE_AUTHORITY_HOST names the cloud"
            )));
        }
        if self.allow_list == AllowList::Nothing {
            let reason = "BULLA_AZURE_ALLOWLIST is none, so no vault gets a token";
            return Err(KeyError::denied(reason));
        }
        if self.own.contains(&vault) || self.allow_list.allows(&vault) {
            return Ok(vault);
        }
        Err(KeyError::denied(format!(
            "your environment does not name {vault}, so it gets no token"
        ))
        .with_hint(format!("if you trust it, set BULLA_AZURE_ALLOWLIST={vault}")))
    }
}

/// The domains of the cloud whose tokens come from this authority.
fn domains(authority: &str) -> [&'static str; 2] {
    let host = Origin::parse(authority).map(|origin| origin.host().to_owned()).unwrap_or_default();
    let found = CLOUDS.iter().find(|(issuers, _)| {
        issuers.is_empty() || issuers.iter().any(|issuer| host.ends_with(issuer))
    });
    // The last row takes what the others leave.
    found.map_or(CLOUDS[2].1, |(_, domains)| *domains)
}

/// A key in a vault.
#[derive(Debug)]
pub(super) struct KeyName<'k> {
    pub(super) name: &'k str,
    /// None: the one that is current.
    pub(super) version: Option<&'k str>,
}

impl<'k> KeyName<'k> {
    /// Both become part of a path, so neither may lead to another place.
    pub(super) fn new(name: &'k str, version: &'k str) -> Result<Self, KeyError> {
        let named = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let is_name = (1..=127).contains(&name.len()) && name.bytes().all(named);
        let version = Some(version).filter(|version| !version.is_empty());
        if is_name && version.is_none_or(is_version) {
            return Ok(Self { name, version });
        }
        Err(KeyError::new("this is not the name of a key of Azure Key Vault")
            .with_hint("it looks like https://NAME.vault.azure.net/keys/KEY/VERSION"))
    }
}

pub(super) fn is_version(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::AzureVariables;

    fn vaults(allow_list: &str, authority_host: Option<&str>) -> Vaults {
        let azure = AzureVariables {
            allow_list: Some(allow_list.to_owned()),
            authority_host: authority_host.map(str::to_owned),
            ..AzureVariables::default()
        };
        Vaults::new(&Environment { azure: azure.into(), ..Environment::default() })
    }

    #[test]
    fn only_named_vaults_of_azure_get_a_token() {
        let own = vaults("https://mine.vault.azure.net", None);
        assert!(own.choose("https://mine.vault.azure.net").is_ok());
        assert!(own.choose("https://MINE.vault.azure.net/").is_ok());
        let error = own.choose("https://other.vault.azure.net").unwrap_err();
        assert!(error.hint.unwrap().contains("BULLA_AZURE_ALLOWLIST=https://other"));
        for list in ["", "none"] {
            assert!(vaults(list, None).choose("https://mine.vault.azure.net").is_err(), "{list}");
        }
    }

    #[test]
    fn what_is_not_of_this_cloud_gets_none_even_if_it_is_allowed() {
        let all = vaults("all", None);
        assert!(all.choose("https://any.vault.azure.net").is_ok());
        assert!(all.choose("https://any.managedhsm.azure.net").is_ok());
        for url in [
            "https://vault.azure.net",
            "https://a.b.vault.azure.net",
            "https://evilvault.azure.net",
            "https://any.vault.azure.net.evil.net",
            "https://any.vault.azure.net@evil.net",
            "http://any.vault.azure.net",
            "https://any.vault.azure.cn",
            "https://127.0.0.1",
            "https://any.vault.azure.net/path",
        ] {
            assert!(all.choose(url).is_err(), "{url}");
            assert!(vaults(url, None).choose(url).is_err(), "{url}");
        }
    }

    #[test]
    fn other_clouds_have_other_vaults() {
        let china = vaults("all", Some("https://login.chinacloudapi.cn/"));
        assert!(china.choose("https://any.vault.azure.cn").is_ok());
        assert!(china.choose("https://any.vault.azure.net").is_err());
        let government = vaults("all", Some("https://login.microsoftonline.us"));
        assert!(government.choose("https://any.vault.usgovcloudapi.net").is_ok());
    }

    #[test]
    fn keys_in_the_users_variable_bring_their_vaults() {
        let keys = "https://mine.vault.azure.net/keys/k/0123, https://b.vault.azure.net/keys/k";
        let master_keys = [("SOPS_AZURE_KEYVAULT_URLS", keys.to_owned())].into();
        let vaults = Vaults::new(&Environment { master_keys, ..Environment::default() });
        assert!(vaults.choose("https://mine.vault.azure.net").is_ok());
        assert!(vaults.choose("https://b.vault.azure.net").is_ok());
        assert!(vaults.choose("https://c.vault.azure.net").is_err());
    }

    #[test]
    fn a_name_leads_nowhere_else() {
        assert!(KeyName::new("key-1", "0123456789abcdef0123456789abcdef").is_ok());
        assert!(KeyName::new("key-1", "").is_ok());
        for (name, version) in
            [("", ""), ("a/b", ""), ("..", ""), ("k?", ""), ("k", "../x"), ("k", "a b")]
        {
            assert!(KeyName::new(name, version).is_err(), "{name} {version}");
        }
    }
}
