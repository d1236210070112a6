//! `bulla lint`

use std::path::{Path, PathBuf};

use bulla_krm::flux::{Fate, lint};

use crate::failure::{Failure, Result, printable};
use crate::{git, write};

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
    let real = |path: &Path| path.canonicalize().map_err(|error| Failure::unreadable(path, &error));
    let folder = real(&args.flux)?;
    let top = match &args.root {
        Some(root) => real(root)?,
        None => git::top_of(&folder).unwrap_or_else(|| folder.clone()),
    };
    let below = folder.strip_prefix(&top).map_err(|_| {
        Failure::other(format!("{}: this is not below {}", args.flux.display(), top.display()))
    })?;
    let verdicts = lint(&top, below).map_err(|error| Failure::other(error.to_string()))?;
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
