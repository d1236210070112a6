//! What the name of a value says about it.
//!
//! Names are read word by word, however they are written: `DB_PASSWORD`,
//! `dbPassword`, `db-password` and `spring.db.password` say the same.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// What a name promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Something that may be seen, or a place where a secret is: `public_key`,
    /// `password_file`, `secretName`.
    Public,
    /// Something that people choose.
    Password,
    /// Key material.
    Key,
    /// The words that a wallet comes from.
    Mnemonic,
    /// Something that a machine made up.
    Token,
    /// Something with `key` in its name: a key, or where to look something up.
    MaybeKey,
    /// Nothing.
    Nothing,
}

/// First words of what is done with a secret, or whether: `update_password: always`.
const DEEDS: [&str; 21] = [
    "allow", "change", "check", "forgot", "generate", "has", "hide", "is", "no", "on", "remember",
    "require", "reset", "rotate", "save", "show", "store", "update", "use", "validate", "verify",
];

/// Words that make several `keys` worth something.
const KEYS_OWNERS: [&str; 7] =
    ["access", "api", "private", "secret", "signing", "ssh", "validator"];

/// Words that stand in one with `key` and `hex`: `nodekeyhex`.
const JOINED_KEYS: [&str; 5] = ["nodekey", "privatekey", "privkey", "secretkey", "signingkey"];

/// What stands behind the word that counts and does not change it.
const NEUTRAL: [&str; 37] = [
    "b64",
    "backup",
    "base64",
    "bytes",
    "conf",
    "current",
    "default",
    "dev",
    "enc",
    "encoded",
    "hex",
    "json",
    "local",
    "main",
    "mainnet",
    "new",
    "old",
    "plain",
    "plaintext",
    "pem",
    "primary",
    "prod",
    "production",
    "raw",
    "secondary",
    "staging",
    "str",
    "string",
    "test",
    "testnet",
    "text",
    "txt",
    "val",
    "value",
    "values",
    "yaml",
    "yml",
];

/// A last word that makes the name one of something else.
const ABOUT: [&str; 103] = [
    "account",
    "alg",
    "algo",
    "algorithm",
    "annotations",
    "arn",
    "attempts",
    "audience",
    "backend",
    "bits",
    "bucket",
    "cache",
    "chars",
    "class",
    "column",
    "config",
    "configmap",
    "count",
    "curve",
    "date",
    "days",
    "desc",
    "description",
    "dir",
    "directory",
    "duration",
    "enabled",
    "encryption",
    "endpoint",
    "expiration",
    "expires",
    "expiry",
    "field",
    "file",
    "filename",
    "files",
    "folder",
    "format",
    "formatter",
    "generator",
    "handler",
    "header",
    "help",
    "hint",
    "host",
    "hours",
    "id",
    "ids",
    "idx",
    "index",
    "interval",
    "issuer",
    "kind",
    "label",
    "labels",
    "len",
    "length",
    "level",
    "lifetime",
    "limit",
    "management",
    "manager",
    "max",
    "message",
    "min",
    "minutes",
    "mode",
    "mount",
    "name",
    "names",
    "namespace",
    "number",
    "optional",
    "owner",
    "param",
    "params",
    "path",
    "pattern",
    "policy",
    "port",
    "prefix",
    "prompt",
    "property",
    "provider",
    "ref",
    "reference",
    "refs",
    "regex",
    "region",
    "required",
    "role",
    "rotation",
    "rules",
    "schema",
    "scope",
    "seconds",
    "selector",
    "size",
    "source",
    "spec",
    "state",
    "status",
    "stdin",
];

/// More of them: the list is longer than a line of thought.
const ABOUT_TOO: [&str; 27] = [
    "store",
    "suffix",
    "symbol",
    "tag",
    "template",
    "threshold",
    "time",
    "timeout",
    "title",
    "ttl",
    "type",
    "types",
    "uri",
    "url",
    "urls",
    "usage",
    "used",
    "user",
    "username",
    "validation",
    "validator",
    "version",
    "versions",
    "volume",
    "warning",
    "week",
    "year",
];

