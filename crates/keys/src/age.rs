//! age: X25519 and hybrid keys, SSH keys, plugins, identities behind a passphrase.
//!
//! What it takes to open a file is tried in steps, the cheapest first: identities at
//! hand, SSH keys, the user's commands, plugins, passphrases. A later step is not even
//! looked at when an earlier one opens the file.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::OnceLock;

use age::armor::{ArmoredReader, ArmoredWriter, Format};
use age::{DecryptError, Decryptor, Encryptor, x25519};
use bulla_core::{KeyError, KeyService, MasterKey, WrappedKey};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use zeroize::Zeroizing;

use crate::environment::Environment;
use crate::program::short_reason;

pub(crate) mod holdings;
mod hybrid;
mod identities;
mod ladder;
#[cfg(feature = "plugin")]
mod plugin;
mod protected;
mod recipient;
mod sources;
#[cfg(feature = "ssh")]
mod ssh;

use ladder::Ladder;
use sources::{KeyCommand, Source};

/// A data key has 32 bytes, a share 33: whatever is longer is neither.
const LONGEST_SECRET: u64 = 64;

/// A fresh key pair.
pub struct AgeKey {
    /// `age1…` or `age1pq1…`
    pub recipient: String,
    /// `AGE-SECRET-KEY-1…` or `AGE-SECRET-KEY-PQ-1…`
    pub identity: SecretString,
}

/// Makes a key pair.
pub fn generate() -> AgeKey {
    let identity = x25519::Identity::generate();
    AgeKey { recipient: identity.to_public().to_string(), identity: identity.to_string() }
}

/// Makes a hybrid key pair, for files that must stay closed when quantum computers come.
/// sops opens them since 3.12.
pub fn generate_hybrid() -> AgeKey {
    let identity = hybrid::Identity::generate();
    AgeKey { recipient: identity.to_public().to_string(), identity: identity.to_text() }
}

/// The recipient of an identity, when that is one that age itself knows.
pub fn recipient_of(identity: &str) -> Option<String> {
    let x25519 = x25519::Identity::from_str(identity);
    let hybrid = || hybrid::Identity::from_str(identity).ok();
    let x25519 = x25519.ok().map(|identity| identity.to_public().to_string());
    x25519.or_else(|| hybrid().map(|identity| identity.to_public().to_string()))
}

/// Where identities are looked for when no variable names them:
/// `sops/age/keys.txt` in the user's configuration.
pub fn default_keys_file(environment: &Environment) -> Option<PathBuf> {
    Some(environment.config_dir.as_ref()?.join("sops").join("age").join("keys.txt"))
}

/// Wraps and unwraps with age. Nothing is read before a key is asked for.
pub struct Age {
    environment: Environment,
    at_hand: OnceLock<Vec<Source>>,
    key_command: Option<KeyCommand>,
    #[cfg(feature = "ssh")]
    ssh_at_hand: OnceLock<Vec<Source>>,
    #[cfg(feature = "ssh")]
    ssh_command: Option<KeyCommand>,
}

impl Age {
    /// The service; reads nothing yet.
    pub fn new(environment: Environment) -> Self {
        Self {
            at_hand: OnceLock::new(),
            key_command: KeyCommand::for_identities(&environment),
            #[cfg(feature = "ssh")]
            ssh_at_hand: OnceLock::new(),
            #[cfg(feature = "ssh")]
            ssh_command: KeyCommand::for_ssh(&environment),
            environment,
        }
    }

    fn at_hand(&self) -> &[Source] {
        self.at_hand.get_or_init(|| sources::at_hand(&self.environment))
    }

    #[cfg(feature = "ssh")]
    fn ssh_at_hand(&self) -> &[Source] {
        self.ssh_at_hand.get_or_init(|| sources::ssh_at_hand(&self.environment))
    }

    /// Whether this recipient may start this plugin.
    #[cfg(feature = "plugin")]
    fn is_allowed(&self, recipient: &str, plugin: &str) -> bool {
        let key = MasterKey::Age { recipient: recipient.to_owned() };
        let variable = self.environment.master_keys.get("SOPS_AGE_RECIPIENTS");
        let spelled_out = variable.is_some_and(|list| plugin::is_listed(list, recipient));
        if spelled_out || self.environment.named.contains(&key) {
            return true;
        }
        let names_it = |source: &Source| match &source.found {
            Ok(sources::Found::Identities(identities)) => {
                identities.plugins.iter().any(|own| own.name() == plugin)
            }
            _ => false,
        };
        let list = self.environment.age.plugins.as_deref().unwrap_or_default();
        plugin::is_listed(list, plugin) || self.at_hand().iter().any(names_it)
    }

