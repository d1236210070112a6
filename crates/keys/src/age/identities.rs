//! Where identities come from, and what was found there.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::str::FromStr;

use age::x25519::Identity;
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::default_keys_file;
use crate::environment::Environment;

/// The variable that tells a key command which recipient is wanted.
const RECIPIENT_VARIABLE: &str = "SOPS_AGE_RECIPIENT";

/// A place that was looked at.
pub(super) struct Source {
    /// As it is shown: a variable's name, a file's path.
    name: String,
    /// What was there, or why nothing was.
    found: Result<Found, String>,
}

/// The lines of a source.
pub(super) struct Found {
    identities: Vec<Identity>,
    /// The numbers, from 1, of lines that are no identity.
    unreadable: Vec<usize>,
}

impl Source {
    /// In words, for the message when nothing opens a file.
    pub(super) fn describe(&self) -> String {
        let found = match &self.found {
            Ok(found) => found,
            Err(reason) => return format!("{}: {reason}", self.name),
        };
        let count = match found.identities.len() {
            0 => "no identity".to_owned(),
            1 => "1 identity, which does not fit".to_owned(),
            n => format!("{n} identities, none of which fits"),
        };
        let mut text = format!("{}: {count}", self.name);
        for line in &found.unreadable {
            text += &format!(", line {line} is not an age identity and was skipped");
        }
        text
    }
}

/// All identities of some sources.
pub(super) fn all(sources: &[Source]) -> impl Iterator<Item = &Identity> {
    sources.iter().filter_map(|source| source.found.as_ref().ok()).flat_map(|f| &f.identities)
}

/// What can be looked at without starting anything.
pub(super) fn at_hand(environment: &Environment) -> Vec<Source> {
    let mut sources = Vec::new();
    if let Some(keys) = &environment.age.key {
        let found = parse(keys.expose_secret(), char::is_whitespace);
        sources.push(Source { name: "SOPS_AGE_KEY".into(), found: Ok(found) });
    }
    if let Some(path) = &environment.age.key_file {
        let name = format!("SOPS_AGE_KEY_FILE ({})", path.display());
        sources.push(Source { name, found: read(path) });
    }
    if let Some(path) = default_keys_file(environment) {
        sources.push(Source { name: path.display().to_string(), found: read(&path) });
    }
    sources
}

/// What the user's command prints, if there is one.
pub(super) fn from_command(environment: &Environment, recipient: &str) -> Option<Source> {
    let command = environment.age.key_cmd.as_ref()?;
    let found = run(command, recipient).map(|printed| parse(&printed, |c| c == '\n'));
    Some(Source { name: "SOPS_AGE_KEY_CMD".into(), found })
}

fn read(path: &Path) -> Result<Found, String> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(parse(&Zeroizing::new(text), |c| c == '\n')),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err("there is no such file".into())
        }
        Err(error) => Err(format!("cannot be read: {}", error.kind())),
    }
}

/// The command is split as a shell does, and started without one.
fn run(command: &str, recipient: &str) -> Result<Zeroizing<String>, String> {
    let words = shell_words::split(command).map_err(|_| "has a quote that is not closed")?;
    let (program, arguments) = words.split_first().ok_or("is empty")?;
    let output = Command::new(program)
        .args(arguments)
        .env(RECIPIENT_VARIABLE, recipient)
        .stdin(Stdio::inherit())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot be started: {error}"))?;
    let printed = Zeroizing::new(output.stdout);
    if !output.status.success() {
        return Err(format!("failed: {}", output.status));
    }
    std::str::from_utf8(&printed)
        .map(|text| Zeroizing::new(text.to_owned()))
        .map_err(|_| "printed something that is not text".into())
}

fn parse(text: &str, separator: impl Fn(char) -> bool) -> Found {
    let mut found = Found { identities: Vec::new(), unreadable: Vec::new() };
    // Comments hold blanks, so a list parted by blanks has none.
    for (number, line) in text.split(separator).enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match Identity::from_str(line) {
            Ok(identity) => found.identities.push(identity),
            Err(_) => found.unreadable.push(number + 1),
        }
    }
    found
}
