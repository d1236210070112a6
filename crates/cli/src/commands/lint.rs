//! `bulla lint`

use std::path::PathBuf;

use bulla_krm::flux::{Applied, Fate};

use crate::failure::{Failure, Result, printable};
use crate::tree::Tree;
use crate::write;

/// Say what a deployer will make of sealed files
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Folder that a Kustomization of Flux applies
    #[arg(long, value_name = "DIR", required = true)]
    flux: PathBuf,
    /// Root of Flux's source; that of the git repository without it
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Result {
    let tree = Tree::find(&args.flux, args.root.as_deref())?;
    let applied = Applied::read(&tree.top, &tree.folder);
    let verdicts = applied.map_err(|error| Failure::other(error.to_string()))?.verdicts();
    let (mut lines, mut faults) = (String::new(), 0);
    for verdict in &verdicts {
        let path = verdict.path.display();
        lines += &match &verdict.fate {
            Fate::Opened(what) => format!("opened  {path}: as {what}\n"),
            Fate::Unused => format!("unused  {path}: no kustomization names it\n"),
            Fate::Fault(reason) => {
                faults += 1;
                format!("fault   {path}: {reason}\n")
            }
        };
    }
    if verdicts.is_empty() {
        lines = "there are no sealed files\n".into();
    }
    write::stdout(printable(&lines).as_bytes())?;
    match faults {
        0 => Ok(()),
        1 => Err(Failure::other("Flux cannot apply this as it is: 1 fault")),
        n => Err(Failure::other(format!("Flux cannot apply this as it is: {n} faults"))),
    }
}
