//! The jobs around the code. `cargo xtask` without a verb lists them.

#![forbid(unsafe_code)]

mod bench;
mod cargo;
mod fuzz;
mod test;

use std::env;
use std::error::Error;
use std::process::ExitCode;

use bulla_testkit::peers;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

const USAGE: &str = "\
usage: cargo xtask <verb>

  peers             install the pinned sops, kustomize, age and test data into target/peers
  test              what must pass before a commit: format, clippy, build, tests, doc tests
  test -- ARGS...   only the tests, with ARGS for the runner: cargo xtask test -- some_name
  bench [RUNS]      bulla beside sops as whole processes: writes docs/benchmarks.md; cargo bench
  bench case NAME RUNS
                    only the cases with NAME in their name, with the program that is built;
                    prints them
  bench krm RUNS    only what concerns the plugin, with the programs that are built; prints it
  bench guard RUNS  only the guard, beside gitleaks, with the program that is built; prints it
  bench startup RUNS FULL LEAN
                    only what starting costs, for two builds of bulla; prints it
  fuzz [--report] [--time SECONDS] [TARGET...]
                    the targets of tests/fuzz with libFuzzer, a minute each
  man               the man pages, into target/man
";

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["peers"] => install_peers(),
        ["test"] => test::everything(),
        ["test", "--", args @ ..] => test::only(args),
        ["man"] => man(),
        ["fuzz", args @ ..] => fuzz::run(args),
        ["bench"] => bench::run(bench::RUNS),
        ["bench", "case", name, runs] => bench::run_case(name, runs),
        ["bench", "krm", runs] => bench::run_krm(runs),
        ["bench", "guard", runs] => bench::run_guard(runs),
        ["bench", "startup", runs, full, lean] => bench::run_startup(runs, full, lean),
        ["bench", runs] => bench::run_text(runs),
        // How `bench` measures: not for people.
        [bench::MEASURE, "--found", program, args @ ..] => {
            bench::measure_child(program, args, &[0, 1])
        }
        [bench::MEASURE, program, args @ ..] => bench::measure_child(program, args, &[0]),
        ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            Ok(())
        }
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// An example of the package, so that nothing here waits for the package to build.
fn man() -> Result {
    cargo::run(cargo::cargo("run --quiet --package bulla --example man -- target/man"))
}

fn install_peers() -> Result {
    peers::install(&peers::dir(), |outcome| println!("{outcome}"))?;
    Ok(())
}
