//! What Flux's kustomize-controller will make of a tree.
//!
//! The controller runs no plugins. It opens three things: files that `secretGenerator`
//! and patches name, before it builds; resources that carry a `sops` block, after;
//! and sealed files inside of a Secret's `data`. Everything else it applies as it is,
//! ciphertext included, and checks no MAC. What is said here was read in
//! kustomize-controller 1.9 (internal/decryptor).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bulla_core::{Document, Format, SEALED_MARK, Step, Value};
use bulla_yaml::{NodeId, Stream};

use crate::kustomization::{Kustomization, Unread, is_kustomization, normal, read_tree};
use crate::list::{get, text};

/// The largest file that the controller opens, in bytes.
const FILE_LIMIT: u64 = 5 << 20;

/// How deep folders may be nested, and how many files a tree may have.
const DEPTH_LIMIT: usize = 100;
const FILES_LIMIT: usize = 1_000_000;

/// An annotation that keeps the controller away.
const DISABLED: &str = "kustomize.toolkit.fluxcd.io/decrypt";

/// What becomes of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The file, relative to the top of the tree.
    pub path: PathBuf,
    /// What the controller does with it.
    pub fate: Fate,
}

/// What the controller does with a sealed file, or because of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It opens it; as what.
    Opened(&'static str),
    /// No kustomization names it, so nothing happens to it.
    Unused,
    /// It applies ciphertext, or fails: why, and what to do.
    Fault(String),
}

/// Says of each sealed file what the controller will do when it is told to apply
/// `folder`, a path relative to `top`, the root of its source.
///
/// # Errors
///
/// When a kustomization cannot be read: the controller cannot either.
pub fn lint(top: &Path, folder: &Path) -> Result<Vec<Verdict>, Unread> {
    let outside = || Unread { file: folder.into(), reason: "this is not below the tree".into() };
    let folder = normal(folder).ok_or_else(outside)?;
    let mut lint = Lint { top, verdicts: BTreeMap::new() };
    for kustomization in built(top, &folder)? {
        lint.kustomization(&kustomization);
    }
    let files = files(top, &folder);
    for path in &files {
        let format = path.to_str().map(Format::from_path);
        let is_unused = !lint.verdicts.contains_key(path);
        if let Some(text) = lint.sealed(path).filter(|_| is_unused)
            && let Some(format) = format
            && Document::parse(&text, format).is_ok_and(|document| document.metadata().is_some())
        {
            lint.say(path, Fate::Unused);
        }
    }
    if lint.verdicts.values().any(|fate| matches!(fate, Fate::Opened(_))) {
        lint.objects(&folder);
    }
    let verdicts = lint.verdicts.into_iter();
    Ok(verdicts.map(|(path, fate)| Verdict { path, fate }).collect())
}

/// What the controller builds when it is told to apply a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The sealed files that it opens before it builds, each with its format.
    pub sources: Vec<(PathBuf, Format)>,
    /// The manifests that it lists in a kustomization of its own, when the folder has
    /// none; relative to the folder.
    pub manifests: Option<Vec<PathBuf>>,
    /// Every regular file of the tree.
    pub files: Vec<PathBuf>,
}

/// What the controller will open and build.
///
/// # Errors
///
/// As [`lint`].
pub fn plan(top: &Path, folder: &Path) -> Result<Plan, Unread> {
    let outside = || Unread { file: folder.into(), reason: "this is not below the tree".into() };
    let folder = normal(folder).ok_or_else(outside)?;
    let kustomizations = built(top, &folder)?;
    let mut plan = Plan { files: files(top, Path::new("")), ..Plan::default() };
    let lint = Lint { top, verdicts: BTreeMap::new() };
    for kustomization in &kustomizations {
        let files = kustomization.secret_files.iter().map(|(_, path)| path);
        for path in files.chain(&kustomization.secret_envs).chain(&kustomization.patches) {
            let format = lint.sealed(path).and_then(|text| Format::from_name(format(&text)?));
            plan.sources.extend(format.map(|format| (path.clone(), format)));
        }
    }
    plan.sources.sort_by(|(one, _), (other, _)| one.cmp(other));
    plan.sources.dedup_by(|(one, _), (other, _)| one == other);
    if !is_kustomization(&top.join(&folder)) {
        let relative = |path: &Path| path.strip_prefix(&folder).ok().map(Path::to_owned);
        // The one that was made is the last; of the others, the folders count.
        let (made, nested) = kustomizations
            .split_last()
            .map_or((&[][..], &[][..]), |(made, nested)| (made.resources.as_slice(), nested));
        let folders = nested.iter().filter_map(|found| relative(found.file.parent()?));
        plan.manifests =
            Some(made.iter().filter_map(|path| relative(path)).chain(folders).collect());
    }
    Ok(plan)
}

