//! `bulla doctor`

use std::path::PathBuf;

use bulla_keys::Holdings;
use serde::Serialize;

use crate::args::Global;
use crate::failure::{Failure, Result, printable};
use crate::keyring::environment;
use crate::tree::Tree;
use crate::write;
use recipients::Recipient;

mod access;
mod files;
mod programs;
mod recipients;

/// Look whether sealed files can be opened here
///
/// Run it where kustomize runs: in Argo CD's repo-server, in CI, on your own machine. Looks at
/// kustomize and the plugin, at what the tree starts, which recipients its sealed files and rules
/// have and which of the keys at hand is whose, which files these keys open, and what can be
/// written here and need not. Prints no secret, and writes nothing. Services that hold keys are
/// looked for in the configuration, and not asked.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Folder with the files that are to be opened
    #[arg(default_value = ".", hide_default_value = true)]
    dir: PathBuf,
    /// Ask key services and clouds too
    #[arg(long)]
    online: bool,
    /// Print a JSON array with check, state, message and advice
    #[arg(long)]
    json: bool,
}

/// How well something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// As it should be.
    Ok,
    /// As it should be for some uses.
    Warning,
    /// Something will fail.
    Fault,
}

/// What was found out about one thing.
#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    state: State,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
    /// For programs, what the message says in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<Recipient>,
}

impl Finding {
    fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self { check, state: State::Ok, message: message.into(), advice: None, recipient: None }
    }

    fn warning(check: &'static str, message: impl Into<String>, advice: impl Into<String>) -> Self {
        let advice = Some(advice.into());
        Self { state: State::Warning, advice, ..Self::ok(check, message) }
    }

    fn fault(check: &'static str, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { state: State::Fault, ..Self::warning(check, message, advice) }
    }
}

pub(crate) fn run(args: &Args, global: &Global) -> Result {
    let tree = Tree::find(&args.dir, None)?;
    let mut environment = environment(global);
    environment.config = global.config.clone().or(environment.config);
    let mut findings = programs::look(&tree);
    let sealed = files::sealed(&tree);
    let holdings = Holdings::new(&environment);
    findings.extend(recipients::look(&tree, &sealed, &holdings, &environment));
    findings.extend(files::look(&tree, &sealed, &holdings, &environment, args.online)?);
    findings.extend(access::look(&tree, &environment));
    let text = match args.json {
        // Texts and names of variants always serialise.
        true => format!("{}\n", serde_json::to_string_pretty(&findings).unwrap_or_default()),
        false => printable(&findings.iter().map(line).collect::<String>()),
    };
    write::stdout(text.as_bytes())?;
    match findings.iter().filter(|finding| finding.state == State::Fault).count() {
        0 => Ok(()),
        1 => Err(Failure::other("something will fail here: 1 fault")),
        n => Err(Failure::other(format!("something will fail here: {n} faults"))),
    }
}

fn line(finding: &Finding) -> String {
    let state = match finding.state {
        State::Ok => "ok",
        State::Warning => "warning",
        State::Fault => "fault",
    };
    let advice = finding.advice.as_ref().map(|advice| format!("; {advice}")).unwrap_or_default();
    format!("{state:<8} {:<10} {}{advice}\n", finding.check, finding.message)
}
