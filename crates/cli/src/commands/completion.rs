//! `bulla completion`

use clap_complete::Shell;

use crate::failure::Result;
use crate::{spelling, write};

/// Print the completions of a shell
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// bash, zsh, fish, powershell or elvish
    #[arg(value_enum, hide_possible_values = true)]
    shell: Shell,
}

pub(crate) fn run(args: &Args) -> Result {
    // For the name that was typed: the program may be installed as `sops`.
    let called = std::env::args_os().next().filter(|name| spelling::is_sops(name));
    let name = if called.is_some() { "sops" } else { "bulla" };
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut crate::command(), name, &mut script);
    write::stdout(&script)
}
