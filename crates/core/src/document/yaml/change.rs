//! Values that are set and taken out, in YAML as it is written.
//!
//! In block style, a new entry has a line of its own below its neighbours', and what
//! stands behind a value on its line stays there. Between braces, what is new follows
//! the last entry as that follows the one before.

mod place;
mod remove;
mod replace;
mod write;

use bulla_yaml::{Edit, NodeId, NodeKind};

use super::Source;
use crate::change::{Subtree, Target};
use crate::error::{Error, Place, Refusal};
use crate::path::Step;
use write::{Manner, Quotes};

pub(super) use remove::unset;

/// The edits that put `value` where the target is.
pub(super) fn set(
    source: &Source<'_>,
    target: &Target<'_>,
    value: &Subtree,
) -> Result<Vec<Edit<'static>>, Error> {
    let stream = &source.stream;
    let below = |steps| value.clone().below(steps).map_err(|_| target.beyond(0));
    let Some(root) = root(source, target)? else {
        return Ok(vec![write::document(source, target.section, &below(target.path)?)]);
    };
    let Reached { node, rest } = reach(source, root, target.path);
    match (&stream.node(node).kind, rest) {
        (_, []) => replace::replace(source, node, value),
        (NodeKind::Alias { .. }, _) => Err(refused(source, node, Refusal::Shared)),
        (NodeKind::Scalar(_), rest) => replace::replace(source, node, &below(rest)?),
        (NodeKind::Mapping { .. }, [Step::Key(key), rest @ ..]) => {
            insert(source, node, Some(key), &below(rest)?)
        }
        (NodeKind::Sequence { .. }, [Step::Index(index), rest @ ..]) => {
            let length = stream.children(node).count();
            if *index != length {
                return Err(target.beyond(length));
            }
            insert(source, node, None, &below(rest)?)
        }
        (kind, _) => Err(misfit(target, kind)),
    }
}

/// How far a path leads through what is there.
struct Reached<'p> {
    node: NodeId,
    /// What is missing.
    rest: &'p [Step<'static>],
}

fn reach<'p>(source: &Source<'_>, root: NodeId, path: &'p [Step<'static>]) -> Reached<'p> {
    let stream = &source.stream;
    let mut node = root;
    for (depth, step) in path.iter().enumerate() {
        let child = match (&stream.node(node).kind, step) {
            (NodeKind::Mapping { .. }, Step::Key(key)) => stream.get(node, key),
            (NodeKind::Sequence { .. }, Step::Index(index)) => stream.children(node).nth(*index),
            _ => None,
        };
        match child {
            Some(child) => node = child,
            None => return Reached { node, rest: &path[depth..] },
        }
    }
    Reached { node, rest: &[] }
}

/// The mapping at the top of the document; `None` when the document is empty.
fn root(source: &Source<'_>, target: &Target<'_>) -> Result<Option<NodeId>, Error> {
    let stream = &source.stream;
    let Some(document) = stream.documents().get(target.section) else { return Ok(None) };
    let root = document.root.filter(|&root| !stream.node(root).span.is_empty());
    match root.map(|root| stream.node(root).kind) {
        // The walk lets no scalar but null pass.
        Some(NodeKind::Scalar(_)) => Err(target.misfit("a null")),
        _ => Ok(root),
    }
}

/// That a step does not fit what is there.
fn misfit(target: &Target<'_>, kind: &NodeKind<'_>) -> Error {
    match kind {
        NodeKind::Mapping { .. } => target.misfit("a mapping"),
        NodeKind::Sequence { .. } => target.misfit("a list"),
        _ => target.missing(),
    }
}

fn refused(source: &Source<'_>, node: NodeId, refusal: Refusal) -> Error {
    let place = Place { line: source.stream.line(node), path: String::new() };
    Error::Refused { place, refusal }
}

/// Whether no alias brings what changes to another place: an alias of `node`, of
/// something around it, or, when all of it goes, of something in it.
fn check_shared(source: &Source<'_>, node: NodeId, all_of_it: bool) -> Result<(), Error> {
    let stream = &source.stream;
    let mut around = vec![node];
    while let Some(parent) = around.last().and_then(|&node| stream.parent(node)) {
        around.push(parent);
    }
    let inside = |id: NodeId| node <= id && id < stream.after(node);
    let is_shared = |&id: &NodeId| match stream.node(id).kind {
        NodeKind::Alias { target } => {
            around.contains(&target) || (all_of_it && inside(target) && !inside(id))
        }
        _ => false,
    };
    match (0..stream.len()).filter_map(|index| stream.nth(index)).find(is_shared) {
        Some(alias) => Err(refused(source, alias, Refusal::Shared)),
        None => Ok(()),
    }
}

/// Adds an entry to a mapping, or an item to a list.
fn insert(
    source: &Source<'_>,
    collection: NodeId,
    key: Option<&str>,
    value: &Subtree,
) -> Result<Vec<Edit<'static>>, Error> {
    check_shared(source, collection, false)?;
    let stream = &source.stream;
    let quotes = Quotes::of_neighbours(source, collection);
    let last = stream.children(collection).last();
    if stream.node(collection).is_flow() {
        let entry = write::flow_entry(key, value, quotes);
        return Ok(vec![match last {
            Some(last) => {
                let gap = place::gap(source, collection, last);
                Edit::insert(place::end(source, last), format!(",{gap}{entry}"))
            }
            None => Edit::insert(stream.node(collection).span.start + 1, entry),
        }]);
    }
    // A block collection without entries cannot be written.
    let Some(last) = last else { return Ok(Vec::new()) };
    let mut edits = Vec::new();
    edits.extend(place::stripped(source, last));
    let manner = Manner::of(source);
    let line = write::entry_line(key, value, stream.column(collection), quotes, &manner);
    edits.push(Edit::insert(place::behind(source, last), line));
    Ok(edits)
}
