//! A sealed file that is open, to be changed and closed again.

mod shown;

use zeroize::Zeroizing;

use crate::binary;
use crate::cipher::Cipher;
use crate::data_key::DataKey;
use crate::document::{Document, Format};
use crate::error::Error;
use crate::keyring::Keyring;
use crate::kubernetes;
use crate::master_key::WrappedKey;
use crate::metadata::Metadata;
use crate::open::{Values, open_values};
use crate::recipe::{KeyGroup, Recipe, needed};
use crate::refresh;
use crate::reseal::one_file;
use crate::reuse::Known;
use crate::seal::{Plain, Sealed};
use crate::selection::{Selector, select};

/// A sealed file, opened once: its data key serves for whatever is done with it.
///
/// Its keys, selector and threshold are those that the file names, and stay so
/// unless they are what is changed. What the `sops` block holds besides stays too.
pub struct Revision<'s> {
    document: Document<'s>,
    metadata: Metadata,
    cipher: Cipher,
    /// None in a binary file.
    values: Option<Values<'static>>,
    plain: Zeroizing<Vec<u8>>,
    /// What does not hold, and was to be ignored.
    ignored: Vec<Error>,
}

impl<'s> Revision<'s> {
    /// Opens a sealed text.
    ///
    /// `ignore_mac` is as in [`open`](crate::open()).
    ///
    /// # Errors
    ///
    /// As [`open`](crate::open()).
    pub fn open(
        sealed: &'s str,
        format: Format,
        keyring: &Keyring<'_>,
        ignore_mac: bool,
    ) -> Result<Self, Error> {
        let document = Document::parse(sealed, format)?;
        one_file(&document)?;
        let metadata = document.sealed_metadata()?.clone();
        let cipher = Cipher::new(keyring.unwrap(&metadata)?);
        let Checked { values, plain, ignored } =
            open_checked(&document, &metadata, &cipher, ignore_mac)?;
        Ok(Self { document, metadata, cipher, values, plain, ignored })
    }

    /// Whether there is an integrity record, and it and the MAC hold.
    pub fn record_holds(&self) -> bool {
        self.metadata.integrity.is_some() && self.ignored.is_empty()
    }

    /// What does not hold of MAC and integrity record, when that was to be ignored.
    pub fn ignored(&self) -> &[Error] {
        &self.ignored
    }

    /// The plaintext.
    pub fn bytes(&self) -> &[u8] {
        &self.plain
    }

    /// The plaintext, which is UTF-8 in every format but binary.
    ///
    /// # Errors
    ///
    /// [`Error::NotText`] when it is not.
    pub fn text(&self) -> Result<&str, Error> {
        std::str::from_utf8(&self.plain).map_err(|_| Error::NotText)
    }

    /// What the file says about its keys and its selector.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Seals another text in the place of this one: with the same data key, and with
    /// the ciphertext of every value that is still there. The same text gives the
    /// same file, byte for byte.
    ///
    /// `kubernetes` is as in [`Recipe`](crate::Recipe); a value of a Secret that was
    /// readable before may stay so, a new one must not.
    ///
    /// # Errors
    ///
    /// As [`seal`](crate::seal()), as far as no key is wrapped.
    pub fn seal(&self, text: &str, kubernetes: Option<bool>, now: &str) -> Result<Sealed, Error> {
        if text.as_bytes() == self.plain.as_slice() && self.ignored.is_empty() {
            return Ok(self.unchanged());
        }
        self.seal_as(text, &self.metadata, &self.cipher, kubernetes, now)
    }

    /// [`Revision::seal`] for plaintexts that need not be text.
    ///
    /// # Errors
    ///
    /// As there, and [`Error::NotText`] where the format is text.
    pub fn seal_bytes(
        &self,
        plain: &[u8],
        kubernetes: Option<bool>,
        now: &str,
    ) -> Result<Sealed, Error> {
        if self.values.is_some() || (plain == self.plain.as_slice() && self.ignored.is_empty()) {
            let text = std::str::from_utf8(plain).map_err(|_| Error::NotText);
            return self.seal(text?, kubernetes, now);
        }
        self.write(Zeroizing::new(plain.to_vec()), &self.cipher, renewed(&self.metadata, now))
    }

