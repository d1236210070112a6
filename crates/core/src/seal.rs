//! Sealing: text in, text with tokens and a `sops` block out.

use std::borrow::Cow;

use bulla_yaml::{Edit, splice};
use zeroize::Zeroizing;

use crate::binary::seal_binary;
use crate::cipher::Cipher;
use crate::data_key::DataKey;
use crate::document::{Document, Format, Leaf, Part, STAND_IN, binary};
use crate::error::{Error, Place};
use crate::integrity::{Placeholder, Record};
use crate::keyring::Keyring;
use crate::kubernetes;
use crate::layout::{Layout, Writing};
use crate::mac::Mac;
use crate::master_key::WrappedKey;
use crate::metadata::{KEY as METADATA_KEY, Metadata, VERSION, selector_name};
use crate::open::reopen::{Moved, moved, reopen};
use crate::path::Aads;
use crate::recipe::Recipe;
use crate::reuse::{Known, Reuse};
use crate::sealed_value::SEALED_MARK;
use crate::selection::{Selector, select};
use crate::tokens::Tokens;
use crate::value::ValueType;

/// A sealed file.
#[derive(Debug)]
pub struct Sealed {
    /// The whole text.
    pub text: String,
    /// How many values and comments are sealed in it.
    pub count: usize,
}

/// Seals a text with a fresh data key.
///
/// `now` is RFC 3339 in UTC (`2026-11-20T10:56:18Z`).
///
/// # Errors
///
/// When anything about the text, the selector or the keys would leave a secret
/// readable, or make a file that is read otherwise than it was written. Nothing is
/// half done: the result is checked by opening it.
pub fn seal(
    text: &str,
    format: Format,
    recipe: &Recipe,
    keyring: &Keyring<'_>,
    now: &str,
) -> Result<Sealed, Error> {
    if format == Format::Binary {
        return seal_binary(Zeroizing::new(text.into()), recipe, keyring, now);
    }
    let plain = Plain::check(text, format, recipe)?;
    let data_key = DataKey::generate()?;
    let groups = keyring.wrap(&recipe.groups, recipe.threshold, &data_key, now)?;
    let metadata = plain.metadata(groups, recipe, now);
    plain.seal(&Cipher::new(data_key), metadata, None)
}

/// The key paths that sealing would seal, without sealing.
///
/// # Errors
///
/// As [`seal`], as far as no key is needed.
pub fn preview(text: &str, format: Format, recipe: &Recipe) -> Result<Vec<String>, Error> {
    if format == Format::Binary {
        return Ok(vec![format!("[\"{}\"]", binary::KEY)]);
    }
    let plain = Plain::check(text, format, recipe)?;
    let leaves = plain.document.parts().iter().zip(&plain.selected);
    Ok(leaves
        .filter_map(|(part, &selected)| match part {
            Part::Leaf(leaf) if selected && !leaf.value.stays_readable() => {
                Some(plain.document.paths().display(leaf.path))
            }
            _ => None,
        })
        .collect())
}

/// A text that may be sealed, and what of it will be.
pub(crate) struct Plain<'s> {
    pub(crate) document: Document<'s>,
    pub(crate) selector: Option<Selector>,
    pub(crate) selected: Vec<bool>,
    pub(crate) format: Format,
}

impl<'s> Plain<'s> {
    /// Everything that can be refused before a key is needed.
    pub(crate) fn check(text: &'s str, format: Format, recipe: &Recipe) -> Result<Self, Error> {
        let document = Document::parse(text, format)?;
        document.check_plain()?;
        let kubernetes = recipe.kubernetes.unwrap_or_else(|| kubernetes::is_stream(&document));
        let selector = match &recipe.selector {
            Some(selector) => selector.clone(),
            None if kubernetes => Selector::kubernetes(),
            None => Selector::sops_default(),
        };
        let plain = Self::check_selection(document, Some(selector))?;
        if recipe.kubernetes != Some(false)
            && let Some(leaf) =
                kubernetes::readable_secrets(&plain.document, &plain.selected).next()
        {
            return Err(plain.left_readable(leaf));
        }
        Ok(plain)
    }

    /// What can be refused about a selector: one that selects nothing, or something
    /// that sops would read otherwise.
    pub(crate) fn check_selection(
        document: Document<'s>,
        selector: Option<Selector>,
    ) -> Result<Self, Error> {
        let selected = select(&document, selector.as_ref());
        let is_sealed = |(part, &selected): (&Part<'_>, &bool)| {
            selected && matches!(part, Part::Leaf(leaf) if !leaf.value.stays_readable())
        };
        if !document.parts().iter().zip(&selected).any(is_sealed) {
            return Err(Error::NothingSelected { selector: selector_name(selector.as_ref()) });
        }
        document.check_selection(&selected)?;
        for (part, &selected) in document.parts().iter().zip(&selected) {
            if let Part::Leaf(leaf) = part
                && let Some(refusal) = leaf.hazard
                && selected
            {
                return Err(Error::Refused { place: document.place_of(leaf), refusal });
            }
        }
        let format = document.format();
        Ok(Self { document, selector, selected, format })
    }

