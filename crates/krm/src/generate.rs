//! Opening the files of a config, many at a time: most of it is waiting for keys.

use bulla_core::{Format, Keyring, open};
use bulla_yaml::{NodeId, NodeKind, Stream};
use zeroize::Zeroizing;

use crate::config::Config;
use crate::error::{FileError, ItemError, KrmError, Problem};
use crate::files::Root;
use crate::json::{self, Unwritten};
use crate::list::{ResourceList, get, is_null, target, text};

const HEADER: &str = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n";

/// The items of some source, each a line.
type Items = Result<Zeroizing<String>, Vec<Problem>>;

/// The list that takes the place of `list`: its items without the config, then the
/// documents of the files, in the order of the config.
pub(crate) fn generate(
    list: &ResourceList<'_>,
    config: &Config,
    root: &Root,
    keyring: &Keyring<'_>,
) -> Result<Zeroizing<String>, KrmError> {
    let passed = pass_on(list);
    let opened = keyring.pool().map(&config.files, |path| open_file(path, root, keyring));
    let mut problems = Vec::new();
    let mut parts = Vec::with_capacity(opened.len() + 1);
    for items in [passed].into_iter().chain(opened) {
        match items {
            Ok(items) => parts.push(items),
            Err(found) => problems.extend(found),
        }
    }
    if !problems.is_empty() {
        return Err(KrmError::new(problems));
    }
    // Made in one piece: growing would leave copies that nobody wipes.
    let length = HEADER.len() + parts.iter().map(|items| items.len()).sum::<usize>();
    let mut output = Zeroizing::new(String::with_capacity(length));
    output.push_str(HEADER);
    for items in parts {
        output.push_str(&items);
    }
    Ok(output)
}

fn pass_on(list: &ResourceList<'_>) -> Items {
    let mut lines = Zeroizing::new(String::new());
    let mut problems = Vec::new();
    for &item in list.items() {
        if let Err(error) = write_item(list.stream(), item, &mut lines) {
            problems.push(problem(list.label(item), &error));
        }
    }
    if problems.is_empty() { Ok(lines) } else { Err(problems) }
}

fn open_file(path: &str, root: &Root, keyring: &Keyring<'_>) -> Items {
    let wrong = |error| vec![Problem::File { path: path.to_owned(), error }];
    let format = Format::from_path(path).ok_or_else(|| wrong(FileError::Format))?;
    let sealed = root.read(path).map_err(wrong)?;
    let opened = open(&sealed, format, keyring, false)
        .map_err(|error| vec![Problem::Open { path: path.to_owned(), error: Box::new(error) }])?;
    write_documents(path, &opened.text)
}

/// Every document of an opened file.
fn write_documents(path: &str, opened: &str) -> Items {
    let parsed = Stream::parse(opened);
    let stream = parsed.map_err(|error| {
        let error = Box::new(error.into());
        vec![Problem::Open { path: path.to_owned(), error }]
    })?;
    let roots = stream.documents().iter().enumerate().filter_map(|(index, document)| {
        Some((index, document.root.filter(|&root| !is_null(&stream, root))?))
    });
    let mut lines = Zeroizing::new(String::with_capacity(opened.len() * 5 / 4));
    let mut problems = Vec::new();
    let mut count = 0;
    for (index, root) in roots {
        count += 1;
        let written = check_resource(&stream, root)
            .map_err(Unwritten::from)
            .and_then(|()| write_item(&stream, root, &mut lines));
        if let Err(error) = written {
            let from = match stream.documents().len() {
                1 => path.to_owned(),
                _ => format!("{path}, document {}", index + 1),
            };
            problems.push(problem(from, &error));
        }
    }
    if count == 0 {
        problems.push(problem(path.to_owned(), &ItemError::Empty.into()));
    }
    if problems.is_empty() { Ok(lines) } else { Err(problems) }
}

fn problem(from: String, error: &Unwritten) -> Problem {
    Problem::Item { from, key_path: error.key_path(), error: error.error }
}

fn write_item(stream: &Stream<'_>, item: NodeId, lines: &mut String) -> Result<(), Unwritten> {
    lines.push_str("- ");
    json::write(stream, item, lines)?;
    lines.push('\n');
    Ok(())
}

/// kustomize's own message about what is no resource shows parts of it, so it must
/// not get that far.
fn check_resource(stream: &Stream<'_>, root: NodeId) -> Result<(), ItemError> {
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
            let problems = write_documents("a.yaml", text).unwrap_err();
            let [Problem::Item { error, .. }] = problems.as_slice() else { panic!("{text}") };
            assert_eq!(*error, expected, "{text}");
            assert!(!problems[0].to_string().contains("hunter2"));
        }
    }

    #[test]
    fn a_problem_names_its_document() {
        let good = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n";
        let text = format!("{good}---\n{good}data: {{k: .inf}}\n");
        let problems = write_documents("a.yaml", &text).unwrap_err();
        assert_eq!(
            problems[0].to_string(),
            "a.yaml, document 2, [\"data\"][\"k\"]: this number has no place in JSON; put it in quotes"
        );
    }
}
