//! Key-value stores of Vault and OpenBao.

use bulla_core::KeyError;
use bulla_keys::requests::{Reply, VaultRequests};
use serde_json::Value;
use zeroize::Zeroizing;

use super::Senders;
use super::target::{Sent, Target, checked, encoded, refused};
use crate::failure::say;

/// Where a store is mounted, and its version, when the rule does not say it.
const MOUNT: &str = "secret";
const VERSION: u8 = 2;

/// The server that Vault's own clients ask when nothing is said; shown, and not asked.
const NOBODY: &str = "https://127.0.0.1:8200";

/// One secret.
#[derive(Debug)]
pub(super) struct Secret {
    address: Option<String>,
    mount: String,
    path: String,
    version: u8,
}

impl Secret {
    /// Mount and path lead to no other place than they say.
    pub(super) fn new(
        address: Option<String>,
        mount: Option<&str>,
        path: &str,
        version: Option<u8>,
    ) -> Result<Self, String> {
        let mount = mount.unwrap_or(MOUNT).trim_matches('/').to_owned();
        let path = path.trim_matches('/').replace("//", "/");
        for (field, text) in [("vault_kv_mount_name", &mount), ("vault_path", &path)] {
            checked(text)?;
            if text.split('/').any(str::is_empty) {
                return Err(format!("{field} has an empty part"));
            }
        }
        Ok(Self { address, mount, path, version: version.unwrap_or(VERSION) })
    }

    /// Below `/v1/`.
    fn api_path(&self) -> String {
        let (mount, path) = (encoded(&self.mount), encoded(&self.path));
        match self.version {
            1 => format!("{mount}/{path}"),
            _ => format!("{mount}/data/{path}"),
        }
    }

    /// Makes sure that a store is mounted there, and not another engine: it would take a
    /// secret for an order.
    fn check_mount(&self, vault: &VaultRequests) -> Result<(), KeyError> {
        let (mount, path) = (encoded(&self.mount), encoded(&self.path));
        let reply = vault.get(&format!("sys/internal/ui/mounts/{mount}/{path}"))?;
        let server = vault.server();
        if reply.status != 200 {
            return Err(match reply.status {
                // For Vault, what may not be seen is not there.
                403 | 404 => KeyError::denied(format!(
                    "{server} shows no store at {}, or not to this token",
                    self.mount
                ))
                .with_hint("check vault_kv_mount_name in the rule, and the token's policies"),
                status => refused(server, status, "the right to use this store"),
            });
        }
        let data = data(&reply).ok_or_else(|| garbage(server))?;
        let is_store = matches!(data["type"].as_str(), Some("kv" | "generic"))
            && data["path"].as_str().is_some_and(|path| path.trim_matches('/') == self.mount);
        if !is_store {
            let reason = format!("{} is not where {server} has a key-value store", self.mount);
            return Err(KeyError::new(reason).with_hint("check vault_kv_mount_name in the rule"));
        }
        let version = match data["options"]["version"].as_str() {
            Some("2") => 2,
            _ => 1,
        };
        if version != self.version {
            let reason = format!("the store at {} has version {version}", self.mount);
            return Err(KeyError::new(reason)
                .with_hint(format!("write vault_kv_version: {version} into the rule")));
        }
        Ok(())
    }

    /// What is there already; `None` when there is nothing, or nobody may see it.
    fn existing(&self, vault: &VaultRequests) -> Result<Option<Value>, KeyError> {
        let reply = vault.get(&self.api_path());
        let unseen = |why: &str| {
            say(&format!(
                "bulla: warning: {}: {why}, so it is written whether it changes or not",
                self.shown()
            ));
            Ok(None)
        };
        match reply {
            Ok(Reply { status: 404, .. }) => Ok(None),
            Ok(reply) if reply.status == 200 => {
                let mut data = data(&reply).ok_or_else(|| garbage(vault.server()))?;
                Ok(Some(if self.version == 1 { data } else { data["data"].take() }))
            }
            Ok(Reply { status: 403, .. }) => unseen("this token may not read it"),
            Ok(reply) => unseen(&format!("reading it gives the status {}", reply.status)),
            Err(error) => Err(error),
        }
    }
}

impl Target for Secret {
    fn shown(&self) -> String {
        let address = self.address.as_deref().unwrap_or(NOBODY).trim_end_matches('/');
        let data = if self.version == 1 { "" } else { "data/" };
        format!("{address}/v1/{}/{data}{}", self.mount, self.path)
    }

    fn is_plaintext(&self) -> bool {
        true
    }

    fn send(&self, senders: &Senders, content: Zeroizing<Vec<u8>>) -> Result<Sent, KeyError> {
        let vault = senders.vault(self.address.as_deref())?;
        let server = vault.server();
        self.check_mount(&vault)?;
        // What bulla wrote itself a moment ago.
        let new: Value = serde_json::from_slice(&content)
            .map_err(|_| KeyError::new("its values cannot be written as JSON"))?;
        if self.existing(&vault)?.is_some_and(|old| old == new) {
            return Ok(Sent::Same);
        }
        let mut body = Zeroizing::new(Vec::with_capacity(content.len() + 16));
        if self.version == 1 {
            body.extend_from_slice(&content);
        } else {
            body.extend_from_slice(b"{\"data\":");
            body.extend_from_slice(&content);
            body.push(b'}');
        }
        let reply = vault.post(&self.api_path(), std::mem::take(&mut *body))?;
        match reply.status {
            200 | 204 => Ok(Sent::Written),
            404 => Err(KeyError::new(format!("{server} has no store at {}", self.mount))),
            status => {
                let right = "the right to create and update this secret";
                Err(refused(server, status, right))
            }
        }
    }
}

/// The `data` of an answer.
fn data(reply: &Reply) -> Option<Value> {
    let answer: Value = serde_json::from_slice(&reply.body).ok()?;
    match answer {
        Value::Object(mut answer) => answer.remove("data").filter(Value::is_object),
        _ => None,
    }
}

fn garbage(server: &str) -> KeyError {
    KeyError::new(format!("{server} answered with something that Vault does not say"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(mount: Option<&str>, path: &str, version: Option<u8>) -> Result<String, String> {
        Secret::new(None, mount, path, version).map(|secret| secret.api_path())
    }

    #[test]
    fn a_secret_is_where_sops_puts_it() {
        assert_eq!(path(None, "v/a.yaml", None).unwrap(), "secret/data/v/a.yaml");
        assert_eq!(path(Some("kv/"), "v//a.yaml", Some(1)).unwrap(), "kv/v/a.yaml");
        assert_eq!(
            path(Some("team/kv"), "/v//sub/a b?#%.env", Some(2)).unwrap(),
            "team/kv/data/v/sub/a%20b%3F%23%25.env"
        );
    }

    #[test]
    fn a_rule_leads_nowhere_else() {
        for (mount, below) in [
            ("secret/..", "x"),
            ("secret", "../../sys/x"),
            ("a//b", "x"),
            ("", "x"),
            ("s", "a/./b"),
        ] {
            assert!(path(Some(mount), below, None).is_err(), "{mount} {below}");
        }
    }
}
