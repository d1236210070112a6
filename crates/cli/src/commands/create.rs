//! `bulla create secret`: `kubectl create secret`, but what comes out is sealed.
//!
//! The manifest is the one of kubectl, and is never anywhere but in memory.

mod docker_registry;
mod env_file;
mod generic;
mod manifest;
mod tls;

use std::path::{Path, PathBuf};

use bulla_core::{Document, Format};
use bulla_keys::Environment;
use clap::Subcommand;

use crate::args::Global;
use crate::exit::Code;
use crate::failure::{Failure, Result};
use crate::formats::by_name;
use crate::input::read_text;
use crate::key_flags::KeyFlags;
use crate::keyring::{environment, keyring};
use crate::recipe::Wishes;
use crate::sealing::{Job, Predecessor};
use crate::write::{Content, Output, is_special};
use manifest::Manifest;

/// Make a Secret that is sealed from the start
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(subcommand)]
    object: Object,
}

#[derive(Debug, Subcommand)]
enum Object {
    /// Make a Secret, with the flags of kubectl create secret
    Secret {
        #[command(subcommand)]
        kind: Kind,
    },
}

#[derive(Debug, Subcommand)]
enum Kind {
    Generic(generic::Args),
    Tls(tls::Args),
    DockerRegistry(docker_registry::Args),
}

/// What can be typed with each kind of Secret.
#[derive(clap::Args, Debug)]
struct Common {
    /// Name of the Secret
    name: String,
    /// Namespace of the Secret
    #[arg(short, long)]
    namespace: Option<String>,
    /// Label of the Secret, can be repeated
    #[arg(short, long = "label", value_name = "KEY=VALUE")]
    labels: Vec<String>,
    /// Write to FILE, over its sealed predecessor if there is one
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Name that rules go by, when it is not the output's
    #[arg(long, value_name = "FILE")]
    filename_override: Option<PathBuf>,
    #[command(flatten)]
    keys: KeyFlags,
}

pub(crate) fn run(args: &Args, global: &Global) -> Result {
    let Object::Secret { kind } = &args.object;
    let common = match kind {
        Kind::Generic(args) => &args.common,
        Kind::Tls(args) => &args.common,
        Kind::DockerRegistry(args) => &args.common,
    };
    // Before a secret is read.
    refuse_habits(common)?;
    let mut manifest = Manifest::new(&common.name, common.namespace.as_deref(), &common.labels)?;
    match kind {
        Kind::Generic(args) => generic::fill(args, &mut manifest)?,
        Kind::Tls(args) => tls::fill(args, &mut manifest)?,
        Kind::DockerRegistry(args) => docker_registry::fill(args, &mut manifest)?,
    }
    seal(&manifest, common, global)
}

fn seal(manifest: &Manifest, common: &Common, global: &Global) -> Result {
    let output = Output::new(common.output.as_deref(), None);
    let written = match output {
        Output::File(path) => Some(path),
        Output::Stdout => None,
    };
    let name = common.filename_override.as_deref().or(written);
    let format = name.map_or(Format::Yaml, by_name);
    if let (Some(name), false) = (name, format == Format::Yaml) {
        let name = name.display();
        let message = "a Secret is written as YAML; give the file a name that ends with .yaml";
        return Err(Failure::other(format!("{name}: {message}")));
    }
    let wishes =
        Wishes { keys: common.keys.clone(), config: global.config.as_deref(), ..Wishes::default() };
    let environment = Environment { named: common.keys.spelled_out(), ..environment(global) };
    let recipe = wishes.recipe(name, &environment)?;
    let keyring = keyring(&environment)?;
    let mut text = manifest.to_yaml()?;
    let plain = zeroize::Zeroizing::new(std::mem::take(&mut *text).into_bytes());
    let title = format!("secret {}", common.name);
    let job = Job { name: &title, format, recipe: &recipe, keyring: &keyring };
    let predecessor = written.map_or(Predecessor::Absent, Predecessor::Output);
    let sealed = job.seal(plain, predecessor)?;
    output.write(sealed.text.as_bytes(), Content::Sealed)
}

/// What fingers do that know kubectl, and files that are not for us to replace.
fn refuse_habits(common: &Common) -> Result {
    let Some(output) = common.output.as_deref() else { return Ok(()) };
    if ["yaml", "json", "name"].iter().any(|format| output == Path::new(format)) {
        let message = format!(
            "--output {}: here this is a file and not a format; name it, or leave it out for stdout",
            output.display()
        );
        return Err(Failure::new(Code::Conflict, message));
    }
    if output.exists() && !is_special(output) && !is_sealed(output) {
        let message =
            format!("{}: is there and not sealed; move it, or write elsewhere", output.display());
        return Err(Failure::new(Code::Unwritable, message));
    }
    Ok(())
}

fn is_sealed(file: &Path) -> bool {
    let Ok(text) = read_text(file) else { return false };
    Document::parse(&text, by_name(file)).is_ok_and(|document| document.metadata().is_some())
}
