//! `bulla guard hook`

use std::env;
use std::io;
use std::path::Path;

use bulla_guard::{
    Report, check_message, check_outgoing, check_pushed, check_received, check_staged,
};
use clap::ValueEnum;

use super::no_report;
use super::offer::{self, Asked};
use super::output::Output;
use super::progress::Meter;
use super::sources::failure;
use crate::args::Global;
use crate::exit::Code;
use crate::failure::{Failure, Result, reason};

/// Answer git from a hook: exec bulla guard hook NAME "$@"
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Which hook
    #[arg(value_enum)]
    hook: Hook,
    /// What git gave to it
    #[arg(value_name = "ARGUMENT", allow_hyphen_values = true)]
    arguments: Vec<String>,
    #[command(flatten)]
    output: Output,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Hook {
    /// Looks at what is staged
    PreCommit,
    /// Looks at what a merge has staged
    PreMergeCommit,
    /// Looks at the message
    CommitMsg,
    /// Looks at what is pushed, and the remote does not have
    PrePush,
    /// On the server: looks at what was pushed, before it is accepted
    PreReceive,
}

pub(super) fn run(args: &Args, global: &Global) -> Result {
    let first = args.arguments.first();
    let report = match args.hook {
        Hook::PreCommit => return offer::show_staged(&args.output, Asked::ByGit, global),
        // git has made the tree of the merge already: what is staged now is not in it.
        Hook::PreMergeCommit => check_staged(Path::new(".")).map_err(failure),
        Hook::CommitMsg => message(first),
        Hook::PrePush => outgoing(first),
        Hook::PreReceive => received(),
    };
    args.output.show(report.map_err(no_report)?)
}

fn message(file: Option<&String>) -> Result<Report> {
    let file = file.ok_or_else(|| {
        let message = "commit-msg: git names the file of the message, and did not";
        Failure::new(Code::NoFile, message)
    })?;
    check_message(Path::new(file)).map_err(failure)
}

fn outgoing(remote: Option<&String>) -> Result<Report> {
    let here = Path::new(".");
    let meter = Meter::new();
    let progress = |done, all| meter.step(done, all);
    let report = match Framework::read() {
        Some(Framework { remote, commit }) => check_outgoing(here, &remote, &commit, &progress),
        None => check_pushed(here, remote.map(String::as_str), &lines()?, &progress),
    };
    report.map_err(failure)
}

fn received() -> Result<Report> {
    let meter = Meter::new();
    check_received(Path::new("."), &lines()?, &|done, all| meter.step(done, all)).map_err(failure)
}

/// What git writes to the hook.
fn lines() -> Result<String> {
    io::read_to_string(io::stdin().lock())
        .map_err(|error| Failure::other(format!("standard input: {}", reason(&error))))
}

/// What the pre-commit framework tells in the environment, having read git's lines itself.
struct Framework {
    remote: String,
    /// What is pushed.
    commit: String,
}

impl Framework {
    fn read() -> Option<Self> {
        let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let remote = variable("PRE_COMMIT_REMOTE_NAME")?;
        // With the first commit of all there are no two to name.
        let commit = variable("PRE_COMMIT_TO_REF").or_else(|| variable("PRE_COMMIT_LOCAL_BRANCH"));
        commit.map(|commit| Self { remote, commit })
    }
}
