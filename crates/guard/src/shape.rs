//! What a value looks like, whatever it is called.

use crate::encoded;

/// The longest name of a thing.
const LONGEST_NAME: usize = 100;

/// Bytes that a value stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coat {
    /// In hexadecimal, with `0x` or without.
    Hex,
    /// In base64, standard or for addresses.
    Base64,
}

/// The bytes of key material: hexadecimal or base64 of a length that keys have.
pub(crate) fn material(value: &str) -> Option<(Coat, Vec<u8>)> {
    let value = value.trim();
    let hex = value.strip_prefix("0x").or_else(|| value.strip_prefix("0X")).unwrap_or(value);
    if matches!(hex.len(), 32 | 48 | 64 | 96 | 128)
        && let Ok(bytes) = hex::decode(hex)
    {
        return varied(bytes).map(|bytes| (Coat::Hex, bytes));
    }
    if !(22..=180).contains(&value.len()) || !value.bytes().all(is_base64) {
        return None;
    }
    let bytes = encoded::decode(value)?;
    let is_length = matches!(bytes.len(), 16 | 24 | 32 | 33 | 48 | 64 | 96);
    // Words are base64 too; what is drawn at random has every kind of character.
    let kinds: [fn(&u8) -> bool; 3] =
        [u8::is_ascii_lowercase, u8::is_ascii_uppercase, u8::is_ascii_digit];
    let is_mixed = kinds.iter().all(|kind| value.as_bytes().iter().any(kind));
    (is_length && is_mixed).then(|| varied(bytes)).flatten().map(|bytes| (Coat::Base64, bytes))
}

/// Keys are drawn at random: sixteen bytes have more than a handful of values.
fn varied(bytes: Vec<u8>) -> Option<Vec<u8>> {
    let mut seen = [false; 256];
    bytes.iter().for_each(|&byte| seen[usize::from(byte)] = true);
    (seen.iter().filter(|&&seen| seen).count() >= 8).then_some(bytes)
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=-_".contains(&byte)
}

/// Whether a value is made of words, as the names of things are: `DB_PASSWORD`,
/// `app-secret-v2`, `clientSecret`.
pub(crate) fn is_name(value: &str) -> bool {
    if !value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./:@".contains(&byte)) {
        return false;
    }
    if is_upper_name(value) {
        return true;
    }
    let mut words = value.split(|character: char| !character.is_ascii_alphanumeric());
    if words.all(|word| word.is_empty() || is_word(word)) {
        return true;
    }
    if value.len() > LONGEST_NAME {
        return false;
    }
    // `V1SecretVolumeSource`, `cncf.kubernetes.SecretsBackend`: most of it is words.
    let spoken: usize = crate::name::words(value)
        .iter()
        .filter(|word| word.len() > 3 && word.bytes().all(|byte| byte.is_ascii_lowercase()))
        .filter(|word| is_spoken(word))
        .map(String::len)
        .sum();
    let is_identifier = value.starts_with(|first: char| first.is_ascii_alphabetic())
        && spoken * 10 >= value.len() * 7;
    if is_identifier {
        return true;
    }
    // What a machine hangs behind a name, so that there is one of it: `app-token-319d75`.
    let Some((name, suffix)) = value.rsplit_once('-') else { return false };
    let is_suffix =
        (4..=10).contains(&suffix.len()) && suffix.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_suffix
        && name.contains('-')
        && name
            .split('-')
            .all(|word| word.bytes().all(|byte| byte.is_ascii_lowercase()) && is_word(word))
}

/// `DB_PASSWORD`, `PASSWORD`
pub(crate) fn is_upper_name(value: &str) -> bool {
    value.len() > 1
        && value
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        && value.starts_with(|first: char| first.is_ascii_uppercase() || first == '_')
        && value.split('_').all(|word| word.is_empty() || is_word(&word.to_ascii_lowercase()))
}

/// Letters that could be spoken, and perhaps a number: `v2`, `password1`.
fn is_word(word: &str) -> bool {
    let letters = word.trim_end_matches(|character: char| character.is_ascii_digit());
    let digits = word.len() - letters.len();
    if letters.is_empty() {
        return digits <= 4;
    }
    if digits > 4 || !letters.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return false;
    }
    // Cases change where a word begins, and nowhere else.
    let bytes = letters.as_bytes();
    let changes = bytes
        .windows(2)
        .filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
        .count();
    if bytes.iter().all(u8::is_ascii_lowercase) || bytes.iter().all(u8::is_ascii_uppercase) {
        return letters.len() <= 3 || is_spoken(letters);
    }
    changes * 3 <= letters.len() && is_spoken(letters)
}

/// Whether vowels are where tongues need them.
fn is_spoken(letters: &str) -> bool {
    let is_vowel = |byte: u8| b"aeiouyAEIOUY".contains(&byte);
    let vowels = letters.bytes().filter(|&byte| is_vowel(byte)).count();
    let longest =
        letters.as_bytes().split(|&byte| is_vowel(byte)).map(<[u8]>::len).max().unwrap_or_default();
    letters.len() <= 30 && vowels * 6 >= letters.len() && longest <= 5
}

