//! The file that a resource was loaded from.
//!
//! With `buildMetadata: [originAnnotations]` kustomize says where a resource comes
//! from. Its MAC holds for that file, and what is sealed in the resource has to be
//! what is sealed in one document of it.

use bulla_core::{Document, Format, Keyring, Paths, Value, open};
use bulla_yaml::{NodeId, Stream};

use crate::files::Root;
use crate::list::{annotation, get};

const ORIGIN: &str = "config.kubernetes.io/origin";

/// Whether the file that an item names as its origin is there, is what was sealed,
/// and holds each of the item's sealed values at the same path of one document.
pub(super) fn holds(
    stream: &Stream<'_>,
    item: NodeId,
    sealed: &str,
    root: &Root,
    keyring: &Keyring<'_>,
) -> bool {
    let check = || {
        let origin = Stream::parse(annotation(stream, item, ORIGIN)?).ok()?;
        let fields = origin.documents().first()?.root?;
        let remote = get(&origin, fields, "repo").is_some();
        let path = get(&origin, fields, "path").filter(|_| !remote)?;
        let path = crate::list::text(&origin, path)?;
        let text = root.read(path).ok()?;
        let format = Format::from_path(path);
        let ours = Document::parse(sealed, Format::Yaml).ok()?;
        let theirs = Document::parse(&text, format).ok()?;
        let tokens = tokens(&ours, 0);
        let is_ours = |section| self::tokens(&theirs, section) == tokens;
        let is_there = !tokens.is_empty() && (0..theirs.sections() as u32).any(is_ours);
        is_there.then(|| open(&text, format, keyring, false).is_ok())
    };
    check() == Some(true)
}

/// The sealed values of a document, by their paths, in the order of these.
fn tokens(document: &Document<'_>, section: u32) -> Vec<(String, String)> {
    let paths: &Paths<'_> = document.paths();
    let mut tokens: Vec<_> = document
        .leaves()
        .filter(|leaf| leaf.section == section)
        .filter_map(|leaf| match &leaf.value {
            Value::Str(text) if text.starts_with(bulla_core::SEALED_MARK) => {
                Some((paths.display(leaf.path), text.to_string()))
            }
            _ => None,
        })
        .collect();
    tokens.sort();
    tokens
}
