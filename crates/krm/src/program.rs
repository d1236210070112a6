//! The program: arguments, streams, exit code.

use std::env;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bulla_core::Keyring;
use bulla_keys::{Environment, keyring};

use crate::Output;
use crate::error::KrmError;

/// The largest ResourceList that is read, in bytes.
pub const INPUT_LIMIT: u64 = 64 << 20;

const HELP: &str = "\
Opens sealed manifests for kustomize: a KRM function and exec plugin.

It is started by kustomize, with a ResourceList on standard input:

    kustomize build --enable-alpha-plugins --enable-exec DIR

kustomization.yaml                  decrypt.yaml
    generators:                         apiVersion: bulla/v1
      - decrypt.yaml                    kind: SealedFiles
                                        metadata:
                                          name: secrets
                                          annotations:
                                            config.kubernetes.io/function: |
                                              exec:
                                                path: bulla-krm
                                        files:
                                          - secrets.enc.yaml

With secretFrom it makes Secrets out of sealed files, as KSOPS does. Without
files, and listed under transformers, it opens the resources that are there.

Paths are relative to the folder of the kustomization and stay below it, unless
the config says allowOutsideRoot: true. Keys come from the environment, as they
do for bulla and for sops: SOPS_AGE_KEY_FILE, SOPS_AGE_KEY and so on.

Commands:
  install [--legacy] DIR  Copy this program into DIR, also under the name ksops

Options:
  -h, --help     Print this help
  -V, --version  Print the version
";

/// The exit code when it was started in a way that makes no sense.
const USAGE: u8 = 2;

/// Where kustomize's older exec plugins find their config, besides in a file.
pub const LEGACY_CONFIG: &str = "KUSTOMIZE_PLUGIN_CONFIG_STRING";

/// The whole program: reads the arguments and standard input, writes the result.
///
/// Nothing is on standard output unless all of it is right.
pub fn main() -> ExitCode {
    keep_plaintext_in_memory();
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    if let Some((verb, rest)) = arguments.split_first()
        && verb == "install"
    {
        return install(rest);
    }
    plugin(&arguments)
}

/// What kustomize and people start: a function without arguments, a legacy plugin with
/// one, or an option.
pub fn plugin(arguments: &[OsString]) -> ExitCode {
    let answer = match (arguments.first(), arguments.get(1)) {
        (None, _) if io::stdin().is_terminal() => {
            return usage("standard input is a terminal, where a ResourceList should come from");
        }
        (None, _) => as_function(),
        (Some(argument), None) if argument.to_str().is_some_and(|text| text.starts_with('-')) => {
            return option(argument);
        }
        (Some(config), None) => as_legacy_plugin(Path::new(config)),
        (Some(_), Some(_)) => return usage("too many arguments"),
    };
    let output = match answer {
        Ok(output) => output,
        Err(Refusal::Usage(reason)) => return usage(reason),
        Err(Refusal::Failure(message)) => return failure(&message),
    };
    for note in &output.notes {
        eprintln!("bulla-krm: {note}");
    }
    match write(&output.text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure(&format!("standard output: {error}")),
    }
}

enum Refusal {
    Usage(&'static str),
    Failure(String),
}

impl From<KrmError> for Refusal {
    fn from(error: KrmError) -> Self {
        Self::Failure(error.to_string())
    }
}

/// A KRM function: a ResourceList comes and goes.
fn as_function() -> Result<Output, Refusal> {
    let input = stdin()?;
    if input.trim().is_empty() {
        let reason = "standard input is empty, where a ResourceList should come from";
        return Err(Refusal::Usage(reason));
    }
    Ok(crate::run(&input, &root()?, &keys()?)?)
}

/// An exec plugin as `kubectl kustomize` starts it: the config is in a file and in a
/// variable, resources come as documents.
fn as_legacy_plugin(config: &Path) -> Result<Output, Refusal> {
    let config = match env::var(LEGACY_CONFIG) {
        Ok(text) => text,
        Err(_) => {
            let file = File::open(config).map_err(|error| error.to_string());
            let text = file.and_then(read);
            let named = |reason| Refusal::Failure(format!("{}: {reason}", config.display()));
            text.map_err(named)?
        }
    };
    // A generator's standard input is empty, or nothing at all.
    let input = if io::stdin().is_terminal() { String::new() } else { stdin()? };
    Ok(crate::run_legacy(&config, &input, &root()?, &keys()?)?)
}

fn keys() -> Result<Keyring<'static>, Refusal> {
    keyring(&Environment::read()).map_err(|error| Refusal::Failure(error.to_string()))
}

fn root() -> Result<PathBuf, Refusal> {
    env::current_dir().map_err(|error| Refusal::Failure(format!("the working directory: {error}")))
}

/// `install [--legacy] DIR`
fn install(arguments: &[OsString]) -> ExitCode {
    let (legacy, folder) = match arguments {
        [folder] if folder != "--legacy" => (false, folder),
        [flag, folder] | [folder, flag] if flag == "--legacy" => (true, folder),
        _ => return usage("install takes a folder, and --legacy or nothing else"),
    };
    match crate::install(Path::new(folder), legacy) {
        Ok(installed) => {
            for path in installed {
                eprintln!("bulla-krm: installed {}", path.display());
            }
            ExitCode::SUCCESS
        }
        Err(error) => failure(&error.to_string()),
    }
}

fn option(argument: &OsString) -> ExitCode {
    let text = match argument.to_str() {
        Some("-h" | "--help") => HELP,
        Some("-V" | "--version") => concat!("bulla-krm ", env!("CARGO_PKG_VERSION"), "\n"),
        _ => return usage("this has no options but --help and --version"),
    };
    match write(text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure(&format!("standard output: {error}")),
    }
}

fn stdin() -> Result<String, Refusal> {
    read(io::stdin().lock()).map_err(|reason| Refusal::Failure(format!("standard input: {reason}")))
}

fn read(from: impl Read) -> Result<String, String> {
    let mut input = String::new();
    match from.take(INPUT_LIMIT + 1).read_to_string(&mut input) {
        Ok(length) if length as u64 > INPUT_LIMIT => {
            Err(format!("this is larger than {} MiB, the most that is read", INPUT_LIMIT >> 20))
        }
        Ok(_) => Ok(input),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err("this is not UTF-8".into()),
        Err(error) => Err(error.to_string()),
    }
}

fn write(output: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(output.as_bytes())?;
    stdout.flush()
}

/// A line for each problem, each with the program's name.
fn failure(message: &str) -> ExitCode {
    for line in message.lines() {
        eprintln!("bulla-krm: {line}");
    }
    ExitCode::FAILURE
}

fn usage(reason: &str) -> ExitCode {
    eprint!("bulla-krm: {reason}\n\n{HELP}");
    ExitCode::from(USAGE)
}

/// A crash shows neither values in its message nor memory in a core file.
fn keep_plaintext_in_memory() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        eprintln!("bulla-krm: a defect at {place}; please report it");
    }));
    no_core_dump();
}

/// Plaintext and keys are in memory, and a core dump would put them on the disk.
/// Where the system does not let us, there is nothing to be done.
pub fn no_core_dump() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let none = Rlimit { current: Some(0), maximum: Some(0) };
        let _ = setrlimit(Resource::Core, none);
    }
    // A dump that is piped into a program knows no limit.
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}