    fn recipient(&self, text: &str) -> Result<Box<dyn age::Recipient>, KeyError> {
        if let Some(native) = recipient::native(text) {
            return Ok(native);
        }
        if let Some(ssh) = recipient::ssh(text) {
            return ssh;
        }
        #[cfg(feature = "plugin")]
        if let Some(plugin) = recipient::of_plugin(
            text,
            |name| self.is_allowed(text, name),
            self.environment.path.as_deref(),
        ) {
            return plugin;
        }
        Err(recipient::refusal(text))
    }
}

impl KeyService for Age {
    fn unwrap(&self, wrapped: &WrappedKey) -> Result<Option<SecretSlice<u8>>, KeyError> {
        let MasterKey::Age { recipient } = &wrapped.key else { return Ok(None) };
        let ladder = Ladder::new(self, recipient);
        if let Some(secret) = decrypt(&wrapped.enc, &ladder)? {
            return Ok(Some(secret));
        }
        #[cfg(not(feature = "ssh"))]
        if recipient.starts_with("ssh-") {
            return Err(recipient::left_out("SSH keys", "ssh"));
        }
        ladder.into_obstacle().map_or(Ok(None), Err)
    }

    fn unwrap_at_hand(&self, wrapped: &WrappedKey) -> Option<SecretSlice<u8>> {
        let MasterKey::Age { recipient } = &wrapped.key else { return None };
        decrypt(&wrapped.enc, &Ladder::at_hand(self, recipient)).ok().flatten()
    }

    fn wrap(
        &self,
        key: &MasterKey,
        secret: &SecretSlice<u8>,
    ) -> Result<Option<WrappedKey>, KeyError> {
        let MasterKey::Age { recipient } = key else { return Ok(None) };
        let recipient = self.recipient(recipient)?;
        let enc = encrypt(&*recipient, secret.expose_secret()).map_err(|error| {
            KeyError::new(format!("age failed: {}", short_reason(&error.to_string())))
        })?;
        Ok(Some(WrappedKey { key: key.clone(), enc, created_at: None }))
    }

    fn tried(&self, key: &MasterKey) -> Vec<String> {
        let MasterKey::Age { recipient } = key else { return Vec::new() };
        let mut tried = Vec::new();
        #[cfg(feature = "ssh")]
        if recipient.starts_with("ssh-") {
            tried.extend(self.ssh_at_hand.get().into_iter().flatten().map(Source::describe));
            tried.extend(self.ssh_command.as_ref().and_then(|command| command.describe(recipient)));
        }
        tried.extend(self.at_hand().iter().map(Source::describe));
        tried.extend(self.key_command.as_ref().and_then(|command| command.describe(recipient)));
        tried
    }
}

fn encrypt(
    recipient: &dyn age::Recipient,
    secret: &[u8],
) -> Result<String, Box<dyn std::error::Error>> {
    let armored = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor)?;
    let recipients = std::iter::once(recipient);
    let mut writer = Encryptor::with_recipients(recipients)?.wrap_output(armored)?;
    writer.write_all(secret)?;
    Ok(String::from_utf8(writer.finish()?.finish()?)?)
}

/// `None`: no identity fits.
fn decrypt(enc: &str, identity: &dyn age::Identity) -> Result<Option<SecretSlice<u8>>, KeyError> {
    let damaged =
        |_| KeyError::new("its wrapped data key is damaged").with_hint("restore the file from git");
    // sops accepts blank lines before the armor, the age crate does not.
    let reader = ArmoredReader::new(enc.trim_start().as_bytes());
    let decryptor = Decryptor::new(reader).map_err(damaged)?;
    let plain = match decryptor.decrypt(std::iter::once(identity)) {
        Ok(plain) => plain,
        Err(DecryptError::NoMatchingKeys) => return Ok(None),
        Err(error) => return Err(damaged(error)),
    };
    let mut secret = Zeroizing::new(Vec::with_capacity(LONGEST_SECRET as usize + 1));
    plain
        .take(LONGEST_SECRET + 1)
        .read_to_end(&mut secret)
        .map_err(|error| damaged(DecryptError::Io(error)))?;
    Ok(Some(SecretSlice::from(std::mem::take(&mut *secret))))
}

fn wrong_passphrase(name: &str) -> KeyError {
    KeyError::new(format!("the passphrase that was given for {name} is wrong"))
        .with_hint("try again")
}

#[cfg(test)]
mod tests;
