//! A directory that a test has for itself, with an environment of its own.

mod run;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

pub use run::Run;

use crate::{binary, filters};

/// When every commit of a sandbox is made: a fixed time gives fixed commit ids.
const COMMIT_DATE: &str = "2026-01-01T00:00:00Z";

/// A temporary directory with a home, a working directory and a directory for temporary files.
///
/// Programs started through [`command`](Self::command) get none of the caller's environment but
/// `PATH`: no keys, no cloud credentials, no git configuration. The directory goes when the value
/// is dropped.
#[derive(Debug)]
pub struct Sandbox {
    root: PathBuf,
    _dir: TempDir,
}

impl Sandbox {
    /// A fresh, empty sandbox.
    ///
    /// # Panics
    ///
    /// When the machine's directory for temporary files cannot be written.
    #[expect(
        clippy::new_without_default,
        reason = "making a directory is an act, not a default value"
    )]
    #[track_caller]
    pub fn new() -> Self {
        let dir = TempDir::with_prefix("bulla-")
            .expect("a temporary directory can be made; is the disk full?");
        // Programs print the resolved path, and filters::paths must find it in what they print.
        let root = dir.path().canonicalize().expect("a directory just made has a path");
        let sandbox = Self { root, _dir: dir };
        for dir in [sandbox.work(), sandbox.config(), sandbox.tmp()] {
            fs::create_dir_all(&dir)
                .unwrap_or_else(|error| panic!("cannot make {}: {error}", dir.display()));
        }
        sandbox
    }

    /// The directory that holds all the others.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where commands start, and what relative paths are relative to.
    pub fn work(&self) -> PathBuf {
        self.root.join("work")
    }

    /// The value of `HOME`.
    pub fn home(&self) -> PathBuf {
        self.root.join("home")
    }

    /// The value of `XDG_CONFIG_HOME`: sops looks for `sops/age/keys.txt` here.
    pub fn config(&self) -> PathBuf {
        self.home().join(".config")
    }

    /// The value of `TMPDIR`. A program that kept its plaintext in memory has left this directory
    /// empty.
    pub fn tmp(&self) -> PathBuf {
        self.root.join("tmp")
    }

    /// The absolute path of a file of the working directory.
    pub fn path(&self, file: impl AsRef<Path>) -> PathBuf {
        self.work().join(file)
    }

    /// Writes a file, with the directories above it, and gives its absolute path.
    #[track_caller]
    pub fn write(&self, file: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(file);
        let parent = path.parent().expect("a path below the working directory has a parent");
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&path, bytes))
            .unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
        path
    }

    /// The bytes of a file.
    #[track_caller]
    pub fn read(&self, file: impl AsRef<Path>) -> Vec<u8> {
        let path = self.path(file);
        fs::read(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
    }

    /// The text of a file.
    #[track_caller]
    pub fn read_text(&self, file: impl AsRef<Path>) -> String {
        let path = self.path(&file);
        String::from_utf8(self.read(file))
            .unwrap_or_else(|_| panic!("{} is not UTF-8", path.display()))
    }

    /// A command that starts in the working directory and sees nothing of the caller's environment
    /// but `PATH`.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.work()).env_clear();
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command
            .env("HOME", self.home())
            .env("XDG_CONFIG_HOME", self.config())
            .env("XDG_CACHE_HOME", self.home().join(".cache"))
            .env("XDG_DATA_HOME", self.home().join(".local/share"))
            .env("TMPDIR", self.tmp())
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "UTC")
            .env("SOPS_DISABLE_VERSION_CHECK", "1")
            .envs(git_environment());
        command
    }

    /// `bulla`, as this workspace built it.
    #[track_caller]
    pub fn bulla(&self) -> Command {
        self.command(binary("bulla"))
    }

    /// `bulla-krm`, as this workspace built it.
    #[track_caller]
    pub fn bulla_krm(&self) -> Command {
        self.command(binary("bulla-krm"))
    }

    /// Runs a command to its end with nothing on its standard input.
    #[track_caller]
    pub fn run(&self, command: &mut Command) -> Run {
        Run::of(command, b"")
    }

    /// Runs a command to its end with `input` on its standard input.
    #[track_caller]
    pub fn run_with(&self, command: &mut Command, input: impl AsRef<[u8]>) -> Run {
        Run::of(command, input.as_ref())
    }

    /// Runs git, which must succeed.
    #[track_caller]
    pub fn git(&self, args: &[&str]) -> Run {
        self.run(self.command("git").args(args)).ok()
    }

    /// Takes out of `text` what differs from run to run: [`filters::all`] for this sandbox.
    pub fn normalise(&self, text: &str) -> String {
        filters::all(text, &self.root)
    }
}

/// No configuration of the machine or the user, and one author at one time.
fn git_environment() -> [(&'static str, &'static str); 12] {
    [
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "init.defaultBranch"),
        ("GIT_CONFIG_VALUE_0", "main"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_AUTHOR_NAME", "Test Author"),
        ("GIT_AUTHOR_EMAIL", "author@example.com"),
        ("GIT_AUTHOR_DATE", COMMIT_DATE),
        ("GIT_COMMITTER_NAME", "Test Committer"),
        ("GIT_COMMITTER_EMAIL", "committer@example.com"),
        ("GIT_COMMITTER_DATE", COMMIT_DATE),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_sees_nothing_of_the_callers_environment() {
        let sandbox = Sandbox::new();
        let seen = sandbox.run(&mut sandbox.command("env")).ok();
        let foreign: Vec<&str> = seen
            .out()
            .lines()
            .filter_map(|line| line.split_once('=').map(|(name, _)| name))
            .filter(|name| std::env::var_os(name).is_some())
            .filter(|name| !["PATH", "HOME", "LC_ALL", "TZ", "TMPDIR"].contains(name))
            .filter(|name| {
                !["XDG_", "GIT_", "SOPS_DISABLE_"].iter().any(|own| name.starts_with(own))
            })
            .collect();
        assert_eq!(foreign, Vec::<&str>::new());
        assert!(seen.out().contains(&format!("HOME={}", sandbox.home().display())));
    }

    #[test]
    fn the_same_commit_has_the_same_id_everywhere() {
        let commit = || {
            let sandbox = Sandbox::new();
            sandbox.write("a.txt", "one\n");
            sandbox.git(&["init", "--quiet"]);
            sandbox.git(&["add", "."]);
            sandbox.git(&["commit", "--quiet", "--message", "first"]);
            sandbox.git(&["rev-parse", "main"]).out().to_owned()
        };
        assert_eq!(commit(), commit());
    }

    #[test]
    fn a_written_file_is_read_back_and_goes_with_the_sandbox() {
        let sandbox = Sandbox::new();
        let path = sandbox.write("deep/er/a.bin", [0, 159, 146, 150]);
        assert_eq!(sandbox.read("deep/er/a.bin"), [0, 159, 146, 150]);
        drop(sandbox);
        assert!(!path.exists());
    }

    #[test]
    fn normalising_takes_the_sandbox_out() {
        let sandbox = Sandbox::new();
        let shown = format!("cannot read {}", sandbox.path("a.yaml").display());
        assert_eq!(sandbox.normalise(&shown), "cannot read [SANDBOX]/work/a.yaml");
    }
}
