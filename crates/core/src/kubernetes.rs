//! What is known about Kubernetes objects: enough not to leave a Secret readable.

use std::collections::HashMap;

pub use crate::document::yaml::decoded::Decoded;

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
    let mut seen = HashMap::new();
    names(document)
        .into_iter()
        .map(|name| {
            let count = seen.entry(name).or_insert(0);
            *count += 1;
            format!("{}\n{count}", name.join("\n"))
        })
        .collect()
}

/// The documents of a stream that are the object of this kind and name.
pub(crate) fn find(
    document: &Document<'_>,
    kind: &str,
    namespace: Option<&str>,
    name: &str,
) -> Vec<usize> {
    let names = names(document);
    let is_meant = |&[_, its_kind, its_namespace, its_name]: &[&str; 4]| {
        its_kind.eq_ignore_ascii_case(kind)
            && namespace.is_none_or(|namespace| namespace == its_namespace)
            && its_name == name
    };
    names.iter().enumerate().filter(|(_, name)| is_meant(name)).map(|(nth, _)| nth).collect()
}

/// apiVersion, kind, namespace and name of each document, as far as it has them.
fn names<'d>(document: &'d Document<'_>) -> Vec<[&'d str; 4]> {
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
    names
}

/// The values of Secrets' `data` and `stringData` that are not selected,
/// wherever the Secret stands: at the top, in a `List`, in a patch.
pub fn readable_secrets<'d, 's>(
    document: &'d Document<'s>,
    selected: &'d [bool],
) -> impl Iterator<Item = &'d Leaf<'s>> {
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
    let in_secret = move |leaf: &Leaf<'_>| {
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
    document.parts().iter().zip(selected).filter_map(move |(part, &selected)| match part {
        Part::Leaf(leaf) if !selected && !leaf.value.stays_readable() && in_secret(leaf) => {
            Some(leaf)
        }
        _ => None,
    })
}
