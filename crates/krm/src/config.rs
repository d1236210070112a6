//! What the config of a function says.

use bulla_yaml::{NodeId, NodeKind, Resolved, Stream};

use crate::error::Problem;
use crate::list::{get, is_null, label, target, text};

mod secret_from;

pub(crate) use secret_from::SecretFrom;

/// The fields of a config besides those that every object has.
const FIELDS: [&str; 6] =
    ["files", "secretFrom", "mac", "allowOutsideRoot", "allowInPlace", "maxFileMiB"];

/// The fields that every object has.
const COMMON: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// The largest file that is read unless the config says otherwise, in MiB.
const DEFAULT_FILE_MIB: u64 = 16;

/// The largest that it can say, in MiB: offsets into a text are 32 bits wide.
const MOST_FILE_MIB: u64 = 4095;

/// A config. Its apiVersion and kind can be any: they are the user's.
#[derive(Debug)]
pub(crate) struct Config {
    /// Its kind and name, for messages.
    pub(crate) name: String,
    /// The sealed manifests, in order.
    pub(crate) files: Vec<String>,
    /// The Secrets to make out of sealed files, in order.
    pub(crate) secrets: Vec<SecretFrom>,
    /// What to do about a MAC that cannot be checked.
    pub(crate) mac: MacPolicy,
    /// Whether files may lie outside of the kustomization's folder.
    pub(crate) allow_outside_root: bool,
    /// Whether the orchestrator may write plaintext where it keeps resources.
    pub(crate) allow_in_place: bool,
    /// The largest file that is read, in bytes.
    pub(crate) file_limit: u64,
}

/// What is done with resources that kustomize has changed since they were sealed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum MacPolicy {
    /// They are opened, and it is said that their MAC could not be checked.
    #[default]
    Auto,
    /// They are refused.
    Require,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            name: String::new(),
            files: Vec::new(),
            secrets: Vec::new(),
            mac: MacPolicy::default(),
            allow_outside_root: false,
            allow_in_place: false,
            file_limit: DEFAULT_FILE_MIB << 20,
        }
    }
}

impl Config {
    /// Reads a config.
    pub(crate) fn read(stream: &Stream<'_>, config: NodeId) -> Result<Self, Problem> {
        let reader = Reader { stream, name: label(stream, config) };
        let mut read = Self { name: reader.name.clone(), ..Self::default() };
        for (name, value) in reader.entries(config)? {
            match name {
                "files" => read.files = reader.paths(name, value)?,
                "secretFrom" => read.secrets = reader.secrets(value)?,
                // kpt has a ConfigMap where one writes options on its command line.
                "data" if reader.is_config_map(config) => {
                    for (name, value) in reader.entries(value)? {
                        reader.option(&mut read, name, value)?;
                    }
                }
                name if COMMON.contains(&name) => {}
                name => reader.option(&mut read, name, value)?,
            }
        }
        Ok(read)
    }

    /// Whether it makes resources; otherwise it opens those that are there.
    pub(crate) fn generates(&self) -> bool {
        !self.files.is_empty() || !self.secrets.is_empty()
    }
}

fn unknown(name: &str, known: &[&str]) -> String {
    let near = known.iter().find(|known| strsim::damerau_levenshtein(known, name) <= 2);
    match near {
        Some(known) => format!("there is no field {name}; did you mean {known}?"),
        None => format!("there is no field {name}; the fields are {}", known.join(", ")),
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

    fn is_config_map(&self, config: NodeId) -> bool {
        let kind = get(self.stream, config, "kind");
        kind.and_then(|kind| text(self.stream, kind)) == Some("ConfigMap")
    }

    /// A field that is one word.
    fn option(&self, config: &mut Config, name: &str, value: NodeId) -> Result<(), Problem> {
        match name {
            "mac" => {
                config.mac = match self.word(value) {
                    Some("auto") => MacPolicy::Auto,
                    Some("require") => MacPolicy::Require,
                    _ => return Err(self.wrong("mac is neither auto nor require")),
                }
            }
            "allowOutsideRoot" => config.allow_outside_root = self.bool(name, value)?,
            "allowInPlace" => config.allow_in_place = self.bool(name, value)?,
            "maxFileMiB" => {
                let number = self.word(value).and_then(|word| word.parse().ok());
                let number = number.filter(|number| (1..=MOST_FILE_MIB).contains(number));
                let number = number.ok_or_else(|| {
                    self.wrong(format!("maxFileMiB is not a number from 1 to {MOST_FILE_MIB}"))
                })?;
                config.file_limit = number << 20;
            }
            name => return Err(self.wrong(unknown(name, &FIELDS))),
        }
        Ok(())
    }

    fn entries(&self, mapping: NodeId) -> Result<Vec<(&'t str, NodeId)>, Problem> {
        if !matches!(self.stream.node(mapping).kind, NodeKind::Mapping { .. }) {
            return Err(self.wrong("the config is not a mapping where it should be one"));
        }
        let entries = self.stream.entries(mapping).map(|(key, value)| {
            let name = text(self.stream, target(self.stream, key));
            let name = name.ok_or_else(|| self.wrong("the config has a key that is not a text"))?;
            Ok((name, target(self.stream, value)))
        });
        entries.collect()
    }

    /// The items of a list; none, when there is null in its place.
    fn items(&self, name: &str, list: NodeId) -> Result<Vec<NodeId>, Problem> {
        match self.stream.node(list).kind {
            NodeKind::Sequence { .. } => {
                Ok(self.stream.children(list).map(|item| target(self.stream, item)).collect())
            }
            _ if is_null(self.stream, list) => Ok(Vec::new()),
            _ => Err(self.wrong(format!("{name} is not a list; write one item behind each dash"))),
        }
    }

    fn paths(&self, name: &str, list: NodeId) -> Result<Vec<String>, Problem> {
        let paths = self.items(name, list)?.into_iter().map(|item| {
            let path = text(self.stream, item).filter(|path| !path.is_empty());
            let path = path.map(str::to_owned);
            path.ok_or_else(|| self.wrong(format!("{name} has an item that is not a path")))
        });
        paths.collect()
    }

    /// A scalar as it is written, whatever its type: kpt has texts only.
    fn word(&self, id: NodeId) -> Option<&'t str> {
        self.stream.node(id).scalar().map(|scalar| scalar.value)
    }

    fn bool(&self, name: &str, id: NodeId) -> Result<bool, Problem> {
        let node = self.stream.node(id);
        let resolved =
            node.scalar().map(|scalar| bulla_yaml::resolve(node.tag(), scalar.style, scalar.value));
        match resolved {
            Some(Ok(Resolved::Bool(bool))) => Ok(bool),
            Some(Ok(Resolved::Str(text))) if text == "true" => Ok(true),
            Some(Ok(Resolved::Str(text))) if text == "false" => Ok(false),
            _ => Err(self.wrong(format!("{name} is neither true nor false"))),
        }
    }
}

#[cfg(test)]
mod tests;
