//! Sealing an edited text over its sealed predecessor.

use zeroize::Zeroizing;

use crate::binary::reseal_binary;
use crate::cipher::Cipher;
use crate::data_key::DataKey;
use crate::document::{Document, Format};
use crate::error::Error;
use crate::keyring::Keyring;
use crate::master_key::MasterKey;
use crate::metadata::Metadata;
use crate::open::open_values;
use crate::recipe::Recipe;
use crate::refresh;
use crate::reuse::Known;
use crate::seal::{Plain, Sealed, seal};
use crate::selection::Selector;

/// Seals `text`, keeping what `previous` holds of it: the data key, and the
/// ciphertext of every value that did not change. When nothing changed, the result
/// is `previous`, byte for byte, but for an integrity record that it lacks.
///
/// A recipient that the recipe no longer has means a fresh data key, because the
/// old one has been known to it. So does any change of several key groups: a key that
/// comes to one of them needs its share, and opening stops at the threshold.
///
/// # Errors
///
/// As [`seal`], and when `previous` cannot be opened or its MAC does not hold.
pub fn reseal(
    text: &str,
    previous: &str,
    format: Format,
    recipe: &Recipe,
    keyring: &Keyring<'_>,
    now: &str,
) -> Result<Sealed, Error> {
    if format == Format::Binary {
        let mut plain = Zeroizing::new(text.into());
        return reseal_binary(&mut plain, previous, recipe, keyring, now);
    }
    let before = Document::parse(previous, format)?;
    one_file(&before)?;
    let metadata = before.sealed_metadata()?;
    let Some(added) = added(metadata, recipe) else {
        return seal(text, format, recipe, keyring, now);
    };
    let data_key = keyring.unwrap(metadata)?;
    let cipher = Cipher::new(data_key);
    let plain = Plain::check(text, format, recipe)?;
    let values = open_values(&before, metadata, &cipher, false)?;
    let unchanged = added.is_empty()
        && metadata.selector == plain.selector
        && metadata.mac_only_encrypted == recipe.mac_only_encrypted
        && *values.text(&before, metadata, &cipher)? == text;
    if unchanged {
        return match metadata.integrity {
            Some(_) => Ok(Sealed { text: previous.to_owned(), count: 0 }),
            None => refresh::with_block(&before, text.as_bytes(), metadata.clone(), &cipher),
        };
    }
    let known = Known::of(&before, &values);
    let selector = plain.selector.clone();
    let next = next_metadata(metadata, added, selector, recipe, keyring, cipher.key(), now)?;
    plain.seal(&cipher, next, Some(&known))
}

/// The metadata of a file whose data key is kept, for the next state of its values.
pub(crate) fn next_metadata(
    metadata: &Metadata,
    added: Vec<MasterKey>,
    selector: Option<Selector>,
    recipe: &Recipe,
    keyring: &Keyring<'_>,
    data_key: &DataKey,
    now: &str,
) -> Result<Metadata, Error> {
    let mut groups = metadata.groups.clone();
    if let ([group], false) = (groups.as_mut_slice(), added.is_empty()) {
        group.extend(keyring.wrap(&[added], None, data_key, now)?.into_iter().flatten());
    }
    Ok(Metadata {
        last_modified: now.to_owned(),
        mac: String::new(),
        layout: None,
        integrity: None,
        groups,
        selector,
        mac_only_encrypted: recipe.mac_only_encrypted,
        ..metadata.clone()
    })
}

/// Whether a file was sealed as it is.
///
/// # Errors
///
/// [`Error::PutTogether`] when several were sealed, each with a data key of its own.
pub(crate) fn one_file(document: &Document<'_>) -> Result<(), Error> {
    match document.files().len() {
        0 | 1 => Ok(()),
        count => Err(Error::PutTogether { count }),
    }
}

/// The keys that the recipe adds; `None` when it removes one, regroups them, or adds
/// one to one of several groups.
pub(crate) fn added(metadata: &Metadata, recipe: &Recipe) -> Option<Vec<MasterKey>> {
    if metadata.groups.len() != recipe.groups.len() || metadata.needed() != recipe.needed() {
        return None;
    }
    let mut added = Vec::new();
    for (old, new) in metadata.groups.iter().zip(&recipe.groups) {
        if !old.iter().all(|old| new.iter().any(|new| new.is_same(&old.key))) {
            return None;
        }
        added
            .extend(new.iter().filter(|key| !old.iter().any(|old| key.is_same(&old.key))).cloned());
    }
    (added.is_empty() || recipe.groups.len() == 1).then_some(added)
}
