//! A name and a value: whether the one says that the other is a secret, and the
//! other looks like one.

use crate::finding::{Confidence, Rule};
use crate::known;
use crate::name::{Meaning, letters, secret_meaning, words};
use crate::placeholder::{has_variable, is_placeholder};
use crate::shape::{self, is_name, is_random, is_upper_name, material};

/// What speaks against a value.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub(crate) rule: Rule,
    pub(crate) confidence: Confidence,
    pub(crate) why: &'static str,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writing {
    /// As data: it is what it is.
    Data,
    /// In quotes, in the middle of a program or a text.
    Quoted,
    /// Without, in the middle of a program or a text: perhaps another name.
    Bare,
    /// In a text that explains something, where most values are made up.
    Shown,
}

/// The shortest password that is worth the name.
const SHORTEST_PASSWORD: usize = 4;

/// Passwords are not longer than this, and passphrases have no more words.
const LONGEST_PASSWORD: usize = 200;
const MOST_WORDS: usize = 8;

/// The longest value that is a name.
const LONGEST_NAME: usize = 100;

/// The shortest token that is believed where things are explained.
const SHORTEST_SHOWN: usize = 20;

/// Words that sentences are made of, and passphrases are not.
const SENTENCE_WORDS: [&str; 40] = [
    "a", "an", "and", "are", "as", "at", "be", "by", "can", "cannot", "for", "from", "has", "if",
    "in", "is", "it", "must", "no", "not", "of", "on", "only", "optional", "or", "password",
    "please", "required", "secret", "should", "that", "the", "this", "to", "token", "used", "when",
    "will", "with", "your",
];

/// Judges a value by its name.
pub(crate) fn judge(name: &str, value: &str, writing: Writing) -> Option<Verdict> {
    let means = secret_meaning(name);
    if matches!(means, Meaning::Public | Meaning::Nothing) {
        return None;
    }
    let value = value.trim();
    let value = ["Bearer ", "bearer ", "Basic ", "Token ", "token "]
        .iter()
        .find_map(|scheme| value.strip_prefix(scheme))
        .unwrap_or(value);
    if is_placeholder(value)
        || has_variable(value)
        || is_type_expression(value)
        || value.starts_with("&quot;")
        || is_sealed_elsewhere(value)
        || is_public_value(value)
        || is_the_name(name, value)
        || shape::is_about_a_place(value)
    {
        return None;
    }
    let is_known = || material(value).is_some_and(|(_, bytes)| known::is_published(&bytes));
    if is_judged_by_shape(value) || is_known() {
        return None;
    }
    match means {
        Meaning::Password => password(value, writing),
        Meaning::Key | Meaning::Mnemonic => key(value).or_else(|| token(name, value, writing)),
        Meaning::Token => token(name, value, writing),
        Meaning::MaybeKey if writing == Writing::Shown => None,
        Meaning::MaybeKey => maybe_key(name, value),
        Meaning::Public | Meaning::Nothing => None,
    }
}

/// Values that other tools have sealed.
pub(crate) fn is_sealed_elsewhere(value: &str) -> bool {
    let value = value.trim_start();
    // This is asked of every value, and hardly one begins like any of them.
    if !matches!(value.bytes().next(), Some(b'A' | b'E' | b'a' | b'e' | b'v' | b'$' | b'-' | b'{'))
    {
        return false;
    }
    let starts = |start: &str| value.starts_with(start);
    starts("ENC[")
        || starts("ENC(")
        || starts("$ANSIBLE_VAULT;")
        || starts("encrypted:")
        || starts("vault:v")
        || starts("-----BEGIN PGP MESSAGE-----")
        || starts("-----BEGIN AGE ENCRYPTED FILE-----")
        || starts("age-encryption.org/")
        || starts("{cipher}")
        || starts("AQICAH")
        // OpenSSL's `Salted__`, in base64.
        || starts("U2FsdGVkX1")
        || (value.len() > 300 && ["AgA", "AgB", "AgC", "AgD"].iter().any(|mark| starts(mark)))
}

