//! The kustomizations of a tree, as far as it matters who opens what in them.

use std::collections::HashSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use bulla_yaml::{NodeId, NodeKind, Stream};

use crate::PROGRAM_NAMES;
use crate::files::Root;
use crate::list::{FUNCTION_ANNOTATIONS, get, target, text};

/// The names under which kustomize looks for its file, in its own order.
pub const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

const VALIDATORS: &str = "validators";

/// How many kustomizations are followed: bases may be shared, never without end.
const LIMIT: usize = 10_000;

/// The largest kustomization file that is read, in bytes.
const FILE_LIMIT: u64 = 4 << 20;

/// A kustomization and what it names. Paths are relative to the top of the tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kustomization {
    /// Its own file.
    pub file: PathBuf,
    /// Manifests under `resources`, `bases` and `crds`.
    pub resources: Vec<PathBuf>,
    /// Files of `secretGenerator`: the key in the Secret, and the file.
    pub secret_files: Vec<(String, PathBuf)>,
    /// Files of variables of `secretGenerator`.
    pub secret_envs: Vec<PathBuf>,
    /// Files of `patches`.
    pub patches: Vec<PathBuf>,
    /// Files of other fields, which nobody opens before a build: the field, and the file.
    pub others: Vec<(&'static str, PathBuf)>,
    /// What `generators`, `transformers` and `validators` start: the file that says so,
    /// and the program, if it names one.
    pub plugins: Vec<(PathBuf, Option<String>)>,
    /// Those of them that stand under `validators`. kustomize compares what they give back
    /// with what they got, and prints what is new, which is every value that was opened.
    pub validators: Vec<(PathBuf, Option<String>)>,
    /// Bases that are not in this tree: URLs, and paths that lead out of it.
    pub remote: Vec<String>,
}

impl Kustomization {
    /// The config that starts this plugin as a validator, where it has no place.
    pub fn misplaced(&self) -> Option<&Path> {
        let ours = |program: &Option<String>| program.as_deref().is_some_and(is_plugin);
        let mut validators = self.validators.iter();
        validators.find(|(_, program)| ours(program)).map(|(config, _)| config.as_path())
    }
}

/// A kustomization that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {reason}", file.display())]
pub struct Unread {
    /// The file, or the folder that has none.
    pub file: PathBuf,
    /// Why not.
    pub reason: String,
}

/// The kustomization in `folder` and every one below `top` that it builds upon, each
/// once, the nearest first.
///
/// Nothing outside of `top` is read, and nothing is fetched.
///
/// # Errors
///
/// For a folder without a kustomization, one that is not YAML, and more than ten
/// thousand of them.
pub fn read_tree(top: &Path, folder: &Path) -> Result<Vec<Kustomization>, Unread> {
    let unread = |file: &Path, reason: &str| Unread { file: file.into(), reason: reason.into() };
    let root =
        Root::new(top, false, FILE_LIMIT).map_err(|error| unread(top, &error.to_string()))?;
    let start = normal(folder).ok_or_else(|| unread(folder, "this is not below the tree"))?;
    let mut seen = HashSet::from([start.clone()]);
    let mut waiting = vec![start];
    let mut found = Vec::new();
    while let Some(folder) = waiting.pop() {
        if found.len() == LIMIT {
            return Err(unread(&folder, "there are more than ten thousand kustomizations"));
        }
        let (kustomization, folders) = Reader { root: &root, top, folder: &folder }.read()?;
        found.push(kustomization);
        let new = folders.into_iter().rev().filter(|folder| seen.insert(folder.clone()));
        waiting.extend(new.collect::<Vec<_>>());
    }
    Ok(found)
}

struct Reader<'r> {
    root: &'r Root,
    top: &'r Path,
    folder: &'r Path,
}