    /// A value of a Secret that would not be sealed.
    pub(crate) fn left_readable(&self, leaf: &Leaf<'_>) -> Error {
        Error::SecretLeftReadable {
            place: self.document.place_of(leaf),
            selector: selector_name(self.selector.as_ref()),
        }
    }

    pub(crate) fn metadata(
        &self,
        groups: Vec<Vec<WrappedKey>>,
        recipe: &Recipe,
        now: &str,
    ) -> Metadata {
        fresh_metadata(groups, self.selector.clone(), recipe, now)
    }

    /// Replaces what is selected, adds the block, and checks the result.
    pub(crate) fn seal(
        self,
        cipher: &Cipher,
        metadata: Metadata,
        known: Option<&Known>,
    ) -> Result<Sealed, Error> {
        match self.attempt(cipher, metadata.clone(), known, &Moved::new()) {
            Err(Failed { moved, .. }) if !moved.is_empty() => {
                self.attempt(cipher, metadata, known, &moved)
            }
            sealed => sealed,
        }
        .map_err(|failed| failed.error)
    }

    /// Seals, with comments sealed for where they stand once the block is there.
    fn attempt(
        &self,
        cipher: &Cipher,
        mut metadata: Metadata,
        known: Option<&Known>,
        moved: &Moved,
    ) -> Result<Sealed, Failed> {
        let document = &self.document;
        let mut mac = Mac::new(metadata.mac_only_encrypted);
        let tokens = self.tokens(cipher, &mut mac, known, moved)?;
        let mut edits = Vec::with_capacity(tokens.len() + document.sections());
        let mut layout =
            Layout { no_final_break: document.lacks_final_break(), ..Layout::default() };
        let mut comments = 0;
        for token in tokens.iter() {
            match &document.parts()[token.part] {
                Part::Leaf(leaf) => {
                    if let Some(writing) = document.seal_leaf(leaf, token.written, &mut edits)? {
                        layout.writings.push(Writing { index: layout.sealed, ..writing });
                    }
                    layout.sealed += 1;
                }
                Part::Comment(comment) => {
                    let writing = document.seal_comment(comment, token.written, &mut edits);
                    if let Some(writing) = writing {
                        layout.comments.push(Writing { index: comments, ..writing });
                    }
                    comments += 1;
                }
            }
        }
        metadata.mac = mac.seal(cipher, &metadata.last_modified)?;
        if layout.is_needed() {
            metadata.layout = Some(layout.seal(cipher, &metadata.last_modified)?);
        }
        // It may hold whole values.
        drop(layout);
        let placeholder = Placeholder::new(document)?;
        metadata.integrity = Some(placeholder.text().to_owned());
        document.add_metadata(&metadata, &mut edits);
        edits.sort_by_key(|edit| edit.span);
        // go-yaml is to read the sealed text as we do. libyaml is slow, so it is asked
        // about a text that differs from the sealed one inside of the tokens only.
        let short = splice(document.text(), &shortened(&edits, Keep::Nothing));
        document.second_opinion(&short, &self.selected)?;
        drop(short);
        let mut once = None;
        if document.sections() > 1 {
            let shortened = splice(document.text(), &shortened(&edits, Keep::Tokens));
            once = Some(self.verify(&shortened, &tokens, moved, &metadata, cipher)?);
        }
        let mut text = splice(document.text(), &edits);
        drop(edits);
        let record = match once {
            Some(record) => record,
            None => self.verify(&text, &tokens, moved, &metadata, cipher)?,
        };
        placeholder.fill(&mut text, &record);
        Ok(Sealed { text, count: tokens.len() })
    }

