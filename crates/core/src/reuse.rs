//! Tokens of a predecessor that are used again, so that a change shows what changed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;

use crate::document::{Document, Part};
use crate::kubernetes;
use crate::open::{OpenedPart, Values};
use crate::value::{Value, ValueType};

/// The tokens of a sealed file, by what they stand for.
pub(crate) struct Known {
    alike: HashMap<Meaning, Alike>,
}

/// The document that a token is in, and what opening it depends on.
#[derive(PartialEq, Eq, Hash)]
struct Meaning {
    section: String,
    aad: String,
    kind: ValueType,
    plain: Vec<u8>,
}

/// Tokens that could stand for each other: items of a list have the same additional
/// data.
#[derive(Default)]
struct Alike {
    /// By their position among the document's parts.
    tokens: BTreeMap<usize, String>,
    /// Their positions by the paths that they stand at.
    at: HashMap<String, usize>,
}

impl Known {
    /// The tokens of a sealed document whose values these are.
    pub(crate) fn of(document: &Document<'_>, values: &Values<'_>) -> Self {
        let sections = kubernetes::identities(document);
        let mut alike: HashMap<Meaning, Alike> = HashMap::new();
        for (position, (part, opened)) in document.parts().iter().zip(values.parts()).enumerate() {
            let (token, kind, plain) = match (part, opened) {
                (Part::Leaf(leaf), Some(OpenedPart::Value(value))) => {
                    let Value::Str(token) = &leaf.value else { continue };
                    (token, document.kind_to_reuse(value.wire_type()), value.wire_bytes().into())
                }
                (Part::Comment(comment), Some(OpenedPart::Comment(text))) => {
                    (&comment.text, ValueType::Comment, text.as_bytes().to_vec())
                }
                _ => continue,
            };
            let section = sections[part.section() as usize].clone();
            let aad = document.paths().aad(part.path());
            let alike = alike.entry(Meaning { section, aad, kind, plain }).or_default();
            alike.tokens.insert(position, token.to_string());
            alike.at.entry(document.paths().display(part.path())).or_insert(position);
        }
        Self { alike }
    }
}

/// The tokens that are left for the next state of a document, each for one value:
/// equal items of a list never share a ciphertext.
pub(crate) struct Reuse<'k, 'd, 's> {
    known: &'k Known,
    document: &'d Document<'s>,
    sections: Vec<String>,
    /// What is left of those of which one was used.
    left: HashMap<&'k Meaning, BTreeSet<usize>>,
    /// The position of the one that was used last.
    last: Option<usize>,
}

impl<'k, 'd, 's> Reuse<'k, 'd, 's> {
    /// All of them, for this document.
    pub(crate) fn new(known: &'k Known, document: &'d Document<'s>) -> Self {
        let sections = kubernetes::identities(document);
        Self { known, document, sections, left: HashMap::new(), last: None }
    }

    /// The token for a value that the predecessor had: the one from the same place,
    /// or the next one behind that which was used last, so that items which moved up
    /// or down keep theirs.
    pub(crate) fn token(
        &mut self,
        part: &Part<'_>,
        aad: &str,
        kind: ValueType,
        plain: &[u8],
    ) -> Option<&'k str> {
        let meaning = Meaning {
            section: self.sections.get(part.section() as usize)?.clone(),
            aad: aad.to_owned(),
            kind: self.document.kind_to_reuse(kind),
            plain: plain.to_vec(),
        };
        let (meaning, alike) = self.known.alike.get_key_value(&meaning)?;
        let left =
            self.left.entry(meaning).or_insert_with(|| alike.tokens.keys().copied().collect());
        let here = alike.at.get(&self.document.paths().display(part.path()));
        let behind = (self.last.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        let position = here.filter(|here| left.contains(here));
        let position = position.or_else(|| left.range(behind).next()).or_else(|| left.first());
        let position = *position?;
        left.remove(&position);
        self.last = Some(position);
        alike.tokens.get(&position).map(String::as_str)
    }
}