/// Password hashes, public keys and addresses under a secret's name.
fn is_public_value(value: &str) -> bool {
    ["$2a$", "$2b$", "$2y$", "$argon2", "$6$", "$5$", "$1$", "$apr1$", "pbkdf2_", "{SSHA}", "{SHA}"]
        .iter()
        .any(|start| value.starts_with(start))
        || [
            "AWS4-HMAC-",
            "ssh-ed25519 ",
            "ssh-rsa ",
            "ecdsa-sha2-",
            "age1",
            "sha256:",
            "sha512-",
            "sha256-",
        ]
        .iter()
        .any(|start| value.starts_with(start))
}

/// Tokens of which a checksum, or what is in them, tells whether they are real.
fn is_judged_by_shape(value: &str) -> bool {
    let github = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"];
    (value.len() == 40 && github.iter().any(|prefix| value.starts_with(prefix)))
        || (value.starts_with("eyJ") && value.matches('.').count() >= 2)
        || value.starts_with("AGE-SECRET-KEY-")
        || value.starts_with("-----BEGIN ")
}

/// `password: password`, `authToken: auth_token`
fn is_the_name(name: &str, value: &str) -> bool {
    // `http-auth = ["api/http-auth"]`
    let last = value.rsplit('/').next().unwrap_or(value);
    letters(name).eq(letters(last)) || is_header_of(name, value)
}

/// `v3io_access_key = "x-v3io-access-key"`: the name of a header.
fn is_header_of(name: &str, value: &str) -> bool {
    // Most values have capitals, or are no names by their length.
    if value.len() > LONGEST_NAME || value.contains(|c: char| c.is_ascii_uppercase()) {
        return false;
    }
    let (of_name, of_value) = (words(name), words(value));
    let end = of_name.len().saturating_sub(2);
    of_name.len() > 1 && of_value.ends_with(&of_name[end..])
}

fn password(value: &str, writing: Writing) -> Option<Verdict> {
    let length = value.chars().count();
    if !(SHORTEST_PASSWORD..=LONGEST_PASSWORD).contains(&length) || value.contains('\n') {
        return None;
    }
    if is_version(value) || is_escape(value) || value.contains("::") || is_caption_elsewhere(value)
    {
        return None;
    }
    if is_upper_name(value) || is_type(value) || is_caption(value) || names_itself(value) {
        return None;
    }
    if value.contains(char::is_whitespace) && !is_passphrase(value, writing) {
        return None;
    }
    match writing {
        Writing::Data => {}
        // Other names, calls, fields, prose.
        Writing::Quoted if value.contains(['(', ')', '{', '}', '<', '>']) => return None,
        Writing::Quoted => {}
        Writing::Bare if !has_own_look(value) => return None,
        Writing::Bare => {}
        Writing::Shown if !is_strong(value) => return None,
        Writing::Shown => {}
    }
    Some(Verdict {
        rule: Rule::Credential,
        confidence: Confidence::Heuristic,
        why: "a password in the clear: the name says that it is one, and the value is no placeholder",
    })
}

/// `1.2.840.113549`, `^1.3.0`: what something is registered under, or which one it is.
fn is_version(value: &str) -> bool {
    let number = value.trim_start_matches(['^', '~', '=', '>', '<', 'v', ' ']);
    number.matches('.').count() > 1
        && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// What a form shows in scripts that have no letters of ASCII.
fn is_caption_elsewhere(value: &str) -> bool {
    value.contains(char::is_alphabetic) && !value.bytes().any(|b| b.is_ascii_alphanumeric())
}

/// `list[V1Secret]`, `typing.Optional[str]`
fn is_type_expression(value: &str) -> bool {
    let Some((name, inner)) = value.split_once('[') else { return false };
    let is_path = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.,| []".contains(&byte))
    };
    inner.ends_with(']')
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && is_path(name)
        && is_path(inner)
}