    /// Seals a text as `metadata` says. What the file holds of it already is used
    /// again with the same cipher only.
    fn seal_as(
        &self,
        text: &str,
        metadata: &Metadata,
        cipher: &Cipher,
        kubernetes: Option<bool>,
        now: &str,
    ) -> Result<Sealed, Error> {
        let next = renewed(metadata, now);
        let Some(values) = &self.values else {
            return self.write(Zeroizing::new(text.into()), cipher, next);
        };
        let plain = self.plain(text, metadata.selector.clone())?;
        if kubernetes != Some(false) {
            let before = Document::parse(self.text()?, self.document.format())?;
            let selected = select(&before, self.metadata.selector.as_ref());
            let already: Vec<_> = kubernetes::readable_secrets(&before, &selected).collect();
            let is_new = |leaf: &&crate::Leaf<'_>| {
                let path = plain.document.paths().display(leaf.path);
                !already
                    .iter()
                    .any(|old| old.value == leaf.value && before.paths().display(old.path) == path)
            };
            let mut readable = kubernetes::readable_secrets(&plain.document, &plain.selected);
            if let Some(leaf) = readable.find(is_new) {
                return Err(plain.left_readable(leaf));
            }
        }
        let is_own = std::ptr::eq(cipher, &self.cipher);
        let known = is_own.then(|| Known::of(&self.document, values));
        plain.seal(cipher, next, known.as_ref())
    }

    /// Seals the same text with a fresh data key, for these groups of keys.
    ///
    /// # Errors
    ///
    /// As [`seal`](crate::seal()).
    pub fn rotate(
        &self,
        groups: &[KeyGroup],
        threshold: Option<usize>,
        keyring: &Keyring<'_>,
        now: &str,
    ) -> Result<Sealed, Error> {
        let data_key = DataKey::generate()?;
        let next = Metadata {
            groups: keyring.wrap(groups, threshold, &data_key, now)?,
            threshold,
            last_modified: now.to_owned(),
            mac: String::new(),
            layout: None,
            integrity: None,
            ..self.metadata.clone()
        };
        let cipher = Cipher::new(data_key);
        match self.values {
            Some(_) => {
                let selector = self.metadata.selector.clone();
                self.plain(self.text()?, selector)?.seal(&cipher, next, None)
            }
            None => self.write(self.plain.clone(), &cipher, next),
        }
    }

    /// Seals the same text with a fresh data key, as `recipe` says. The selector is that of
    /// the file when the recipe names none, and so is a MAC over sealed values alone.
    ///
    /// # Errors
    ///
    /// As [`seal`](crate::seal()); a value of a Secret that was readable before may stay so.
    pub fn recreate(
        &self,
        recipe: &Recipe,
        keyring: &Keyring<'_>,
        now: &str,
    ) -> Result<Sealed, Error> {
        let data_key = DataKey::generate()?;
        let metadata = Metadata {
            groups: keyring.wrap(&recipe.groups, recipe.threshold, &data_key, now)?,
            threshold: recipe.threshold,
            selector: recipe.selector.clone().or_else(|| self.metadata.selector.clone()),
            mac_only_encrypted: recipe.mac_only_encrypted || self.metadata.mac_only_encrypted,
            ..self.metadata.clone()
        };
        let cipher = Cipher::new(data_key);
        match self.values {
            Some(_) => self.seal_as(self.text()?, &metadata, &cipher, recipe.kubernetes, now),
            None => self.write(self.plain.clone(), &cipher, renewed(&metadata, now)),
        }
    }

    /// Wraps the data key for these groups of keys. Every ciphertext and the MAC stay
    /// as they are; so do the wrapped keys of whoever stays, unless the data key is
    /// split among groups. A file without an integrity record is given one.
    ///
    /// # Errors
    ///
    /// When a key cannot be sealed for, or something of this file does not hold.
    pub fn rewrap(
        &self,
        groups: &[KeyGroup],
        threshold: Option<usize>,
        keyring: &Keyring<'_>,
        now: &str,
    ) -> Result<Sealed, Error> {
        if let Some(error) = self.ignored.first() {
            return Err(error.clone());
        }
        let metadata = &self.metadata;
        if metadata.is_for(groups, threshold) {
            return match metadata.integrity {
                Some(_) => Ok(self.unchanged()),
                None => {
                    refresh::with_block(&self.document, &self.plain, metadata.clone(), &self.cipher)
                }
            };
        }
        let groups = match (metadata.groups.as_slice(), groups) {
            ([old], [new]) => vec![self.regroup(old, new, threshold, keyring, now)?],
            _ => keyring.wrap(groups, threshold, self.cipher.key(), now)?,
        };
        let next = Metadata { groups, threshold, ..metadata.clone() };
        refresh::with_block(&self.document, &self.plain, next, &self.cipher)
    }

    /// One group, whose keys keep what is wrapped for them.
    fn regroup(
        &self,
        old: &[WrappedKey],
        new: &KeyGroup,
        threshold: Option<usize>,
        keyring: &Keyring<'_>,
        now: &str,
    ) -> Result<Vec<WrappedKey>, Error> {
        let is_old = |key: &&crate::MasterKey| old.iter().any(|wrapped| key.is_same(&wrapped.key));
        let kept = old.iter().filter(|old| new.iter().any(|new| new.is_same(&old.key)));
        let mut group: Vec<_> = kept.cloned().collect();
        let added: KeyGroup = new.iter().filter(|key| !is_old(key)).cloned().collect();
        if let Some(threshold) = threshold.filter(|&needed| needed > 1) {
            return Err(Error::Threshold { threshold, groups: 1 });
        }
        if !added.is_empty() || group.is_empty() {
            let wrapped = keyring.wrap(&[added], None, self.cipher.key(), now)?;
            group.extend(wrapped.into_iter().flatten());
        }
        Ok(group)
    }

    fn plain<'t>(&self, text: &'t str, selector: Option<Selector>) -> Result<Plain<'t>, Error> {
        let document = Document::parse(text, self.document.format())?;
        document.check_plain()?;
        Plain::check_selection(document, selector)
    }

    /// A binary file, in an envelope that is laid out as its own.
    fn write(
        &self,
        plain: Zeroizing<Vec<u8>>,
        cipher: &Cipher,
        metadata: Metadata,
    ) -> Result<Sealed, Error> {
        binary::write(plain, cipher, metadata, crate::document::binary::indent(&self.document))
    }

    fn unchanged(&self) -> Sealed {
        Sealed { text: self.document.text().to_owned(), count: 0 }
    }
}

