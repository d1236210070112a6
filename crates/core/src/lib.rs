//! The sealed document.
//!
//! A file is a [`Document`]: leaves with paths, typed values and exact spans. The
//! selected leaves are sealed with the file's [`DataKey`], which is wrapped for
//! master keys by the services of a [`Keyring`]; a `sops` block tells who can open
//! it. The format is that of SOPS 3.x, both ways.
//!
//! Nothing here reads files, the clock, the environment or the network: texts,
//! time and keys come from the caller.
//!
//! ```
//! # use bulla_core::{Format, KeyError, KeyService, Keyring, MasterKey, Recipe, WrappedKey};
//! # use secrecy::{ExposeSecret, SecretSlice};
//! # struct Clear;
//! # impl KeyService for Clear {
//! #     fn unwrap(&self, wrapped: &WrappedKey) -> Result<Option<SecretSlice<u8>>, KeyError> {
//! #         Ok(Some(wrapped.enc.split(' ').map(|n| n.parse::<u8>().unwrap()).collect::<Vec<_>>().into()))
//! #     }
//! #     fn wrap(&self, key: &MasterKey, secret: &SecretSlice<u8>) -> Result<Option<WrappedKey>, KeyError> {
//! #         let enc = secret.expose_secret().iter().map(u8::to_string).collect::<Vec<_>>().join(" ");
//! #         Ok(Some(WrappedKey { key: key.clone(), enc, created_at: None }))
//! #     }
//! #     fn tried(&self, _: &MasterKey) -> Vec<String> { Vec::new() }
//! # }
//! # let key = MasterKey::Age { recipient: "age1example".into() };
//! # let service = Clear;
//! let text = "apiVersion: v1\nkind: Secret\nstringData:\n  token: 'hunter2' # the key\n";
//!
//! let keyring = Keyring::new().with(service);
//! let recipe = Recipe { groups: vec![vec![key]], ..Recipe::default() };
//! let sealed = bulla_core::seal(text, Format::Yaml, &recipe, &keyring, "2026-11-20T10:56:18Z")?;
//! assert!(sealed.text.contains("  token: 'ENC[AES256_GCM,data:"));
//! assert!(!sealed.text.contains("hunter2"));
//!
//! let opened = bulla_core::open(&sealed.text, Format::Yaml, &keyring, false)?;
//! assert_eq!(*opened.text, text);
//! # Ok::<(), bulla_core::Error>(())
//! ```

#![forbid(unsafe_code)]

mod binary;
pub mod change;
mod cipher;
mod convert;
mod data_key;
mod document;
mod error;
mod extract;
mod integrity;
mod keyring;
pub mod kubernetes;
mod layout;
mod mac;
mod master_key;
mod metadata;
mod open;
mod path;
mod pool;
mod randomness;
mod recipe;
mod refresh;
mod reseal;
mod reuse;
mod revision;
pub mod rules;
mod seal;
mod sealed_value;
mod selection;
mod shamir;
mod stack;
mod tokens;
mod value;
mod variables;

pub use binary::{reseal_binary, seal_binary, seal_binary_pieces};
pub use cipher::{Cipher, IV_LENGTH, OpenError};
pub use convert::{Style as ConvertStyle, as_object, convert, rewrite};
pub use data_key::{DATA_KEY_LENGTH, DataKey};
pub use document::{Comment, Document, Format, Leaf, Part};
pub use error::{Attempt, Error, Misfit, Missing, Place, Refusal};
pub use extract::extract;
pub use integrity::{OpenedObject, open_object};
pub use keyring::{DecryptionOrder, Keyring, OrderError};
pub use layout::{Layout, Writing, WritingStyle};
pub use mac::Mac;
pub use master_key::{KeyError, KeyErrorKind, KeyService, MasterKey, WrappedKey};
pub use metadata::{KEY as METADATA_KEY, Metadata, VERSION};
pub use open::check::check_sealed;
pub use open::{Opened, OpenedBytes, open, open_bytes};
pub use path::{PathId, Paths, Step, parse_index};
pub use pool::Pool;
pub use recipe::{KeyGroup, Recipe};
pub use reseal::reseal;
pub use revision::Revision;
pub use seal::{Sealed, preview, seal};
pub use sealed_value::{SEALED_MARK, SealedValue, SealedValueError, TAG_LENGTH};
pub use selection::{Selector, SelectorError, SelectorKind, select};
pub use value::{Value, ValueType, float_text};
pub use variables::SECRET_VARIABLES;
