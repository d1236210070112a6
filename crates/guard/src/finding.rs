//! What was found, and how sure that is.

use std::fmt;

use crate::mark::Mark;

/// How sure a finding is; the surer, the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// It is no secret as it is, but it should not be public: a key file that a
    /// password protects.
    Policy,
    /// It looks like it.
    Heuristic,
    /// It has the structure, which nothing else has.
    Structure,
    /// It was calculated: halves match, a checksum holds, lengths add up, or the
    /// file says itself what it breaks.
    Proof,
}

impl Confidence {
    /// `proof`, `structure`, `heuristic`, `policy`
    pub fn name(self) -> &'static str {
        match self {
            Self::Policy => "policy",
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

/// Writes the rules down once: variant, name in reports, what it is.
macro_rules! rules {
    ($($variant:ident: $name:literal, $what:literal;)*) => {
        /// What kind of thing was found.
        // In the order of how much they say: of two that see the same value, the later
        // one is reported.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Rule {
            $(#[doc = $what] $variant,)*
        }

        impl Rule {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name in reports.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The rule of this name.
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|rule| rule.name() == name)
            }

            /// What it is, in one sentence.
            pub fn what(self) -> &'static str {
                match self {
                    $(Self::$variant => $what,)*
                }
            }
        }
    };
}

rules! {
    Credential: "credential", "A password or a token, by the name that it stands under.";
    ReadableSecret: "readable-secret", "A value of a Kubernetes Secret that is not sealed.";
    GeneratorLiteral: "generator-literal", "A literal of a kustomize `secretGenerator`.";
    UrlPassword: "url-password", "A password or a key in an address.";
    RawKey: "raw-key", "The bytes of a private key, by the name that they stand under.";
    WebToken: "web-token", "A signed web token.";
    Token: "token", "A token with the shape of its provider.";
    DockerAuth: "docker-auth", "The login of a container registry.";
    Ed25519Key: "ed25519-key", "The 64 bytes of an Ed25519 key pair.";
    DerKey: "der-key", "A private key in DER without armor.";
    NearKey: "near-key", "A secret key in the form of NEAR.";
    PrivateKey: "private-key", "A private key in PEM, OpenSSH or PGP armor.";
    AgeKey: "age-key", "An age identity.";
    Mnemonic: "mnemonic", "The words of a wallet, whose checksum holds.";
    KeyShare: "key-share", "A share of a validator's key.";
    ValidatorKey: "validator-key", "A key file of CometBFT, Tendermint or Pocket.";
    LockedKey: "locked-key", "A key file that a password protects.";
    PlainSibling: "plain-sibling", "The plaintext of a sealed file beside it.";
    ListedPlaintext: "listed-plaintext", "A plaintext name in a kustomization, beside the sealed file.";
    UnignoredKeys: "unignored-keys", "A removed line of `.gitignore` that kept keys out.";
    LeftOver: "left-over", "What an editor or a tool left of a sealed file.";
    NeverSealed: "never-sealed", "A file that a rule wants sealed, and is not.";
    RulesDiffer: "rules-differ", "A sealed file that the rules would seal otherwise.";
    NotCovered: "not-covered", "A value of a Secret that the file's own selector does not cover.";
    NotSealed: "not-sealed", "A value that the file's own selector should have sealed.";
    NoRecipients: "no-recipients", "A sealed file that nobody can open.";
    DamagedSeal: "damaged-seal", "A `sops` block that is not one.";
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One thing that should not be committed. It shows no value, no part of one and
/// no digest of one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The line that it begins on, from 1.
    pub line: usize,
    /// The line that it ends on.
    pub end_line: usize,
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
    /// 32 hexadecimal digits that stay the same while file, rule, key path and order
    /// do. Nothing of the value is in it.
    pub fingerprint: String,
    /// Whether `bulla encrypt -i` takes it away, where a rule covers the file.
    pub is_mended_by_sealing: bool,
    pub(crate) mark: Mark,
}