/// The metadata of a file that is sealed now.
fn renewed(metadata: &Metadata, now: &str) -> Metadata {
    Metadata {
        last_modified: now.to_owned(),
        mac: String::new(),
        layout: None,
        integrity: None,
        ..metadata.clone()
    }
}

/// A file that was opened.
struct Checked {
    /// None in a binary file.
    values: Option<Values<'static>>,
    plain: Zeroizing<Vec<u8>>,
    ignored: Vec<Error>,
}

/// The values and the plaintext of a file, as far as what does not hold is ignored.
fn open_checked(
    document: &Document<'_>,
    metadata: &Metadata,
    cipher: &Cipher,
    ignore_mac: bool,
) -> Result<Checked, Error> {
    if document.format() == Format::Binary {
        let opened = binary::open_with(document, metadata, cipher, ignore_mac)?;
        return Ok(Checked { values: None, plain: opened.bytes, ignored: opened.ignored });
    }
    let mut values = open_values(document, metadata, cipher, ignore_mac)?;
    let ignored = values.take_ignored();
    let mut text = values.text(document, metadata, cipher)?;
    let plain = Zeroizing::new(std::mem::take(&mut *text).into_bytes());
    Ok(Checked { values: Some(values), plain, ignored })
}

impl Metadata {
    /// Whether the file is sealed for just these groups of keys, as many of which are
    /// needed: the order of keys means nothing, that of groups does.
    pub fn is_for(&self, groups: &[KeyGroup], threshold: Option<usize>) -> bool {
        let same_keys = |(old, new): (&Vec<WrappedKey>, &KeyGroup)| {
            old.len() == new.len()
                && old.iter().all(|old| new.iter().any(|new| new.is_same(&old.key)))
        };
        self.groups.len() == groups.len()
            && self.groups.iter().zip(groups).all(same_keys)
            && self.needed() == needed(threshold, groups.len())
    }
}
