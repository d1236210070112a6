//! `bulla krm`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use crate::failure::{Failure, Result, say};

mod render;

/// Open sealed files for kustomize: the plugin, and what it needs
///
/// Without a command this is the plugin itself, as under the names bulla-krm and ksops:
/// kustomize starts it with a ResourceList on standard input.
#[derive(clap::Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Render(render::Args),
    Install(Install),
}

/// Copy this program to where kustomize finds it
///
/// Under the names bulla-krm and ksops: what an init container of Argo CD does.
#[derive(clap::Args, Debug)]
struct Install {
    /// Folder that is on the PATH of kustomize; made if it is not there
    dir: PathBuf,
    /// Make it an older exec plugin, for kubectl; DIR is kustomize's folder for plugins
    #[arg(long)]
    legacy: bool,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    match &args.command {
        None => return Ok(bulla_krm::plugin(&[])),
        Some(Command::Render(render)) => render::run(render),
        Some(Command::Install(args)) => install(args),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn install(args: &Install) -> Result {
    let installed = bulla_krm::install(&args.dir, args.legacy);
    let installed = installed.map_err(|error| Failure::other(error.to_string()))?;
    for path in installed {
        say(&format!("installed {}", path.display()));
    }
    Ok(())
}
