//! The keys here are none: only as much of their structure is there as is looked at.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::*;

const MODULUS: &[u8] = b"\x00\xc3 the modulus of an RSA key that is none";
const POINT: &[u8] = b"\x04 the point of a curve that is none";

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut der = vec![tag, u8::try_from(content.len()).expect("short enough for one byte")];
    assert!(content.len() < 128);
    der.extend_from_slice(content);
    der
}

fn sequence_of(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

fn integer(bytes: &[u8]) -> Vec<u8> {
    tlv(0x02, bytes)
}

fn octets(bytes: &[u8]) -> Vec<u8> {
    tlv(0x04, bytes)
}

fn rsa(modulus: &[u8]) -> Vec<u8> {
    sequence_of(&[integer(&[0]), integer(modulus), integer(&[3]), integer(&[5])])
}

fn curve(point: &[u8]) -> Vec<u8> {
    let bits = tlv(0x03, &[&[0], point].concat());
    sequence_of(&[integer(&[1]), octets(b"private"), tlv(0xa1, &bits)])
}

fn pkcs8(inner: &[u8]) -> Vec<u8> {
    sequence_of(&[integer(&[0]), sequence_of(&[]), octets(inner)])
}

fn certificate_with(public: &[u8]) -> Vec<u8> {
    sequence_of(&[sequence_of(&[integer(&[1]), tlv(0x03, public)])])
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
}

/// What comes of a certificate and a key, as files.
fn result(cert: &str, key: &str) -> std::result::Result<(), String> {
    let dir = tempfile::tempdir().unwrap();
    let (cert_file, key_file) = (dir.path().join("cert"), dir.path().join("key"));
    std::fs::write(&cert_file, cert).unwrap();
    std::fs::write(&key_file, key).unwrap();
    let leaf = certificate(&cert_file, cert.as_bytes());
    let outcome = leaf.and_then(|leaf| {
        let private = private_key(&key_file, key.as_bytes())?;
        match public_half(&private) {
            Some(public) if !contains(&leaf, public) => Err(wrong(&key_file, "other")),
            _ => Ok(()),
        }
    });
    outcome.map_err(|failure| format!("{failure:?}"))
}

#[test]
fn a_key_goes_with_its_certificate_alone() {
    let of_rsa = pem("CERTIFICATE", &certificate_with(MODULUS));
    let of_curve = pem("CERTIFICATE", &certificate_with(POINT));
    let rsa_keys = [
        pem("RSA PRIVATE KEY", &rsa(MODULUS)),
        pem("PRIVATE KEY", &pkcs8(&rsa(MODULUS))),
        pem("EC PARAMETERS", &[5, 0]) + &pem("RSA PRIVATE KEY", &rsa(MODULUS)),
    ];
    for key in &rsa_keys {
        assert_eq!(result(&of_rsa, key), Ok(()));
        assert!(result(&of_curve, key).is_err());
    }
    for key in [pem("EC PRIVATE KEY", &curve(POINT)), pem("PRIVATE KEY", &pkcs8(&curve(POINT)))] {
        assert_eq!(result(&of_curve, &key), Ok(()));
        assert!(result(&of_rsa, &key).is_err());
    }
    // It does not say what its public half is.
    assert_eq!(result(&of_rsa, &pem("PRIVATE KEY", &pkcs8(&octets(b"seed")))), Ok(()));
}

#[test]
fn what_is_no_pair_is_refused_and_not_shown() {
    let cert = pem("CERTIFICATE", &certificate_with(MODULUS));
    let key = pem("PRIVATE KEY", &pkcs8(&rsa(MODULUS)));
    let both = format!("{cert}{key}");
    let cases: [(&str, &str, &str); 8] = [
        (&key, &key, "there is a private key in it"),
        (&both, &key, "there is a private key in it"),
        (&cert, &cert, "there is no private key in it"),
        ("junk", &key, "there is no certificate in it"),
        (&cert, "junk", "there is no private key in it"),
        (&cert, &pem("ENCRYPTED PRIVATE KEY", &rsa(MODULUS)), "there is no private key"),
        (&cert, &pem("PRIVATE KEY", b"\x30\x7fcut"), "is damaged"),
        (&cert, "-----BEGIN PRIVATE KEY-----\nhunter2!\n-----END PRIVATE KEY-----\n", "not PEM"),
    ];
    for (cert, key, expected) in cases {
        let message = result(cert, key).unwrap_err();
        assert!(message.contains(expected), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
    }
}
