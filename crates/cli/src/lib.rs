//! The `bulla` command line: arguments in, exit code out.
//!
//! What can be done without a command line is in the libraries: [`bulla_core`] seals
//! and opens, [`bulla_keys`] has the keys. Here is what was typed ([`args`]), what it
//! means, and one file for each command below `commands`. Exit codes are in `exit`,
//! all of them.
//!
//! The package has a library so that man pages and tests can ask for [`command`]:
//!
//! ```
//! let command = bulla::command();
//! assert!(command.find_subcommand("encrypt").is_some());
//! ```

#![forbid(unsafe_code)]

mod address;
mod args;
mod commands;
mod editor;
mod exit;
mod failure;
mod formats;
mod git;
mod governing;
mod input;
mod integrity;
mod key_flags;
mod keyring;
mod kustomize;
mod newcomers;
mod no_key;
mod opening;
mod process;
mod program;
mod question;
mod recipe;
mod scratch;
mod sealed_file;
mod sealing;
mod signals;
mod spelling;
mod tree;
mod user;
mod write;

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use args::Args;
use spelling::Spoken;

/// The whole command line, for completions, man pages and the reference.
pub fn command() -> clap::Command {
    Args::command()
}

/// Runs the program. The first of `args` is what it was called by.
pub fn run(args: Vec<OsString>) -> ExitCode {
    process::harden();
    if is_plugin(&args) {
        return bulla_krm::main();
    }
    // All of it is made anew at each start: once is enough.
    let command = command();
    let args = match spelling::understand(args, &command) {
        Ok(Spoken::Line(args)) => args,
        Ok(Spoken::Version) => return end(version_of_sops()),
        Err(failure) => return end(Err(failure)),
    };
    let parsed = command.try_get_matches_from(&args);
    match parsed.and_then(|mut matches| Args::from_arg_matches_mut(&mut matches)) {
        Ok(args) => end(commands::run(&args)),
        Err(error) => args::refuse(&args, &error),
    }
}

fn end(result: failure::Result<ExitCode>) -> ExitCode {
    result.unwrap_or_else(|failure| {
        failure.print();
        failure.code.into()
    })
}

/// Scripts take the second word for the version of sops whose flags can be used.
fn version_of_sops() -> failure::Result<ExitCode> {
    let (sops, own) = (bulla_core::VERSION, env!("CARGO_PKG_VERSION"));
    write::stdout(format!("sops {sops} (bulla {own})\n").as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Whether kustomize started this as its plugin: by a name under which it looks for one
/// (a link is all that has to be installed), or as an older one, which has the name of
/// the config's kind and the config in a file and in a variable.
fn is_plugin(args: &[OsString]) -> bool {
    let stem = args.first().and_then(|name| Path::new(name).file_stem()).and_then(OsStr::to_str);
    stem.is_some_and(|stem| bulla_krm::PROGRAM_NAMES.contains(&stem))
        || (args.len() == 2 && env::var_os(bulla_krm::LEGACY_CONFIG).is_some())
}
