//! Making the resources that a config names, many at a time: most of it is waiting for
//! keys.

use std::collections::HashSet;

use bulla_core::{Format, Keyring, open_bytes};
use bulla_yaml::{NodeId, NodeKind, Stream};
use zeroize::Zeroizing;

use crate::config::Config;
use crate::data::still_sealed;
use crate::error::{FileError, ItemError, KrmError, Problem};
use crate::files::Root;
use crate::json::{self, Unwritten};
use crate::list::{Resources, get, is_null, label, target, text};
use crate::secret::{self, Plaintexts, as_sops_writes};

/// A resource as one line of JSON, with its line break.
pub(crate) type Line = Zeroizing<String>;

/// The resources that the config names: the documents of its files, then its Secrets.
pub(crate) fn generate(
    config: &Config,
    root: &Root,
    keyring: &Keyring<'_>,
) -> Result<Vec<Line>, KrmError> {
    // A file may have several keys in several Secrets: it is opened once.
    let mut seen = HashSet::new();
    let values = config.secrets.iter().flat_map(secret::paths).filter(|path| seen.insert(*path));
    let manifests = config.files.iter().map(|path| Source::Manifests(path));
    let sources: Vec<_> = manifests.chain(values.map(Source::Value)).collect();
    let opened = keyring.pool().map(&sources, |source| match source {
        Source::Manifests(path) => open_file(path, root, keyring).map(Opened::Lines),
        Source::Value(path) => match secret::open(path, root, keyring) {
            Ok(plain) => Ok(Opened::Value(path, plain)),
            Err(problem) => Err(vec![problem]),
        },
    });
    let mut plain = Plaintexts::new();
    let mut lines = collect(opened.into_iter().map(|opened| match opened? {
        Opened::Lines(lines) => Ok(lines),
        Opened::Value(path, text) => {
            plain.insert(path, text);
            Ok(Vec::new())
        }
    }))?;
    let secrets = config.secrets.iter().map(|from| secret::make(from, &plain).map(|it| vec![it]));
    lines.extend(collect(secrets)?);
    Ok(lines)
}

