//! `bulla completion`

use clap_complete::Shell;

use crate::failure::Result;
use crate::write;

/// Print the completions of a shell
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// bash, zsh, fish, powershell or elvish
    #[arg(value_enum, hide_possible_values = true)]
    shell: Shell,
}

pub(crate) fn run(args: &Args) -> Result {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut crate::command(), "bulla", &mut script);
    write::stdout(&script)
}
