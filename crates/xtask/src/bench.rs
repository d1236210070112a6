//! `cargo xtask bench`: whole processes, bulla and sops in turn, on the same files with the same
//! arguments.
//!
//! A case is prepared once, then checked once (a fast program that does nothing wins every race),
//! then run in turn A B A B, so that whatever else the machine does hits both alike. Medians are
//! reported, never the best run.

mod cases;
mod exec;
mod guard;
mod inside;
mod krm;
mod measure;
mod report;
mod startup;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bulla_testkit::{Sandbox, keys, peers};

pub(crate) use measure::{MEASURE, measure_child};

use crate::Result;
use crate::cargo::{cargo, run as run_command};
use cases::Case;
use measure::Sample;
use report::Row;

/// How often each program runs in each case.
pub(crate) const RUNS: usize = 21;

/// As [`run`], with the number as it was typed.
pub(crate) fn run_text(runs: &str) -> Result {
    match runs.parse() {
        Ok(runs) if runs > 0 => run(runs),
        _ => Err(format!("{runs} is not a number of runs: cargo xtask bench {RUNS}").into()),
    }
}

/// Builds bulla, runs every case, writes docs/benchmarks.md, and runs the benches of the crates.
pub(crate) fn run(runs: usize) -> Result {
    run_command(cargo("build --release --package bulla --package bulla-krm"))?;
    let sandbox = Sandbox::new();
    // `all_sops` gives the newest first.
    let (sops_version, sops) = peers::all_sops().swap_remove(0);
    let bulla = release_binary("bulla")?;

    let cases = cases::some(&sandbox, &sops, |_| true);
    let start = startup::run(&sandbox, &bulla, &startup::build_lean()?, &cases[0], runs)?;
    let rows = beside(&sandbox, &bulla, &sops, cases, runs)?;
    let exec = exec::run(&sandbox, &bulla, &sops, runs)?;
    let krm = krm::run(&sandbox, &release_binary("bulla-krm")?, &sops, runs)?;
    let guard = guard::run(&release_binary("bulla")?, runs.div_ceil(cases::SLOWER))?;
    let start = [start, exec];
    let tables = [report::table(&rows, sops_version), report::krm_table(&start)];
    print!("{}\n{}", tables.join("\n"), report::krm_table(&krm));
    print!("\n{}", report::krm_table(&guard));

    run_command(cargo("bench --package bulla-core"))?;
    let inside = inside::read(&target_folder()?.join("criterion"));
    let page = report::page(&rows, &start, &krm, &guard, &inside, runs, sops_version);
    let path = peers::workspace_root().join("docs/benchmarks.md");
    fs::write(&path, page).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    eprintln!("wrote {}", path.display());
    Ok(())
}

/// Runs the comparisons whose label has `name` in it, with the program of the last release build,
/// and prints them.
pub(crate) fn run_case(name: &str, runs: &str) -> Result {
    let runs = runs.parse().map_err(|_| format!("{runs} is not a number of runs"))?;
    let (sops_version, sops) = peers::all_sops().swap_remove(0);
    let (sandbox, bulla) = (Sandbox::new(), release_binary("bulla")?);
    let cases = cases::some(&sandbox, &sops, |label| label.contains(name));
    let exec = exec::LABEL.contains(name);
    if cases.is_empty() && !exec {
        return Err(format!("there is no case with {name} in its name").into());
    }
    let rows = beside(&sandbox, &bulla, &sops, cases, runs)?;
    print!("{}", report::table(&rows, sops_version));
    if exec {
        print!("\n{}", report::krm_table(&[exec::run(&sandbox, &bulla, &sops, runs)?]));
    }
    Ok(())
}

