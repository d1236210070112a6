//! `bulla guard`

mod audit;
mod baseline;
mod doctor;
mod hook;
mod install;
mod offer;
mod output;
mod progress;
mod sources;
mod tracked;

use clap::Subcommand;

use crate::args::Global;
use crate::exit::Code;
use crate::failure::{Failure, Result};
use offer::Asked;
use output::Output;
use sources::Sources;

/// Look for keys and Secrets in the clear, by default in what is staged
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
    Uninstall(install::Uninstall),
    Doctor(doctor::Args),
    Hook(hook::Args),
    Baseline(baseline::Args),
    Audit(audit::Args),
}

pub(crate) fn run(args: &Args, global: &Global) -> Result {
    match &args.command {
        Some(Command::Install(install)) => install::run(install),
        Some(Command::Uninstall(uninstall)) => install::run_uninstall(uninstall),
        Some(Command::Doctor(doctor)) => doctor::run(doctor),
        Some(Command::Hook(hook)) => hook::run(hook, global),
        Some(Command::Baseline(baseline)) => baseline::run(baseline),
        Some(Command::Audit(audit)) => audit::run(audit),
        None if args.sources.is_staged() => offer::show_staged(&args.output, Asked::ByHand, global),
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
