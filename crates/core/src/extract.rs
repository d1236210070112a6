//! One value or branch of an opened file.

use bulla_yaml::{NodeId, NodeKind, Resolved, Stream};
use zeroize::Zeroizing;

use crate::change::Address;
use crate::document::{Document, Format, Leaf, binary};
use crate::error::Error;
use crate::path::Step;

mod json;

/// What stands where `address` leads in a plaintext: a text as it is, anything else as it
/// is written, with a line break at its end where sops prints one; without a path, all of
/// the document.
///
/// # Errors
///
/// [`Error::NoSuchPath`] when the path leads nowhere.
pub fn extract(
    plain: &[u8],
    format: Format,
    address: &Address,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let path = address.path();
    if format != Format::Yaml {
        address.first_of_one()?;
    }
    let found = match format {
        Format::Yaml => from_yaml(plain, address)?,
        _ if path.is_empty() => Some(plain.to_vec()),
        Format::Json => json::from_json(plain, path)?,
        Format::Dotenv | Format::Ini => from_texts(plain, format, path)?,
        // The bytes are at the one path that there is.
        Format::Binary => match path {
            [Step::Key(key)] if key == binary::KEY => Some(plain.to_vec()),
            _ => None,
        },
    };
    found.map(Zeroizing::new).ok_or_else(|| address.missing())
}

fn from_yaml(plain: &[u8], address: &Address) -> Result<Option<Vec<u8>>, Error> {
    let stream = Stream::parse_bytes(plain)?;
    let section = address.section_in(&Document::parse(stream.text(), Format::Yaml)?)?;
    let Some(document) = stream.documents().get(section) else { return Ok(None) };
    if address.path().is_empty() {
        return Ok(Some(whole(&stream, document).as_bytes().to_vec()));
    }
    let found = address.path().iter().try_fold(document.root, |at, step| {
        let at = resolve_alias(&stream, at?);
        child(&stream, at, step).map(Some)
    });
    let found = found.flatten().map(|at| write(&stream, resolve_alias(&stream, at)));
    Ok(found)
}

/// A value of a format that holds nothing but texts.
fn from_texts(plain: &[u8], format: Format, path: &[Step<'_>]) -> Result<Option<Vec<u8>>, Error> {
    let text = str::from_utf8(plain).map_err(|_| Error::NotText)?;
    let document = Document::parse(text, format)?;
    let is_there = |leaf: &&Leaf<'_>| document.paths().steps(leaf.path).into_iter().eq(path);
    let leaf = document.leaves().find(is_there);
    Ok(leaf.map(|leaf| leaf.value.wire_bytes().into_owned()))
}

/// A document without its markers.
fn whole<'s>(stream: &Stream<'s>, document: &bulla_yaml::Document) -> &'s str {
    let text = &stream.text()[document.start as usize..document.end as usize];
    // What is left of the line of the marker.
    let line = text.find(['\n', '\r']).filter(|&at| text[..at].trim().is_empty());
    text[line.unwrap_or(0)..].trim_start_matches(['\n', '\r'])
}

fn resolve_alias(stream: &Stream<'_>, id: NodeId) -> NodeId {
    match stream.node(id).kind {
        NodeKind::Alias { target } => target,
        _ => id,
    }
}

fn child(stream: &Stream<'_>, id: NodeId, step: &Step<'_>) -> Option<NodeId> {
    match (&stream.node(id).kind, step) {
        (NodeKind::Mapping { .. }, Step::Key(key)) => stream.get(id, key),
        (NodeKind::Sequence { .. }, Step::Index(index)) => stream.children(id).nth(*index),
        _ => None,
    }
}

fn write(stream: &Stream<'_>, id: NodeId) -> Vec<u8> {
    let node = stream.node(id);
    if let NodeKind::Scalar(scalar) = &node.kind {
        match bulla_yaml::resolve(node.tag(), scalar.style, scalar.value) {
            Ok(Resolved::Str(text)) => return text.into_owned().into_bytes(),
            Ok(Resolved::Binary(bytes)) => return bytes,
            _ => return format!("{}\n", scalar.value).into_bytes(),
        }
    }
    let start = stream.first_byte(id);
    let text = &stream.text()[start as usize..node.span.end as usize];
    if node.is_flow() {
        return format!("{text}\n").into_bytes();
    }
    let indent = stream.column(id);
    let mut out = String::new();
    // A list under its key's own column begins behind its first dash.
    if matches!(node.kind, NodeKind::Sequence { .. }) && !text.starts_with('-') {
        out.push_str("- ");
    }
    for line in text.split_inclusive('\n') {
        let blanks = line.len() - line.trim_start_matches(' ').len();
        let at_start = out.is_empty() || out == "- ";
        out.push_str(if at_start { line } else { &line[blanks.min(indent)..] });
    }
    out.push('\n');
    out.into_bytes()
}
