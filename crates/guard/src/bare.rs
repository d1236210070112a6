//! A text that is one value: a file with nothing but a key in it, an entry of a
//! ConfigMap, what a script writes into a file. Its shape is that of hashes, so the
//! names around it decide.

use crate::credential::{self, Writing};
use crate::encoded;
use crate::finding::{Confidence, Rule};
use crate::found::Found;
use crate::known;
use crate::name::{Meaning, meaning, secret_meaning, words};
use crate::placeholder::is_placeholder;
use crate::shape::material;

/// The longest value that is looked at.
const LONGEST: usize = 400;

/// The key types of Substrate's keystore, in the hexadecimal of its file names.
const SUBSTRATE_TYPES: [&str; 9] = [
    "61757261", "6772616e", "62616265", "696d6f6e", "61756469", "70617261", "6265656b", "6d697864",
    "61737367",
];

/// Words in the names of files that hold what everybody may see, as long as a key.
const PUBLIC_WORDS: [&str; 16] = [
    "block", "bytecode", "commit", "contract", "creation", "genesis", "head", "image", "merkle",
    "root", "seal", "sha", "state", "sum", "tx", "version",
];

/// Judges a text by the names that it goes by, the nearest first.
pub(crate) fn find(text: &str, names: &[&str]) -> Option<Found> {
    let value = text.trim();
    if value.is_empty() || value.len() > LONGEST || value.contains('\n') {
        return None;
    }
    let value = value.trim_matches('"');
    let start = text.find(value)?;
    let found =
        |rule, confidence, why| Some(Found::new(start..start + value.len(), rule, confidence, why));
    if is_placeholder(value) {
        return None;
    }
    let names: Vec<&str> = names.iter().map(|name| without_backup(name)).collect();
    let file = names.first().map(|name| name.rsplit('/').next().unwrap_or(name))?;
    let key = material(value);
    if is_published(key.as_ref().map(|(_, bytes)| bytes.as_slice())) {
        return None;
    }
    if is_substrate(file) && (key.is_some() || value.starts_with("//")) {
        let why = "a key of Substrate's keystore in the clear: the file has the name of its type and its public key";
        return found(Rule::RawKey, Confidence::Structure, why);
    }
    if is_validator_password(file) && !value.contains(char::is_whitespace) {
        let why = "the password of a validator's keystore: the file has the name of its public key";
        return found(Rule::Credential, Confidence::Structure, why);
    }
    if let Some((_, bytes)) = &key
        && matches!(bytes.len(), 32 | 64)
        && names.iter().take(1).any(|name| is_key_file(name))
    {
        let why = "a private key in the clear: the file has the name of one, and nothing in it but bytes of its length";
        return found(Rule::RawKey, Confidence::Structure, why);
    }
    let verdict = names.iter().take(1).find_map(|name| {
        let means = secret_meaning(file_stem(name));
        let fits = matches!(means, Meaning::Password | Meaning::Token | Meaning::Key)
            && !value.contains(char::is_whitespace)
            && (means != Meaning::Password || is_alone(value));
        fits.then(|| credential::judge(file_stem(name), value, Writing::Data)).flatten()
    })?;
    found(verdict.rule, verdict.confidence, verdict.why)
}

/// As [`find`], also when the value is in base64.
pub(crate) fn find_encoded(text: &str, names: &[&str]) -> Option<Found> {
    find(text, names).or_else(|| {
        let value = text.trim();
        let decoded = String::from_utf8(encoded::decode(value)?).ok()?;
        let found = find(&decoded, names)?;
        let start = text.find(value)?;
        Some(encoded::wrapped(found, &(start..start + value.len())))
    })
}

/// Whether a name in a structure is one of a file, or means a key as one of a file would.
pub(crate) fn is_file_name(name: &str) -> bool {
    name.contains('.')
        || is_substrate(name)
        || is_validator_password(name)
        || (!name.contains('/') && secret_meaning(name) == Meaning::Key)
}

fn is_published(key: Option<&[u8]>) -> bool {
    key.is_some_and(known::is_published)
}

/// Whether something can be a password and is no beginning of a text.
fn is_alone(value: &str) -> bool {
    value.len() >= 6 && !value.ends_with([':', ';', '{', ',', '.'])
}