/// The kustomizations that are built; where there is none, the one that the controller
/// makes, of all manifests below and of the kustomizations among them.
fn built(top: &Path, folder: &Path) -> Result<Vec<Kustomization>, Unread> {
    if is_kustomization(&top.join(folder)) {
        return read_tree(top, folder);
    }
    let mut made = Kustomization { file: folder.join("kustomization.yaml"), ..Default::default() };
    let mut found = Vec::new();
    let mut nested: Vec<PathBuf> = Vec::new();
    for path in files(top, folder) {
        if nested.iter().any(|nested| path.starts_with(nested)) {
            continue;
        }
        let parent = path.parent().unwrap_or(Path::new("")).to_owned();
        if parent != folder && is_kustomization(&top.join(&parent)) {
            found.extend(read_tree(top, &parent)?);
            nested.push(parent);
        } else if matches!(path.extension().and_then(|end| end.to_str()), Some("yaml" | "yml")) {
            made.resources.push(path);
        }
    }
    found.push(made);
    Ok(found)
}

struct Lint<'t> {
    top: &'t Path,
    verdicts: BTreeMap<PathBuf, Fate>,
}

impl Lint<'_> {
    /// A fault stays, whatever else a file is used for.
    fn say(&mut self, path: &Path, fate: Fate) {
        let known = self.verdicts.entry(path.to_owned()).or_insert_with(|| fate.clone());
        if !matches!(known, Fate::Fault(_)) {
            *known = fate;
        }
    }

    fn fault(&mut self, path: &Path, reason: impl Into<String>) {
        self.say(path, Fate::Fault(reason.into()));
    }

    fn kustomization(&mut self, kustomization: &Kustomization) {
        for (path, program) in &kustomization.plugins {
            let started = program.as_deref().map(|name| format!(" ({name})")).unwrap_or_default();
            self.fault(
                path,
                format!(
                    "{} starts a plugin{started}, and the controller runs none: the whole build fails; list sealed manifests under resources and sealed files under secretGenerator, and keep the plugin in an overlay that Flux does not build",
                    kustomization.file.display()
                ),
            );
        }
        for path in &kustomization.resources {
            self.resource(path);
        }
        for (key, path) in &kustomization.secret_files {
            self.secret_file(key, path);
        }
        for path in &kustomization.secret_envs {
            self.source(path, Format::from_name("dotenv"), "variables of a Secret");
        }
        for path in &kustomization.config_map_files {
            if self.sealed(path).is_some() {
                self.fault(path, "configMapGenerator names it, and the controller opens files of secretGenerator only: ciphertext would be applied; move it there");
            }
        }
        for path in &kustomization.patches {
            let format = path.to_str().map(Format::from_path);
            self.source(path, format, "a patch (kustomize-controller 1.5 and later)");
        }
    }

    /// The text of a sealed file, by the bytes that the controller looks for.
    fn sealed(&self, path: &Path) -> Option<String> {
        let file = self.top.join(path);
        let metadata = fs::symlink_metadata(&file).ok()?;
        // What is larger is only looked at to be able to say so.
        if !metadata.is_file() || metadata.len() > 16 * FILE_LIMIT {
            return None;
        }
        let text = String::from_utf8(fs::read(file).ok()?).ok()?;
        format(&text).is_some().then_some(text)
    }

    fn secret_file(&mut self, key: &str, path: &Path) {
        let by_key = match key.rsplit_once('.').map(|(_, end)| end) {
            Some("yaml" | "yml") => "yaml",
            Some("json" | "dockerconfigjson") => "json",
            Some("env") => "dotenv",
            Some("ini") => "ini",
            _ => "binary",
        };
        let Some(text) = self.sealed(path) else { return };
        let is = format(&text).unwrap_or_default();
        // A binary file's envelope is JSON.
        if is == by_key || (is == "json" && by_key == "binary") {
            self.source(path, Format::from_name(is), "a value of a Secret");
        } else {
            self.fault(
                path,
                format!(
                    "the controller takes its format from the key {key:?}, which says {by_key}, and it is {is}: it cannot be opened; name the key after the format, as in key.{is}=path"
                ),
            );
        }
    }

    /// A file that is opened before the build.
    fn source(&mut self, path: &Path, format: Option<Format>, what: &'static str) {
        let Some(text) = self.sealed(path) else { return };
        match self.common_fault(&text) {
            Some(fault) => self.fault(path, fault),
            None if format.is_some_and(|format| Document::parse(&text, format).is_err()) => {
                self.fault(path, "it cannot be read; see what bulla decrypt says");
            }
            None => self.say(path, Fate::Opened(what)),
        }
    }

    fn common_fault(&self, text: &str) -> Option<String> {
        (text.len() as u64 > FILE_LIMIT).then(|| {
            "it is larger than 5 MiB, the most that the controller opens; split it".to_owned()
        })
    }

    /// A manifest that is opened after the build, document by document.
    fn resource(&mut self, path: &Path) {
        let Some(text) = self.sealed(path) else { return };
        let Ok(document) = Document::parse(&text, Format::Yaml) else {
            return self.fault(path, "it cannot be read; see what bulla decrypt says");
        };
        if let Some(fault) = self.common_fault(&text) {
            return self.fault(path, fault);
        }
        let sealed_head = document.leaves().find(|leaf| {
            let is_sealed =
                matches!(&leaf.value, Value::Str(text) if text.starts_with(SEALED_MARK));
            let steps = document.paths().steps(leaf.path);
            is_sealed
                && matches!(steps.first(), Some(Step::Key(key)) if HEAD.contains(&key.as_ref()))
        });
        if let Some(leaf) = sealed_head {
            let place = document.paths().display(leaf.path);
            return self.fault(
                path,
                format!(
                    "{place} is sealed, which the controller needs to read; seal it again with encrypted_regex: ^(data|stringData)$"
                ),
            );
        }
        let Ok(stream) = Stream::parse(&text) else { return };
        for root in stream.documents().iter().filter_map(|document| document.root) {
            let field = |name| get(&stream, root, name).and_then(|id| self::text(&stream, id));
            if field("kind").is_some_and(|kind| kind.ends_with("List")) {
                return self.fault(path, "it is a List, whose sops block kustomize drops: ciphertext would be applied; write its items as documents of their own");
            }
            if annotation(&stream, root, DISABLED) == Some("disabled") {
                return self.fault(path, format!("the annotation {DISABLED}: disabled keeps the controller away: ciphertext would be applied; remove it"));
            }
        }
        self.say(path, Fate::Opened("a resource"));
    }

    /// Flux's own objects that apply this folder, and do not say how to open it.
    fn objects(&mut self, folder: &Path) {
        for path in files(self.top, Path::new("")) {
            let is_yaml =
                matches!(path.extension().and_then(|end| end.to_str()), Some("yaml" | "yml"));
            let text = is_yaml.then(|| fs::read_to_string(self.top.join(&path)).ok()).flatten();
            let Some(text) = text.filter(|text| text.contains("kustomize.toolkit.fluxcd.io/"))
            else {
                continue;
            };
            let Ok(stream) = Stream::parse(&text) else { continue };
            for root in stream.documents().iter().filter_map(|document| document.root) {
                if applies(&stream, root, folder) && !opens(&stream, root) {
                    self.fault(&path, format!(
                        "this Kustomization applies {} without spec.decryption: sealed Secrets are refused; add decryption: {{provider: sops, secretRef: {{name: ...}}}}",
                        if folder == Path::new("") { Path::new(".") } else { folder }.display()
                    ));
                }
            }
        }
    }
}

