//! One look at a text for every word that the rules wait for, so that what has none
//! of them is not looked at again.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::tokens;

/// Something that a text may be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Topic {
    /// The kind of a Secret.
    Secret,
    /// The block of a sealed file.
    Sops,
    /// The members of key files.
    KeyFile,
    /// A name that a secret may stand under.
    Name,
    /// An address.
    Address,
    /// A web token.
    WebToken,
    /// A key of NEAR.
    Near,
    /// The beginning of an armor.
    Armor,
    /// An age identity.
    Age,
}

/// The topics of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Topics(u16);

impl Topics {
    pub(crate) fn has(self, topic: Topic) -> bool {
        self.0 & (1 << topic as u8) != 0
    }

    pub(crate) fn any(self, topics: &[Topic]) -> bool {
        topics.iter().any(|&topic| self.has(topic))
    }

    fn add(&mut self, topic: Topic) {
        self.0 |= 1 << topic as u8;
    }
}

/// Every word, in lower case, and what it is about.
const WORDS: &[(&str, Topic)] = &[
    ("kind: secret", Topic::Secret),
    ("kind: \"secret", Topic::Secret),
    ("kind: 'secret", Topic::Secret),
    ("\"secret\"", Topic::Secret),
    ("\"secretlist\"", Topic::Secret),
    ("'secret'", Topic::Secret),
    ("stringdata", Topic::Secret),
    ("secretgenerator", Topic::Secret),
    ("kind: !!str secret", Topic::Secret),
    ("sops", Topic::Sops),
    ("enc[aes256_gcm", Topic::Sops),
    ("priv_key", Topic::KeyFile),
    ("privkey", Topic::KeyFile),
    ("private_key", Topic::KeyFile),
    ("privatekey", Topic::KeyFile),
    ("privateshard", Topic::KeyFile),
    ("\"kdf\"", Topic::KeyFile),
    ("secret_share", Topic::KeyFile),
    ("ecieskey", Topic::KeyFile),
    ("rsakey", Topic::KeyFile),
    ("rsa_key", Topic::KeyFile),
    ("ciphertext", Topic::KeyFile),
    ("kdfparams", Topic::KeyFile),
    ("secparam", Topic::KeyFile),
    ("client-key-data", Topic::KeyFile),
    ("auths", Topic::KeyFile),
    ("\"issued\"", Topic::KeyFile),
    ("nodekey", Topic::Name),
    ("configmap", Topic::Name),
    ("61757261", Topic::Name),
    ("6772616e", Topic::Name),
    ("62616265", Topic::Name),
    ("696d6f6e", Topic::Name),
    ("mnemonic", Topic::Name),
    ("\"type\":\"bls", Topic::KeyFile),
    ("passw", Topic::Name),
    ("passphrase", Topic::Name),
    ("passcode", Topic::Name),
    ("requirepass", Topic::Name),
    ("rootpw", Topic::Name),
    ("convertto-securestring", Topic::Name),
    ("rabbitmqctl add_user", Topic::Name),
    ("| chpasswd", Topic::Name),
    ("htpasswd -", Topic::Name),
    ("masterauth", Topic::Name),
    ("pwd", Topic::Name),
    ("_pass", Topic::Name),
    ("-pass", Topic::Name),
    ("pass=", Topic::Name),
    ("pass:", Topic::Name),
    ("pass\"", Topic::Name),
    ("pass ", Topic::Name),
    ("_pw", Topic::Name),
    ("secret", Topic::Name),
    ("token", Topic::Name),
    ("key", Topic::Name),
    ("credential", Topic::Name),
    ("creds", Topic::Name),
    ("auth", Topic::Name),
    ("bearer", Topic::Name),
    ("jwt", Topic::Name),
    ("seed", Topic::Name),
    ("suri", Topic::Name),
    ("dsn", Topic::Name),
    ("webhook", Topic::Name),
    ("connectionstring", Topic::Name),
    ("connection_string", Topic::Name),
    ("privval", Topic::Name),
    ("priv_val", Topic::Name),
    ("softsign", Topic::Name),
    ("_sk", Topic::Name),
    ("psk", Topic::Name),
    ("gateways", Topic::Name),
    ("applications", Topic::Name),
    ("import-hex", Topic::Name),
    ("accounts", Topic::Name),
    ("identified by", Topic::Name),
    ("sshpass", Topic::Name),
    (" -u ", Topic::Name),
    ("--user ", Topic::Name),
    ("--user=", Topic::Name),
    ("redis-cli ", Topic::Name),
    ("docker login", Topic::Name),
    ("podman login", Topic::Name),
    ("registry login", Topic::Name),
    ("mysql", Topic::Name),
    ("://", Topic::Address),
    ("eyj", Topic::WebToken),
    ("ed25519:", Topic::Near),
    ("secp256k1:", Topic::Near),
    ("-----begin ", Topic::Armor),
    ("age-secret-key-", Topic::Age),
];

static ALL: LazyLock<(AhoCorasick, Vec<Word>)> = LazyLock::new(|| {
    let mut patterns: Vec<Vec<u8>> = Vec::new();
    let mut words: Vec<Word> = Vec::new();
    for (text, topic) in WORDS {
        patterns.push(text.as_bytes().to_vec());
        words.push(Word::Topic(*topic));
    }
    for (index, keyword) in tokens::keywords() {
        patterns.push(keyword.to_ascii_lowercase().into_bytes());
        words.push(Word::Token(index));
    }
    (matcher(&patterns), words)
});

static NAMES: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let names: Vec<_> = WORDS
        .iter()
        .filter(|(_, topic)| matches!(topic, Topic::Name | Topic::KeyFile))
        .map(|(text, _)| text.as_bytes().to_vec())
        .collect();
    matcher(&names)
});

fn matcher(patterns: &[Vec<u8>]) -> AhoCorasick {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .kind(Some(AhoCorasickKind::DFA))
        .build(patterns)
        // The patterns are built in; only far more of them would be too many.
        .expect("some hundred short patterns fit")
}

#[derive(Clone, Copy)]
enum Word {
    Topic(Topic),
    Token(u16),
}

/// What a text is about. Calls `token` with the rule and the place of each word that
/// a token may begin with.
pub(crate) fn scan(text: &[u8], mut token: impl FnMut(u16, usize)) -> Topics {
    let (matcher, words) = &*ALL;
    let mut topics = Topics::default();
    for hit in matcher.find_iter(text) {
        match words[hit.pattern().as_usize()] {
            Word::Topic(topic) => {
                topics.add(topic);
                // The names of key files are names.
                if matches!(topic, Topic::KeyFile | Topic::Secret) {
                    topics.add(Topic::Name);
                }
            }
            Word::Token(rule) => token(rule, hit.start()),
        }
    }
    topics
}

/// What a short text is about.
pub(crate) fn topics(text: &str) -> Topics {
    scan(text.as_bytes(), |_, _| {})
}

/// The places of words that may be in the name of a secret.
pub(crate) fn names(text: &str) -> impl Iterator<Item = std::ops::Range<usize>> {
    NAMES.find_iter(text.as_bytes()).map(|hit| hit.range())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_about_what_is_in_it() {
        assert_eq!(topics("nothing to see"), Topics::default());
        assert!(topics("Kind: Secret").has(Topic::Secret));
        assert!(topics("DB_PASSWORD=x").any(&[Topic::Sops, Topic::Name]));
        assert!(topics("{\"priv_key\": 1}").has(Topic::Name));
        assert!(!topics("https://x").has(Topic::Name));
    }
}