/// Words that make what they stand in public.
const PUBLIC: [&str; 40] = [
    "addr",
    "address",
    "addresses",
    "anon",
    "blockhash",
    "cert",
    "certificate",
    "checksum",
    "checksums",
    "cipher",
    "ciphertext",
    "commit",
    "csrf",
    "digest",
    "encrypted",
    "fingerprint",
    "genesis",
    "hash",
    "hashed",
    "hashes",
    "integrity",
    "mac",
    "md5",
    "nonce",
    "peer",
    "proof",
    "pub",
    "pubkey",
    "pubkeys",
    "public",
    "publickey",
    "publishable",
    "revision",
    "sealed",
    "sha1",
    "sha256",
    "sha512",
    "sig",
    "signature",
    "withdrawal",
];

const PASSWORDS: [&str; 18] = [
    "kennwort",
    "keypass",
    "masterauth",
    "pass",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "passwords",
    "passwort",
    "pgpassword",
    "psw",
    "pw",
    "pwd",
    "requirepass",
    "rootpw",
    "sshpass",
    "storepass",
];

const TOKENS: [&str; 22] = [
    "accesskey",
    "accesstoken",
    "apikey",
    "apikeys",
    "apisecret",
    "apitoken",
    "auth",
    "authorization",
    "authtoken",
    "bearer",
    "clientsecret",
    "connectionstring",
    "credential",
    "credentials",
    "creds",
    "dsn",
    "pat",
    "secret",
    "secrets",
    "token",
    "tokens",
    "webhook",
];

/// Words that make a `key` one that is worth something.
const KEY_OWNERS: [&str; 55] = [
    "access",
    "account",
    "admin",
    "agent",
    "api",
    "app",
    "auth",
    "authentication",
    "bot",
    "client",
    "consensus",
    "core",
    "cosigner",
    "crypto",
    "deployer",
    "ecies",
    "encryption",
    "ethereum",
    "events",
    "faucet",
    "gateway",
    "hmac",
    "host",
    "identity",
    "ingest",
    "integration",
    "jwt",
    "license",
    "live",
    "master",
    "node",
    "operator",
    "owner",
    "pagerduty",
    "peer",
    "pocket",
    "preshared",
    "relay",
    "relayer",
    "root",
    "routing",
    "rsa",
    "secp256k1",
    "secret",
    "sequencer",
    "server",
    "service",
    "session",
    "shared",
    "signer",
    "signing",
    "ssh",
    "supplier",
    "user",
    "validator",
];

const KEYS: [&str; 17] = [
    "hexkey",
    "jwtsecret",
    "nodekey",
    "presharedkey",
    "priv",
    "privatekey",
    "privatekeys",
    "privkey",
    "privkeys",
    "privval",
    "psk",
    "rsakey",
    "secretkey",
    "signkey",
    "sk",
    "skhex",
    "softsign",
];

const MNEMONICS: [&str; 8] =
    ["bip39", "menmonic", "mnemonic", "mnemonics", "recovery", "seed", "seedphrase", "suri"];

/// What is in the letters of every name that means something secret.
const ROOTS: [&str; 22] = [
    "auth",
    "bearer",
    "bip",
    "connectionstring",
    "credential",
    "creds",
    "dsn",
    "kennwort",
    "key",
    "menmonic",
    "mnemonic",
    "pass",
    "pat",
    "priv",
    "psw",
    "pw",
    "recovery",
    "secret",
    "seed",
    "sk",
    "suri",
    "token",
];

/// More of them.
const ROOTS_TOO: [&str; 2] = ["softsign", "webhook"];

static ANY_ROOT: LazyLock<AhoCorasick> = LazyLock::new(|| {
    // Far more of them would be too many.
    AhoCorasick::new(ROOTS.iter().chain(&ROOTS_TOO)).expect("some twenty short words fit")
});

