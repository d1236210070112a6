//! The scratch folder, and the programs that act in it.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use similar::{ChangeTag, TextDiff};
use tempfile::TempDir;

use super::broken;
use super::process::{Outcome, fed, outcome};
use super::texts::{generator, shortened};
use crate::failure::Result;
use crate::git::ABOUT_ANOTHER_PLACE;

/// A folder with a repository, a key and a `bin`, removed at the end.
pub(super) struct Scene {
    folder: TempDir,
    repository: PathBuf,
    program: PathBuf,
    has_git: bool,
    keep: bool,
    steps: usize,
}

impl Scene {
    pub(super) fn new(keep: bool) -> Result<Self> {
        let failed =
            |error: std::io::Error| broken(&format!("cannot make a scratch folder: {error}"));
        let mut folder =
            tempfile::Builder::new().prefix("bulla-demo-").tempdir().map_err(failed)?;
        folder.disable_cleanup(keep);
        let repository = folder.path().join("repository");
        fs::create_dir(&repository).map_err(failed)?;
        let program = env::current_exe().map_err(failed)?;
        Ok(Self { folder, repository, program, has_git: false, keep, steps: 0 })
    }

    pub(super) fn repository(&self) -> &Path {
        &self.repository
    }

    pub(super) fn has_git(&self) -> bool {
        self.has_git
    }

    /// One step, in a line.
    pub(super) fn say(&mut self, what: impl AsRef<str>) {
        self.steps += 1;
        println!("{:2}. {}", self.steps, what.as_ref());
    }

    /// A detail of the step.
    pub(super) fn show(&self, line: &str) {
        println!("      {line}");
    }

