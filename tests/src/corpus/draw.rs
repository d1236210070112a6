//! Keys, tokens and words, drawn at random.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bech32::{Bech32, Hrp};
use ed25519_dalek::SigningKey;
use fastrand::Rng;
use sha2::{Digest, Sha256};

/// The words of BIP-39.
const WORDS: &str = include_str!("../../../crates/guard/rules/bip39-english.txt");

/// Some bytes.
pub fn bytes(rng: &mut Rng, length: usize) -> Vec<u8> {
    (0..length).map(|_| rng.u8(..)).collect()
}

/// Some bytes in hexadecimal.
pub fn hex(rng: &mut Rng, length: usize) -> String {
    hex::encode(bytes(rng, length))
}

/// Some bytes in base64.
pub fn base64(rng: &mut Rng, length: usize) -> String {
    STANDARD.encode(bytes(rng, length))
}

/// Base64 of a text.
pub fn encoded(text: &str) -> String {
    STANDARD.encode(text)
}

/// Letters and digits.
pub fn alphanumeric(rng: &mut Rng, length: usize) -> String {
    (0..length).map(|_| rng.alphanumeric()).collect()
}

/// Letters and digits of an alphabet.
pub fn of(rng: &mut Rng, alphabet: &str, length: usize) -> String {
    let letters = alphabet.as_bytes();
    (0..length).map(|_| char::from(letters[rng.usize(..letters.len())])).collect()
}

/// The 64 bytes of an Ed25519 key pair.
pub fn pair(rng: &mut Rng) -> [u8; 64] {
    let mut seed = [0; 32];
    rng.fill(&mut seed);
    SigningKey::from_bytes(&seed).to_keypair_bytes()
}

/// A phrase of 12, 15, 18, 21 or 24 words, its checksum right.
pub fn mnemonic(rng: &mut Rng, words: usize) -> Vec<&'static str> {
    let key = bytes(rng, words * 4 / 3);
    let sum = Sha256::digest(&key)[0];
    let bits =
        key.iter().chain([&sum]).flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1));
    let bits: Vec<u8> = bits.take(words * 11).collect();
    let list: Vec<&str> = WORDS.lines().collect();
    bits.chunks(11)
        .map(|bits| list[bits.iter().fold(0, |sum, bit| sum << 1 | usize::from(*bit))])
        .collect()
}

/// Words of the list without a checksum that holds.
pub fn words_without_sum(rng: &mut Rng, words: usize) -> Vec<&'static str> {
    let list: Vec<&str> = WORDS.lines().collect();
    let mut phrase = mnemonic(rng, words);
    // With another last word the sum holds no more, whatever the key's bits in it.
    let last = list.iter().position(|word| Some(word) == phrase.last()).unwrap_or_default();
    let place = phrase.len() - 1;
    phrase[place] = list[last ^ 1];
    phrase
}

/// A password as people choose them.
pub fn password(rng: &mut Rng) -> String {
    let words = ["Winter", "tiger", "Kraken", "pelican", "Maple", "rocket", "saffron", "Granite"];
    let first = words[rng.usize(..words.len())];
    let second = words[rng.usize(..words.len())];
    match rng.u8(..4) {
        0 => format!("{first}{}!", rng.u16(1000..9999)),
        1 => format!("{first}-{second}-{}", rng.u8(10..99)),
        2 => format!("{}{}#{}", first.to_lowercase(), rng.u8(10..99), second),
        _ => alphanumeric(rng, 14),
    }
}

/// A token of GitHub, its checksum right.
pub fn github(rng: &mut Rng) -> String {
    let body = alphanumeric(rng, 30);
    let mut sum = crc32fast::hash(body.as_bytes());
    const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(sum % 62) as usize];
        sum /= 62;
    }
    let kind = ["ghp", "gho", "ghs"][rng.usize(..3)];
    format!("{kind}_{body}{}", String::from_utf8_lossy(&digits))
}

/// A signed web token.
pub fn web_token(rng: &mut Rng) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let claims = format!(r#"{{"iss":"api","sub":"{}","exp":{}}}"#, hex(rng, 8), rng.u32(..));
    format!(
        "{header}.{}.{}",
        URL_SAFE_NO_PAD.encode(claims),
        URL_SAFE_NO_PAD.encode(bytes(rng, 32))
    )
}

