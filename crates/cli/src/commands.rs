//! The commands, one file each: what they take, and what they do.

pub(crate) mod completion;
pub(crate) mod create;
pub(crate) mod decrypt;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod edit;
pub(crate) mod encrypt;
pub(crate) mod exec_env;
pub(crate) mod exec_file;
pub(crate) mod filestatus;
pub(crate) mod flux;
pub(crate) mod groups;
pub(crate) mod guard;
pub(crate) mod init;
pub(crate) mod keygen;
#[cfg(feature = "keyservice")]
pub(crate) mod keyservice;
pub(crate) mod krm;
pub(crate) mod lint;
pub(crate) mod publish;
pub(crate) mod rotate;
pub(crate) mod rules;
pub(crate) mod set;
pub(crate) mod unset;
pub(crate) mod updatekeys;
pub(crate) mod verify;

use std::process::ExitCode;

use crate::args::{Args, Command};
use crate::failure::Result;

/// Does what was asked for. A command that runs another one ends as that did.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    match &args.command {
        Command::Encrypt(encrypt) => encrypt::run(encrypt, &args.global),
        Command::Decrypt(decrypt) => decrypt::run(decrypt, &args.global),
        Command::Edit(edit) => edit::run(edit, &args.global),
        Command::Set(set) => set::run(set, &args.global),
        Command::Unset(unset) => unset::run(unset, &args.global),
        Command::Rotate(rotate) => rotate::run(rotate, &args.global),
        Command::Updatekeys(update) => updatekeys::run(update, &args.global),
        Command::Groups(groups) => groups::run(groups, &args.global),
        Command::Publish(publish) => publish::run(publish, &args.global),
        Command::Verify(verify) => verify::run(verify, &args.global),
        Command::Filestatus(status) => filestatus::run(status, &args.global),
        Command::ExecEnv(exec) => return exec_env::run(exec, &args.global),
        Command::ExecFile(exec) => return exec_file::run(exec, &args.global),
        Command::Keygen(keygen) => keygen::run(keygen),
        #[cfg(feature = "keyservice")]
        Command::Keyservice(keyservice) => keyservice::run(keyservice, &args.global),
        Command::Init(init) => init::run(init),
        Command::Rules(rules) => rules::run(rules, &args.global),
        Command::Create(create) => create::run(create, &args.global),
        Command::Guard(guard) => guard::run(guard, &args.global),
        Command::Krm(krm) => return krm::run(krm),
        Command::Lint(lint) => lint::run(lint),
        Command::Flux(flux) => flux::run(flux, &args.global),
        Command::Doctor(doctor) => doctor::run(doctor, &args.global),
        Command::Completion(completion) => completion::run(completion),
        Command::Demo(demo) => demo::run(demo),
    }?;
    Ok(ExitCode::SUCCESS)
}
