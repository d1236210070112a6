//! Flux's own objects that apply a folder.

use std::fs;
use std::path::{Path, PathBuf};

use bulla_yaml::{NodeId, Stream};

use super::{Applied, files, is_yaml};
use crate::kustomization::normal;
use crate::list::{get, text};

/// The files of the tree in which a Kustomization applies the folder and does not say
/// how to open what is sealed.
pub(super) fn without_decryption(applied: &Applied<'_>) -> Vec<PathBuf> {
    let mut found = files(applied.top, Path::new(""));
    found.retain(|path| {
        let text = is_yaml(path).then(|| fs::read_to_string(applied.top.join(path)).ok()).flatten();
        let text = text.filter(|text| text.contains("kustomize.toolkit.fluxcd.io/"));
        let stream = text.as_ref().and_then(|text| Stream::parse(text).ok());
        stream.is_some_and(|stream| {
            let mut roots = stream.documents().iter().filter_map(|document| document.root);
            roots.any(|root| applies(&stream, root, &applied.folder) && !opens(&stream, root))
        })
    });
    found
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
