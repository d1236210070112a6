//! The program: arguments, streams, exit code.

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Read, Write};
use std::process::ExitCode;

use bulla_keys::{Environment, keyring};
use zeroize::Zeroizing;

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

Paths are relative to the folder of the kustomization and stay below it, unless
the config says allowOutsideRoot: true. Keys come from the environment, as they
do for bulla and for sops: SOPS_AGE_KEY_FILE, SOPS_AGE_KEY and so on.

Options:
  -h, --help     Print this help
  -V, --version  Print the version
";

/// The exit code when it was started in a way that makes no sense.
const USAGE: u8 = 2;

/// The whole program: reads the arguments and standard input, writes the result.
///
/// Nothing is on standard output unless all of it is right.
pub fn main() -> ExitCode {
    keep_plaintext_in_memory();
    let mut arguments = env::args_os().skip(1);
    match (arguments.next(), arguments.next()) {
        (None, _) => {}
        (Some(argument), None) => return option(&argument),
        (Some(_), Some(_)) => return usage("too many arguments"),
    }
    if io::stdin().is_terminal() {
        return usage("standard input is a terminal, where a ResourceList should come from");
    }
    let input = match read(io::stdin().lock()) {
        Ok(input) if input.trim().is_empty() => {
            return usage("standard input is empty, where a ResourceList should come from");
        }
        Ok(input) => input,
        Err(reason) => return failure(&format!("standard input: {reason}")),
    };
    match answer(&input) {
        Ok(output) => match write(&output) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failure(&format!("standard output: {error}")),
        },
        Err(error) => failure(&error),
    }
}

fn answer(input: &str) -> Result<Zeroizing<String>, String> {
    let root = env::current_dir().map_err(|error| format!("the working directory: {error}"))?;
    let keyring = keyring(&Environment::read());
    crate::run(input, &root, &keyring).map_err(|error: KrmError| error.to_string())
}

fn option(argument: &OsString) -> ExitCode {
    let text = match argument.to_str() {
        Some("-h" | "--help") => HELP,
        Some("-V" | "--version") => concat!("bulla-krm ", env!("CARGO_PKG_VERSION"), "\n"),
        _ => return usage("this takes no arguments but --help and --version"),
    };
    match write(text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure(&format!("standard output: {error}")),
    }
}

fn read(stdin: impl Read) -> Result<String, String> {
    let mut input = String::new();
    match stdin.take(INPUT_LIMIT + 1).read_to_string(&mut input) {
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
