//! What the controller opens and builds, in its own order.

use std::path::{Path, PathBuf};

use bulla_core::Format;

use super::{Applied, files};
use crate::kustomization::{Kustomization, is_kustomization};
use crate::marker::of_key;

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

pub(super) fn plan(applied: &Applied<'_>) -> Plan {
    let Applied { top, folder, kustomizations } = applied;
    let sources = kustomizations.iter().flat_map(sources);
    // A file that is of another format stays as it is: that is not asked for twice.
    let sources = sources.filter(|(path, format)| {
        applied.sealed(path).is_some_and(|(_, sealed_as)| sealed_as == *format)
    });
    let mut sources: Vec<_> = sources.map(|(path, format)| (path.to_owned(), format)).collect();
    sources.sort_by(|(one, _), (other, _)| one.cmp(other));
    sources.dedup_by(|(one, _), (other, _)| one == other);
    let mut plan = Plan { sources, manifests: None, files: files(top, Path::new("")) };
    if !is_kustomization(&top.join(folder)) {
        let relative = |path: &Path| path.strip_prefix(folder).ok().map(Path::to_owned);
        // The one that was made is the last; of the others, the folders count.
        let (made, nested) = kustomizations
            .split_last()
            .map_or((&[][..], &[][..]), |(made, nested)| (made.resources.as_slice(), nested));
        let folders = nested.iter().filter_map(|found| relative(found.file.parent()?));
        plan.manifests =
            Some(made.iter().filter_map(|path| relative(path)).chain(folders).collect());
    }
    plan
}

/// The files that are looked at before the build, each with the format that the
/// controller takes it for.
fn sources(kustomization: &Kustomization) -> impl Iterator<Item = (&Path, Format)> {
    let files = kustomization.secret_files.iter();
    let files = files.map(|(key, path)| (path.as_path(), of_key(key)));
    let envs = kustomization.secret_envs.iter().map(|path| (path.as_path(), of_env(path)));
    let patches = kustomization.patches.iter().map(|path| (path.as_path(), of_patch(path)));
    files.chain(envs).chain(patches)
}

/// The format of a file of variables: by its name, and what has no format is dotenv.
pub(super) fn of_env(path: &Path) -> Format {
    match of_patch(path) {
        Format::Binary => Format::Dotenv,
        format => format,
    }
}

/// The format of a patch: by its name.
pub(super) fn of_patch(path: &Path) -> Format {
    of_key(&path.to_string_lossy())
}
