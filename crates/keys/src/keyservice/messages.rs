//! The messages of the protocol, with the numbers that sops gives their fields.
//!
//! Nothing here has `Debug`: half of it is secret.

use std::collections::BTreeMap;

use bulla_core::{MasterKey, WrappedKey};
use prost::{Message, Oneof};
use secrecy::SecretSlice;
use zeroize::Zeroize;

#[derive(Message)]
#[prost(skip_debug)]
pub(super) struct Key {
    #[prost(oneof = "Kind", tags = "1, 2, 3, 4, 5, 6, 7")]
    kind: Option<Kind>,
}

#[derive(Oneof)]
#[prost(skip_debug)]
enum Kind {
    #[prost(message, tag = "1")]
    Kms(Kms),
    #[prost(message, tag = "2")]
    Pgp(Name),
    #[prost(message, tag = "3")]
    GcpKms(Name),
    #[prost(message, tag = "4")]
    AzureKv(Three),
    #[prost(message, tag = "5")]
    Vault(Three),
    #[prost(message, tag = "6")]
    Age(Name),
    #[prost(message, tag = "7")]
    HcKms(Name),
}

/// A key that one text names: a fingerprint, a resource, a recipient, an id.
#[derive(Message)]
#[prost(skip_debug)]
struct Name {
    #[prost(string, tag = "1")]
    name: String,
}

/// A key that takes three: URL, name and version of Azure; address, engine and name of
/// Vault.
#[derive(Message)]
#[prost(skip_debug)]
struct Three {
    #[prost(string, tag = "1")]
    first: String,
    #[prost(string, tag = "2")]
    second: String,
    #[prost(string, tag = "3")]
    third: String,
}

#[derive(Message)]
#[prost(skip_debug)]
struct Kms {
    #[prost(string, tag = "1")]
    arn: String,
    #[prost(string, tag = "2")]
    role: String,
    #[prost(btree_map = "string, string", tag = "3")]
    context: BTreeMap<String, String>,
    #[prost(string, tag = "4")]
    aws_profile: String,
}

/// `EncryptRequest` with a plaintext, `DecryptRequest` with a ciphertext.
#[derive(Message)]
#[prost(skip_debug)]
pub(super) struct Asked {
    #[prost(message, optional, tag = "1")]
    key: Option<Key>,
    #[prost(bytes = "vec", tag = "2")]
    bytes: Vec<u8>,
}

/// `EncryptResponse` with a ciphertext, `DecryptResponse` with a plaintext.
#[derive(Message)]
#[prost(skip_debug)]
pub(super) struct Answer {
    #[prost(bytes = "vec", tag = "1")]
    bytes: Vec<u8>,
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl Asked {
    /// What to wrap for a key.
    pub(super) fn to_wrap(key: &MasterKey, secret: &[u8]) -> Option<Self> {
        Some(Self { key: Some(Key::of(key)?), bytes: secret.to_vec() })
    }

    /// What to unwrap.
    pub(super) fn to_unwrap(wrapped: &WrappedKey) -> Option<Self> {
        Some(Self { key: Some(Key::of(&wrapped.key)?), bytes: wrapped.enc.clone().into_bytes() })
    }

    /// The key that is meant, if it is one.
    pub(super) fn master_key(&self) -> Option<MasterKey> {
        self.key.as_ref()?.master_key()
    }

    /// The secret that is to be wrapped.
    pub(super) fn take_secret(&mut self) -> SecretSlice<u8> {
        SecretSlice::from(std::mem::take(&mut self.bytes))
    }

    /// The wrapped key that is to be unwrapped; its text is one in every kind.
    pub(super) fn take_wrapped(&mut self, key: MasterKey) -> Option<WrappedKey> {
        let enc = String::from_utf8(std::mem::take(&mut self.bytes)).ok()?;
        Some(WrappedKey { key, enc, created_at: None })
    }
}

impl Answer {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }

    pub(super) fn take(mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }
}

