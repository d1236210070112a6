//! A plaintext of one format written in another.
//!
//! The text is sops's, byte for byte, so that what reads it in a pipe notices nothing;
//! where sops would lose or change something, the conversion says so and gives nothing.
//! The result is read again and compared with what went in.

use bulla_yaml::line_of;
use zeroize::Zeroizing;

use crate::document::{Document, Format};
use crate::error::{Error, Misfit, Place};
use crate::rules::Indent;
use tree::{Item, Node, Tree};

mod dotenv;
mod ini;
mod json;
mod text;
mod tree;
mod yaml;

/// The layout of formats that have one to choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Spaces a level, from two to nine; none is taken for four, and anything else for
    /// two, as in sops.
    pub yaml: u8,
    /// A level's indentation.
    pub json: Indent,
}

impl Default for Style {
    /// What sops writes when nothing is said.
    fn default() -> Self {
        Self { yaml: 4, json: Indent::Tab }
    }
}

/// Writes a plaintext in another format.
///
/// Order is kept, and comments where the other format has them.
///
/// # Errors
///
/// When it is not of its format, or with the key path of what the other cannot hold.
pub fn convert(
    plain: &[u8],
    from: Format,
    to: Format,
    style: Style,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    if from == to { Ok(Zeroizing::new(plain.to_vec())) } else { write(plain, from, to, style) }
}

/// Writes a plaintext anew in its own format, as sops does whenever it opens a file:
/// for those who have to have the very bytes that sops would give.
///
/// # Errors
///
/// As [`convert`].
pub fn rewrite(plain: &[u8], format: Format, style: Style) -> Result<Zeroizing<Vec<u8>>, Error> {
    match format {
        Format::Binary => Ok(Zeroizing::new(plain.to_vec())),
        _ => write(plain, format, format, style),
    }
}

/// Writes a plaintext as one JSON object that has the entries of all of its documents,
/// for what holds no more than that: a secret of Vault.
///
/// # Errors
///
/// As [`convert`], and when two documents have the same key: one would be lost.
pub fn as_object(plain: &[u8], from: Format) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut before = read(plain, from)?;
    if from == Format::Ini {
        before.add_default();
    }
    let entries = std::mem::take(&mut before.documents).into_iter().flat_map(Node::into_items);
    let before = Node::Map(entries.collect());
    let mut written = Zeroizing::new(json::write(&before, Indent::Spaces(0))?);
    let after = read(written.as_bytes(), Format::Json)?;
    if !tree::same(&before, one(&after)?, Format::Json) {
        let place = Place { line: 1, path: String::new() };
        return Err(Error::NotReproduced { place });
    }
    Ok(Zeroizing::new(std::mem::take(&mut *written).into_bytes()))
}

fn write(
    plain: &[u8],
    from: Format,
    to: Format,
    style: Style,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut before = read(plain, from)?;
    if (from, to) == (Format::Ini, Format::Json) || (from, to) == (Format::Ini, Format::Yaml) {
        before.add_default();
    }
    let written = match to {
        Format::Yaml => yaml::write(&before, style.yaml),
        Format::Json => json::write(one(&before)?, style.json),
        Format::Dotenv => dotenv::write(one(&before)?),
        Format::Ini => ini::write(one(&before)?),
        Format::Binary => return binary(one(&before)?),
    };
    let mut written = Zeroizing::new(written?);
    let after = read(written.as_bytes(), to)?;
    let same = before.documents.len() == after.documents.len()
        && before.documents.iter().zip(&after.documents).all(|(a, b)| tree::same(a, b, to));
    if !same {
        let place = Place { line: 1, path: String::new() };
        return Err(Error::NotReproduced { place });
    }
    Ok(Zeroizing::new(std::mem::take(&mut *written).into_bytes()))
}

/// The tree of a plaintext. Binary ones have one entry, as in sops.
fn read(plain: &[u8], format: Format) -> Result<Tree, Error> {
    if format == Format::Binary {
        return Ok(Tree::of_bytes(plain));
    }
    let text = std::str::from_utf8(plain).map_err(|error| Error::Syntax {
        format,
        line: line_of(&String::from_utf8_lossy(plain), error.valid_up_to() as u32),
        reason: "this is not UTF-8",
    })?;
    let document = Document::parse(text, format)?;
    document.check_plain()?;
    Ok(Tree::of(&document))
}

/// The one document of a tree, for formats that hold no more.
fn one(tree: &Tree) -> Result<&Node, Error> {
    match tree.documents.as_slice() {
        [document] => Ok(document),
        _ => Err(misfit(&[], Misfit::Documents)),
    }
}

/// The bytes of the entry `data`, as sops takes them out of an envelope.
fn binary(document: &Node) -> Result<Zeroizing<Vec<u8>>, Error> {
    let data = document.items().iter().find_map(|item| match item {
        Item::Entry(key, Node::Leaf(value)) if key == "data" => Some(value),
        _ => None,
    });
    match data {
        Some(crate::value::Value::Str(text)) => Ok(Zeroizing::new(text.as_bytes().to_vec())),
        Some(crate::value::Value::Bytes(bytes)) => Ok(Zeroizing::new(bytes.to_vec())),
        _ => Err(misfit(&["data"], Misfit::NoData)),
    }
}

/// What does not fit, by the keys that lead to it.
fn misfit(path: &[&str], misfit: Misfit) -> Error {
    let path = path.iter().map(|key| format!("[{}]", serde_json::Value::from(*key))).collect();
    Error::DoesNotFit { path, misfit }
}
