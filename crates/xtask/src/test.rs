//! `cargo xtask test`: the steps that must pass before a commit, in the order in which they fail
//! fastest.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::cargo::{cargo, run};
use crate::{Result, install_peers};

type Step = (&'static str, Box<dyn FnOnce() -> Result>);

/// Every step.
pub(crate) fn everything() -> Result {
    in_turn(vec![
        ("peers", Box::new(install_peers)),
        step("fmt", "fmt --check"),
        step("clippy", "clippy --workspace --all-targets -- -D warnings"),
        step("build", BUILD),
        ("tests", Box::new(|| tests(&[]))),
        step("doc tests", "test --workspace --doc"),
    ])
}

/// Only what the tests need, and those tests that `args` choose.
pub(crate) fn only(args: &[&str]) -> Result {
    let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    in_turn(vec![
        ("peers", Box::new(install_peers)),
        step("build", BUILD),
        ("tests", Box::new(move || tests(&args))),
    ])
}

/// Cargo builds only the programs of the package under test, but tests of other packages start them
/// too.
const BUILD: &str = "build --workspace";

fn step(name: &'static str, words: &'static str) -> Step {
    (name, Box::new(move || run(cargo(words))))
}

fn tests(args: &[String]) -> Result {
    let runner =
        if has_nextest() { "nextest run --workspace" } else { "test --workspace --all-targets" };
    let mut command = cargo(runner);
    command.args(args);
    run(command)
}

fn has_nextest() -> bool {
    let mut asked = cargo("nextest --version");
    asked.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Stops at the first step that fails; the summary comes either way.
fn in_turn(steps: Vec<Step>) -> Result {
    let mut summary = String::new();
    let mut done = Ok(());
    for (name, step) in steps {
        if done.is_err() {
            summary.push_str(&line(name, "not run", None));
            continue;
        }
        eprintln!("--- {name}");
        let started = Instant::now();
        done = step();
        let verdict = if done.is_ok() { "passed" } else { "FAILED" };
        summary.push_str(&line(name, verdict, Some(started.elapsed())));
    }
    eprint!("\n{summary}");
    done
}

fn line(name: &str, verdict: &str, took: Option<Duration>) -> String {
    match took {
        Some(took) => format!("{name:<12}{verdict:<9}{:>7.1} s\n", took.as_secs_f64()),
        None => format!("{name:<12}{verdict}\n"),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use super::*;

    #[test]
    fn nothing_runs_after_a_failure() {
        let ran = Rc::new(Cell::new(0));
        let counted = |name, outcome: Result| -> Step {
            let ran = Rc::clone(&ran);
            let step = move || {
                ran.set(ran.get() + 1);
                outcome
            };
            (name, Box::new(step))
        };
        let steps = vec![
            counted("one", Ok(())),
            counted("two", Err("no".into())),
            counted("three", Ok(())),
        ];
        assert_eq!(in_turn(steps).expect_err("step two fails").to_string(), "no");
        assert_eq!(ran.get(), 2);
    }
}
