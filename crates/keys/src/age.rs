//! age with X25519 keys.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::OnceLock;

use age::armor::{ArmoredReader, ArmoredWriter, Format};
use age::x25519::{Identity, Recipient};
use age::{DecryptError, Decryptor, Encryptor};
use bulla_core::{KeyError, KeyService, MasterKey, WrappedKey};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use zeroize::Zeroizing;

use crate::environment::Environment;

mod identities;

use identities::Source;

/// A data key has 32 bytes, a share 33: whatever is longer is neither.
const LONGEST_SECRET: u64 = 64;

/// A fresh key pair.
pub struct AgeKey {
    /// `age1…`
    pub recipient: String,
    /// `AGE-SECRET-KEY-1…`
    pub identity: SecretString,
}

/// Makes a key pair.
pub fn generate() -> AgeKey {
    let identity = Identity::generate();
    AgeKey { recipient: identity.to_public().to_string(), identity: identity.to_string() }
}

/// The recipient of an identity, when that is one.
pub fn recipient_of(identity: &str) -> Option<String> {
    Some(Identity::from_str(identity).ok()?.to_public().to_string())
}

/// Where identities are looked for when no variable names them:
/// `sops/age/keys.txt` in the user's configuration.
pub fn default_keys_file(environment: &Environment) -> Option<PathBuf> {
    Some(environment.config_dir.as_ref()?.join("sops").join("age").join("keys.txt"))
}

/// Wraps and unwraps with age.
///
/// Identities are read when the first file is opened, from the sources of sops, in
/// this order: `SOPS_AGE_KEY`, `SOPS_AGE_KEY_FILE`, the default keys file. The
/// command of `SOPS_AGE_KEY_CMD` is started only when none of these opens the file.
pub struct Age {
    environment: Environment,
    at_hand: OnceLock<Vec<Source>>,
    from_command: OnceLock<Option<Source>>,
}

impl Age {
    /// The service; reads nothing yet.
    pub fn new(environment: Environment) -> Self {
        Self { environment, at_hand: OnceLock::new(), from_command: OnceLock::new() }
    }

    fn at_hand(&self) -> &[Source] {
        self.at_hand.get_or_init(|| identities::at_hand(&self.environment))
    }

    fn command_source(&self, recipient: &str) -> Option<&Source> {
        let run = || identities::from_command(&self.environment, recipient);
        self.from_command.get_or_init(run).as_ref()
    }
}

impl KeyService for Age {
    fn unwrap(&self, wrapped: &WrappedKey) -> Result<Option<SecretSlice<u8>>, KeyError> {
        let MasterKey::Age { recipient } = &wrapped.key else { return Ok(None) };
        if !is_x25519(recipient) {
            return Ok(None);
        }
        if let Some(secret) = decrypt(&wrapped.enc, identities::all(self.at_hand()))? {
            return Ok(Some(secret));
        }
        match self.command_source(recipient) {
            Some(source) => decrypt(&wrapped.enc, identities::all(std::slice::from_ref(source))),
            None => Ok(None),
        }
    }

    fn unwrap_at_hand(&self, wrapped: &WrappedKey) -> Option<SecretSlice<u8>> {
        let MasterKey::Age { recipient } = &wrapped.key else { return None };
        let identities = is_x25519(recipient).then(|| identities::all(self.at_hand()))?;
        decrypt(&wrapped.enc, identities).ok().flatten()
    }

    fn wrap(
        &self,
        key: &MasterKey,
        secret: &SecretSlice<u8>,
    ) -> Result<Option<WrappedKey>, KeyError> {
        let MasterKey::Age { recipient } = key else { return Ok(None) };
        let recipient = parse_recipient(recipient)?;
        let enc = encrypt(&recipient, secret.expose_secret())
            .map_err(|error| KeyError::new(format!("age failed: {error}")))?;
        Ok(Some(WrappedKey { key: key.clone(), enc, created_at: None }))
    }

    fn tried(&self, key: &MasterKey) -> Vec<String> {
        let MasterKey::Age { recipient } = key else { return Vec::new() };
        if !is_x25519(recipient) {
            return vec!["this version opens X25519 recipients only".into()];
        }
        let command = self.from_command.get().and_then(Option::as_ref);
        self.at_hand().iter().chain(command).map(Source::describe).collect()
    }
}

fn is_x25519(recipient: &str) -> bool {
    Recipient::from_str(recipient).is_ok()
}

fn parse_recipient(text: &str) -> Result<Recipient, KeyError> {
    Recipient::from_str(text).map_err(|_| {
        let known_elsewhere = text.starts_with("ssh-") || text.starts_with("age1");
        if text.starts_with("AGE-SECRET-KEY-") {
            KeyError::new("this is an identity, which must stay secret, not a recipient")
                .with_hint("name the public key, age1…, and replace the identity if it was shared")
        } else if known_elsewhere && !looks_like_x25519(text) {
            KeyError::new("this version seals for X25519 recipients only")
        } else {
            KeyError::new("this is not an age recipient")
                .with_hint("recipients look like age1…; check that it is complete")
        }
    })
}

/// `age1` and 58 characters: an X25519 recipient with a typing error.
fn looks_like_x25519(text: &str) -> bool {
    text.strip_prefix("age1").is_some_and(|rest| (50..=66).contains(&rest.len()))
}

fn encrypt(recipient: &Recipient, secret: &[u8]) -> Result<String, Box<dyn std::error::Error>> {
    let recipients = std::iter::once(recipient as &dyn age::Recipient);
    let armored = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor)?;
    let mut writer = Encryptor::with_recipients(recipients)?.wrap_output(armored)?;
    writer.write_all(secret)?;
    Ok(String::from_utf8(writer.finish()?.finish()?)?)
}

/// `None`: no identity fits.
fn decrypt<'i>(
    enc: &str,
    identities: impl Iterator<Item = &'i Identity>,
) -> Result<Option<SecretSlice<u8>>, KeyError> {
    let damaged =
        |_| KeyError::new("its wrapped data key is damaged").with_hint("restore the file from git");
    // sops accepts blank lines before the armor, the age crate does not.
    let reader = ArmoredReader::new(enc.trim_start().as_bytes());
    let decryptor = Decryptor::new(reader).map_err(damaged)?;
    let plain = match decryptor.decrypt(identities.map(|identity| identity as &dyn age::Identity)) {
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

#[cfg(test)]
mod tests;
