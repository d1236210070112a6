//! age's plugins: programs called `age-plugin-NAME` that have keys elsewhere, in a token
//! or behind a service.
//!
//! A plugin is started when an identity of the user's own names it. A recipient is text
//! from a repository: it starts a plugin only when such an identity, or the allow list
//! `BULLA_AGE_PLUGINS`, names the plugin too.

use std::ffi::OsStr;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use age::plugin::{Identity, IdentityPluginV1, Recipient, RecipientPluginV1};
use age::{Callbacks, DecryptError, Identity as _};
use age_core::format::{FileKey, Stanza};
use bulla_core::KeyError;
use secrecy::SecretString;

use crate::program::{find, short_reason};
use crate::terminal;

/// The kinds of recipients that have the form of a plugin's, but are age's own.
const NATIVE: [&str; 3] = ["pq", "tag", "tagpq"];

/// The identities of one plugin.
pub(super) struct Plugin {
    name: String,
    identities: Vec<Identity>,
    /// What went wrong when it was last asked.
    problem: Mutex<Option<String>>,
}

impl Plugin {
    /// Adds an identity, `AGE-PLUGIN-NAME-1…`, to its plugin. Whether it is one.
    pub(super) fn add(plugins: &mut Vec<Self>, text: &str) -> bool {
        let Ok(identity) = Identity::from_str(text) else { return false };
        let name = identity.plugin().to_owned();
        if !is_safe(&name) {
            return false;
        }
        match plugins.iter_mut().find(|plugin| plugin.name == name) {
            Some(plugin) => plugin.identities.push(identity),
            None => {
                plugins.push(Self { name, identities: vec![identity], problem: Mutex::default() })
            }
        }
        true
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether it may open files of a recipient; only the plugin itself knows. The
    /// recipients of keys in tokens do not say which plugin has them.
    pub(super) fn may_open(&self, text: &str) -> bool {
        const OF_TOKENS: [&str; 2] = ["age1tag1", "age1tagpq1"];
        recipient(text).is_some_and(|recipient| recipient.plugin() == self.name)
            || OF_TOKENS.iter().any(|prefix| text.starts_with(prefix))
    }

    pub(super) fn count(&self) -> usize {
        self.identities.len()
    }

    /// Starts the plugin with its identities. A failure is remembered, not returned:
    /// another identity may fit.
    pub(super) fn unwrap(&self, stanzas: &[Stanza], path: Option<&OsStr>) -> Option<FileKey> {
        let result = startable(&self.name, path).and_then(|()| {
            let plugin = IdentityPluginV1::new(&self.name, &self.identities, Terminal);
            let plugin = plugin.map_err(|error| short_reason(&error.to_string()))?;
            let unwrapped = plugin.unwrap_stanzas(stanzas).transpose();
            let failed = |error: DecryptError| short_reason(&error.to_string());
            unwrapped.map_err(|error| format!("age-plugin-{} failed: {}", self.name, failed(error)))
        });
        let mut problem = self.problem.lock().unwrap_or_else(PoisonError::into_inner);
        *problem = result.as_ref().err().cloned();
        result.ok().flatten()
    }

    /// What went wrong when it was last asked, if anything did.
    pub(super) fn problem(&self) -> Option<String> {
        self.problem.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Reads a plugin's recipient, `age1NAME1…`; `None` when this is not one.
pub(super) fn recipient(text: &str) -> Option<Recipient> {
    let recipient = Recipient::from_str(text).ok()?;
    let name = recipient.plugin();
    (is_safe(name) && !NATIVE.contains(&name)).then_some(recipient)
}

/// The plugin behind a recipient, if it may be started.
pub(super) fn for_sealing(
    recipient: Recipient,
    is_allowed: impl Fn(&str) -> bool,
    path: Option<&OsStr>,
) -> Result<Box<dyn age::Recipient>, KeyError> {
    let name = recipient.plugin().to_owned();
    if !is_allowed(&name) {
        let reason = format!("sealing for it would start age-plugin-{name}, which is not allowed");
        let hint = format!(
            "allow it with BULLA_AGE_PLUGINS={name}, or by an identity of it in your keys file"
        );
        return Err(KeyError::new(reason).with_hint(hint));
    }
    let missing = |reason: String| {
        KeyError::new(reason)
            .with_hint("install the plugin, in a directory of PATH that is absolute")
    };
    startable(&name, path).map_err(missing)?;
    let plugin = RecipientPluginV1::new(&name, &[recipient], &[], Terminal);
    Ok(Box::new(plugin.map_err(|error| missing(short_reason(&error.to_string())))?))
}

/// Whether an allow list, parted by commas or blanks, names a plugin.
pub(super) fn is_listed(list: &str, name: &str) -> bool {
    list.split(|char: char| char == ',' || char.is_whitespace()).any(|listed| listed == name)
}

/// Names are parts of file names. age takes any sign that Bech32 has, even in the first
/// place.
fn is_safe(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let sign = |byte: u8| matches!(byte, b'-' | b'_' | b'+' | b'.');
    name.len() <= 64
        && name.bytes().next().is_some_and(inner)
        && name.bytes().all(|byte| inner(byte) || sign(byte))
        && !name.contains("..")
}

/// The age crate looks for the program itself, in the same order; here it is made sure
/// that this does not end in the working directory.
fn startable(name: &str, path: Option<&OsStr>) -> Result<(), String> {
    find(&format!("age-plugin-{name}"), path).map(|_| ())
}

/// What plugins say and ask goes to the terminal.
#[derive(Clone)]
struct Terminal;

impl Callbacks for Terminal {
    fn display_message(&self, message: &str) {
        terminal::show(message);
    }

    fn confirm(&self, message: &str, yes: &str, no: Option<&str>) -> Option<bool> {
        let other = no.map(|no| format!(", 2: {no}")).unwrap_or_default();
        let answer = terminal::line(&format!("{message} (1: {yes}{other}) ")).ok()?;
        match answer.trim() {
            "1" => Some(true),
            "2" if no.is_some() => Some(false),
            _ => None,
        }
    }

    fn request_public_string(&self, description: &str) -> Option<String> {
        terminal::line(&format!("{description} ")).ok()
    }

    fn request_passphrase(&self, description: &str) -> Option<SecretString> {
        terminal::secret(&format!("{description} ")).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_are_plain_words_are_safe() {
        for name in ["yubikey", "tpm", "fido2-hmac", "1p", "a.b", "x_y+z"] {
            assert!(is_safe(name), "{name}");
        }
        let long = "x".repeat(65);
        for name in ["", "-x", ".x", "+", "a..b", "a/b", "../x", "a b", "A", "ä", "a\n", &long] {
            assert!(!is_safe(name), "{name}");
        }
    }

    #[test]
    fn the_allow_list_names_whole_plugins() {
        assert!(is_listed("yubikey, tpm", "tpm") && is_listed("tpm", "tpm"));
        assert!(!is_listed("yubikey", "yubi") && !is_listed("all", "x"));
    }

    #[test]
    fn a_path_that_leads_to_the_working_directory_starts_nothing() {
        assert!(startable("x", Some(OsStr::new("."))).is_err());
        assert!(startable("x", None).is_err());
    }
}
