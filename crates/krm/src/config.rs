//! What the config of a function says.

use bulla_yaml::{NodeId, NodeKind, Resolved, Stream};

use crate::error::Problem;
use crate::list::{ResourceList, is_null, target, text};

/// The fields of a config besides those that every object has.
const FIELDS: [&str; 2] = ["files", "allowOutsideRoot"];

/// The fields that every object has.
const COMMON: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// A config. Its apiVersion and kind can be any: they are the user's.
pub(crate) struct Config {
    /// The sealed manifests, in order.
    pub(crate) files: Vec<String>,
    /// Whether files may lie outside of the kustomization's folder.
    pub(crate) allow_outside_root: bool,
}

impl Config {
    /// Reads the config of a list.
    pub(crate) fn read(list: &ResourceList<'_>) -> Result<Self, Problem> {
        let reader = Reader { stream: list.stream(), name: list.label(list.config()) };
        let mut config = Self { files: Vec::new(), allow_outside_root: false };
        for (name, value) in reader.entries(list.config())? {
            match name {
                "files" => config.files = reader.files(value)?,
                "allowOutsideRoot" => config.allow_outside_root = reader.bool(name, value)?,
                "secretFrom" => {
                    return Err(reader.wrong(
                        "secretFrom cannot be done by this version; seal whole manifests and list them under files",
                    ));
                }
                name if COMMON.contains(&name) => {}
                name => return Err(reader.wrong(unknown(name))),
            }
        }
        if config.files.is_empty() {
            return Err(reader.wrong(
                "there is nothing to do; list sealed manifests under files (opening resources that stand in the list itself cannot be done by this version)",
            ));
        }
        Ok(config)
    }
}

fn unknown(name: &str) -> String {
    let near = FIELDS.iter().find(|known| strsim::damerau_levenshtein(known, name) <= 2);
    match near {
        Some(known) => format!("there is no field {name}; did you mean {known}?"),
        None => format!("there is no field {name}; the fields are {}", FIELDS.join(", ")),
    }
}

struct Reader<'t, 's> {
    stream: &'t Stream<'s>,
    name: String,
}

impl<'t> Reader<'t, '_> {
    fn wrong(&self, reason: impl Into<String>) -> Problem {
        Problem::Config { config: self.name.clone(), reason: reason.into() }
    }

    fn entries(&self, config: NodeId) -> Result<Vec<(&'t str, NodeId)>, Problem> {
        if !matches!(self.stream.node(config).kind, NodeKind::Mapping { .. }) {
            return Err(self.wrong("the config is not a mapping"));
        }
        let entries = self.stream.entries(config).map(|(key, value)| {
            let name = text(self.stream, target(self.stream, key));
            let name = name.ok_or_else(|| self.wrong("the config has a key that is not a text"))?;
            Ok((name, target(self.stream, value)))
        });
        entries.collect()
    }

    fn files(&self, list: NodeId) -> Result<Vec<String>, Problem> {
        if is_null(self.stream, list) {
            return Ok(Vec::new());
        }
        if !matches!(self.stream.node(list).kind, NodeKind::Sequence { .. }) {
            return Err(self.wrong("files is not a list; write one path behind each dash"));
        }
        let paths = self.stream.children(list).map(|item| {
            let path = text(self.stream, target(self.stream, item));
            let path = path.filter(|path| !path.is_empty()).map(str::to_owned);
            path.ok_or_else(|| self.wrong("files has an item that is not a path"))
        });
        paths.collect()
    }

    fn bool(&self, name: &str, id: NodeId) -> Result<bool, Problem> {
        let node = self.stream.node(id);
        let resolved = node
            .scalar()
            .map(|scalar| bulla_yaml::resolve(node.tag(), scalar.style, &scalar.value));
        match resolved {
            Some(Ok(Resolved::Bool(bool))) => Ok(bool),
            _ => Err(self.wrong(format!("{name} is neither true nor false"))),
        }
    }
}
