//! The guard beside gitleaks: over a tree of 500 MB, over the history of 10,000 commits, and over 50
//! staged files.

mod history;
mod texts;
mod tree;

use std::fs;
use std::path::{Path, PathBuf};

use bulla_testkit::{Sandbox, peers};

use super::krm::Row;
use super::measure::{MEASURE, Sample};
use super::report::medians;
use super::target_folder;
use crate::Result;

/// What the trees are made of.
const SEED: u64 = 6;

/// How many bytes the tree has.
const BYTES: u64 = 500_000_000;

/// How many commits the history has.
const COMMITS: usize = 10_000;

/// How many files are staged.
const STAGED: usize = 50;

/// How much more often the hook is run, which takes some milliseconds.
const OFTEN: usize = 7;

/// A program with its arguments.
struct Side {
    program: PathBuf,
    args: Vec<String>,
}

/// Every comparison, each run `runs` times, the hook more often.
pub(super) fn run(bulla: &Path, runs: usize) -> Result<Vec<Row>> {
    let sandbox = Sandbox::new();
    let gitleaks = peers::gitleaks();
    let folder = target_folder()?.join("bench/guard");
    let tree = tree(&folder)?;
    let history = sandbox.path("history");
    history::write(&sandbox, &history, SEED, COMMITS)?;
    let staged = staged(&sandbox)?;

    let report = sandbox.tmp().join("gitleaks.json");
    let cases = [
        (
            "a tree of 500 MB; gitleaks detect --no-git",
            tree,
            vec!["guard", "."],
            vec!["detect", "--no-git"],
            1,
        ),
        (
            "the history of 10,000 commits; gitleaks detect",
            history,
            vec!["guard", "--history"],
            vec!["detect"],
            1,
        ),
        (
            "50 staged files; gitleaks protect --staged",
            staged,
            vec!["guard", "hook", "pre-commit"],
            vec!["protect", "--staged"],
            OFTEN,
        ),
    ];
    let mut rows = Vec::new();
    for (label, folder, ours, theirs, often) in cases {
        let ours = Side { program: bulla.into(), args: words(&ours) };
        // A report that it writes to a terminal would be another work than ours.
        let quiet = ["--no-banner", "--log-level=error", "--source=.", "--report-path"];
        let mut args = [words(&theirs), words(&quiet)].concat();
        args.push(report.display().to_string());
        let theirs = Side { program: gitleaks.clone(), args };
        let runs = runs * often;
        eprintln!("{label}: {runs} runs of each");
        let (mut bulla, mut other) = (Vec::new(), Vec::new());
        for _ in 0..runs {
            bulla.push(sample(&sandbox, &ours, &folder)?);
            other.push(sample(&sandbox, &theirs, &folder)?);
        }
        rows.push(Row { label, bulla: medians(&bulla), other: medians(&other) });
    }
    Ok(rows)
}

/// The large tree, which is kept from one run to the next.
fn tree(folder: &Path) -> Result<PathBuf> {
    let tree = folder.join(format!("tree-{SEED}-{BYTES}"));
    if !tree.exists() {
        eprintln!("writing {} MB into {}", BYTES / 1_000_000, tree.display());
        // Under another name, so that half a tree is not taken for a whole one.
        let half = folder.join("unfinished");
        if half.exists() {
            fs::remove_dir_all(&half)?;
        }
        let written = tree::write(&half, SEED, BYTES)?;
        eprintln!("{} files, {} of them with a secret", written.files, written.secrets);
        fs::rename(&half, &tree)?;
    }
    Ok(tree)
}

/// A repository with a commit, and the files of a large change staged in it.
fn staged(sandbox: &Sandbox) -> Result<PathBuf> {
    let repo = sandbox.path("staged");
    fs::create_dir_all(&repo)?;
    let git = |args: &[&str]| {
        sandbox.run(sandbox.command(peers::system("git")).current_dir(&repo).args(args)).ok();
    };
    git(&["init", "--quiet"]);
    let mut number = 0;
    tree::files(SEED, u64::MAX, |path, content, is_secret| {
        // Small ones, as people write them by hand; nothing that blocks.
        if number == STAGED * 2 {
            return Err(std::io::ErrorKind::QuotaExceeded.into());
        }
        if !is_secret && content.len() < 20_000 {
            number += 1;
            let path = repo.join(path);
            fs::create_dir_all(path.parent().unwrap_or(&repo))?;
            fs::write(path, content)?;
            if number == STAGED {
                git(&["add", "."]);
                git(&["commit", "--quiet", "--message", "half"]);
            }
        }
        Ok(())
    })
    .ok();
    git(&["add", "."]);
    Ok(repo)
}

/// What a look costs, whose end is that something was found, or that nothing was.
fn sample(sandbox: &Sandbox, side: &Side, folder: &Path) -> Result<Sample> {
    let mut measure = sandbox.command(std::env::current_exe()?);
    measure.arg(MEASURE).arg("--found").arg(&side.program).args(&side.args).current_dir(folder);
    Sample::parse(&sandbox.run(&mut measure))
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}
