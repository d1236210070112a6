//! What was found, and how sure that is.

use std::fmt;

/// How sure a finding is; the surer, the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// It looks like it.
    Heuristic,
    /// It has the structure, which nothing else has.
    Structure,
    /// It was calculated: halves match, a checksum holds, lengths add up, or the
    /// file says itself what it breaks.
    Proof,
}

impl Confidence {
    /// `proof`, `structure`, `heuristic`
    pub fn name(self) -> &'static str {
        match self {
            Self::Heuristic => "heuristic",
            Self::Structure => "structure",
            Self::Proof => "proof",
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What kind of thing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rule {
    // In the order of how much they say: of two that see the same value, the later
    // one is reported.
    /// A value of a Kubernetes Secret that is not sealed.
    ReadableSecret,
    /// The 64 bytes of an Ed25519 key pair.
    Ed25519Key,
    /// A private key in PEM or OpenSSH armor.
    PrivateKey,
    /// An age identity.
    AgeKey,
    /// A key file of CometBFT, Tendermint or Pocket.
    ValidatorKey,
    /// A value of a Secret that the file's own selector does not cover.
    NotCovered,
    /// A value that the file's own selector should have sealed.
    NotSealed,
    /// A sealed file that nobody can open.
    NoRecipients,
    /// A `sops` block that is not one.
    DamagedSeal,
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::ReadableSecret,
        Self::Ed25519Key,
        Self::PrivateKey,
        Self::AgeKey,
        Self::ValidatorKey,
        Self::NotCovered,
        Self::NotSealed,
        Self::NoRecipients,
        Self::DamagedSeal,
    ];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReadableSecret => "readable-secret",
            Self::Ed25519Key => "ed25519-key",
            Self::PrivateKey => "private-key",
            Self::AgeKey => "age-key",
            Self::ValidatorKey => "validator-key",
            Self::NotCovered => "not-covered",
            Self::NotSealed => "not-sealed",
            Self::NoRecipients => "no-recipients",
            Self::DamagedSeal => "damaged-seal",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One thing that should not be committed. It holds no value, no part of one and
/// no digest of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The line, from 1.
    pub line: usize,
    /// `["data"]["key"]`; empty when it is in no structure.
    pub key_path: String,
    /// What it is.
    pub rule: Rule,
    /// How sure that is.
    pub confidence: Confidence,
    /// What it is and why that is sure, in words.
    pub why: String,
    /// What to do.
    pub fix: String,
}
