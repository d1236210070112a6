//! A sealed file as its keeper may want to edit it: with the `sops` block.

use bulla_yaml::splice;
use zeroize::Zeroizing;

use super::Revision;
use crate::cipher::Cipher;
use crate::data_key::DataKey;
use crate::document::Document;
use crate::error::Error;
use crate::keyring::Keyring;
use crate::metadata::Metadata;
use crate::recipe::KeyGroup;
use crate::seal::Sealed;

impl Revision<'_> {
    /// The plaintext with the `sops` block that the file has.
    ///
    /// # Errors
    ///
    /// When the format has no room for both, as binary has not.
    pub fn shown(&self) -> Result<Zeroizing<String>, Error> {
        let text = self.text()?;
        let document = Document::parse(text, self.document.format())?;
        let mut edits = Vec::new();
        document.add_metadata(&self.metadata, &mut edits);
        edits.sort_by_key(|edit| edit.span);
        Ok(Zeroizing::new(splice(text, &edits)))
    }

    /// Seals what became of [`Revision::shown`]: for the keys that the block names
    /// now, and what its selector selects. Whoever is no longer named has known the
    /// data key, so that there is a fresh one then.
    ///
    /// # Errors
    ///
    /// As [`Revision::seal`], when the block is damaged or names nobody, and when a
    /// key cannot be sealed for.
    pub fn seal_shown(
        &self,
        shown: &str,
        kubernetes: Option<bool>,
        keyring: &Keyring<'_>,
        now: &str,
    ) -> Result<Sealed, Error> {
        let document = Document::parse(shown, self.document.format())?;
        let metadata = document.sealed_metadata()?.clone();
        let mut edits = Vec::new();
        document.remove_metadata(None, &mut edits);
        edits.sort_by_key(|edit| edit.span);
        let text = Zeroizing::new(splice(shown, &edits));

        let keys = |group: &Vec<crate::WrappedKey>| -> KeyGroup {
            group.iter().map(|wrapped| wrapped.key.clone()).collect()
        };
        let groups: Vec<KeyGroup> = metadata.groups.iter().map(keys).collect();
        if groups.iter().all(Vec::is_empty) {
            return Err(Error::NoRecipients);
        }
        let old = &self.metadata.groups;
        let all_stay = old.len() == groups.len()
            && old
                .iter()
                .zip(&groups)
                .all(|(old, new)| old.iter().all(|wrapped| new.contains(&wrapped.key)));
        if !all_stay || metadata.needed() != self.metadata.needed() {
            let data_key = DataKey::generate()?;
            let groups = keyring.wrap(&groups, metadata.threshold, &data_key, now)?;
            let next = Metadata { groups, ..metadata };
            return self.seal_as(&text, &next, &Cipher::new(data_key), kubernetes, now);
        }
        let groups = match (old.as_slice(), groups.as_slice()) {
            _ if self.metadata.is_for(&groups, metadata.threshold) => old.clone(),
            ([old], [new]) => vec![self.regroup(old, new, metadata.threshold, keyring, now)?],
            _ => keyring.wrap(&groups, metadata.threshold, self.cipher.key(), now)?,
        };
        let next = Metadata { groups, ..metadata };
        self.seal_as(&text, &next, &self.cipher, kubernetes, now)
    }
}
