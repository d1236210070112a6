//! `bulla create secret generic`

use std::fs;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::commands::create::manifest::Manifest;
use crate::commands::create::{Common, env_file};
use crate::exit::Code;
use crate::failure::{Failure, Result};
use crate::input::read_bytes;

/// What Kubernetes takes is smaller.
const SIZE_LIMIT: u64 = 16 << 20;

/// Make a Secret from files and texts
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) common: Common,
    /// A file, or each file of a directory, can be repeated
    #[arg(long, value_name = "[KEY=]PATH")]
    from_file: Vec<String>,
    /// A text, which the process list shows; can be repeated
    #[arg(long, value_name = "KEY=TEXT")]
    from_literal: Vec<String>,
    /// A file of KEY=TEXT lines, can be repeated
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from_file", "from_literal"])]
    from_env_file: Vec<PathBuf>,
    /// Type of the Secret
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
}

pub(super) fn fill(args: &Args, manifest: &mut Manifest) -> Result {
    if let Some(kind) = args.kind.as_deref().filter(|kind| !kind.is_empty()) {
        manifest.set_type(kind);
    }
    for source in &args.from_file {
        add_file(manifest, source, None)?;
    }
    for literal in &args.from_literal {
        // The message shows nothing of it: it may be the value that was mistyped.
        let literal = literal.split_once('=').filter(|(key, _)| !key.is_empty());
        let (key, text) = literal
            .ok_or_else(|| Failure::other("--from-literal: this has no key; write KEY=TEXT"))?;
        manifest.add(key, Zeroizing::new(text.as_bytes().to_vec()))?;
    }
    for file in &args.from_env_file {
        env_file::add(manifest, file)?;
    }
    Ok(())
}

/// Adds what `[KEY=]PATH` stands for.
pub(super) fn add_file(manifest: &mut Manifest, source: &str, default_key: Option<&str>) -> Result {
    let wrong = |why: &str| Failure::other(format!("--from-file {source}: {why}"));
    let (key, path) = match source.split_once('=') {
        None => (None, source),
        Some((_, path)) if path.contains('=') => {
            return Err(wrong("keys and paths cannot have a = in them; rename the file"));
        }
        Some(("", _)) => return Err(wrong("there is no key before the =; write KEY=PATH")),
        Some((_, "")) => return Err(wrong("there is no path behind the =; write KEY=PATH")),
        Some((key, path)) => (Some(key), path),
    };
    let path = Path::new(path);
    if path.is_dir() {
        return match key.or(default_key) {
            Some(_) => Err(wrong("a directory has no key of its own; name its files one by one")),
            None => add_directory(manifest, path),
        };
    }
    let key = key.or(default_key).or_else(|| path.file_name()?.to_str());
    let key = key.ok_or_else(|| wrong("this name cannot be a key; write KEY=PATH"))?;
    manifest.add(key, read_bytes(path, SIZE_LIMIT)?)
}

/// The files of a directory, not those below it, and no links.
fn add_directory(manifest: &mut Manifest, directory: &Path) -> Result {
    let failed = |error| Failure::unreadable(directory, &error);
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_type().map_err(failed)?.is_file() {
            files.push(entry.path());
        }
    }
    files.sort();
    if files.is_empty() {
        let message = format!("{}: there is no file in this directory", directory.display());
        return Err(Failure::new(Code::NoFile, message));
    }
    for file in files {
        let key = file.file_name().and_then(|name| name.to_str());
        // What is no text is no key either.
        manifest.add(key.unwrap_or("\u{fffd}"), read_bytes(&file, SIZE_LIMIT)?)?;
    }
    Ok(())
}