/// `\x00`: a byte, and no password of anybody's.
fn is_escape(value: &str) -> bool {
    value.len() == 4 && value.starts_with("\\x")
}

/// Whether a password is one that nobody would make up for an example.
fn is_strong(value: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| usize::from(value.bytes().any(|byte| kind(&byte)));
    let kinds = has(u8::is_ascii_lowercase) + has(u8::is_ascii_uppercase) + has(u8::is_ascii_digit);
    let lower = value.to_ascii_lowercase();
    let is_made_up = ["pass", "secret", "cisco", "admin", "test"];
    value.len() >= 10
        && kinds + has(u8::is_ascii_punctuation) >= 3
        && !value.contains(['(', ')', '{', '}', '<', '>', '[', ']'])
        && !value.ends_with("123")
        && !is_made_up.iter().any(|word| lower.contains(word))
}

/// Whether something without quotes is a value and not one more name.
fn has_own_look(value: &str) -> bool {
    let is_code = value.contains(['(', ')', '{', '}', '[', ']', '<', '>', '\\'])
        || value.split('.').filter(|part| !part.is_empty()).count() > 1 && is_name(value);
    let has_digit = value.contains(|character: char| character.is_ascii_digit());
    !is_code && (has_digit || value.contains(|c: char| "!#$%^&*+~".contains(c)))
}

/// The words of types, and answers to yes-or-no questions.
fn is_type(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    [
        "any",
        "bool",
        "int",
        "integer",
        "text",
        "true",
        "false",
        "null",
        "none",
        "string",
        "str",
        "bytes",
        "boolean",
        "object",
        "undefined",
        "prompt",
        "optional",
        "required",
        "disabled",
        "enabled",
        "always",
        "never",
    ]
    .contains(&lower.as_str())
}

/// `SomeSecretPassword`, `user_pass`: letters that say what should stand here.
fn names_itself(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let is_plain = lower.bytes().all(|byte| byte.is_ascii_alphabetic() || b"_-!. ".contains(&byte));
    const NAMES: [&str; 5] = ["password", "passwd", "passphrase", "secret", "pwd"];
    let is_name = NAMES.iter().any(|word| lower.contains(word));
    is_plain && (is_name || lower.ends_with("pass") || lower.starts_with("pass"))
}

/// `Passwort`: what a form shows, in some language.
fn is_caption(value: &str) -> bool {
    let mut letters = value.chars();
    letters.next().is_some_and(char::is_uppercase)
        && value.chars().count() > 3
        && letters.all(|letter| letter.is_lowercase())
}

/// Some words that are no sentence.
fn is_passphrase(value: &str, writing: Writing) -> bool {
    let words: Vec<String> = value.split_whitespace().map(str::to_ascii_lowercase).collect();
    let in_sentence = |word: &String| {
        let word = word.trim_matches(|character: char| !character.is_alphanumeric());
        SENTENCE_WORDS.binary_search(&word).is_ok()
    };
    writing != Writing::Bare
        && (3..=MOST_WORDS).contains(&words.len())
        && !words.iter().any(in_sentence)
        && !value.ends_with(['.', '?', ':', '…'])
        && words.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_graphic()))
        // Sentences begin with a capital, and German nouns do.
        && !value.split_whitespace().any(|word| word.starts_with(|first: char| first.is_uppercase()))
}

fn key(value: &str) -> Option<Verdict> {
    let (_, bytes) = material(value)?;
    (bytes.len() >= 16).then_some(Verdict {
        rule: Rule::RawKey,
        confidence: Confidence::Structure,
        why: "a private key in the clear: it has the name of one, and the length of one",
    })
}