    /// Seals what is selected, and hashes what the MAC covers.
    fn tokens(
        &self,
        cipher: &Cipher,
        mac: &mut Mac,
        known: Option<&Known>,
        moved: &Moved,
    ) -> Result<Tokens, Error> {
        let document = &self.document;
        let mut reuse = known.map(|known| Reuse::new(known, document));
        let mut tokens = Tokens::new();
        let selected = || document.parts().iter().zip(&self.selected);
        let lengths = selected().filter(|(_, selected)| **selected).map(|(part, _)| match part {
            Part::Leaf(leaf) => leaf.value.wire_length(),
            Part::Comment(comment) => comment.text.len(),
        });
        // What is empty stays readable.
        tokens.reserve(lengths.filter(|&length| length > 0));
        let mut aads = Aads::new(document.paths());
        for (index, (part, &selected)) in selected().enumerate() {
            let elsewhere = moved.get(&index);
            let (around, plain, kind) = match part {
                Part::Leaf(leaf) => {
                    mac.add(&leaf.value, selected);
                    if !selected || leaf.value.stays_readable() {
                        if document.is_open_ended(leaf) {
                            // The block that is written behind it ends its line.
                            mac.add_bytes(b"\n", selected);
                        }
                        continue;
                    }
                    let quote = document.token_quote(leaf);
                    ((quote, quote), leaf.value.wire_bytes(), leaf.value.wire_type())
                }
                Part::Comment(comment) => {
                    let selected = elsewhere.map_or(selected, Option::is_some);
                    if !selected || comment.text.is_empty() {
                        continue;
                    }
                    let mark = document.comment_mark();
                    ((mark, ""), Cow::Borrowed(comment.text.as_bytes()), ValueType::Comment)
                }
            };
            let aad = match elsewhere.and_then(Option::as_deref) {
                Some(aad) => aad,
                None => aads.of(part.path()),
            };
            match reuse.as_mut().and_then(|reuse| reuse.token(part, aad, kind, &plain)) {
                Some(token) => tokens.keep(index, around, token),
                None => tokens.seal(cipher, index, around, &plain, aad, kind)?,
            }
        }
        Ok(tokens.done())
    }

    /// What was sealed opens to what went in. Gives the record of it.
    fn verify(
        &self,
        sealed: &str,
        tokens: &Tokens,
        elsewhere: &Moved,
        metadata: &Metadata,
        cipher: &Cipher,
    ) -> Result<Record, Failed> {
        let original = self.document.text();
        let document = Document::parse(sealed, self.format)?;
        // A name or an expression that the format cannot hold would lock everybody out.
        if !document.sealed_metadata()?.says_the_same_as(metadata) {
            let place = Place { line: 1, path: METADATA_KEY.into() };
            return Err(Error::NotReproduced { place }.into());
        }
        let error = match reopen(&document, &self.document, tokens, elsewhere, cipher) {
            Ok((None, record)) => return Ok(record),
            Ok((Some(at), _)) => {
                let line = bulla_yaml::line_of(original, at as u32);
                Error::NotReproduced { place: Place { line, path: String::new() } }
            }
            Err(error) => error,
        };
        Err(Failed { error, moved: moved(&document, &self.document, &self.selected) })
    }
}

/// Why sealing did not work out, and the comments that may be to blame for it.
struct Failed {
    error: Error,
    moved: Moved,
}

impl<E: Into<Error>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self { error: error.into(), moved: Moved::new() }
    }
}

/// The metadata of a file that is sealed for the first time.
pub(crate) fn fresh_metadata(
    groups: Vec<Vec<WrappedKey>>,
    selector: Option<Selector>,
    recipe: &Recipe,
    now: &str,
) -> Metadata {
    Metadata {
        groups,
        threshold: recipe.threshold,
        last_modified: now.to_owned(),
        mac: String::new(),
        selector,
        mac_only_encrypted: recipe.mac_only_encrypted,
        version: VERSION.to_owned(),
        layout: None,
        integrity: None,
        raw: None,
    }
}

/// [`STAND_IN`] with what may stand around a token.
const STAND_INS: [&str; 4] = [STAND_IN, "'ENC'", "\"ENC\"", "#ENC"];

/// What of the edits is not cut short.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    /// Neither tokens nor repeated blocks.
    Nothing,
    /// Tokens.
    Tokens,
}

/// The edits with stand-ins for tokens, and for every `sops` block that is the same
/// as the one before it: what holds for the first holds for the others.
fn shortened<'e>(edits: &'e [Edit<'_>], keep: Keep) -> Vec<Edit<'e>> {
    let mut block = None;
    let stand_in = |edit: &'e Edit<'_>| {
        let text = edit.text.as_ref();
        // With what stands around the token: quotes, or a comment's `#`.
        let is_token = |at: &usize| {
            text.as_bytes().get(*at..).is_some_and(|rest| rest.starts_with(SEALED_MARK.as_bytes()))
        };
        match (0..=1).find(is_token) {
            Some(at) if keep == Keep::Nothing => {
                let stand_in =
                    STAND_INS.into_iter().find(|stand_in| stand_in.starts_with(&text[..at]));
                Edit::replace(edit.span, stand_in.unwrap_or(STAND_IN))
            }
            None if block == Some(text) => {
                let name = text.find(METADATA_KEY).unwrap_or(0);
                let value = text[name..].find(':').map_or(text.len(), |colon| name + colon + 1);
                let end = &text[text.trim_end_matches(['\n', '\r']).len()..];
                Edit::replace(edit.span, format!("{} x{end}", &text[..value]))
            }
            token => {
                if token.is_none() && text.contains(SEALED_MARK) {
                    block = Some(text);
                }
                Edit::replace(edit.span, text)
            }
        }
    };
    edits.iter().map(stand_in).collect()
}
