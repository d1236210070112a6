//! The texts that identities are written in.

use std::str::FromStr;

use age::x25519;
use age_core::format::{FileKey, Stanza};

use super::hybrid;
#[cfg(feature = "plugin")]
use super::plugin::Plugin;

/// How many lines that are no identity are named.
const NAMED: usize = 3;

/// The identities of a text.
#[derive(Default)]
pub(super) struct Identities {
    native: Vec<Native>,
    /// What other programs can do with the rest.
    #[cfg(feature = "plugin")]
    pub(super) plugins: Vec<Plugin>,
    skipped: Vec<Skipped>,
}

enum Native {
    X25519(x25519::Identity),
    Hybrid(hybrid::Identity),
}

/// A line, counted from 1, that is no identity.
struct Skipped {
    line: usize,
    why: &'static str,
}

impl Identities {
    /// Reads identities: one to a line in files, several with blanks between them in
    /// variables. What is none is skipped, as a key file may be newer than bulla.
    pub(super) fn parse(text: &str) -> Self {
        let mut found = Self::default();
        let text = text.trim_start_matches('\u{feff}');
        for (index, line) in text.lines().enumerate() {
            let words = line.split_whitespace().take_while(|word| !word.starts_with('#'));
            for word in words {
                if let Err(why) = found.add(word) {
                    found.skipped.push(Skipped { line: index + 1, why });
                    break;
                }
            }
        }
        found
    }

    fn add(&mut self, word: &str) -> Result<(), &'static str> {
        if let Some(native) = Native::parse(word) {
            self.native.push(native);
            return Ok(());
        }
        #[cfg(feature = "plugin")]
        if Plugin::add(&mut self.plugins, word) {
            return Ok(());
        }
        Err(match word {
            _ if word.starts_with("-----BEGIN") => {
                "is not an age identity; name SSH keys in SOPS_AGE_SSH_PRIVATE_KEY_FILE"
            }
            #[cfg(not(feature = "plugin"))]
            _ if word.starts_with("AGE-PLUGIN-") => {
                "names a plugin, which this build of bulla leaves out"
            }
            _ => "is not an age identity and was skipped",
        })
    }

    /// Unwraps without starting anything.
    pub(super) fn unwrap(&self, stanzas: &[Stanza]) -> Option<Result<FileKey, age::DecryptError>> {
        self.native.iter().find_map(|native| native.as_identity().unwrap_stanzas(stanzas))
    }

    /// Whether one of these is the identity of a recipient.
    pub(super) fn have(&self, recipient: &str) -> bool {
        self.native.iter().any(|native| native.recipient().eq_ignore_ascii_case(recipient))
    }

    /// In words, for the message when nothing opens a file.
    pub(super) fn describe(&self) -> String {
        let count = self.native.len();
        #[cfg(feature = "plugin")]
        let count = count + self.plugins.iter().map(Plugin::count).sum::<usize>();
        let mut text = match count {
            0 => "no identity".to_owned(),
            1 => "1 identity, which does not fit".to_owned(),
            n => format!("{n} identities, none of which fits"),
        };
        #[cfg(feature = "plugin")]
        for plugin in &self.plugins {
            if let Some(problem) = plugin.problem() {
                text += &format!(", {problem}");
            }
        }
        for Skipped { line, why } in self.skipped.iter().take(NAMED) {
            text += &format!(", line {line} {why}");
        }
        if self.skipped.len() > NAMED {
            text += &format!(", {} more lines were skipped", self.skipped.len() - NAMED);
        }
        text
    }
}

impl Native {
    fn parse(word: &str) -> Option<Self> {
        let x25519 = x25519::Identity::from_str(word).ok().map(Self::X25519);
        x25519.or_else(|| hybrid::Identity::from_str(word).ok().map(Self::Hybrid))
    }

    fn recipient(&self) -> String {
        match self {
            Self::X25519(identity) => identity.to_public().to_string(),
            Self::Hybrid(identity) => identity.to_public().to_string(),
        }
    }

    fn as_identity(&self) -> &dyn age::Identity {
        match self {
            Self::X25519(identity) => identity,
            Self::Hybrid(identity) => identity,
        }
    }
}