/// What has to be readable in every resource.
const HEAD: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// The format that a sealed file's marker tells: the very bytes that the controller
/// looks for.
fn format(text: &str) -> Option<&'static str> {
    if text.contains("\"mac\": \"ENC[") {
        Some("json")
    } else if text.contains("sops_mac=ENC[") {
        Some("dotenv")
    } else if text.lines().any(|line| line.trim_end() == "[sops]") {
        Some("ini")
    } else {
        text.contains("mac: ENC[").then_some("yaml")
    }
}

fn annotation<'t>(stream: &'t Stream<'_>, root: NodeId, name: &str) -> Option<&'t str> {
    let annotations = get(stream, get(stream, root, "metadata")?, "annotations")?;
    text(stream, get(stream, annotations, name)?)
}

/// Whether this is a Kustomization of Flux whose path is the folder.
fn applies(stream: &Stream<'_>, root: NodeId, folder: &Path) -> bool {
    let field = |name| get(stream, root, name).and_then(|id| text(stream, id));
    let is_flux =
        field("apiVersion").is_some_and(|version| version.starts_with("kustomize.toolkit."));
    let spec =
        get(stream, root, "spec").filter(|_| is_flux && field("kind") == Some("Kustomization"));
    let path = spec.and_then(|spec| get(stream, spec, "path")).and_then(|id| text(stream, id));
    let path = path.map(|path| path.trim_start_matches('/'));
    path.is_some_and(|path| normal(Path::new(path)).as_deref() == Some(folder))
}

fn opens(stream: &Stream<'_>, root: NodeId) -> bool {
    let provider = || {
        let decryption = get(stream, get(stream, root, "spec")?, "decryption")?;
        text(stream, get(stream, decryption, "provider")?)
    };
    provider() == Some("sops")
}

/// The regular files below a folder, in order; what is hidden is left out, and links
/// are not followed.
pub fn files(top: &Path, folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut waiting = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = waiting.pop() {
        let Ok(entries) = fs::read_dir(top.join(&folder)) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Ok(kind) = entry.file_type() else { continue };
            if name.to_string_lossy().starts_with('.') || files.len() == FILES_LIMIT {
                continue;
            }
            if kind.is_file() {
                files.push(folder.join(name));
            } else if kind.is_dir() && depth < DEPTH_LIMIT {
                waiting.push((folder.join(name), depth + 1));
            }
        }
    }
    files.sort();
    files
}

#[cfg(test)]
mod tests;
