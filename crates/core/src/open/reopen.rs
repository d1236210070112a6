//! The check of what was just sealed: it opens to what went in.

use std::collections::HashMap;

use bulla_yaml::splices_to;
use zeroize::Zeroizing;

use super::same_paths::SamePaths;
use super::{OpenedPart, Values, candidates};
use crate::cipher::Cipher;
use crate::document::{Comment, Document, Part};
use crate::error::Error;
use crate::integrity::{self, Record};
use crate::path::PathId;
use crate::selection::select;
use crate::tokens::Tokens;
use crate::value::Value;

/// Comments that stand elsewhere in the sealed text than in the plain one, by their
/// part: go-yaml guesses where a comment stands from what is around it, and the
/// `sops` block is behind the last ones.
///
/// They are sealed for the place where they will be read, whose additional data this
/// has; `None` when the selector does not reach there.
pub(crate) type Moved = HashMap<usize, Option<String>>;

/// Opens what was just sealed, to compare it with the text that it was made of.
///
/// Cipher, MAC and text need no check then: a token is known by its bytes, and has to
/// stand where it can be opened. Gives the integrity record of it, and the first byte of
/// the original that is not there again.
pub(crate) fn reopen(
    document: &Document<'_>,
    original: &Document<'_>,
    tokens: &Tokens,
    moved: &Moved,
    cipher: &Cipher,
) -> Result<(Option<usize>, Record), Error> {
    let metadata = document.sealed_metadata()?;
    let selected = select(document, metadata.selector.as_ref());
    let mut values = tokens.iter().filter_map(|token| match &original.parts()[token.part] {
        Part::Leaf(leaf) => Some((token.bare, leaf)),
        Part::Comment(_) => None,
    });
    // Comments may change places with values: a token has one line where its value
    // had several.
    let comments = tokens.iter().filter_map(|token| match &original.parts()[token.part] {
        Part::Leaf(_) => None,
        Part::Comment(comment) => Some((token.bare, (token.part, comment))),
    });
    let comments: HashMap<_, _> = comments.collect();
    let mut same_paths = SamePaths::new(document.paths(), original.paths());
    let mut opened = Vec::with_capacity(selected.len());
    for (part, &selected) in document.parts().iter().zip(&selected) {
        let misplaced = |at| Error::NotReproduced { place: document.place(at, part.path()) };
        opened.push(match part {
            Part::Leaf(leaf) if selected && !leaf.value.stays_readable() => {
                match (values.next(), &leaf.value) {
                    (Some((token, made)), Value::Str(text))
                        if token == text && same_paths.are(leaf.path, made.path) =>
                    {
                        Some(OpenedPart::Value(made.value.by_ref()))
                    }
                    _ => return Err(misplaced(leaf.at)),
                }
            }
            Part::Comment(comment) if selected && !comment.text.is_empty() => {
                let opens = |(part, made): &&(usize, &Comment<'_>)| match moved.get(part) {
                    Some(aad) => aad.as_deref().is_some_and(|aad| reads(document, comment, aad)),
                    None => candidates(document, comment.path)
                        .any(|path| same_paths.are(path, made.path)),
                };
                let made = comments.get(comment.text.as_ref()).filter(opens);
                let (_, made) = made.ok_or_else(|| misplaced(comment.span.start))?;
                Some(OpenedPart::Comment(Zeroizing::new(made.text.to_string())))
            }
            _ => None,
        });
    }
    let record = integrity::of_document(document, metadata, &selected, &opened, cipher);
    let values = Values { opened, readable_comments: Vec::new(), ignored: Vec::new() };
    let layout = values.layout(metadata, cipher);
    let edits = values.edits(document, layout.as_ref());
    Ok((splices_to(document.text(), &edits.0, original.text()).err(), record))
}

/// The comments of a sealed text that do not stand where they were sealed for.
/// `selected` is what was selected of the original.
pub(crate) fn moved(document: &Document<'_>, original: &Document<'_>, selected: &[bool]) -> Moved {
    let Ok(metadata) = document.sealed_metadata() else { return Moved::new() };
    let here = comments(document, &select(document, metadata.selector.as_ref()));
    let there = comments(original, selected);
    if here.len() != there.len() {
        return Moved::new();
    }
    // Sealing moves no comment before another one.
    let pairs = here.into_iter().zip(there);
    pairs
        .filter_map(|((_, found, is_read), (part, made, was_sealed))| {
            let aad = || original.paths().aad(made.path);
            match (is_read, was_sealed) {
                (false, false) => None,
                (true, true) if reads(document, found, &aad()) => None,
                (false, true) => Some((part, None)),
                (true, _) => Some((part, Some(document.paths().aad(found.path)))),
            }
        })
        .collect()
}

/// The comments of a document that say something, with their parts, and whether they
/// are selected.
fn comments<'d, 's>(
    document: &'d Document<'s>,
    selected: &[bool],
) -> Vec<(usize, &'d Comment<'s>, bool)> {
    let parts = document.parts().iter().zip(selected).enumerate();
    parts
        .filter_map(|(index, (part, &selected))| match part {
            Part::Comment(comment) if !comment.text.is_empty() => Some((index, comment, selected)),
            _ => None,
        })
        .collect()
}

/// Whether a comment that was sealed with this additional data is opened where it
/// stands.
fn reads(document: &Document<'_>, comment: &Comment<'_>, aad: &str) -> bool {
    candidates(document, comment.path).any(|path: PathId| document.paths().aad(path) == aad)
}
