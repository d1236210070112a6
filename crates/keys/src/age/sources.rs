//! Where identities come from, and what was found there.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::default_keys_file;
use super::identities::Identities;
use super::protected::Protected;
#[cfg(feature = "ssh")]
use super::ssh::SshKey;
use crate::environment::Environment;
use crate::program::{command_line, run};

/// The variable that tells a key command which recipient is wanted.
const RECIPIENT_VARIABLE: &str = "SOPS_AGE_RECIPIENT";

/// The most that is read from a file or a command: thousands of identities.
pub(super) const LIMIT: usize = 1 << 20;

/// How many recipients a command is started for. A hostile file may name any number.
const MOST_RUNS: usize = 16;

/// A place that was looked at.
pub(super) struct Source {
    /// As it is shown: a variable's name, a file's path.
    pub(super) name: String,
    /// What was there, or why nothing was.
    pub(super) found: Result<Found, String>,
}

/// What a source has.
pub(super) enum Found {
    Identities(Identities),
    /// Identities behind a passphrase.
    Protected(Protected),
    #[cfg(feature = "ssh")]
    Ssh(SshKey),
}

impl Source {
    fn new(name: impl Into<String>, found: Result<Found, String>) -> Self {
        Self { name: name.into(), found }
    }

    /// In words, for the message when nothing opens a file.
    pub(super) fn describe(&self) -> String {
        let what = match &self.found {
            Ok(Found::Identities(identities)) => identities.describe(),
            Ok(Found::Protected(protected)) => protected.describe(),
            #[cfg(feature = "ssh")]
            Ok(Found::Ssh(key)) => key.describe(),
            Err(reason) => reason.clone(),
        };
        format!("{}: {what}", self.name)
    }
}

/// Identities that can be had without starting anything, in the order of sops.
pub(super) fn at_hand(environment: &Environment) -> Vec<Source> {
    let mut sources = Vec::new();
    if let Some(keys) = &environment.age.key {
        sources.push(Source::new("SOPS_AGE_KEY", identities(keys.expose_secret().as_bytes())));
    }
    if let Some(path) = &environment.age.key_file {
        let name = format!("SOPS_AGE_KEY_FILE ({})", path.display());
        sources.push(Source::new(name, read(path).and_then(|text| identities(&text))));
    }
    if let Some(path) = default_keys_file(environment) {
        let found = read(&path).and_then(|text| identities(&text));
        sources.push(Source::new(path.display().to_string(), found));
    }
    sources
}

/// SSH keys that can be had without starting anything, in the order of sops.
#[cfg(feature = "ssh")]
pub(super) fn ssh_at_hand(environment: &Environment) -> Vec<Source> {
    let mut sources = Vec::new();
    if let Some(path) = &environment.age.ssh_private_key_file {
        let name = format!("SOPS_AGE_SSH_PRIVATE_KEY_FILE ({})", path.display());
        sources.push(Source::new(name, read(path).and_then(|text| ssh_key(&text))));
    }
    if let Some(home) = &environment.home {
        for name in ["id_ed25519", "id_rsa"] {
            let path = home.join(".ssh").join(name);
            let found = read(&path).and_then(|text| ssh_key(&text));
            sources.push(Source::new(path.display().to_string(), found));
        }
    }
    sources
}

/// A command of the user's that prints identities.
///
/// It is told the recipient, and may print another identity for each. Most ignore it:
/// when two runs print the same, there is no third.
pub(super) struct KeyCommand {
    variable: &'static str,
    command: String,
    parse: fn(&[u8]) -> Result<Found, String>,
    runs: Mutex<Vec<Run>>,
}

struct Run {
    recipient: String,
    printed: Result<Zeroizing<Vec<u8>>, String>,
    source: Arc<Source>,
}

impl KeyCommand {
    /// `SOPS_AGE_KEY_CMD`
    pub(super) fn for_identities(environment: &Environment) -> Option<Self> {
        let command = environment.age.key_cmd.clone()?;
        Some(Self::new("SOPS_AGE_KEY_CMD", command, identities))
    }

    /// `SOPS_AGE_SSH_PRIVATE_KEY_CMD`
    #[cfg(feature = "ssh")]
    pub(super) fn for_ssh(environment: &Environment) -> Option<Self> {
        let command = environment.age.ssh_private_key_cmd.clone()?;
        Some(Self::new("SOPS_AGE_SSH_PRIVATE_KEY_CMD", command, ssh_key))
    }

    fn new(
        variable: &'static str,
        command: String,
        parse: fn(&[u8]) -> Result<Found, String>,
    ) -> Self {
        Self { variable, command, parse, runs: Mutex::default() }
    }

    /// What it prints for a recipient; started if need be.
    pub(super) fn source(&self, recipient: &str) -> Arc<Source> {
        // Held while it runs: it may ask people, and files are opened by several threads.
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known(&runs, recipient) {
            return Arc::clone(&known.source);
        }
        let printed = self.run(recipient);
        let found = match &printed {
            Ok(printed) => (self.parse)(printed),
            Err(reason) => Err(reason.clone()),
        };
        let source = Arc::new(Source::new(self.variable, found));
        let run = Run { recipient: recipient.to_owned(), printed, source: Arc::clone(&source) };
        runs.push(run);
        source
    }

    /// In words, if it was started for a recipient.
    pub(super) fn describe(&self, recipient: &str) -> Option<String> {
        let runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        known(&runs, recipient).map(|run| run.source.describe())
    }

    fn run(&self, recipient: &str) -> Result<Zeroizing<Vec<u8>>, String> {
        let mut command = command_line(&self.command)?;
        command.env(RECIPIENT_VARIABLE, recipient);
        command.stdin(Stdio::inherit()).stderr(Stdio::inherit());
        let finished = run(&mut command, b"", LIMIT)?;
        match finished.status.success() {
            true => Ok(finished.stdout),
            false => Err(format!("failed: {}", finished.status)),
        }
    }
}

/// The run that answers for a recipient.
fn known<'r>(runs: &'r [Run], recipient: &str) -> Option<&'r Run> {
    let own = runs.iter().find(|run| run.recipient == recipient);
    let ignores_recipient = || match runs {
        [first, second, ..] if first.printed == second.printed => Some(first),
        [.., last] if runs.len() >= MOST_RUNS => Some(last),
        _ => None,
    };
    own.or_else(ignores_recipient)
}

fn identities(bytes: &[u8]) -> Result<Found, String> {
    if Protected::is_one(bytes) {
        return Protected::new(bytes).map(Found::Protected);
    }
    Ok(Found::Identities(Identities::parse(text(bytes)?)))
}

#[cfg(feature = "ssh")]
fn ssh_key(bytes: &[u8]) -> Result<Found, String> {
    SshKey::parse(text(bytes)?).map(Found::Ssh)
}

fn text(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|_| "is not text".into())
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    let read = || {
        let file = File::open(path)?;
        // One more byte than a file is said to have shows that it has no more.
        let expected = file.metadata()?.len().clamp(4095, LIMIT as u64) as usize;
        let mut bytes = Zeroizing::new(Vec::with_capacity(expected + 1));
        file.take(LIMIT as u64 + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    match read() {
        Ok(bytes) if bytes.len() > LIMIT => Err(format!("is larger than {LIMIT} bytes")),
        Ok(bytes) => Ok(bytes),
        Err(error) => Err(unreadable(&error)),
    }
}

fn unreadable(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such file".into(),
        kind => format!("cannot be read: {kind}"),
    }
}