/// Both programs in turn on each case.
fn beside(
    sandbox: &Sandbox,
    bulla: &Path,
    sops: &Path,
    cases: Vec<Case>,
    runs: usize,
) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for case in cases {
        let runs = case.runs(runs);
        eprintln!("{}: {runs} runs of each", case.label);
        check(sandbox, bulla, &case)?;
        check(sandbox, sops, &case)?;
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..runs {
            ours.push(sample(sandbox, bulla, &case)?);
            theirs.push(sample(sandbox, sops, &case)?);
        }
        rows.push(Row::new(&case, ours, theirs));
    }
    Ok(rows)
}

/// Runs the comparisons of the plugin alone, with the programs of the last release build, and
/// prints them.
pub(crate) fn run_krm(runs: &str) -> Result {
    let runs = runs.parse().map_err(|_| format!("{runs} is not a number of runs"))?;
    let (_, sops) = peers::all_sops().swap_remove(0);
    let rows = krm::run(&Sandbox::new(), &release_binary("bulla-krm")?, &sops, runs)?;
    print!("{}", report::krm_table(&rows));
    Ok(())
}

/// Runs the comparisons of the guard alone, with the program of the last release build, and prints
/// them.
pub(crate) fn run_guard(runs: &str) -> Result {
    let runs = runs.parse().map_err(|_| format!("{runs} is not a number of runs"))?;
    let rows = guard::run(&release_binary("bulla")?, runs)?;
    print!("{}", report::krm_table(&rows));
    Ok(())
}

/// Compares two builds of bulla at the start alone, and prints that.
pub(crate) fn run_startup(runs: &str, full: &str, lean: &str) -> Result {
    let runs = runs.parse().map_err(|_| format!("{runs} is not a number of runs"))?;
    let (_, sops) = peers::all_sops().swap_remove(0);
    let sandbox = Sandbox::new();
    let case = cases::small(&sandbox, &sops);
    let [full, lean] = [full, lean].map(std::path::absolute);
    let row = startup::run(&sandbox, &full?, &lean?, &case, runs)?;
    print!("{}", report::krm_table(&[row]));
    Ok(())
}

/// One run that shows that the program does the work at all.
fn check(sandbox: &Sandbox, program: &Path, case: &Case) -> Result {
    let mut command = sandbox.command(program);
    let run = sandbox.run(with_key(command.args(&case.args)));
    if run.code != 0 {
        return Err(format!(
            "{} exited with {}: {}",
            run.command,
            run.code,
            String::from_utf8_lossy(&run.stderr)
        )
        .into());
    }
    case.check(&String::from_utf8_lossy(&run.stdout))
        .map_err(|fault| format!("{} {fault}", run.command).into())
}

fn sample(sandbox: &Sandbox, program: &Path, case: &Case) -> Result<Sample> {
    let mut command = sandbox.command(program);
    measured(sandbox, with_key(command.args(&case.args)))
}

/// What a command costs.
fn measured(sandbox: &Sandbox, command: &Command) -> Result<Sample> {
    let mut measure = sandbox.command(env::current_exe()?);
    measure.arg(MEASURE).arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        measure.current_dir(folder);
    }
    Sample::parse(&sandbox.run(with_key(&mut measure)))
}

fn with_key(command: &mut Command) -> &mut Command {
    command.env("SOPS_AGE_KEY_FILE", keys::age_identity_file())
}

/// Where cargo builds: this program is in a folder of its profile there.
fn target_folder() -> Result<PathBuf> {
    Ok(env::current_exe()?.ancestors().nth(2).unwrap_or(Path::new("target")).to_owned())
}

/// A program of the release profile: in `BULLA_BIN_DIR` when that is set, else beside this job's
/// own profile.
fn release_binary(name: &str) -> Result<PathBuf> {
    let dir = match env::var_os("BULLA_BIN_DIR") {
        Some(dir) => std::path::absolute(dir)?,
        None => target_folder()?.join("release"),
    };
    let program = dir.join(name);
    if program.is_file() {
        Ok(program)
    } else {
        Err(format!("{} is not there: run cargo build --release", program.display()).into())
    }
}
