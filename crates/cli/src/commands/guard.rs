//! `bulla guard`

mod install;
mod output;
mod sources;

use clap::Subcommand;

use crate::exit::Code;
use crate::failure::{Failure, Result};
use output::Output;
use sources::Sources;

/// Look for keys and Secrets in the clear
///
/// Without a path, looks at what is staged for the next commit. Needs no key.
#[derive(clap::Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    sources: Sources,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Subcommand)]
enum Command {
    Install(install::Args),
}

pub(crate) fn run(args: &Args) -> Result {
    match &args.command {
        Some(Command::Install(install)) => install::run(install),
        None => args.output.show(args.sources.look().map_err(no_report)?),
    }
}

/// 1 means findings, and nothing else: without a report there are none.
fn no_report(failure: Failure) -> Failure {
    match failure.code {
        Code::Failure => failure.with_code(Code::Unreadable),
        _ => failure,
    }
}
