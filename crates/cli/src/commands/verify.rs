//! `bulla verify`

mod fault;
mod judge;
mod report;
mod sarif;

use std::path::{Path, PathBuf};

use bulla_core::Pool;
use clap::ValueEnum;

use crate::args::Global;
use crate::commands::updatekeys::search;
use crate::exit::Code;
use crate::failure::{Failure, Result};
use crate::keyring::{environment, keyring};
use crate::write;
use judge::Judge;
use report::Report;

/// Check that sealed files are what was sealed, and sealed as their rules say
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// What to check; of a directory, every sealed file below it; here without any
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Check what can be seen without a key: structure, selector, rules and recipients
    #[arg(long)]
    no_key: bool,
    /// Form of the report: lines for people, JSON, SARIF 2.1.0
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: Form,
}

// Values have no help of their own: the page has to fit a screen.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Form {
    #[default]
    Text,
    Json,
    Sarif,
}

pub(crate) fn run(args: &Args, global: &Global) -> Result {
    let named = match args.paths.as_slice() {
        [] => &[Path::new(".").to_owned()],
        paths => paths,
    };
    let files = search::files_that(named, judge::claims_to_be_sealed)?;
    let environment = environment(global);
    let keyring = (!args.no_key).then(|| keyring(&environment)).transpose()?;
    let config = global.config.as_deref().or(environment.config.as_deref());
    let require_integrity = global.require_integrity;
    let judge = Judge { keyring: keyring.as_ref(), config, require_integrity };
    let pool = keyring.as_ref().map_or_else(Pool::default, |keyring| keyring.pool());
    let faults = pool.map(&files, |file| judge.file(file));
    let report = Report {
        files: files.len(),
        with_key: keyring.is_some(),
        faults: faults.into_iter().flatten().collect(),
    };
    let text = match args.format {
        Form::Text => report.text(),
        Form::Json => report.json(),
        Form::Sarif => sarif::write(&report),
    };
    write::stdout(text.as_bytes())?;
    match report.faults.len() {
        0 => Ok(()),
        1 => Err(Failure::new(Code::Failure, "there is 1 fault: see above")),
        count => Err(Failure::new(Code::Failure, format!("there are {count} faults: see above"))),
    }
}