/// What a name says, when it may say that something is secret: for the names of most
/// values one look is enough.
pub(crate) fn secret_meaning(name: &str) -> Meaning {
    let mut letters = [0; LONGEST_NAME];
    let mut length = 0;
    for byte in name.bytes().take(LONGEST_NAME) {
        // Some letters are those of ASCII when they are small.
        if !byte.is_ascii() {
            return meaning(name);
        }
        if byte.is_ascii_alphabetic() {
            letters[length] = byte.to_ascii_lowercase();
            length += 1;
        }
    }
    if ANY_ROOT.is_match(&letters[..length]) { meaning(name) } else { Meaning::Nothing }
}

/// Reads a name.
pub(crate) fn meaning(name: &str) -> Meaning {
    let words = words(name);
    // Single letters and numbers say nothing: `private_key_1`.
    let mut words: Vec<&str> = words
        .iter()
        .map(|word| word.trim_end_matches(|character: char| character.is_ascii_digit()))
        .zip(&words)
        .map(
            |(short, word)| if PUBLIC.contains(&&**word) || is_listed(word) { word } else { short },
        )
        .filter(|word| !word.is_empty())
        .collect();
    while words.len() > 1 && words.last().is_some_and(|last| NEUTRAL.contains(last)) {
        words.pop();
    }
    let Some(&last) = words.last() else { return Meaning::Nothing };
    let any = |list: &[&str]| words.iter().any(|word| list.contains(word));
    let is_about = |word: &str| ABOUT.contains(&word) || ABOUT_TOO.contains(&word);
    if any(&PUBLIC) && !any(&["privkey", "privatekey", "priv"]) {
        return Meaning::Public;
    }
    // `secret_id` of Vault's AppRole, and `account_key`, are what they look like.
    if is_about(last) && !(last == "id" && words.ends_with(&["secret", "id"])) {
        return Meaning::Public;
    }
    if words.len() > 1 && DEEDS.contains(&words[0]) {
        return Meaning::Public;
    }
    let joined = words.concat();
    let ends = |ends: &[&str]| ends.iter().any(|end| joined.ends_with(end));
    let is_key = matches!(last, "key" | "keys");
    // `adminPasswordKey: password`: where to look it up.
    if is_key && any(&["password", "passwd", "passphrase", "token"]) {
        return Meaning::MaybeKey;
    }
    if PASSWORDS.contains(&last)
        || any(&["password", "passwd", "passphrase"])
        || ends(&["password", "passwd", "passphrase"])
    {
        return Meaning::Password;
    }
    if any(&MNEMONICS) {
        return Meaning::Mnemonic;
    }
    let owners: &[&str] = if last == "keys" { &KEYS_OWNERS } else { &KEY_OWNERS };
    let is_owned = words.iter().any(|word| *word != last && owners.contains(word));
    if any(&KEYS)
        || JOINED_KEYS.iter().any(|key| joined.contains(key))
        || (is_key && any(&["private", "priv"]))
        || (any(&["private", "priv"]) && !any(&["endpoint", "network", "subnet", "ip"]))
            && last.starts_with("priv")
    {
        return Meaning::Key;
    }
    if TOKENS.contains(&last) || ends(&["apikey", "secret", "token", "accesskey"]) {
        return Meaning::Token;
    }
    if words.ends_with(&["secret", "id"]) || words.ends_with(&["connection", "string"]) {
        return Meaning::Token;
    }
    match is_key {
        true if is_owned => Meaning::Token,
        true => Meaning::MaybeKey,
        false if any(&["secret", "secrets", "token", "apikey"]) => Meaning::Token,
        false => Meaning::Nothing,
    }
}

fn is_listed(word: &str) -> bool {
    NEUTRAL.contains(&word) || MNEMONICS.contains(&word) || KEY_OWNERS.contains(&word)
}