impl Reader<'_> {
    /// The kustomization of the folder, and the folders that it builds upon.
    fn read(&self) -> Result<(Kustomization, Vec<PathBuf>), Unread> {
        let unread = |file: PathBuf, reason: String| Unread { file, reason };
        let is_there = |name: &&str| self.top.join(self.folder).join(name).is_file();
        let Some(name) = NAMES.into_iter().find(is_there) else {
            let reason = format!("there is no {} in this folder", NAMES[0]);
            return Err(unread(self.folder.into(), reason));
        };
        let file = self.folder.join(name);
        let text = file.to_str().ok_or_else(|| "the path is not UTF-8".to_owned());
        let text = text.and_then(|file| self.root.read(file).map_err(|error| error.to_string()));
        let text = text.map_err(|reason| unread(file.clone(), reason))?;
        let stream =
            Stream::parse(&text).map_err(|error| unread(file.clone(), error.to_string()))?;
        let mut found = Kustomization { file, ..Kustomization::default() };
        let mut folders = Vec::new();
        let Some(fields) = stream.documents().first().and_then(|document| document.root) else {
            return Ok((found, folders));
        };
        let fields = Fields { stream: &stream, node: fields };
        for name in ["resources", "bases", "components", "crds"] {
            for entry in fields.texts(name) {
                self.resource(entry, &mut found, &mut folders);
            }
        }
        for generator in fields.items("secretGenerator") {
            for entry in generator.texts("files") {
                let (key, path) = key_and_path(entry);
                found.secret_files.extend(self.below(path).map(|path| (key.to_owned(), path)));
            }
            found.secret_envs.extend(generator.texts("envs").filter_map(|path| self.below(path)));
            found.others.extend(self.other("env", generator.text("env")));
        }
        for generator in fields.items("configMapGenerator") {
            let files = generator.texts("files").map(|entry| key_and_path(entry).1);
            let all = files.chain(generator.texts("envs")).chain(generator.text("env"));
            found.others.extend(self.other("configMapGenerator", all));
        }
        let patches = fields.items("patches").filter_map(|patch| patch.text("path"));
        found.patches = patches.filter_map(|path| self.below(path)).collect();
        let merged = fields.texts("patchesStrategicMerge");
        found.others.extend(self.other("patchesStrategicMerge", merged));
        let changes = fields.items("patchesJson6902").filter_map(|patch| patch.text("path"));
        found.others.extend(self.other("patchesJson6902", changes));
        for name in ["generators", "transformers", VALIDATORS] {
            let before = found.plugins.len();
            for entry in fields.texts(name) {
                self.plugin(entry, &mut found);
            }
            if name == VALIDATORS {
                found.validators = found.plugins[before..].to_vec();
            }
        }
        Ok((found, folders))
    }

    fn resource(&self, entry: &str, found: &mut Kustomization, folders: &mut Vec<PathBuf>) {
        match self.below(entry) {
            Some(path) if self.top.join(&path).is_dir() => folders.push(path),
            // A host that looks like a path is a file that is not there.
            Some(path) if self.top.join(&path).exists() => found.resources.push(path),
            _ => found.remote.push(entry.to_owned()),
        }
    }

    /// The files that a field names.
    fn other<'t>(
        &self,
        field: &'static str,
        paths: impl IntoIterator<Item = &'t str>,
    ) -> Vec<(&'static str, PathBuf)> {
        paths.into_iter().filter_map(|path| Some((field, self.below(path)?))).collect()
    }

    /// What an entry under `generators` and the like starts. It may be a file, a folder
    /// with files, or the config itself.
    fn plugin(&self, entry: &str, found: &mut Kustomization) {
        if entry.contains('\n') {
            let programs = programs(entry).into_iter();
            found.plugins.extend(programs.map(|program| (found.file.clone(), program)));
            return;
        }
        let Some(path) = self.below(entry) else {
            found.remote.push(entry.to_owned());
            return;
        };
        match path.to_str().and_then(|path| self.root.read(path).ok()) {
            Some(text) => {
                let programs = programs(&text).into_iter();
                found.plugins.extend(programs.map(|program| (path.clone(), program)));
            }
            // A folder has a kustomization of its own that lists configs.
            None => found.plugins.push((path, None)),
        }
    }

    /// A path of the kustomization as one of the tree, if it stays below its top.
    fn below(&self, path: &str) -> Option<PathBuf> {
        let is_url = path.contains("://") || path.starts_with("git@");
        if is_url || Path::new(path).is_absolute() {
            return None;
        }
        normal(&self.folder.join(path))
    }
}

/// The programs that the configs of a file name; a config without one, for a plugin of
/// kustomize's own, counts as `None`.
fn programs(text: &str) -> Vec<Option<String>> {
    let Ok(stream) = Stream::parse(text) else { return vec![None] };
    let roots = stream.documents().iter().filter_map(|document| document.root);
    let configs = roots.map(|node| Fields { stream: &stream, node });
    // Built-in ones need no plugins.
    let configs = configs.filter(|config| config.text("apiVersion") != Some("builtin"));
    configs.map(|config| program(&config)).collect()
}

fn program(config: &Fields<'_, '_>) -> Option<String> {
    let metadata = config.field("metadata")?;
    if let Some(function) = metadata.field("configFn") {
        return function.field("exec")?.text("path").map(str::to_owned);
    }
    let annotations = metadata.field("annotations")?;
    let function = FUNCTION_ANNOTATIONS.iter().find_map(|name| annotations.text(name))?;
    let stream = Stream::parse(function).ok()?;
    let node = stream.documents().first()?.root?;
    let function = Fields { stream: &stream, node };
    function.field("exec")?.text("path").map(str::to_owned)
}

/// Whether a program that a config names is this plugin, as far as its name says it.
pub fn is_plugin(program: &str) -> bool {
    PROGRAM_NAMES.contains(&program.rsplit('/').next().unwrap_or(program))
}

/// `key=path`, or a path under its own name.
fn key_and_path(entry: &str) -> (&str, &str) {
    match entry.split_once('=') {
        Some((key, path)) => (key, path),
        None => (entry.rsplit('/').next().unwrap_or(entry), entry),
    }
}

/// A relative path without `.` and `..`; `None` if it leads out of where it begins.
pub(crate) fn normal(path: &Path) -> Option<PathBuf> {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => normal.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !normal.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(normal)
}

/// A mapping and its fields; anything that is not of the expected shape is not there.
struct Fields<'t, 's> {
    stream: &'t Stream<'s>,
    node: NodeId,
}

impl<'t, 's> Fields<'t, 's> {
    fn field(&self, name: &str) -> Option<Self> {
        let node = get(self.stream, self.node, name)?;
        Some(Self { stream: self.stream, node })
    }

    fn text(&self, name: &str) -> Option<&'t str> {
        text(self.stream, get(self.stream, self.node, name)?)
    }

    fn items(&self, name: &str) -> impl Iterator<Item = Self> + use<'t, 's> {
        let stream = self.stream;
        let list = get(stream, self.node, name);
        let list = list.filter(|&id| matches!(stream.node(id).kind, NodeKind::Sequence { .. }));
        let items = list.into_iter().flat_map(move |list| stream.children(list));
        items.map(move |id| Self { stream, node: target(stream, id) })
    }

    fn texts(&self, name: &str) -> impl Iterator<Item = &'t str> + use<'t, 's> {
        self.items(name).filter_map(|item| text(item.stream, item.node))
    }
}

/// Whether there is a kustomization in a folder.
pub fn is_kustomization(folder: &Path) -> bool {
    NAMES.iter().any(|name| fs::metadata(folder.join(name)).is_ok_and(|found| found.is_file()))
}

#[cfg(test)]
mod tests;