/// A key of the Cosmos SDK's keyring.
pub fn locked_web_token(rng: &mut Rng) -> String {
    let header = r#"{"alg":"PBES2-HS256+A128KW","created":"2026-01-01 00:00:00","enc":"A256GCM","p2c":8192,"p2s":"AAAA"}"#;
    let parts = [24, 12, 90, 16].map(|length| URL_SAFE_NO_PAD.encode(bytes(rng, length)));
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header), parts.join("."))
}

/// An age identity.
pub fn age(rng: &mut Rng) -> String {
    let hrp = Hrp::parse_unchecked("age-secret-key-");
    bech32::encode_upper::<Bech32>(hrp, &bytes(rng, 32)).expect("it is short")
}

/// An address of a bech32 chain.
pub fn address(rng: &mut Rng, prefix: &str) -> String {
    bech32::encode::<Bech32>(Hrp::parse_unchecked(prefix), &bytes(rng, 20)).expect("it is short")
}

/// A key of NEAR; the secret has twice the length of the public one.
pub fn near(bytes: &[u8]) -> String {
    format!("ed25519:{}", bs58::encode(bytes).into_string())
}

/// An armor.
pub fn armor(label: &str, headers: &str, bytes: &[u8]) -> String {
    let base64 = STANDARD.encode(bytes);
    let lines: Vec<_> = base64.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN {label}-----\n{headers}{}\n-----END {label}-----\n", lines.join("\n"))
}

/// A field in DER.
pub fn der(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len();
    let mut out = vec![tag];
    match length {
        0..128 => out.push(length as u8),
        128..256 => out.extend([0x81, length as u8]),
        _ => out.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    out.extend(value);
    out
}

/// A number in DER.
fn number(rng: &mut Rng, length: usize) -> Vec<u8> {
    let mut value = bytes(rng, length);
    value[0] = value[0] & 0x3f | 0x40;
    der(2, &value)
}

/// An RSA private key in DER (PKCS#1): the shape of one, which is all that is looked at.
pub fn rsa(rng: &mut Rng) -> Vec<u8> {
    let mut fields = vec![der(2, &[0]), number(rng, 128), der(2, &[1, 0, 1]), number(rng, 128)];
    fields.extend((0..5).map(|_| number(rng, 64)));
    der(0x30, &fields.concat())
}

/// A private key of an elliptic curve in DER (SEC1).
pub fn sec1(rng: &mut Rng) -> Vec<u8> {
    let curve = der(0xa0, &der(6, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]));
    der(0x30, &[der(2, &[1]), der(4, &bytes(rng, 32)), curve].concat())
}

/// An Ed25519 key in DER (PKCS#8).
pub fn pkcs8(rng: &mut Rng) -> Vec<u8> {
    let algorithm = der(0x30, &der(6, &[0x2b, 0x65, 0x70]));
    der(0x30, &[der(2, &[0]), algorithm, der(4, &der(4, &bytes(rng, 32)))].concat())
}

/// A locked key in DER.
pub fn locked_pkcs8(rng: &mut Rng) -> Vec<u8> {
    let algorithm = der(
        0x30,
        &[der(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 0x0d]), der(0x30, &bytes(rng, 20))]
            .concat(),
    );
    der(0x30, &[algorithm, der(4, &bytes(rng, 144))].concat())
}

/// A certificate in DER, as far as its shape goes.
pub fn certificate(rng: &mut Rng) -> Vec<u8> {
    let algorithm = der(0x30, &der(6, &[0x2b, 0x65, 0x70]));
    let body = der(
        0x30,
        &[
            der(0xa0, &der(2, &[2])),
            number(rng, 16),
            algorithm.clone(),
            der(0x30, &bytes(rng, 200)),
        ]
        .concat(),
    );
    der(0x30, &[body, algorithm, der(3, &bytes(rng, 65))].concat())
}

/// An OpenSSH private key; with a cipher's name when it is locked.
pub fn openssh(rng: &mut Rng, cipher: &str) -> Vec<u8> {
    let length = (cipher.len() as u32).to_be_bytes();
    [&b"openssh-key-v1\0"[..], &length, cipher.as_bytes(), &bytes(rng, 180)].concat()
}

/// A text with every line indented.
pub fn indented(text: &str, by: &str) -> String {
    text.lines()
        .map(|line| if line.is_empty() { "\n".to_owned() } else { format!("{by}{line}\n") })
        .collect()
}
