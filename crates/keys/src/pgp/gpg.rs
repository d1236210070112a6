//! Running gpg.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bulla_core::KeyError;
use secrecy::SecretSlice;

use super::fingerprint::Fingerprint;
use crate::environment::Environment;
use crate::program::{Finished, find, run, short_reason};

/// A data key has 32 bytes, a share 33.
const LONGEST_SECRET: usize = 64;

/// An armored message for one key has less than a page; a listing grows with signatures.
const LONGEST_TEXT: usize = 1 << 20;

/// How gpg's status lines begin.
const STATUS: &str = "[GNUPG:] ";

/// The user's gpg.
pub(super) struct Gpg {
    environment: Environment,
}

impl Gpg {
    pub(super) fn new(environment: &Environment) -> Self {
        Self { environment: environment.clone() }
    }

    /// What was asked, for the message when nothing opens a file.
    pub(super) fn describe(&self) -> String {
        let program = match self.program() {
            Ok(program) => program.display().to_string(),
            Err(error) => return error.reason,
        };
        match &self.environment.pgp.gnupg_home {
            Some(home) => format!("{program}, with the secret keys of {}", home.display()),
            None => format!("{program}, with your secret keys"),
        }
    }

    /// What gpg knows about a key, in colons; empty when it has none.
    pub(super) fn list(&self, fingerprint: &Fingerprint) -> Result<String, KeyError> {
        let mut gpg = self.command()?;
        gpg.args(["--batch", "--with-colons", "--list-keys", fingerprint.digits()]);
        let finished = self.run(&mut gpg, b"", LONGEST_TEXT)?;
        // It fails when there is no such key.
        Ok(String::from_utf8_lossy(&finished.stdout).into_owned())
    }

    /// What gpg knows about all keys of which it has the secret part, in colons.
    pub(super) fn list_secret(&self) -> Result<String, KeyError> {
        let mut gpg = self.command()?;
        gpg.args(["--batch", "--with-colons", "--list-secret-keys"]);
        let finished = self.run(&mut gpg, b"", LONGEST_TEXT)?;
        Ok(String::from_utf8_lossy(&finished.stdout).into_owned())
    }

    /// Seals a secret, with the arguments of sops.
    pub(super) fn encrypt(
        &self,
        fingerprint: &Fingerprint,
        secret: &[u8],
    ) -> Result<String, KeyError> {
        let mut gpg = self.command()?;
        gpg.args(["--no-default-recipient", "--yes", "--encrypt", "-a"]);
        gpg.args(["-r", fingerprint.as_str()]);
        // Whoever wrote the fingerprint into the rules has chosen whom to trust.
        gpg.args(["--trusted-key", fingerprint.short(), "--no-encrypt-to"]);
        let finished = self.run(&mut gpg, secret, LONGEST_TEXT)?;
        let message = String::from_utf8_lossy(&finished.stdout).trim().to_owned();
        if !finished.status.success() || !message.starts_with(super::ARMOR) {
            return Err(KeyError::new(format!("gpg failed: {}", complaint(&finished))));
        }
        Ok(message)
    }

    /// Opens a message; `None` when gpg has no secret key for it.
    pub(super) fn decrypt(&self, message: &str) -> Result<Option<SecretSlice<u8>>, KeyError> {
        let mut gpg = self.command()?;
        // Statuses are the same in every language.
        gpg.args(["--status-fd", "2", "-d"]);
        let mut finished = self.run(&mut gpg, message.as_bytes(), LONGEST_SECRET)?;
        if !finished.status.success() {
            let said = |status: &str| {
                let lines = finished.stderr.lines();
                lines
                    .filter_map(|line| line.strip_prefix(STATUS))
                    .any(|line| line.starts_with(status))
            };
            if said("NO_SECKEY ") && !said("ERROR pkdecrypt_failed ") {
                return Ok(None);
            }
            return Err(KeyError::new(format!("gpg failed: {}", complaint(&finished))));
        }
        if finished.stdout.is_empty() {
            return Err(KeyError::new("gpg opened it and found nothing in it"));
        }
        Ok(Some(SecretSlice::from(std::mem::take(&mut *finished.stdout))))
    }

    fn run(&self, gpg: &mut Command, input: &[u8], limit: usize) -> Result<Finished, KeyError> {
        gpg.stdin(Stdio::piped()).stderr(Stdio::piped());
        // No time-out: pinentry waits for people.
        run(gpg, input, limit).map_err(|reason| KeyError::new(format!("gpg {reason}")))
    }

    fn command(&self) -> Result<Command, KeyError> {
        let mut gpg = Command::new(self.program()?);
        if let Some(home) = &self.environment.pgp.gnupg_home {
            gpg.env("GNUPGHOME", home);
        }
        // Its agent may live on, and has no use for them.
        for name in bulla_core::SECRET_VARIABLES {
            gpg.env_remove(name);
        }
        Ok(gpg)
    }

    fn program(&self) -> Result<PathBuf, KeyError> {
        let named = self.environment.pgp.gpg_exec.as_deref();
        let program = named.unwrap_or(Path::new("gpg"));
        let name = match program.to_str() {
            Some(name) if !name.contains('/') => name,
            _ => return Ok(program.to_owned()),
        };
        find(name, self.environment.path.as_deref()).map_err(|reason| {
            KeyError::new(reason).with_hint("install GnuPG, or name its program in SOPS_GPG_EXEC")
        })
    }
}

/// Why gpg failed, in its own words.
fn complaint(finished: &Finished) -> String {
    let lines = finished.stderr.lines().filter(|line| !line.starts_with(STATUS));
    let lines: Vec<_> = lines.map(|line| line.strip_prefix("gpg: ").unwrap_or(line)).collect();
    match short_reason(&lines.join("\n")) {
        reason if reason.is_empty() => finished.status.to_string(),
        reason => reason,
    }
}
