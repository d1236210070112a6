//! Which server is asked about a key, and which one never.

use std::fmt;

use bulla_core::{KeyError, MasterKey};

use crate::environment::Environment;
use crate::remote::{AllowList, Origin};

/// A server that may get a credential.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Server(Origin);

impl Server {
    /// `https://host:port`
    pub(super) fn base(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The servers that the user's environment is configured for.
pub(super) struct Servers {
    /// `VAULT_AGENT_ADDR`, asked about everything.
    agent: Option<Result<Origin, KeyError>>,
    /// Those that the user named in one way or another.
    own: Vec<Origin>,
    allow_list: AllowList,
}

impl Servers {
    pub(super) fn new(environment: &Environment) -> Self {
        let vault = &environment.vault;
        let agent = vault.agent_address.as_deref().map(|text| {
            Origin::parse(text)
                .ok_or_else(|| KeyError::new("VAULT_AGENT_ADDR is not the address of a server"))
        });
        let named = environment.named.iter().filter_map(|key| match key {
            MasterKey::Vault { address, .. } => Origin::parse(address),
            _ => None,
        });
        let keys = environment.master_keys.get("SOPS_VAULT_URIS").map(String::as_str);
        let keys = keys.unwrap_or_default().split(',');
        let own = vault.address.as_deref().and_then(Origin::parse);
        let own = own.into_iter().chain(named).chain(keys.filter_map(|k| Origin::of_url(k.trim())));
        let allow_list = AllowList::parse(vault.allow_list.as_deref());
        Self { agent, own: own.collect(), allow_list }
    }

    /// The server for a key whose file names this address.
    pub(super) fn choose(&self, address: &str) -> Result<Server, KeyError> {
        let origin = Origin::parse(address).ok_or_else(|| {
            KeyError::new("its address is not that of a server")
                .with_hint("it looks like https://vault.example.com:8200, without a path")
        })?;
        if self.allow_list == AllowList::Nothing {
            let reason = "SOPS_HC_VAULT_ALLOWLIST is none, so no server gets a token";
            return Err(KeyError::denied(reason));
        }
        if let Some(agent) = &self.agent {
            return agent.clone().map(Server);
        }
        if self.own.contains(&origin) || self.allow_list.allows(&origin) {
            return Ok(Server(origin));
        }
        Err(refusal(&origin, !self.own.is_empty()))
    }
}

/// One line that says how to allow it.
fn refusal(origin: &Origin, configured: bool) -> KeyError {
    let reason = match configured {
        _ if !origin.is_private() => {
            format!(
                "{origin} is not encrypted and not named by your environment, so it gets no token"
            )
        }
        true => format!("{origin} is not the server of your environment, so it gets no token"),
        false => format!("your environment names no Vault server, so {origin} gets no token"),
    };
    KeyError::denied(reason).with_hint(format!(
        "if you trust it, set VAULT_ADDR={origin} or add it to SOPS_HC_VAULT_ALLOWLIST"
    ))
}

/// Where on a server a key is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TransitKey {
    /// Where the engine is mounted; may have slashes in it.
    pub(super) mount: String,
    /// The key's name.
    pub(super) name: String,
}

/// The parts of a Vault where no engine can be mounted, in any of its namespaces: what is
/// posted there changes the server itself.
const RESERVED: [&str; 4] = ["auth", "cubbyhole", "identity", "sys"];

impl TransitKey {
    /// Both become part of a path, so neither may lead to another place.
    ///
    /// A namespace may stand before the mount, and only the server knows where the one
    /// ends: so a reserved name is refused wherever it stands.
    pub(super) fn new(engine_path: &str, key_name: &str) -> Result<Self, KeyError> {
        let mount = engine_path.trim_matches('/');
        let key = Self { mount: mount.to_owned(), name: key_name.to_owned() };
        let reserved =
            |segment: &str| RESERVED.iter().any(|name| segment.eq_ignore_ascii_case(name));
        if !is_path(mount) || !is_segment(key_name) {
            return Err(KeyError::new("its path is not that of a key of transit")
                .with_hint("it looks like https://vault.example.com:8200/v1/transit/keys/NAME"));
        }
        match mount.split('/').any(reserved) {
            true => Err(KeyError::denied("its path leads to a part of Vault that is not transit")
                .with_hint("restore the file from git, or mount transit under another name")),
            false => Ok(key),
        }
    }
}

/// Whether this stays below where it is put, whoever reads the address.
pub(super) fn is_path(text: &str) -> bool {
    text.split('/').all(is_segment)
}

fn is_segment(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"/\\?#%;\"<>`{}|^[]".contains(&byte);
    !text.is_empty() && text != "." && text != ".." && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::VaultVariables;

    fn servers(vault: VaultVariables) -> Servers {
        Servers::new(&Environment { vault: vault.into(), ..Environment::default() })
    }

    fn chosen(vault: VaultVariables, address: &str) -> Option<String> {
        servers(vault).choose(address).ok().map(|server| server.to_string())
    }

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn only_what_the_environment_names_gets_a_token() {
        let named = || VaultVariables {
            address: text("https://vault.example.com:8200/"),
            ..VaultVariables::default()
        };
        let same = "https://vault.example.com:8200";
        assert_eq!(chosen(named(), same), text(same));
        for other in [
            "https://vault.example.com",
            "http://vault.example.com:8200",
            "https://vault.example.com:8200.evil.net",
            "https://vault.example.com:8200@evil.net",
            "https://evil.net",
            "http://127.0.0.1:8200",
        ] {
            assert_eq!(chosen(named(), other), None, "{other}");
            assert_eq!(chosen(VaultVariables::default(), other), None, "{other}");
        }
    }

    #[test]
    fn a_refusal_says_how_to_allow_it() {
        let error = servers(VaultVariables::default()).choose("https://evil.net").unwrap_err();
        assert!(error.reason.contains("https://evil.net gets no token"), "{}", error.reason);
        let hint = error.hint.unwrap();
        assert!(hint.contains("VAULT_ADDR") && hint.contains("SOPS_HC_VAULT_ALLOWLIST"), "{hint}");
    }

    #[test]
    fn http_is_asked_for_by_its_name() {
        let plain = "http://10.0.0.1:8200";
        let by = |allow_list, address| {
            chosen(VaultVariables { allow_list, address, ..VaultVariables::default() }, plain)
        };
        assert_eq!(by(text("all"), None), None);
        assert_eq!(by(text("10.0.0.1:8200"), None), None);
        assert_eq!(by(text(plain), None), text(plain));
        assert_eq!(by(None, text(plain)), text(plain));
        assert_eq!(by(text("none"), text(plain)), None);
    }

    #[test]
    fn keys_that_the_user_named_bring_their_servers() {
        let address = "https://vault.example.com".to_owned();
        let key = MasterKey::Vault {
            address: address.clone(),
            engine_path: "transit".into(),
            key_name: "k".into(),
        };
        let typed = Environment { named: vec![key], ..Environment::default() };
        assert!(Servers::new(&typed).choose(&address).is_ok());
        let keys = "https://other.net/v1/transit/keys/a, https://vault.example.com/v1/t/keys/b";
        let master_keys = [("SOPS_VAULT_URIS", keys.to_owned())].into();
        let set = Environment { master_keys, ..Environment::default() };
        assert!(Servers::new(&set).choose(&address).is_ok());
    }

    #[test]
    fn an_agent_is_asked_whatever_the_file_names() {
        let agent = || VaultVariables {
            agent_address: text("http://127.0.0.1:8100"),
            ..VaultVariables::default()
        };
        assert_eq!(chosen(agent(), "https://elsewhere.net"), text("http://127.0.0.1:8100"));
        let broken = VaultVariables { agent_address: text("nonsense"), ..agent() };
        assert_eq!(chosen(broken, "https://elsewhere.net"), None);
    }

    #[test]
    fn a_path_leads_nowhere_else() {
        assert!(TransitKey::new("deep/nested/transit", "key.one-2").is_ok());
        for (mount, name) in [
            ("", "k"),
            ("transit", ""),
            ("transit/../sys", "k"),
            ("transit//x", "k"),
            ("transit", "a/b"),
            ("transit", ".."),
            ("transit?x=", "k"),
            ("transit", "k#x"),
            ("tran%2fsit", "k"),
            ("transit", "k\r\nX-Vault-Token: t"),
            ("transit", "k k"),
            ("transit;x", "k;y"),
        ] {
            assert!(TransitKey::new(mount, name).is_err(), "{mount} {name}");
        }
    }

    #[test]
    fn what_is_not_transit_is_not_posted_to() {
        for mount in [
            "sys/raw",
            "sys/leases/revoke-prefix",
            "cubbyhole",
            "identity/entity/name",
            "auth/token",
        ] {
            for path in [mount.to_owned(), format!("team/{mount}"), mount.to_uppercase()] {
                let error = TransitKey::new(&path, "k").unwrap_err();
                assert!(error.reason.contains("is not transit"), "{path}: {}", error.reason);
            }
        }
        for mount in ["transit", "system", "team/transit-auth", "authority/identity-keys"] {
            assert!(TransitKey::new(mount, "k").is_ok(), "{mount}");
        }
    }
}
