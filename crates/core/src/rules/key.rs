//! Master keys as they are written in rules and on the command line.

use crate::master_key::MasterKey;
use crate::rules::error::shown;
use crate::rules::spelling;

/// A kind of master key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyKind {
    /// age: X25519, hybrid, plugin and SSH recipients.
    Age,
    /// PGP.
    Pgp,
    /// AWS KMS.
    Kms,
    /// Google Cloud KMS.
    GcpKms,
    /// Huawei Cloud KMS.
    HcKms,
    /// Azure Key Vault.
    AzureKv,
    /// Transit of HashiCorp Vault or OpenBao.
    Vault,
}

/// Text that is not the key that was expected.
///
/// Messages show the beginning of what was written; never a secret key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyTextError {
    /// Nothing between the commas.
    #[error("there is no key in this; give {}", kind.described())]
    Empty {
        /// The kind that was expected.
        kind: KeyKind,
    },
    /// Not spelled like a key of its kind, and no name of one.
    #[error("`{text}` is not {}{}", described(kind), otherwise(near))]
    NotAKey {
        /// The beginning of what was written.
        text: String,
        /// The kind that was expected; any, when absent.
        kind: Option<KeyKind>,
        /// The name that looks most like it.
        near: Option<String>,
    },
    /// A name below `recipients`, of a key of another kind.
    #[error("`{name}` names {}; write it below `{}` or `recipients`", found.described(), found.field())]
    OtherKind {
        /// The name.
        name: String,
        /// The kind of a key that it stands for.
        found: KeyKind,
    },
    /// Spelled like an age recipient, but not one.
    #[error("`{text}` is a damaged age recipient: its checksum is wrong; copy it again")]
    Damaged {
        /// The beginning of what was written.
        text: String,
    },
    /// A private key, or an address with a password, which the message does not
    /// show.
    #[error(
        "this is a private key or holds a password; write what is public here, and replace the secret if this file was shared"
    )]
    Secret,
}

impl KeyKind {
    /// All kinds, in the order in which sops puts them into a file.
    pub const ALL: [Self; 7] =
        [Self::Age, Self::Pgp, Self::Kms, Self::GcpKms, Self::HcKms, Self::AzureKv, Self::Vault];

    /// The kind of a key.
    pub fn of(key: &MasterKey) -> Self {
        match key {
            MasterKey::Age { .. } => Self::Age,
            MasterKey::Pgp { .. } => Self::Pgp,
            MasterKey::Kms { .. } => Self::Kms,
            MasterKey::GcpKms { .. } => Self::GcpKms,
            MasterKey::HcKms { .. } => Self::HcKms,
            MasterKey::AzureKv { .. } => Self::AzureKv,
            MasterKey::Vault { .. } => Self::Vault,
        }
    }

    /// The field of a creation rule that holds such keys.
    pub fn field(self) -> &'static str {
        match self {
            Self::Age => "age",
            Self::Pgp => "pgp",
            Self::Kms => "kms",
            Self::GcpKms => "gcp_kms",
            Self::HcKms => "hckms",
            Self::AzureKv => "azure_keyvault",
            Self::Vault => "hc_vault_transit_uri",
        }
    }

    /// The kind in words, with its spelling: `an age recipient (age1… or ssh-…)`.
    pub fn described(self) -> &'static str {
        match self {
            Self::Age => "an age recipient (age1…, ssh-ed25519 … or ssh-rsa …)",
            Self::Pgp => "a PGP fingerprint (40 hexadecimal digits)",
            Self::Kms => "an AWS KMS key (arn:aws:kms:REGION:ACCOUNT:key/ID)",
            Self::GcpKms => {
                "a Google Cloud KMS key (projects/P/locations/L/keyRings/R/cryptoKeys/K)"
            }
            Self::HcKms => "a Huawei Cloud KMS key (REGION:UUID)",
            Self::AzureKv => "an Azure Key Vault key (https://VAULT/keys/NAME)",
            Self::Vault => "a Vault transit key (https://HOST/v1/ENGINE/keys/NAME)",
        }
    }

    /// Reads one key of this kind.
    pub(super) fn parse(self, text: &str) -> Result<MasterKey, KeyTextError> {
        let text = text.trim();
        if spelling::is_secret(text) {
            return Err(KeyTextError::Secret);
        }
        let key = match self {
            Self::Age if spelling::is_damaged_age(text) => {
                return Err(KeyTextError::Damaged { text: shown(text) });
            }
            Self::Age => spelling::age(text),
            Self::Pgp => spelling::pgp(text),
            Self::Kms => spelling::kms(text),
            Self::GcpKms => spelling::gcp_kms(text),
            Self::HcKms => spelling::hckms(text),
            Self::AzureKv => spelling::azure_kv(text),
            Self::Vault => spelling::vault(text),
        };
        key.ok_or_else(|| KeyTextError::NotAKey { text: shown(text), kind: Some(self), near: None })
    }
}

/// Reads the keys of a flag: `--age`, `--kms`, `--pgp`, `--gcp-kms`, `--hckms`,
/// `--azure-kv`, `--hc-vault-transit`; several are separated by commas. An AWS key
/// may be `ARN+ROLE`.
///
/// # Errors
///
/// When there is none, or one is not of this kind.
pub fn parse_keys(kind: KeyKind, text: &str) -> Result<Vec<MasterKey>, KeyTextError> {
    parse_list(kind, text, |text| Ok(vec![kind.parse(text)?]))
}

/// Reads what stands between commas, one by one.
pub(super) fn parse_list(
    kind: KeyKind,
    text: &str,
    parse: impl Fn(&str) -> Result<Vec<MasterKey>, KeyTextError>,
) -> Result<Vec<MasterKey>, KeyTextError> {
    let keys = pieces(text).map(parse).collect::<Result<Vec<_>, _>>()?.concat();
    if keys.is_empty() {
        return Err(KeyTextError::Empty { kind });
    }
    Ok(keys)
}

/// What stands between the commas; people end folded lists with one.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|piece| !piece.is_empty())
}

/// Reads a key whose kind only its spelling tells.
pub(super) fn parse_any(text: &str) -> Result<MasterKey, KeyTextError> {
    for kind in KeyKind::ALL {
        match kind.parse(text) {
            Err(KeyTextError::NotAKey { .. }) => {}
            // A secret or a damaged key is no key of another kind either.
            result => return result,
        }
    }
    Err(KeyTextError::NotAKey { text: shown(text.trim()), kind: None, near: None })
}

fn described(kind: &Option<KeyKind>) -> &'static str {
    kind.map_or("a key of any kind", KeyKind::described)
}

fn otherwise(near: &Option<String>) -> String {
    match near {
        Some(near) => format!("; did you mean the recipient `{near}`?"),
        None => "; check its spelling, or name it below `recipients`".to_owned(),
    }
}
