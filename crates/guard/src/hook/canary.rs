//! Whether the hooks work: a canary is committed, merged and pushed in a repository of its
//! own, through the hooks of this one, and somebody has to refuse.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::{Hook, Manager};
use crate::error::GuardError;

/// The file that must not be committed.
const CANARY: &str = "bulla-canary.json";

/// What the guard says of it.
const SEEN: &str = "[validator-key, proof]";

/// What git hands down to its hooks, and is about another repository than ours.
const ABOUT_ANOTHER_PLACE: [&str; 8] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
];

/// How it went with one hook.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trial {
    /// Which.
    pub hook: Hook,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a canary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The guard saw it, and git went no further.
    Caught,
    /// Nobody asks the guard: nothing was tried.
    NotInstalled,
    /// It went through.
    Passed,
    /// git went no further, but it was not the guard that said so: nobody knows what it
    /// would have said.
    RefusedByAnother,
}

/// Tries every hook of the repository that holds `repo`. Of that nothing is changed: its
/// hooks, all of what is in them, are run in a scratch repository.
///
/// # Errors
///
/// When git does not do its part, or there is no place for a scratch repository.
pub fn try_hooks(repo: &Path) -> Result<(Manager, Vec<Trial>), GuardError> {
    let manager = Manager::of(repo)?;
    let mut trials = Vec::new();
    for hook in Hook::ALL {
        let outcome = match manager.has(hook) {
            true => Scratch::new(&manager)?.try_hook(hook)?,
            false => Outcome::NotInstalled,
        };
        trials.push(Trial { hook, outcome });
    }
    Ok((manager, trials))
}

/// A repository that goes when it is dropped.
struct Scratch {
    dir: TempDir,
    hooks: PathBuf,
}

impl Scratch {
    fn new(manager: &Manager) -> Result<Self, GuardError> {
        let dir = TempDir::with_prefix("bulla-guard-")
            .map_err(|error| GuardError::Io { path: std::env::temp_dir(), error })?;
        let scratch = Self { dir, hooks: manager.folder() };
        scratch.must(&["init", "--quiet", "--template=", "."])?;
        // What the managers read, where they look for it.
        if let Manager::Framework { file, .. } | Manager::Lefthook { file, .. } = manager
            && let Some(name) = file.file_name()
        {
            let copy = scratch.dir.path().join(name);
            fs::copy(file, &copy).map_err(|error| GuardError::Io { path: copy, error })?;
            scratch.must(&["add", "--all", "."])?;
        }
        scratch.must(&[
            "commit",
            "--quiet",
            "--allow-empty",
            "--no-verify",
            "--message",
            "start",
        ])?;
        Ok(scratch)
    }

    fn try_hook(&self, hook: Hook) -> Result<Outcome, GuardError> {
        let refused = match hook {
            Hook::PreCommit => {
                self.add_canary()?;
                self.run(&["commit", "--message", "canary"])?
            }
            Hook::PreMergeCommit => {
                self.must(&["checkout", "--quiet", "-b", "side"])?;
                self.commit_canary()?;
                self.must(&["checkout", "--quiet", "-"])?;
                self.must(&["commit", "--quiet", "--allow-empty", "--no-verify", "-m", "other"])?;
                self.run(&["merge", "--no-edit", "side"])?
            }
            Hook::CommitMsg => self.run(&["commit", "--allow-empty", "--message", &canary()])?,
            Hook::PrePush => {
                self.commit_canary()?;
                self.must(&["init", "--quiet", "--template=", "--bare", "remote.git"])?;
                self.run(&["push", "./remote.git", "HEAD:refs/heads/canary"])?
            }
        };
        let said = [refused.stdout, refused.stderr].concat();
        let is_seen = String::from_utf8_lossy(&said).contains(SEEN);
        Ok(match (refused.status.success(), is_seen) {
            (true, _) => Outcome::Passed,
            (false, true) => Outcome::Caught,
            (false, false) => Outcome::RefusedByAnother,
        })
    }

    fn add_canary(&self) -> Result<(), GuardError> {
        let path = self.dir.path().join(CANARY);
        fs::write(&path, canary()).map_err(|error| GuardError::Io { path, error })?;
        self.must(&["add", CANARY])
    }

    fn commit_canary(&self) -> Result<(), GuardError> {
        self.add_canary()?;
        self.must(&["commit", "--quiet", "--no-verify", "--message", "canary"])
    }

    fn must(&self, args: &[&str]) -> Result<(), GuardError> {
        let output = self.run(args)?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let message = said.lines().next().unwrap_or("it gave no reason").to_owned();
        Err(GuardError::Git { command: "in the scratch repository", message })
    }

    fn run(&self, args: &[&str]) -> Result<Output, GuardError> {
        let mut git = Command::new("git");
        git.arg("-C").arg(self.dir.path());
        git.arg("-c").arg({
            let mut setting = std::ffi::OsString::from("core.hooksPath=");
            setting.push(&self.hooks);
            setting
        });
        for setting in ["user.name=bulla", "user.email=bulla@localhost", "commit.gpgSign=false"] {
            git.args(["-c", setting]);
        }
        for name in ABOUT_ANOTHER_PLACE {
            git.env_remove(name);
        }
        git.args(args).stdin(Stdio::null()).output().map_err(GuardError::NoGit)
    }
}

/// A node's key that is nobody's: everybody can make it.
fn canary() -> String {
    let pair = SigningKey::from_bytes(&Sha256::digest("bulla's canary").into()).to_keypair_bytes();
    let value = STANDARD.encode(pair);
    format!(r#"{{"priv_key":{{"type":"tendermint/PrivKeyEd25519","value":"{value}"}}}}"#)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message;

    #[test]
    fn the_canary_is_one() {
        for findings in [
            crate::judge(CANARY, canary().as_bytes()),
            message::judge(canary().as_bytes(), "new", &crate::Alone).findings,
        ] {
            let said =
                findings.iter().map(|found| format!("[{}, {}]", found.rule, found.confidence));
            assert_eq!(said.collect::<Vec<_>>(), [SEEN]);
        }
    }
}