fn token(name: &str, value: &str, writing: Writing) -> Option<Verdict> {
    let words = words(name);
    let is_named = |word: &str| words.iter().any(|part| part.contains(word));
    if writing == Writing::Shown && (shape::is_uuid(value) || value.len() < SHORTEST_SHOWN) {
        return None;
    }
    if shape::is_uuid(value) && !(is_named("secret") || is_named("auth") || is_named("api")) {
        return None;
    }
    if value.contains(['(', ')', '{', '}', '<', '>', '\\', ' ', '|', ';']) || value.contains("::") {
        return None;
    }
    if writing == Writing::Bare && value.contains(['[', ']', '$', '*', '"', '\'']) {
        return None;
    }
    (is_random(value) || material(value).is_some()).then_some(Verdict {
        rule: Rule::Credential,
        confidence: Confidence::Heuristic,
        why: "a credential in the clear: the name says that it is one, and the value looks made up by a machine",
    })
}

/// `SIGNER_KEY=…`: in capitals, and nothing but a key's bytes.
fn maybe_key(name: &str, value: &str) -> Option<Verdict> {
    let is_setting = !name.contains(|character: char| character.is_ascii_lowercase());
    let (_, bytes) = material(value)?;
    (is_setting && matches!(bytes.len(), 32 | 64) && !is_name(value)).then_some(Verdict {
        rule: Rule::RawKey,
        confidence: Confidence::Heuristic,
        why: "perhaps a private key in the clear: it is called a key, and has the length of one",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_found(name: &str, value: &str) -> bool {
        judge(name, value, Writing::Data).is_some()
    }

    #[test]
    fn secrets_under_their_names() {
        let hex = "9f8a7c6b5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8b";
        for (name, value) in [
            ("password", "hunter2"),
            ("dbPassword", "pw!7"),
            ("DB_PASSWORD", "correct-horse-battery"),
            ("passphrase", "correct horse battery staple"),
            ("api_key", "Xk9fQ2mPz7LwRt5v"),
            ("client_secret", "q8Zr!t2Lm#9x"),
            ("PRIVATE_KEY", hex),
            ("jwt_secret", hex),
            ("SOME_KEY", hex),
            ("Authorization", "Bearer Xk9fQ2mPz7LwRt5v"),
        ] {
            assert!(is_found(name, value), "{name}: {value}");
        }
    }

    #[test]
    fn names_and_values_that_are_none() {
        let hex = "9f8a7c6b5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8b";
        for (name, value) in [
            ("password", "changeme"),
            ("password", "DB_PASSWORD"),
            ("password", "The password of the user."),
            ("password", "Das neue Passwort"),
            ("password", "/run/secrets/password"),
            ("password", "$2y$10$abcdefghijklmnopqrstuv"),
            ("password", "ENC[AES256_GCM,data:x]"),
            ("secretKey", "GRAFANA_ADMIN_PASSWORD"),
            ("secretKey", "grafana-admin-password"),
            ("token", "upokt"),
            ("public_key", hex),
            ("tx_hash", hex),
            ("key", hex),
            ("image", "hunter2"),
            ("token", "123e4567-e89b-12d3-a456-426614174000"),
        ] {
            assert!(!is_found(name, value), "{name}: {value}");
        }
    }

    #[test]
    fn keys_that_everybody_knows_pass() {
        // The first account of Anvil and Hardhat.
        let key = ["ac0974bec39a17e36ba4a6b4d238ff94", "4bacb478cbed5efcae784d7bf4f2ff80"].concat();
        assert!(!is_found("PRIVATE_KEY", &format!("0x{key}")));
        assert!(is_found("PRIVATE_KEY", &format!("0x{}", key.replace("ac09", "ac19"))));
    }

    #[test]
    fn in_programs_names_are_names() {
        let bare = |value| judge("password", value, Writing::Bare).is_some();
        assert!(bare("hunter2"));
        for value in ["user.password", "getenv()", "password", "row[0]", "<secret1>"] {
            assert!(!bare(value), "{value}");
        }
        assert!(SENTENCE_WORDS.is_sorted());
    }
}