/// The last name of a path, without what its extension says about its form.
fn file_stem(name: &str) -> &str {
    let file = name.rsplit('/').next().unwrap_or(name);
    match file.rsplit_once('.') {
        Some((stem, "txt" | "hex" | "b64" | "base64" | "key" | "pem" | "env" | "conf"))
            if !stem.is_empty() =>
        {
            stem
        }
        _ => file,
    }
}

/// `nodekey`, `jwt.hex`, `validator.key`, `operator-private.hex`
pub(crate) fn is_key_file(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let words = words(file);
    let means = meaning(name);
    if means == Meaning::Public || words.iter().any(|word| PUBLIC_WORDS.contains(&&**word)) {
        return false;
    }
    let extension = file.rsplit_once('.').map(|(_, extension)| extension);
    matches!(means, Meaning::Key | Meaning::MaybeKey | Meaning::Mnemonic | Meaning::Token)
        || matches!(extension, Some("key" | "hex" | "priv" | "sk" | "secret"))
        || words
            .iter()
            .any(|word| matches!(&**word, "jwt" | "key" | "nodekey" | "privkey" | "secret"))
}

/// A name without what marks a copy.
fn without_backup(name: &str) -> &str {
    let name = name.trim_end_matches('~');
    let marks = [".bak", ".old", ".orig", ".save", ".backup", ".tmp", ".swp"];
    marks.iter().find_map(|mark| name.strip_suffix(mark)).unwrap_or(name)
}

/// The name of a file in a keystore, which has the public key in it.
pub(crate) fn is_keystore_name(file: &str) -> bool {
    is_substrate(file) || is_validator_password(file)
}

/// Eight hexadecimal digits of a type and 64 or 66 of a public key.
fn is_substrate(file: &str) -> bool {
    matches!(file.len(), 72 | 74)
        && file.bytes().all(|byte| byte.is_ascii_hexdigit())
        && SUBSTRATE_TYPES.iter().any(|kind| file.starts_with(kind))
}

/// `0x` and the 96 digits of a BLS public key.
pub(crate) fn is_validator_password(file: &str) -> bool {
    let file = file.strip_suffix(".txt").unwrap_or(file);
    file.strip_prefix("0x")
        .is_some_and(|hex| hex.len() == 96 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "9f8a7c6b5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8b";

    fn rule(text: &str, name: &str) -> Option<Rule> {
        find(text, &[name]).map(|found| found.rule)
    }

    #[test]
    fn the_name_decides_about_bytes() {
        for name in
            ["nodekey", "jwt.hex", "jwtsecret", "validator.key", "a/b/priv.hex", "geth-nodekey"]
        {
            assert_eq!(rule(HEX, name), Some(Rule::RawKey), "{name}");
            assert_eq!(rule(&format!("0x{HEX}\n"), name), Some(Rule::RawKey), "{name}");
        }
        for name in ["genesis.hash", "pubkey.hex", "CHECKSUM", "block.hex", "commit", "README"] {
            assert_eq!(rule(HEX, name), None, "{name}");
        }
        assert_ne!(rule(&HEX[..63], "nodekey"), Some(Rule::RawKey), "a digit is missing");
        assert_eq!(rule(&"1".repeat(64), "nodekey"), None);
    }

    #[test]
    fn keystores_name_their_files() {
        let aura = format!("61757261{HEX}");
        assert_eq!(rule(&format!("\"0x{HEX}\""), &aura), Some(Rule::RawKey));
        assert_eq!(rule(&format!("\"0x{HEX}\""), &aura[1..]), None);
        let public = format!("0x{}{}", HEX, &HEX[..32]);
        assert_eq!(rule("hunter2-hunter2", &public), Some(Rule::Credential));
        assert_eq!(rule("hunter2-hunter2", &public[..97]), None);
    }

    #[test]
    fn passwords_alone_in_their_file() {
        assert_eq!(rule("hunter2-hunter2\n", "db_password.txt"), Some(Rule::Credential));
        assert_eq!(rule("hunter2-hunter2\n", "notes.txt"), None);
        assert_eq!(rule("changeme\n", "db_password.txt"), None);
    }
}