impl Key {
    /// `None`: a kind that the protocol does not have.
    fn of(key: &MasterKey) -> Option<Self> {
        let name = |name: &String| Name { name: name.clone() };
        let three = |first: &String, second: &String, third: &String| Three {
            first: first.clone(),
            second: second.clone(),
            third: third.clone(),
        };
        let kind = match key {
            MasterKey::Age { recipient } => Kind::Age(name(recipient)),
            MasterKey::Pgp { fingerprint } => Kind::Pgp(name(fingerprint)),
            MasterKey::Kms { arn, role, context, aws_profile } => Kind::Kms(Kms {
                arn: arn.clone(),
                role: role.clone().unwrap_or_default(),
                context: context.iter().cloned().collect(),
                aws_profile: aws_profile.clone().unwrap_or_default(),
            }),
            MasterKey::GcpKms { resource_id } => Kind::GcpKms(name(resource_id)),
            MasterKey::HcKms { key_id } => Kind::HcKms(name(key_id)),
            MasterKey::AzureKv { vault_url, name, version } => {
                Kind::AzureKv(three(vault_url, name, version))
            }
            MasterKey::Vault { address, engine_path, key_name } => {
                Kind::Vault(three(address, engine_path, key_name))
            }
            _ => return None,
        };
        Some(Self { kind: Some(kind) })
    }

    fn master_key(&self) -> Option<MasterKey> {
        let some = |text: &String| (!text.is_empty()).then(|| text.clone());
        Some(match self.kind.as_ref()? {
            Kind::Age(key) => MasterKey::Age { recipient: key.name.clone() },
            Kind::Pgp(key) => MasterKey::Pgp { fingerprint: key.name.clone() },
            Kind::Kms(key) => MasterKey::Kms {
                arn: key.arn.clone(),
                role: some(&key.role),
                context: key.context.clone().into_iter().collect(),
                aws_profile: some(&key.aws_profile),
            },
            Kind::GcpKms(key) => MasterKey::GcpKms { resource_id: key.name.clone() },
            Kind::HcKms(key) => MasterKey::HcKms { key_id: key.name.clone() },
            Kind::AzureKv(key) => MasterKey::AzureKv {
                vault_url: key.first.clone(),
                name: key.second.clone(),
                version: key.third.clone(),
            },
            Kind::Vault(key) => MasterKey::Vault {
                address: key.first.clone(),
                engine_path: key.second.clone(),
                key_name: key.third.clone(),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Vec<MasterKey> {
        let text = str::to_owned;
        vec![
            MasterKey::Age { recipient: text("age1x") },
            MasterKey::Pgp { fingerprint: text("ABCD") },
            MasterKey::Kms {
                arn: text("arn:aws:kms:x"),
                role: Some(text("arn:aws:iam::1:role/r")),
                context: vec![(text("a"), text("b")), (text("c"), text("d"))],
                aws_profile: None,
            },
            MasterKey::Kms {
                arn: text("arn:aws:kms:y"),
                role: None,
                context: Vec::new(),
                aws_profile: Some(text("p")),
            },
            MasterKey::GcpKms { resource_id: text("projects/p") },
            MasterKey::HcKms { key_id: text("region:id") },
            MasterKey::AzureKv {
                vault_url: text("https://v"),
                name: text("n"),
                version: String::new(),
            },
            MasterKey::Vault {
                address: text("https://v"),
                engine_path: text("transit"),
                key_name: text("k"),
            },
        ]
    }

    #[test]
    fn every_kind_of_key_goes_there_and_back() {
        for key in keys() {
            let wrapped = WrappedKey { key: key.clone(), enc: "blob".into(), created_at: None };
            let bytes = Asked::to_unwrap(&wrapped).unwrap().encode_to_vec();
            let mut asked = Asked::decode(bytes.as_slice()).unwrap();
            assert_eq!(asked.master_key().as_ref(), Some(&key));
            assert_eq!(asked.take_wrapped(key), Some(wrapped));
        }
    }

    #[test]
    fn a_request_is_what_the_protocol_of_sops_says() {
        let key = MasterKey::Age { recipient: "age1x".into() };
        let bytes = Asked::to_wrap(&key, &[1, 2, 3]).unwrap().encode_to_vec();
        // Field 1 { field 6 { field 1: age1x } }, field 2: 01 02 03.
        let expected = b"\x0a\x09\x32\x07\x0a\x05age1x\x12\x03\x01\x02\x03";
        assert_eq!(bytes, expected);
    }

    #[test]
    fn a_key_that_is_missing_or_unknown_is_none() {
        assert!(Asked::default().master_key().is_none());
        // A key of field 8, which newer versions of sops have.
        let asked = Asked::decode(b"\x0a\x04\x42\x02\x0a\x00".as_slice()).unwrap();
        assert!(asked.master_key().is_none());
        let mut asked = Asked::default();
        asked.bytes.push(0xFF);
        assert!(asked.take_wrapped(MasterKey::HcKms { key_id: String::new() }).is_none());
    }
}
