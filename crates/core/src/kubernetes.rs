//! What is known about Kubernetes objects: enough not to leave a Secret readable.

use std::collections::HashMap;

use crate::document::{Document, Leaf, Part};
use crate::path::{PathId, Step};
use crate::value::Value;

/// Whether every document of a stream is a Kubernetes object: `apiVersion` and
/// `kind` as texts at its top level. Empty documents do not count.
pub fn is_stream(document: &Document<'_>) -> bool {
    let sections = document.sections();
    let mut has = vec![(false, false, false); sections];
    for leaf in document.leaves() {
        let (any, version, kind) = &mut has[leaf.section as usize];
        *any = true;
        if document.paths().parent(leaf.path) == Some(PathId::ROOT)
            && let Value::Str(_) = leaf.value
        {
            match document.paths().last_key(leaf.path) {
                Some("apiVersion") => *version = true,
                Some("kind") => *kind = true,
                _ => {}
            }
        }
    }
    let mut filled = has.iter().filter(|(any, ..)| *any).peekable();
    filled.peek().is_some() && filled.all(|&(_, version, kind)| version && kind)
}

/// A name for each document of a stream that stays the same when documents are
/// added or moved: group, kind, namespace and name, and a count where these are not
/// enough.
pub fn identities(document: &Document<'_>) -> Vec<String> {
    let paths = document.paths();
    let mut names = vec![[""; 4]; document.sections()];
    for leaf in document.leaves() {
        let Value::Str(text) = &leaf.value else { continue };
        let steps = paths.steps(leaf.path);
        let keys = steps.iter().map(|step| match step {
            Step::Key(key) => key.as_ref(),
            Step::Index(_) => "",
        });
        let field = match keys.collect::<Vec<_>>().as_slice() {
            ["apiVersion"] => 0,
            ["kind"] => 1,
            ["metadata", "namespace"] => 2,
            ["metadata", "name"] => 3,
            _ => continue,
        };
        names[leaf.section as usize][field] = text;
    }
    let mut seen = HashMap::new();
    names
        .into_iter()
        .map(|name| {
            let count = seen.entry(name).or_insert(0);
            *count += 1;
            format!("{}\n{count}", name.join("\n"))
        })
        .collect()
}

/// The first value of a Secret's `data` or `stringData` that is not selected,
/// wherever the Secret stands: at the top, in a `List`, in a patch.
pub fn readable_secret<'d, 's>(
    document: &'d Document<'s>,
    selected: &[bool],
) -> Option<&'d Leaf<'s>> {
    let paths = document.paths();
    // Paths of different documents share the root only, so the root's own kind is
    // looked up by document.
    let mut top = vec![false; document.sections()];
    let mut below = vec![false; paths.len()];
    for leaf in document.leaves() {
        let is_secret = matches!(&leaf.value, Value::Str(kind) if kind == "Secret")
            && paths.last_key(leaf.path) == Some("kind");
        match paths.parent(leaf.path) {
            Some(PathId::ROOT) if is_secret => top[leaf.section as usize] = true,
            Some(object) if is_secret => below[object.index()] = true,
            _ => {}
        }
    }
    let in_secret = |leaf: &Leaf<'_>| {
        let mut entry = leaf.path;
        while let Some(object) = paths.parent(entry) {
            let is_data = matches!(
                paths.last(entry),
                Some(Step::Key(key)) if key == "data" || key == "stringData"
            );
            let is_secret = match object {
                PathId::ROOT => top[leaf.section as usize],
                object => below[object.index()],
            };
            if is_data && is_secret {
                return true;
            }
            entry = object;
        }
        false
    };
    document.parts().iter().zip(selected).find_map(|(part, &selected)| match part {
        Part::Leaf(leaf) if !selected && !leaf.value.stays_readable() && in_secret(leaf) => {
            Some(leaf)
        }
        _ => None,
    })
}
