//! SSH keys as recipients and identities.

use std::io::Cursor;
use std::str::FromStr;
use std::sync::OnceLock;

use age::ssh::{Identity, ParseRecipientKeyError, Recipient, UnsupportedKey};
use age::{DecryptError, Identity as _};
use age_core::format::{FileKey, Stanza};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bulla_core::KeyError;
use sha2::{Digest, Sha256};

use crate::terminal;

/// A private key of OpenSSH.
pub(super) struct SshKey {
    identity: Identity,
    /// What stanzas for this key are marked with: age does not hide for which SSH key a
    /// file is, so nobody is asked for the passphrase of a key that does not fit.
    tag: String,
    /// The public key, as its recipients have it.
    public: Vec<u8>,
    unlocked: OnceLock<Result<Identity, KeyError>>,
}

impl SshKey {
    /// Reads a private key.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim_start_matches('\u{feff}').trim_start();
        let identity = Identity::from_buffer(Cursor::new(text), None)
            .map_err(|_| "is not a private SSH key that age can use (ed25519 or RSA)")?;
        if let Identity::Unsupported(unsupported) = &identity {
            return Err(match unsupported {
                UnsupportedKey::EncryptedPem => {
                    "is encrypted in an old way; write it anew with ssh-keygen -p -f FILE".into()
                }
                UnsupportedKey::EncryptedSsh(_) => {
                    "is encrypted with a cipher that age does not know; write it anew with ssh-keygen -p -Z aes256-ctr -f FILE".into()
                }
                UnsupportedKey::Hardware(_) => {
                    "stands for a key in hardware, which age reaches through plugins only".into()
                }
                _ => "is of a kind that age cannot use; ed25519 and RSA keys are".to_owned(),
            });
        }
        let blob = match Recipient::try_from(identity.clone()) {
            Ok(Recipient::SshEd25519(blob, _) | Recipient::SshRsa(blob, _)) => blob,
            Err(_) => {
                return Err("is of a kind that age cannot use; ed25519 and RSA keys are".into());
            }
        };
        let tag = STANDARD_NO_PAD.encode(&Sha256::digest(&blob)[..4]);
        Ok(Self { identity, tag, public: blob, unlocked: OnceLock::new() })
    }

    /// Whether this is the key of a recipient, whatever its comment.
    pub(super) fn is_of(&self, recipient: &str) -> bool {
        match Recipient::from_str(recipient) {
            Ok(Recipient::SshEd25519(blob, _) | Recipient::SshRsa(blob, _)) => blob == self.public,
            Err(_) => false,
        }
    }

    /// Whether one of these is for this key.
    pub(super) fn fits(&self, stanzas: &[Stanza]) -> bool {
        stanzas.iter().any(|stanza| is_ssh(stanza) && stanza.args.first() == Some(&self.tag))
    }

    /// Whether it takes a passphrase to use it.
    pub(super) fn is_locked(&self) -> bool {
        matches!(self.identity, Identity::Encrypted(_))
    }

    /// Unwraps without a passphrase.
    pub(super) fn unwrap(&self, stanzas: &[Stanza]) -> Option<Result<FileKey, DecryptError>> {
        self.identity.unwrap_stanzas(stanzas)
    }

    /// Unwraps with a passphrase, which is asked for once.
    pub(super) fn unlock_and_unwrap(
        &self,
        name: &str,
        stanzas: &[Stanza],
    ) -> Result<Option<Result<FileKey, DecryptError>>, KeyError> {
        let unlocked = self.unlocked.get_or_init(|| match &self.identity {
            Identity::Encrypted(key) => key
                .decrypt(terminal::passphrase(name)?)
                .map(Identity::from)
                .map_err(|_| super::wrong_passphrase(name)),
            identity => Ok(identity.clone()),
        });
        unlocked.as_ref().map(|identity| identity.unwrap_stanzas(stanzas)).map_err(Clone::clone)
    }

    /// In words, for the message when nothing opens a file.
    pub(super) fn describe(&self) -> String {
        match (self.is_locked(), self.unlocked.get()) {
            (true, Some(Err(error))) => error.reason.clone(),
            (true, _) => "an SSH key with a passphrase, which does not fit".into(),
            (false, _) => "an SSH key, which does not fit".into(),
        }
    }
}

/// Whether an SSH key opens this.
pub(super) fn is_ssh(stanza: &Stanza) -> bool {
    matches!(stanza.tag.as_str(), "ssh-ed25519" | "ssh-rsa")
}

/// Reads a public key.
pub(super) fn recipient(text: &str) -> Result<Recipient, KeyError> {
    Recipient::from_str(text).map_err(|error| match error {
        ParseRecipientKeyError::RsaModulusTooSmall => {
            KeyError::new("this RSA key is too short to be safe")
                .with_hint("use one of at least 2,048 bits, or an ed25519 key")
        }
        ParseRecipientKeyError::RsaModulusTooLarge => {
            KeyError::new("this RSA key is longer than age can use")
                .with_hint("use one of at most 4,096 bits, or an ed25519 key")
        }
        ParseRecipientKeyError::Unsupported(_) => {
            KeyError::new("age cannot seal for SSH keys of this kind")
                .with_hint("use an ed25519 or an RSA key")
        }
        _ => KeyError::new("this is not a public SSH key")
            .with_hint("copy the line of the .pub file, beginning with ssh-ed25519 or ssh-rsa"),
    })
}