/// Whether a machine made this up: letters and digits without words, long enough for
/// chance to be ruled out.
pub(crate) fn is_random(value: &str) -> bool {
    let length = value.len();
    if !(8..=4096).contains(&length) || !value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return false;
    }
    if is_name(value) || is_about_a_place(value) || is_number(value) {
        return false;
    }
    let has = |kind: fn(&u8) -> bool| value.as_bytes().iter().any(kind);
    let kinds = usize::from(has(u8::is_ascii_lowercase))
        + usize::from(has(u8::is_ascii_uppercase))
        + usize::from(has(u8::is_ascii_digit))
        + usize::from(has(u8::is_ascii_punctuation));
    let bits = entropy(value.as_bytes());
    match length {
        0..12 => kinds >= 3 && bits >= 2.7,
        12..20 => kinds >= 2 && bits >= 2.9,
        _ => bits >= 3.0,
    }
}

/// Bits for each byte.
pub(crate) fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    bytes.iter().for_each(|&byte| counts[usize::from(byte)] += 1);
    let length = bytes.len() as f64;
    let share = |count: u32| f64::from(count) / length;
    -counts.iter().filter(|&&count| count > 0).map(|&n| share(n) * share(n).log2()).sum::<f64>()
}

/// `8-4-4-4-12` hexadecimal digits.
pub(crate) fn is_uuid(value: &str) -> bool {
    let lengths = value.split('-').map(str::len);
    value.len() == 36
        && lengths.eq([8, 4, 4, 4, 12])
        && value.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// Paths, addresses, hosts, versions, dates: what tells where or when.
pub(crate) fn is_about_a_place(value: &str) -> bool {
    let is_path = ["/", "./", "../", "~/", "file:", "C:\\", "@/"].iter().any(|start| {
        value.strip_prefix(start).is_some_and(|rest| {
            !rest.is_empty()
                && rest
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"_-./~\\:@ ".contains(&byte))
                && rest.split(['/', '.', '-', '_']).any(|part| part.len() > 1 && is_word(part))
        })
    });
    let is_address = value.contains("://");
    let extension = value
        .rsplit_once('.')
        .is_some_and(|(stem, extension)| EXTENSIONS.contains(&extension) && !stem.is_empty());
    is_path || is_address || extension || is_account(value)
}

/// `0x` and 40 hexadecimal digits: an account or a contract of Ethereum, as `token` is
/// one of.
fn is_account(value: &str) -> bool {
    value
        .strip_prefix("0x")
        .is_some_and(|hex| hex.len() == 40 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

const EXTENSIONS: [&str; 24] = [
    "cluster", "com", "conf", "crt", "dev", "go", "html", "io", "json", "key", "local", "md",
    "net", "org", "pem", "proto", "py", "sh", "svc", "toml", "txt", "xml", "yaml", "yml",
];

fn is_number(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_digit() || b".,:-+TZ_eE%".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_names() {
        for name in [
            "DB_PASSWORD",
            "PASSWORD",
            "app-secret-v2",
            "clientSecret",
            "grafana.ini",
            "my_secret_key",
            "team/app/credentials",
            "kubernetes.io/tls",
            "ES_HOST",
        ] {
            assert!(is_name(name), "{name}");
            assert!(!is_random(name), "{name}");
        }
        for value in
            ["hunter2!", "Xk9fQ2mPz7", "s3cr3t-t0k3n", "aGVsbG8tc2VjcmV0", "JBSWY3DPEHPK3PXP"]
        {
            assert!(!is_name(value), "{value}");
        }
    }

    #[test]
    fn what_machines_make_up_is_random() {
        for value in [
            "Xk9fQ2mPz7Lw",
            "9f8a7c6b5d4e3f2a1b0c9d8e7f6a5b4c",
            "q8Zr!t2Lm#9x",
            "JBSWY3DPEHPK3PXPABQW",
        ] {
            assert!(is_random(value), "{value}");
        }
        for value in [
            "/etc/keys/node_key.json",
            "https://example.org/a1b2c3d4e5f6",
            "2026-11-20T16:06:50",
            "1234567890",
            "keys/tls.key",
            "short1",
        ] {
            assert!(!is_random(value), "{value}");
        }
    }

    #[test]
    fn material_is_of_the_length_of_keys() {
        let bytes: Vec<u8> = (0..32_u8).map(|byte| byte.wrapping_mul(37) ^ 0x5a).collect();
        assert_eq!(material(&hex::encode(&bytes)), Some((Coat::Hex, bytes.clone())));
        assert_eq!(material(&format!("0x{}", hex::encode(&bytes))).unwrap().1, bytes);
        assert_eq!(material(&hex::encode(&bytes[..31])), None);
        assert_eq!(material(&"11".repeat(32)), None);
        assert_eq!(material("thisIsOnlyALongCamelCaseName"), None);
    }

    #[test]
    fn uuids_are_uuids() {
        assert!(is_uuid("123e4567-e89b-12d3-a456-426614174000"));
        assert!(!is_uuid("123e4567-e89b-12d3-a456-42661417400"));
        assert!(!is_uuid("123e4567-e89b-12d3-a456-42661417400g"));
    }
}
