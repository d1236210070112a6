//! Master keys as data, and what can be done with them as behaviour.

use std::fmt;

use secrecy::SecretSlice;

/// A key that wraps data keys, as it stands in rules and in a file's metadata.
///
/// All kinds of sops are known, so that no file loses an entry; which of them can
/// be opened depends on the services of the [`Keyring`](crate::Keyring).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MasterKey {
    /// An age recipient: X25519, SSH, plugin or hybrid.
    Age {
        /// `age1…` or `ssh-…`
        recipient: String,
    },
    /// A PGP key.
    Pgp {
        /// Its fingerprint; may end with `!`.
        fingerprint: String,
    },
    /// AWS KMS.
    Kms {
        /// The key's ARN.
        arn: String,
        /// The role to assume.
        role: Option<String>,
        /// The encryption context, in the order of the file.
        context: Vec<(String, String)>,
        /// The profile of the shared configuration.
        aws_profile: Option<String>,
    },
    /// Google Cloud KMS.
    GcpKms {
        /// `projects/…/cryptoKeys/…`
        resource_id: String,
    },
    /// Huawei Cloud KMS, which is kept and not opened.
    HcKms {
        /// `region:uuid`
        key_id: String,
    },
    /// Azure Key Vault.
    AzureKv {
        /// The vault, without a slash at the end.
        vault_url: String,
        /// The key's name.
        name: String,
        /// The key's version; empty until it is looked up.
        version: String,
    },
    /// Transit of HashiCorp Vault or OpenBao.
    Vault {
        /// The server.
        address: String,
        /// Where transit is mounted.
        engine_path: String,
        /// The key's name.
        key_name: String,
    },
}

impl MasterKey {
    /// The names of all kinds.
    pub const KINDS: [&str; 7] = ["age", "pgp", "kms", "gcp_kms", "hckms", "azure_kv", "hc_vault"];

    /// The kind's name, as in metadata and in `--decryption-order`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Age { .. } => "age",
            Self::Pgp { .. } => "pgp",
            Self::Kms { .. } => "kms",
            Self::GcpKms { .. } => "gcp_kms",
            Self::HcKms { .. } => "hckms",
            Self::AzureKv { .. } => "azure_kv",
            Self::Vault { .. } => "hc_vault",
        }
    }
}

impl MasterKey {
    /// Whether a file that names `in_file` is sealed for this key: the order of an
    /// encryption context means nothing, and a key of Azure without a version is
    /// whichever version it had when the file was sealed.
    pub fn is_same(&self, in_file: &Self) -> bool {
        match (self, in_file) {
            (
                Self::Kms { arn, role, context, aws_profile },
                Self::Kms { arn: arn_2, role: role_2, context: context_2, aws_profile: profile_2 },
            ) => {
                let sorted = |context: &[(String, String)]| {
                    let mut context = context.to_vec();
                    context.sort();
                    context
                };
                (arn, role, aws_profile) == (arn_2, role_2, profile_2)
                    && sorted(context) == sorted(context_2)
            }
            (
                Self::AzureKv { vault_url, name, version },
                Self::AzureKv { vault_url: url_2, name: name_2, version: version_2 },
            ) => {
                (vault_url, name) == (url_2, name_2) && (version.is_empty() || version == version_2)
            }
            _ => self == in_file,
        }
    }
}

impl fmt::Display for MasterKey {
    /// The key as it is written in a rule.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Age { recipient } => f.write_str(recipient),
            Self::Pgp { fingerprint } => f.write_str(fingerprint),
            Self::Kms { arn, role: Some(role), .. } => write!(f, "{arn}+{role}"),
            Self::Kms { arn, role: None, .. } => f.write_str(arn),
            Self::GcpKms { resource_id } => f.write_str(resource_id),
            Self::HcKms { key_id } => f.write_str(key_id),
            Self::AzureKv { vault_url, name, version } if version.is_empty() => {
                write!(f, "{vault_url}/keys/{name}")
            }
            Self::AzureKv { vault_url, name, version } => {
                write!(f, "{vault_url}/keys/{name}/{version}")
            }
            Self::Vault { address, engine_path, key_name } => {
                write!(f, "{address}/v1/{engine_path}/keys/{key_name}")
            }
        }
    }
}

/// A data key, or a group's share of it, wrapped for one master key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedKey {
    /// For whom.
    pub key: MasterKey,
    /// The wrapped bytes, in the kind's own text form.
    pub enc: String,
    /// When, in RFC 3339; age has none.
    pub created_at: Option<String>,
}

/// Why a master key did not do what it was asked to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct KeyError {
    /// What happened, in lower case, without secrets.
    pub reason: String,
    /// What to do next.
    pub hint: Option<String>,
    /// What asking once more would bring.
    pub kind: KeyErrorKind,
}

/// What it would bring to ask a service for the same master key once more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyErrorKind {
    /// Nothing is known about that: it was this wrapped key, or this moment.
    #[default]
    Failed,
    /// The same answer: whoever holds the key refuses it to us.
    Denied,
    /// Perhaps a better one: it took too long, too much was asked, the connection
    /// broke.
    Retryable,
}

impl KeyError {
    /// An error without advice, of which nothing more is known.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), hint: None, kind: KeyErrorKind::default() }
    }

    /// The refusal of whoever holds the key.
    pub fn denied(reason: impl Into<String>) -> Self {
        Self { kind: KeyErrorKind::Denied, ..Self::new(reason) }
    }

    /// Something that may be over when it is tried again.
    pub fn retryable(reason: impl Into<String>) -> Self {
        Self { kind: KeyErrorKind::Retryable, ..Self::new(reason) }
    }

    /// One error that says what several say; `None` when there is none.
    pub fn joined(errors: Vec<Self>) -> Option<Self> {
        errors.into_iter().reduce(|mut all, next| {
            all.reason = format!("{}; {}", all.reason, next.reason);
            all.hint = all.hint.or(next.hint);
            all.kind = if all.kind == next.kind { all.kind } else { KeyErrorKind::Failed };
            all
        })
    }

    /// The same error with advice.
    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// Something that can wrap and unwrap with some kinds of master keys.
pub trait KeyService: Send + Sync {
    /// Unwraps `wrapped`.
    ///
    /// `Ok(None)`: this service has nothing that could open it, which is not an
    /// error; [`KeyService::tried`] says what it looked at.
    ///
    /// # Errors
    ///
    /// When it has, and that failed.
    fn unwrap(&self, wrapped: &WrappedKey) -> Result<Option<SecretSlice<u8>>, KeyError>;

    /// Unwraps `wrapped` at no cost: no program is started, nobody is asked, nothing
    /// is sent. `None`: it takes [`KeyService::unwrap`] to know more.
    ///
    /// A keyring asks about all keys of a file in this way first, so that a file that
    /// one of them opens never bothers anybody about the others.
    fn unwrap_at_hand(&self, _wrapped: &WrappedKey) -> Option<SecretSlice<u8>> {
        None
    }

    /// Wraps a data key or a share. `Ok(None)`: not a kind of this service.
    ///
    /// # Errors
    ///
    /// When the kind is this service's and wrapping failed.
    fn wrap(
        &self,
        key: &MasterKey,
        secret: &SecretSlice<u8>,
    ) -> Result<Option<WrappedKey>, KeyError>;

    /// What was looked at for a key of this kind, a place each, for the message when
    /// nothing opens a file. Empty: this service never opens such keys.
    fn tried(&self, key: &MasterKey) -> Vec<String>;
}
