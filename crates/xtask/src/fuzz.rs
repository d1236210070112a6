//! `cargo xtask fuzz`: every target of tests/fuzz for some time, on all cores.
//!
//! libFuzzer is built by cargo alone, with the flags that cargo-fuzz passes: no nightly compiler is
//! needed, since there is no sanitizer to build in. Without `unsafe` of ours, what is looked for
//! panics, hangs, grows without bound or breaks a property.
//!
//! What is found stays in target/fuzz: the corpus grows from run to run, and an input that breaks a
//! property is named at the end. Put it into tests/fuzz/found/TARGET, where a test replays it.

mod report;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;

use bulla_testkit::peers;
use wait4::Wait4;

use crate::cargo::{cargo, run as run_command};
use crate::{Result, install_peers};
use report::Outcome;

/// The targets, the slowest to learn first.
const TARGETS: [Target; 12] = [
    Target { name: "yaml", longest: 4096 },
    Target { name: "stream", longest: 4096 },
    Target { name: "json", longest: 4096 },
    Target { name: "change", longest: 4096 },
    Target { name: "guard", longest: 8192 },
    Target { name: "resource_list", longest: 8192 },
    Target { name: "ini", longest: 4096 },
    Target { name: "dotenv", longest: 4096 },
    Target { name: "rules", longest: 4096 },
    Target { name: "metadata", longest: 4096 },
    Target { name: "token", longest: 1024 },
    Target { name: "binary", longest: 4096 },
];

struct Target {
    name: &'static str,
    /// The longest input, in bytes.
    longest: usize,
}

/// How long each target runs, and from which seed.
struct Length {
    seconds: u64,
    /// `None`: another one in each run.
    seed: Option<u32>,
}

/// How long each target runs when nothing else is said, in seconds.
const SECONDS: u64 = 60;

/// What the short run draws its numbers from, so that a change is judged by what it changes.
const SHORT_RUN_SEED: u32 = 1;

/// An input that takes longer is a finding, in seconds.
const TIMEOUT: u64 = 20;

/// A process that takes more memory is a finding, in MiB.
const MEMORY: u64 = 2048;

/// What cargo-fuzz passes to the compiler.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares";

/// `[--report] [--time SECONDS] [TARGET...]`
pub(crate) fn run(args: &[&str]) -> Result {
    let (only_report, args) = match args {
        ["--report", args @ ..] => (true, args),
        args => (false, args),
    };
    let (length, names) = match args {
        ["--time", seconds, names @ ..] => {
            let seconds =
                seconds.parse().map_err(|_| format!("{seconds} is not a number of seconds"))?;
            (Length { seconds, seed: None }, names)
        }
        names => (Length { seconds: SECONDS, seed: Some(SHORT_RUN_SEED) }, names),
    };
    let targets = chosen(names)?;
    let folders = Folders::make()?;
    install_peers()?;
    run_command(cargo(&format!(
        "run --quiet --package bulla-tests --example seeds -- {}",
        folders.seeds.display()
    )))?;
    let programs = build()?;
    let outcomes = fuzz(&targets, &programs, &folders, &length)?;
    print!("{}", report::table(&outcomes));
    match report::findings(&outcomes) {
        None => Ok(()),
        Some(findings) if only_report => {
            eprintln!("{findings}");
            Ok(())
        }
        Some(findings) => Err(findings.into()),
    }
}

fn chosen(names: &[&str]) -> Result<Vec<&'static Target>> {
    if names.is_empty() {
        return Ok(TARGETS.iter().collect());
    }
    let known = |name: &&str| {
        TARGETS.iter().find(|target| target.name == *name).ok_or_else(|| {
            let all: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
            format!("there is no target {name}; there are {}", all.join(", ")).into()
        })
    };
    names.iter().map(known).collect()
}

/// Where things are kept, below target/fuzz.
struct Folders {
    seeds: PathBuf,
    corpus: PathBuf,
    found: PathBuf,
    logs: PathBuf,
}

impl Folders {
    fn make() -> Result<Self> {
        let below = |name: &str| -> Result<PathBuf> {
            let folder = base().join(name);
            fs::create_dir_all(&folder)
                .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
            Ok(folder)
        };
        Ok(Self {
            seeds: below("seeds")?,
            corpus: below("corpus")?,
            found: below("found")?,
            logs: below("logs")?,
        })
    }
}

fn base() -> PathBuf {
    peers::workspace_root().join("target/fuzz")
}

/// Builds every target; gives back the folder with the programs.
fn build() -> Result<PathBuf> {
    let host = host()?;
    let mut command = cargo(&format!("build --release --target {host}"));
    command.current_dir(peers::workspace_root().join("tests/fuzz"));
    // Given a target, cargo builds scripts and macros without these flags.
    command.env("RUSTFLAGS", FLAGS).arg("--target-dir").arg(base());
    run_command(command)?;
    Ok(base().join(host).join("release"))
}

/// The compiler's name for this machine.
fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").current_dir(peers::workspace_root()).output()?;
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(line.ok_or("rustc does not say what it builds for")?.to_owned())
}

/// Runs the targets, as many at a time as there are cores.
fn fuzz(
    targets: &[&'static Target],
    programs: &Path,
    folders: &Folders,
    length: &Length,
) -> Result<Vec<Outcome>> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let waiting = Mutex::new(targets.iter());
    let next = || waiting.lock().ok().and_then(|mut waiting| waiting.next().copied());
    let worker = || {
        let mut outcomes = Vec::new();
        while let Some(target) = next() {
            eprintln!("{}: {} s", target.name, length.seconds);
            outcomes.push(one(target, programs, folders, length).map_err(|error| {
                // Errors of this crate cannot cross threads.
                format!("{}: {error}", target.name)
            })?);
        }
        Ok::<_, String>(outcomes)
    };
    let done: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().map(|worker| worker.join().map_err(|_| "a worker failed")).collect()
    });
    let mut outcomes = Vec::new();
    for worker in done {
        outcomes.extend(worker??);
    }
    outcomes.sort_by_key(|outcome| outcome.name);
    Ok(outcomes)
}

fn one(target: &Target, programs: &Path, folders: &Folders, length: &Length) -> Result<Outcome> {
    let corpus = folders.corpus.join(target.name);
    fs::create_dir_all(&corpus)?;
    let log = folders.logs.join(format!("{}.log", target.name));
    let output = File::create(&log)?;
    let mut command = Command::new(programs.join(target.name));
    command
        .arg(format!("-max_total_time={}", length.seconds))
        .arg(format!("-max_len={}", target.longest))
        .arg(format!("-timeout={TIMEOUT}"))
        .arg(format!("-rss_limit_mb={MEMORY}"))
        .arg(format!("-artifact_prefix={}/{}-", folders.found.display(), target.name))
        .arg("-print_final_stats=1")
        // libFuzzer draws one itself for zero.
        .arg(format!("-seed={}", length.seed.unwrap_or(0)))
        .arg(&corpus)
        .arg(folders.seeds.join(target.name))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(output);
    let child = command.spawn()?;
    let used = child.wait4()?;
    let cpu = used.rusage.utime + used.rusage.stime;
    let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    Ok(Outcome::read(target.name, &text, cpu, used.status.success(), log))
}
