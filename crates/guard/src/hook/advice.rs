//! What to write into the files of those who manage hooks.

use super::script::line;
use super::{Hook, Manager};

/// The lines to add, and what to run then.
pub(super) fn lines(manager: &Manager) -> String {
    match manager {
        Manager::Framework { .. } => framework(),
        Manager::Lefthook { .. } => lefthook(),
        Manager::Git { .. } | Manager::Husky { .. } | Manager::Elsewhere { .. } => {
            let lines = Hook::ALL.map(|hook| format!("{hook}: {}", line(hook)));
            format!("to the hook of each name:\n\n{}", lines.join("\n"))
        }
    }
}

/// `.pre-commit-hooks.yaml` has the same, for those who name this repository.
fn framework() -> String {
    let mut lines = "under `repos`:\n\n  - repo: local\n    hooks:\n".to_owned();
    for hook in [Hook::PreCommit, Hook::CommitMsg, Hook::PrePush] {
        let stages = match hook {
            Hook::PreCommit => format!("{hook}, {}", Hook::PreMergeCommit),
            hook => hook.to_string(),
        };
        let files = match hook {
            Hook::CommitMsg => String::new(),
            _ => ", pass_filenames: false, always_run: true".to_owned(),
        };
        lines += &format!(
            "      - {{id: bulla-guard-{hook}, name: bulla guard, language: system, entry: bulla guard hook {hook}, stages: [{stages}]{files}}}\n"
        );
    }
    let types = Hook::ALL.map(|hook| format!(" -t {hook}")).concat();
    lines + &format!("\nthen run pre-commit install{types}")
}

fn lefthook() -> String {
    let mut lines = String::from("as they are, or below what is there for these hooks:\n\n");
    for hook in Hook::ALL {
        let (run, more) = match hook {
            Hook::CommitMsg => (" {1}", ""),
            // Whoever reads the lines of a push has them.
            Hook::PrePush => (" {1} {2}", "\n      use_stdin: true"),
            Hook::PreCommit | Hook::PreMergeCommit => ("", ""),
        };
        lines += &format!(
            "{hook}:\n  commands:\n    bulla-guard:\n      run: bulla guard hook {hook}{run}{more}\n"
        );
    }
    lines + "\nthen run lefthook install"
}
