//! What the controller does with each sealed file, and why.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bulla_core::{Document, Format, Leaf, Part, SEALED_MARK, Step, Value, select};
use bulla_yaml::Stream;

use super::plan::{of_env, of_patch};
use super::{Applied, FILE_LIMIT, Fate, Verdict, files, objects};
use crate::kustomization::Kustomization;
use crate::list::{annotation, get, text};
use crate::marker::of_key;

/// An annotation that keeps the controller away.
const DISABLED: &str = "kustomize.toolkit.fluxcd.io/decrypt";

/// What has to be readable in every resource.
const HEAD: [&str; 3] = ["apiVersion", "kind", "metadata"];

pub(super) fn lint(applied: &Applied<'_>) -> Vec<Verdict> {
    let mut lint = Lint { applied, verdicts: BTreeMap::new() };
    for kustomization in &applied.kustomizations {
        lint.kustomization(kustomization);
    }
    for path in files(applied.top, &applied.folder) {
        if !lint.verdicts.contains_key(&path)
            && let Some((text, format)) = applied.sealed(&path)
            && Document::parse(&text, format).is_ok_and(|document| document.metadata().is_some())
        {
            lint.say(&path, Fate::Unused);
        }
    }
    if lint.verdicts.values().any(|fate| matches!(fate, Fate::Opened(_))) {
        let folder = match applied.folder.as_os_str().is_empty() {
            true => ".".to_owned(),
            false => applied.folder.display().to_string(),
        };
        for path in objects::without_decryption(applied) {
            lint.fault(&path, format!(
                "this Kustomization applies {folder} without spec.decryption: sealed Secrets are refused; add decryption: {{provider: sops, secretRef: {{name: ...}}}}"
            ));
        }
    }
    let verdicts = lint.verdicts.into_iter();
    verdicts.map(|(path, fate)| Verdict { path, fate }).collect()
}

struct Lint<'a> {
    applied: &'a Applied<'a>,
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
            self.source(path, of_env(path), "variables of a Secret");
        }
        for path in &kustomization.patches {
            self.source(path, of_patch(path), "a patch (kustomize-controller 1.5 and later)");
        }
        for (field, path) in &kustomization.others {
            if self.applied.sealed(path).is_some() {
                let (then, place) = match *field {
                    "configMapGenerator" => ("ciphertext would be applied", "secretGenerator"),
                    "env" => ("ciphertext would be applied", "envs"),
                    // Only if nothing in the resource is readable that should be sealed then.
                    _ => ("it is merged as it is, into a resource that may not open", "patches"),
                };
                self.fault(path, format!("{field} names it, and the controller does not open what is named there: {then}; name it under {place}"));
            }
        }
    }

    /// A file that is a value of a Secret: opened before the build in the format that
    /// its key says, or after it, when it is of another one.
    fn secret_file(&mut self, key: &str, path: &Path) {
        let by_key = of_key(key);
        if self.is_too_large(path) {
            return;
        }
        match self.applied.sealed(path) {
            Some((_, format)) if format == by_key => {
                self.source(path, by_key, "a value of a Secret");
            }
            Some((_, format)) if by_key == Format::Binary || format == Format::Binary => {
                let (says, is) = (by_key.name(), format.name());
                let advice = match format {
                    Format::Binary => "give the key an end that stands for no format".to_owned(),
                    Format::Dotenv => {
                        "name the key after the format, as in key.env=path".to_owned()
                    }
                    _ => format!("name the key after the format, as in key.{is}=path"),
                };
                self.fault(
                    path,
                    format!(
                        "the controller takes its format from the key {key:?}, which says {says}, and it is {is}: it cannot be opened; {advice}"
                    ),
                );
            }
            Some(_) if !self.is_too_large(path) => {
                self.say(
                    path,
                    Fate::Opened("a value of a Secret, in the format that its key says"),
                );
            }
            _ => {}
        }
    }

    /// A file that is opened before the build.
    fn source(&mut self, path: &Path, wanted: Format, what: &'static str) {
        if self.is_too_large(path) {
            return;
        }
        match self.applied.sealed(path) {
            None => {}
            Some((_, format)) if format != wanted => self.fault(
                path,
                format!(
                    "the controller takes it for {} by its name, and it is {}: ciphertext would be applied; rename it",
                    wanted.name(),
                    format.name()
                ),
            ),
            Some((text, format)) => match Document::parse(&text, format) {
                Err(_) => self.fault(path, "it cannot be read; see what bulla decrypt says"),
                Ok(document) => match readable(&document) {
                    Some(fault) => self.fault(path, fault),
                    None => self.say(path, Fate::Opened(what)),
                },
            },
        }
    }

    /// Whether it is more than is read before a build. Sealed or not: the size is asked
    /// first.
    fn is_too_large(&mut self, path: &Path) -> bool {
        let is =
            fs::metadata(self.applied.top.join(path)).is_ok_and(|found| found.len() > FILE_LIMIT);
        if is {
            self.fault(path, "it is larger than 5 MiB, the most that the controller reads: the whole build fails; split it");
        }
        is
    }

    /// A manifest that is opened after the build, document by document.
    fn resource(&mut self, path: &Path) {
        let Some((text, _)) = self.applied.sealed(path) else { return };
        let Ok(document) = Document::parse(&text, Format::Yaml) else {
            return self.fault(path, "it cannot be read; see what bulla decrypt says");
        };
        if let Some(fault) = sealed_head(&document).or_else(|| readable(&document)) {
            return self.fault(path, fault);
        }
        let Ok(stream) = Stream::parse(&text) else { return };
        for root in stream.documents().iter().filter_map(|document| document.root) {
            let kind = get(&stream, root, "kind").and_then(|id| self::text(&stream, id));
            if kind.is_some_and(|kind| kind.ends_with("List")) {
                return self.fault(path, "it is a List, whose sops block kustomize drops: ciphertext would be applied; write its items as documents of their own");
            }
            let disabled = annotation(&stream, root, DISABLED);
            if disabled.is_some_and(|value| value.eq_ignore_ascii_case("disabled")) {
                return self.fault(path, format!("the annotation {DISABLED}: disabled keeps the controller away: ciphertext would be applied; remove it"));
            }
        }
        self.say(path, Fate::Opened("a resource"));
    }
}

/// A sealed value where the controller has to read.
fn sealed_head(document: &Document<'_>) -> Option<String> {
    let leaf = document.leaves().find(|leaf| {
        let steps = document.paths().steps(leaf.path);
        is_sealed(leaf)
            && matches!(steps.first(), Some(Step::Key(key)) if HEAD.contains(&key.as_ref()))
    })?;
    let place = document.paths().display(leaf.path);
    Some(format!(
        "{place} is sealed, which the controller needs to read; seal it again with encrypted_regex: ^(data|stringData)$"
    ))
}

/// A readable value among those that are sealed, at which the controller fails.
fn readable(document: &Document<'_>) -> Option<String> {
    let selected = select(document, document.metadata()?.selector.as_ref());
    let mut leaves =
        document.parts().iter().zip(selected).filter_map(|(part, selected)| match part {
            Part::Leaf(leaf) if selected => Some(leaf),
            _ => None,
        });
    let leaf = leaves.find(|leaf| !leaf.value.stays_readable() && !is_sealed(leaf))?;
    let place = document.paths().display(leaf.path);
    Some(format!(
        "{place} is readable and should be sealed, at which the controller fails; seal the file again"
    ))
}

fn is_sealed(leaf: &Leaf<'_>) -> bool {
    matches!(&leaf.value, Value::Str(text) if text.starts_with(SEALED_MARK))
}