/// The words of a name, in lower case.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut previous = ' ';
    let mut rest = name.chars().take(LONGEST_NAME).peekable();
    while let Some(character) = rest.next() {
        let next_is_lower = rest.peek().is_some_and(|next| next.is_ascii_lowercase());
        let begins = character.is_ascii_uppercase()
            && (previous.is_ascii_lowercase()
                || previous.is_ascii_digit()
                || (previous.is_ascii_uppercase() && next_is_lower));
        if !character.is_alphanumeric() || begins {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
        }
        if character.is_alphanumeric() {
            word.extend(character.to_lowercase());
        }
        previous = character;
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

/// What the words of a name are made of, one after the other.
pub(crate) fn letters(name: &str) -> impl Iterator<Item = char> {
    let characters = name.chars().take(LONGEST_NAME);
    characters.filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase)
}

/// Nobody's names are longer.
const LONGEST_NAME: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_word_by_word() {
        assert_eq!(words("DB_PASSWORD"), ["db", "password"]);
        assert_eq!(words("dbPassword"), ["db", "password"]);
        assert_eq!(words("spring.db-password"), ["spring", "db", "password"]);
        assert_eq!(words("APIKey"), ["api", "key"]);
        assert_eq!(words("priv_val_key.json"), ["priv", "val", "key", "json"]);
        assert_eq!(words("--"), Vec::<String>::new());
        for name in ["DB_PASSWORD", "APIKey", "spring.db-password", "--", "Straße_İ1"] {
            assert_eq!(letters(name).collect::<String>(), words(name).concat());
        }
    }

    #[test]
    fn names_mean_something() {
        use Meaning::*;
        for (name, means) in [
            ("password", Password),
            ("DB_PASSWORD", Password),
            ("postgresqlPassword", Password),
            ("PGPASSWORD", Password),
            ("keystore_passphrase", Password),
            ("requirepass", Password),
            ("dbPass", Password),
            ("password_plaintext", Password),
            ("PRIVATE_KEY", Key),
            ("privateKey1", Key),
            ("priv_key", Key),
            ("gateway_private_key_hex", Key),
            ("owned_apps_private_keys_hex", Key),
            ("MPC_ACCOUNT_SK", Key),
            ("nodekey", Key),
            ("secretKey", Key),
            ("mnemonic", Mnemonic),
            ("validator-mnemonic.txt", Mnemonic),
            ("API_KEY", Token),
            ("apiKey", Token),
            ("routing_key", Token),
            ("nodekeyhex", Key),
            ("update_password", Public),
            ("adminPasswordKey", MaybeKey),
            ("storageKeys", MaybeKey),
            ("withdrawal_credentials", Public),
            ("client_secret", Token),
            ("slack_webhook", Token),
            ("POCKET_CORE_KEY", Token),
            ("encryption_key", Token),
            ("secret_id", Token),
            ("_authToken", Token),
            ("keys", MaybeKey),
            ("key", MaybeKey),
            ("public_key", Public),
            ("consensus_pubkey", Public),
            ("password_file", Public),
            ("secretName", Public),
            ("existingSecretRef", Public),
            ("tokenUrl", Public),
            ("access_key_id", Public),
            ("TRUST_HASH", Public),
            ("last_sign_signature", Public),
            ("image", Nothing),
            ("compass", Nothing),
            ("keyboard", Nothing),
            ("", Nothing),
        ] {
            assert_eq!(meaning(name), means, "{name}");
            if !matches!(means, Public | Nothing) {
                assert_eq!(secret_meaning(name), means, "{name}");
            }
        }
    }

    #[test]
    fn every_word_that_counts_has_a_root() {
        let lists = [&PASSWORDS[..], &TOKENS, &KEYS, &MNEMONICS, &JOINED_KEYS];
        let joined = ["connection-string", "PASS-WORD", "se2cret", "to\u{212a}en"];
        for word in lists.concat().into_iter().chain(joined) {
            for name in [word.to_owned(), word.to_uppercase(), format!("db_{word}_1")] {
                assert_eq!(secret_meaning(&name), meaning(&name), "{name}");
            }
        }
        assert_eq!(secret_meaning("image"), Meaning::Nothing);
    }
}
