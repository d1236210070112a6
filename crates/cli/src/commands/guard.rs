//! `bulla guard`

use std::path::{Path, PathBuf};

use bulla_guard::{Installed, Report, check_paths, check_staged, install_hook};
use clap::Subcommand;

use crate::exit::Code;
use crate::failure::{Failure, Result, printable, say};
use crate::write;

/// Look for keys and Secrets in the clear
///
/// Without a path, looks at what is staged for the next commit. Needs no key.
#[derive(clap::Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Look at what git is about to commit, not at files
    #[arg(long, conflicts_with = "paths")]
    staged: bool,
    /// Files and directories to look at
    paths: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Install(Install),
}

/// Make git ask before each commit
#[derive(clap::Args, Debug)]
struct Install {
    /// Directory in the repository
    #[arg(default_value = ".", hide_default_value = true)]
    dir: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result {
    if let Some(Command::Install(install)) = &args.command {
        return run_install(install);
    }
    let report = if args.paths.is_empty() {
        check_staged(Path::new(".")).map_err(|error| Failure::other(error.to_string()))?
    } else {
        check_paths(&args.paths)
    };
    write::stdout(format!("{}\n", printable(&report.to_string())).as_bytes())?;
    verdict(&report)
}

fn verdict(report: &Report) -> Result {
    if !report.findings.is_empty() {
        return Err(Failure::other("this must not be committed: see above for what to do"));
    }
    if !report.unread.is_empty() {
        // What was not looked at may hold anything.
        let message = "not everything could be looked at: see above";
        return Err(Failure::new(Code::Unwritable, message));
    }
    Ok(())
}

fn run_install(args: &Install) -> Result {
    let installed = install_hook(&args.dir).map_err(|error| Failure::other(error.to_string()))?;
    let Installed { hook, chained, changed, .. } = installed;
    say(&format!(
        "{}: {}",
        hook.display(),
        if changed { "installed the guard" } else { "the guard was installed already" }
    ));
    if let Some(chained) = chained {
        say(&format!("{}: the hook that was there runs first", chained.display()));
    }
    Ok(())
}
