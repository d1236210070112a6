//! `bulla krm render`

use std::env;
use std::ffi::OsString;
use std::io;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use bulla_core::{METADATA_KEY, SEALED_MARK};
use bulla_krm::PROGRAM_NAMES;
use bulla_krm::kustomization::read_tree;
use bulla_yaml::Stream;
use zeroize::Zeroizing;

use crate::exit::Code;
use crate::failure::{Failure, Result, reason};
use crate::kustomize::{self, MISPLACED, TO_TRANSFORMERS};
use crate::tree::Tree;
use crate::write;

/// Build a kustomization with its sealed files opened
///
/// Runs the installed kustomize with the flags that the plugin needs, and this program as
/// the plugin. The result is printed when nothing in it is sealed any more.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Folder of the kustomization
    #[arg(default_value = ".", hide_default_value = true)]
    dir: PathBuf,
    /// Let the tree start PROGRAM too, as its configs write it
    #[arg(long, value_name = "PROGRAM")]
    allow_exec: Vec<String>,
    /// Build on bases from elsewhere, which may start any program
    #[arg(long)]
    allow_remote: bool,
    /// More arguments for kustomize build, behind --
    #[arg(last = true, value_name = "ARGS")]
    kustomize: Vec<OsString>,
}

pub(crate) fn run(args: &Args) -> Result {
    check(args)?;
    let links = links().map_err(|error| {
        Failure::other(format!("cannot make a folder for the plugin: {}", reason(&error)))
    })?;
    let mut path = OsString::from(links.path());
    if let Some(rest) = env::var_os("PATH") {
        path.push(":");
        path.push(rest);
    }
    let output = kustomize::build(|command| {
        command.args(["--enable-alpha-plugins", "--enable-exec"]);
        command.args(&args.kustomize).arg(&args.dir).env("PATH", path);
    })?;
    refuse_sealed(&output)?;
    write::stdout(&output)
}

/// With exec functions allowed, whatever the tree names is started: only what was
/// meant to be, then.
fn check(args: &Args) -> Result {
    let Tree { top, folder } = Tree::find(&args.dir, None)?;
    let tree = read_tree(&top, &folder).map_err(|error| Failure::other(error.to_string()))?;
    for kustomization in &tree {
        for (config, name) in &kustomization.plugins {
            let is_ours = |name: &String| {
                PROGRAM_NAMES.contains(&name.as_str()) || args.allow_exec.contains(name)
            };
            if let Some(name) = name.as_ref().filter(|name| !is_ours(name)) {
                let config = config.display();
                return Err(Failure::other(format!(
                    "{config}: this starts {name}, which is not this plugin; write path: bulla-krm, or add --allow-exec {name} if you trust it"
                )));
            }
        }
        if let Some(config) = kustomization.misplaced() {
            let message = format!("{}: {}; {}", config.display(), MISPLACED, TO_TRANSFORMERS);
            return Err(Failure::other(message));
        }
        if let Some(remote) = kustomization.remote.first().filter(|_| !args.allow_remote) {
            let file = kustomization.file.display();
            return Err(Failure::other(format!(
                "{file}: {remote} is not in this tree, and could start any program; copy it here, or add --allow-remote if you trust it"
            )));
        }
    }
    Ok(())
}

/// A folder with this program under the names of the plugin.
fn links() -> io::Result<tempfile::TempDir> {
    let program = env::current_exe()?;
    let folder = tempfile::Builder::new().prefix("bulla-path-").tempdir()?;
    for name in PROGRAM_NAMES {
        symlink(&program, folder.path().join(name))?;
    }
    Ok(folder)
}

/// A plugin that kustomize passed over in silence leaves ciphertext, or nothing at all.
fn refuse_sealed(output: &Zeroizing<Vec<u8>>) -> Result {
    let text = std::str::from_utf8(output)
        .map_err(|_| Failure::new(Code::Sealing, "the result is not UTF-8"))?;
    if text.trim().is_empty() {
        return Err(Failure::new(Code::Sealing, "the result is empty, so nothing is printed"));
    }
    let stream = Stream::parse(text)
        .map_err(|error| Failure::new(Code::Sealing, format!("the result: {error}")))?;
    for (index, document) in stream.documents().iter().enumerate() {
        let Some(root) = document.root else { continue };
        let has_block = stream.get(root, METADATA_KEY).is_some();
        if has_block || text[stream.node(root).span.range()].contains(SEALED_MARK) {
            let message = format!(
                "document {} of the result is still sealed; list its file under files of a generator, or add a transformer without files",
                index + 1
            );
            return Err(Failure::new(Code::Sealing, message));
        }
    }
    Ok(())
}
