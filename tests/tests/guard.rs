//! The guard, in repositories of real git and on files of real sops.

#[path = "guard/commits.rs"]
mod commits;
#[path = "guard/hook.rs"]
mod hook;
#[path = "guard/offered.rs"]
mod offered;
#[path = "guard/own.rs"]
mod own;
#[path = "guard/pushed.rs"]
mod pushed;
#[path = "guard/sealed.rs"]
mod sealed;
#[path = "guard/speaking.rs"]
mod speaking;
#[path = "guard/staged.rs"]
mod staged;
#[path = "guard/told_no.rs"]
mod told_no;
#[path = "krm/validator_keys.rs"]
mod validator_keys;

use bulla_guard::{Report, Rule, check_staged};
use bulla_testkit::Sandbox;

/// A repository without a commit.
fn repository() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "--quiet"]);
    sandbox
}

/// What the hook would see.
#[track_caller]
fn staged(sandbox: &Sandbox) -> Report {
    match check_staged(&sandbox.work()) {
        Ok(report) => report,
        Err(error) => panic!("{error}"),
    }
}

/// Path, line and rule of each finding.
fn found(report: &Report) -> Vec<(&str, usize, Rule)> {
    let findings = report.findings.iter();
    findings.map(|found| (found.path.as_str(), found.finding.line, found.finding.rule)).collect()
}