enum Source<'c> {
    /// A file of resources.
    Manifests(&'c str),
    /// A file that becomes a part of Secrets.
    Value(&'c str),
}

enum Opened<'c> {
    Lines(Vec<Line>),
    Value(&'c str, Zeroizing<Vec<u8>>),
}

/// The lines of everything, or everything that is wrong.
pub(crate) fn collect(
    made: impl IntoIterator<Item = Result<Vec<Line>, Vec<Problem>>>,
) -> Result<Vec<Line>, KrmError> {
    let (mut lines, mut problems) = (Vec::new(), Vec::new());
    for made in made {
        match made {
            Ok(made) => lines.extend(made),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(lines) } else { Err(KrmError::new(problems)) }
}

/// Resources that are not sealed, as they are.
pub(crate) fn pass_on(resources: &Resources<'_>) -> Result<Vec<Line>, KrmError> {
    let stream = resources.stream();
    let passed = resources.items().iter().map(|&item| {
        let line = line(stream, item);
        line.map(|line| vec![line]).map_err(|error| vec![problem(label(stream, item), &error)])
    });
    collect(passed)
}

/// The resources of a sealed file, of whatever format: JSON is YAML, and a binary file
/// may have any text in it.
fn open_file(path: &str, root: &Root, keyring: &Keyring<'_>) -> Result<Vec<Line>, Vec<Problem>> {
    let file = |error| vec![Problem::File { path: path.to_owned(), error }];
    let failed = |error| vec![Problem::Open { path: path.to_owned(), error: Box::new(error) }];
    let format = Format::from_path(path);
    if matches!(format, Format::Dotenv | Format::Ini) {
        return Err(file(FileError::Format));
    }
    let sealed = root.read(path).map_err(file)?;
    let mut plain = open_bytes(&sealed, format, keyring, false).map_err(failed)?.bytes;
    if format == Format::Json {
        // JSON has escapes that YAML has not; sops writes no such ones.
        plain = as_sops_writes(plain, format);
    }
    let text = std::str::from_utf8(&plain).map_err(|_| file(FileError::NotUtf8))?;
    documents(path, text)
}

/// Every document of an opened file.
fn documents(path: &str, opened: &str) -> Result<Vec<Line>, Vec<Problem>> {
    let parsed = Stream::parse(opened);
    let stream = parsed.map_err(|error| {
        let error = Box::new(error.into());
        vec![Problem::Open { path: path.to_owned(), error }]
    })?;
    let roots = stream.documents().iter().enumerate().filter_map(|(index, document)| {
        Some((index, document.root.filter(|&root| !is_null(&stream, root))?))
    });
    let (mut lines, mut problems) = (Vec::new(), Vec::new());
    for (index, root) in roots {
        let checked = check_resource(&stream, root).map_err(Unwritten::from);
        match checked.and_then(|()| line(&stream, root)) {
            Ok(line) => lines.push(line),
            Err(error) => {
                let from = match stream.documents().len() {
                    1 => path.to_owned(),
                    _ => format!("{path}, document {}", index + 1),
                };
                problems.push(problem(from, &error));
            }
        }
    }
    if lines.is_empty() && problems.is_empty() {
        problems.push(problem(path.to_owned(), &ItemError::Empty.into()));
    }
    if problems.is_empty() { Ok(lines) } else { Err(problems) }
}

/// What is wrong with a resource.
pub(crate) fn problem(from: String, error: &Unwritten) -> Problem {
    Problem::Item { from, key_path: error.key_path(), error: error.error }
}

/// A resource that is not sealed, or no longer.
pub(crate) fn line(stream: &Stream<'_>, item: NodeId) -> Result<Line, Unwritten> {
    if let Some(key) = still_sealed(stream, item) {
        return Err(Unwritten::at(&["data", &key], ItemError::StillSealed));
    }
    let mut line = new_line(stream, item);
    json::write(stream, item, &mut line)?;
    line.push('\n');
    Ok(line)
}

/// Room for a resource: growing would leave copies that nobody wipes.
pub(crate) fn new_line(stream: &Stream<'_>, item: NodeId) -> Line {
    let span = stream.node(item).span;
    Zeroizing::new(String::with_capacity(2 * (span.end - span.start) as usize + 256))
}

/// kustomize's own message about what is no resource shows parts of it, so it must
/// not get that far.
pub(crate) fn check_resource(stream: &Stream<'_>, root: NodeId) -> Result<(), ItemError> {
    let kind = text_of(stream, root, "kind").unwrap_or_default();
    match get(stream, root, "items").filter(|_| kind.ends_with("List")) {
        // kustomize takes the items of a List, which has no name of its own.
        Some(items) => {
            let mut items = stream.children(items).map(|item| target(stream, item));
            items.try_for_each(|item| check_one(stream, item))
        }
        None => check_one(stream, root),
    }
}

fn check_one(stream: &Stream<'_>, resource: NodeId) -> Result<(), ItemError> {
    if !matches!(stream.node(resource).kind, NodeKind::Mapping { .. }) {
        return Err(ItemError::NotAMapping);
    }
    let metadata = get(stream, resource, "metadata");
    let name = metadata.and_then(|metadata| text_of(stream, metadata, "name"));
    let fields = [text_of(stream, resource, "apiVersion"), text_of(stream, resource, "kind"), name];
    if !fields.iter().all(Option::is_some) {
        return Err(ItemError::NotAResource);
    }
    let is_odd = |name| {
        let field = metadata.and_then(|metadata| get(stream, metadata, name));
        field.is_some_and(|field| {
            !is_null(stream, field) && !matches!(stream.node(field).kind, NodeKind::Mapping { .. })
        })
    };
    match is_odd("labels") || is_odd("annotations") {
        true => Err(ItemError::OddMetadata),
        false => Ok(()),
    }
}

/// An entry that is a text and not empty.
fn text_of<'t>(stream: &'t Stream<'_>, mapping: NodeId, key: &str) -> Option<&'t str> {
    get(stream, mapping, key).and_then(|id| text(stream, id)).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_resource_is_refused_without_showing_it() {
        let cases = [
            ("", ItemError::Empty),
            ("---\n---\n", ItemError::Empty),
            ("hunter2\n", ItemError::NotAMapping),
            ("password: hunter2\n", ItemError::NotAResource),
            ("apiVersion: v1\nkind: Secret\nmetadata: {}\n", ItemError::NotAResource),
            ("apiVersion: v1\nkind: Secret\nmetadata: {name: 1}\n", ItemError::NotAResource),
            ("apiVersion: v1\nkind: List\nitems: [{kind: Secret}]\n", ItemError::NotAResource),
            ("apiVersion: v1\nkind: List\nitems: [hunter2]\n", ItemError::NotAMapping),
            (
                "apiVersion: v1\nkind: List\nitems: &a [{kind: List, items: *a}]\n",
                ItemError::NotAResource,
            ),
        ];
        for (text, expected) in cases {
            let problems = documents("a.yaml", text).unwrap_err();
            let [Problem::Item { error, .. }] = problems.as_slice() else { panic!("{text}") };
            assert_eq!(*error, expected, "{text}");
            assert!(!problems[0].to_string().contains("hunter2"));
        }
    }

    #[test]
    fn a_problem_names_its_document() {
        let good = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n";
        let text = format!("{good}---\n{good}data: {{k: .inf}}\n");
        let problems = documents("a.yaml", &text).unwrap_err();
        assert_eq!(
            problems[0].to_string(),
            "a.yaml, document 2, [\"data\"][\"k\"]: this number has no place in JSON; put it in quotes"
        );
    }
}
