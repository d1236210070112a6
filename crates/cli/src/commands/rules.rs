//! `bulla rules`

mod check;
mod explain;

use clap::Subcommand;

use crate::args::Global;
use crate::failure::Result;

/// Look at what the rules say
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Args),
    Explain(explain::Args),
}

pub(crate) fn run(args: &Args, global: &Global) -> Result {
    match &args.command {
        Command::Check(check) => check::run(check, global),
        Command::Explain(explain) => explain::run(explain, global),
    }
}