    /// What one text has and the other has not, long lines cut.
    pub(super) fn show_difference(&self, before: &str, after: &str) {
        for change in TextDiff::from_lines(before, after).iter_all_changes() {
            let sign = match change.tag() {
                ChangeTag::Equal => continue,
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            self.show(&format!("{sign} {}", shortened(change.value().trim_end())));
        }
    }

    pub(super) fn end(&mut self) {
        if self.keep {
            self.say(format!("kept the folder: {}", self.folder.path().display()));
        } else {
            self.say("removed the folder");
        }
    }

    /// Runs this very program in the repository.
    pub(super) fn bulla(&self, arguments: &[&str]) -> Result<Outcome> {
        let mut command = self.command(&self.program);
        command.args(arguments).stdin(Stdio::null());
        outcome(command, "bulla", arguments)
    }

    /// Runs git; `None` when there is none.
    pub(super) fn git(&mut self, arguments: &[&str]) -> Result<Option<Outcome>> {
        let is_first = arguments.first() == Some(&"init");
        if !is_first && !self.has_git {
            return Ok(None);
        }
        let mut command = self.command(Path::new("git"));
        // Nothing of the user's configuration, hooks and signing keys among it.
        command
            .env("PATH", self.path_with_bin()?)
            .env("GIT_CONFIG_GLOBAL", null_device())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .args(["-c", "user.name=bulla demo", "-c", "user.email=demo@example.invalid"])
            .args(arguments)
            .stdin(Stdio::null());
        match command.output() {
            Err(_) if is_first => Ok(None),
            Err(error) => Err(broken(&format!("cannot start git: {error}"))),
            Ok(output) => {
                self.has_git = true;
                Ok(Some(Outcome::new("git", arguments, output)))
            }
        }
    }

    pub(super) fn commit(&mut self, message: &str) -> Result {
        self.git(&["add", "--all"])?.map_or(Ok(()), |added| added.success().map(drop))?;
        let commit = self.git(&["commit", "--quiet", "--message", message])?;
        commit.map_or(Ok(()), |commit| commit.success().map(drop))
    }

    /// A commit that is expected to be refused.
    pub(super) fn try_commit(&mut self, message: &str) -> Result<Outcome> {
        let commit = self.git(&["commit", "--quiet", "--message", message])?;
        commit.ok_or_else(|| broken("git has gone"))
    }

    /// The public key that was made.
    pub(super) fn recipient(&self) -> Result<String> {
        let text = fs::read_to_string(self.keys_file()).unwrap_or_default();
        let identity = text.lines().find(|line| line.starts_with("AGE-SECRET-KEY-"));
        identity
            .and_then(bulla_keys::age::recipient_of)
            .ok_or_else(|| broken("the age key was not written"))
    }

    pub(super) fn write(&self, file: &str, text: &str) -> Result {
        let path = self.repository.join(file);
        let parent = path.parent().map_or(Ok(()), fs::create_dir_all);
        parent
            .and_then(|()| fs::write(&path, text))
            .map_err(|error| broken(&format!("cannot write {}: {error}", path.display())))
    }

    pub(super) fn remove(&self, file: &str) -> Result {
        fs::remove_file(self.repository.join(file))
            .map_err(|error| broken(&format!("cannot remove {file}: {error}")))
    }

    /// Seals a text that is never on disk; gives back the sealed one.
    pub(super) fn seal(&self, file: &str, text: &str) -> Result<String> {
        let path = self.repository.join(file);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)
                .map_err(|error| broken(&format!("cannot make a folder: {error}")))?;
        }
        let arguments = ["encrypt", "--filename-override", file, "--output", file];
        let mut command = self.command(&self.program);
        command.args(arguments);
        fed(command, text, "bulla", &arguments)?.success()?;
        fs::read_to_string(path).map_err(|error| broken(&format!("cannot read {file}: {error}")))
    }

    /// Looks for secrets in every file of the folder and every object of git.
    pub(super) fn search(&mut self, secrets: &[String]) -> Result<String> {
        let needles: Vec<String> = secrets
            .iter()
            .flat_map(|secret| {
                // A text inside of base64 looks different by where it begins.
                let shifted = (0..3).map(move |shift| {
                    let text = format!("{}{secret}", "x".repeat(shift));
                    let code = STANDARD.encode(text);
                    code[4..code.len() - 4].to_owned()
                });
                std::iter::once(secret.clone()).chain(shifted)
            })
            .collect();
        let mut files = Vec::new();
        list_files(&self.repository, &mut files);
        let mut texts: Vec<Vec<u8>> = files.iter().filter_map(|file| fs::read(file).ok()).collect();
        let objects = self.git(&["cat-file", "--batch-all-objects", "--batch"])?;
        let has_objects = objects.is_some();
        texts.extend(objects.map(|objects| objects.stdout));
        for text in &texts {
            let text = String::from_utf8_lossy(text);
            if needles.iter().any(|needle| text.contains(needle)) {
                return Err(broken("a key is in the repository in the clear"));
            }
        }
        let where_else = if has_objects { " and all objects of git" } else { "" };
        Ok(format!("nowhere in {} files{where_else}", files.len()))
    }

    /// Builds the overlay; `None` when there is no kustomize.
    pub(super) fn kustomize(&self, sealed: &str) -> Result<Option<Outcome>> {
        let overlay = self.prepare_overlay(sealed)?;
        let arguments = ["build", "--enable-alpha-plugins", "--enable-exec", &overlay];
        let mut command = self.command(Path::new("kustomize"));
        command.args(arguments).env("PATH", self.path_with_bin()?).stdin(Stdio::null());
        match command.output() {
            Ok(output) => Ok(Some(Outcome::new("kustomize", &arguments, output))),
            Err(_) => Ok(None),
        }
    }

    /// Runs the plugin as kustomize would.
    pub(super) fn plugin(&self, sealed: &str) -> Result<Outcome> {
        let overlay = self.prepare_overlay(sealed)?;
        let config: String = generator(sealed).lines().map(|line| format!("  {line}\n")).collect();
        let list = format!(
            "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\nfunctionConfig:\n{config}"
        );
        let mut command = self.command(&self.plugin_path()?);
        command.current_dir(self.repository.join(overlay));
        fed(command, &list, "bulla-krm", &[])
    }

    fn prepare_overlay(&self, sealed: &str) -> Result<String> {
        let overlay = sealed.rsplit_once('/').map_or(".", |(folder, _)| folder).to_owned();
        let kustomization = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\ngenerators: [open.yaml]\n";
        self.write(&format!("{overlay}/kustomization.yaml"), kustomization)?;
        self.write(&format!("{overlay}/open.yaml"), &generator(sealed))?;
        Ok(overlay)
    }

    fn plugin_path(&self) -> Result<PathBuf> {
        Ok(self.bin()?.join(format!("bulla-krm{}", env::consts::EXE_SUFFIX)))
    }

    /// A folder with this program under its own name, which the hook starts, and
    /// under the one by which it is a plugin.
    fn bin(&self) -> Result<PathBuf> {
        let bin = self.folder.path().join("bin");
        for name in ["bulla", "bulla-krm"] {
            let program = bin.join(format!("{name}{}", env::consts::EXE_SUFFIX));
            if !program.exists() {
                let made = fs::create_dir_all(&bin).and_then(|()| link(&self.program, &program));
                made.map_err(|error| broken(&format!("cannot make a link to bulla: {error}")))?;
            }
        }
        Ok(bin)
    }

    fn path_with_bin(&self) -> Result<OsString> {
        let path = env::var_os("PATH").unwrap_or_default();
        env::join_paths(std::iter::once(self.bin()?).chain(env::split_paths(&path)))
            .map_err(|error| broken(&format!("cannot set PATH: {error}")))
    }

    fn keys_file(&self) -> PathBuf {
        self.folder.path().join("keys.txt")
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.repository).env("SOPS_AGE_KEY_FILE", self.keys_file());
        // The scratch key and the scratch rules alone.
        for name in ["SOPS_AGE_KEY", "SOPS_AGE_KEY_CMD", "SOPS_CONFIG", "SOPS_AGE_RECIPIENTS"] {
            command.env_remove(name);
        }
        for name in ABOUT_ANOTHER_PLACE {
            command.env_remove(name);
        }
        command
    }
}

fn list_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            list_files(&path, files);
        } else {
            files.push(path);
        }
    }
}

#[cfg(unix)]
fn link(program: &Path, plugin: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(program, plugin)
}

#[cfg(not(unix))]
fn link(program: &Path, plugin: &Path) -> std::io::Result<()> {
    fs::copy(program, plugin).map(drop)
}

fn null_device() -> &'static str {
    if cfg!(windows) { "NUL" } else { "/dev/null" }
}
