//! What can be typed, and what is said about a line that means nothing.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, Subcommand};

#[cfg(feature = "keyservice")]
use crate::commands::keyservice;
use crate::commands::{
    completion, create, decrypt, demo, doctor, edit, encrypt, exec_env, exec_file, filestatus,
    flux, groups, guard, init, keygen, krm, lint, publish, rotate, rules, set, unset, updatekeys,
    verify,
};
use crate::exit::Code;
use crate::keyring::{ASKING_HELP, AskingFlags};
use crate::write;

/// Seals the secrets of GitOps repositories, in the format of SOPS
#[derive(Debug, Parser)]
#[command(name = "bulla", version, max_term_width = 100, disable_help_subcommand = true, after_help = ASKING_HELP)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) global: Global,
}

/// What can be typed with every command.
#[derive(clap::Args, Debug)]
pub(crate) struct Global {
    /// Rules file to use instead of the nearest one [env: SOPS_CONFIG]
    #[arg(long, value_name = "FILE", global = true, display_order = 900)]
    pub(crate) config: Option<PathBuf>,
    /// Refuse sealed files without an integrity record, whatever their rules say
    #[arg(long, global = true, display_order = 901)]
    pub(crate) require_integrity: bool,
    #[command(flatten)]
    pub(crate) asking: AskingFlags,
}

/// The commands; each is a file of its own.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Encrypt(encrypt::Args),
    Decrypt(decrypt::Args),
    Edit(edit::Args),
    Set(set::Args),
    Unset(unset::Args),
    Rotate(rotate::Args),
    Updatekeys(updatekeys::Args),
    Groups(groups::Args),
    Publish(publish::Args),
    Verify(verify::Args),
    Filestatus(filestatus::Args),
    ExecEnv(exec_env::Args),
    ExecFile(exec_file::Args),
    Keygen(keygen::Args),
    #[cfg(feature = "keyservice")]
    Keyservice(keyservice::Args),
    Init(init::Args),
    Rules(rules::Args),
    Create(create::Args),
    Guard(guard::Args),
    Krm(krm::Args),
    Lint(lint::Args),
    Flux(flux::Args),
    Doctor(doctor::Args),
    Completion(completion::Args),
    Demo(demo::Args),
}

/// Help and version on standard output, everything else on standard error with the
/// code that sops has for it; the guard has its own.
pub(crate) fn refuse(line: &[OsString], error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        return match write::stdout(error.to_string().as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => failure.code.into(),
        };
    }
    // Whoever closed standard error does not want to know.
    let _ = error.print();
    match is_for_guard(line) {
        true => Code::Unreadable.into(),
        false => code_of(error).into(),
    }
}

/// Whether a line is for the guard, whose 1 means that it has found something.
fn is_for_guard(line: &[OsString]) -> bool {
    let command = Args::command();
    let mut words = line.iter().skip(1).filter_map(|word| word.to_str());
    words
        .find_map(|word| command.find_subcommand(word))
        .is_some_and(|command| command.get_name() == "guard")
}

fn code_of(error: &clap::Error) -> Code {
    let about_flag = matches!(
        error.get(ContextKind::InvalidArg),
        Some(ContextValue::String(name)) if name.starts_with('-')
    );
    match error.kind() {
        ErrorKind::ArgumentConflict => Code::Conflict,
        // A file too many, or too few.
        ErrorKind::UnknownArgument if !about_flag => Code::NoFile,
        ErrorKind::MissingRequiredArgument
        | ErrorKind::MissingSubcommand
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Code::NoFile,
        _ => Code::Failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        Args::command().debug_assert();
    }

    #[test]
    fn a_line_that_means_nothing_has_the_code_of_sops() {
        let code = |line: &str| {
            let line = line.split(' ');
            code_of(&Args::try_parse_from(line).expect_err("this means nothing"))
        };
        assert_eq!(code("bulla"), Code::NoFile);
        assert_eq!(code("bulla encrypt a.yaml b.yaml"), Code::NoFile);
        assert_eq!(code("bulla encrypt --nope a.yaml"), Code::Failure);
        assert_eq!(code("bulla encrypt --input-type nope a.yaml"), Code::Failure);
        assert_eq!(code("bulla encrypt -i --output b a.yaml"), Code::Conflict);
        let two = "bulla encrypt --encrypted-regex a --unencrypted-regex b c.yaml";
        assert_eq!(code(two), Code::Conflict);
        assert_eq!(code("bulla decrypt -i --extract [0] a.yaml"), Code::Conflict);
    }
}
