//! `bulla create secret tls`

use std::path::{Path, PathBuf};

use der::{AnyRef, Decode, Reader, SliceReader, Tag, Tagged};
use rustls_pki_types::pem::{PemObject, SectionKind};
use zeroize::Zeroizing;

use crate::commands::create::Common;
use crate::commands::create::manifest::Manifest;
use crate::failure::{Failure, Result};
use crate::input::read_bytes;

const SIZE_LIMIT: u64 = 1 << 20;

/// Make a Secret for TLS
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) common: Common,
    /// Certificate, or a chain of them, as PEM
    #[arg(long, value_name = "FILE")]
    cert: PathBuf,
    /// Private key of the certificate, as PEM
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
}

pub(super) fn fill(args: &Args, manifest: &mut Manifest) -> Result {
    let cert = read_bytes(&args.cert, SIZE_LIMIT)?;
    let key = read_bytes(&args.key, SIZE_LIMIT)?;
    let leaf = certificate(&args.cert, &cert)?;
    let private = private_key(&args.key, &key)?;
    if public_half(&private).is_some_and(|public| !contains(&leaf, public)) {
        return Err(wrong(&args.key, "this key is not the one of the certificate"));
    }
    manifest.set_type("kubernetes.io/tls");
    manifest.add("tls.crt", cert)?;
    manifest.add("tls.key", key)
}

/// The first certificate of a file.
fn certificate(file: &Path, pem: &[u8]) -> Result<Vec<u8>> {
    let sections = sections(file, pem)?;
    let is_key = sections.iter().any(|section| section.is_private());
    let certificate = sections.into_iter().find(|section| section.kind == SectionKind::Certificate);
    match certificate {
        // Anyone who may connect gets to see this file.
        _ if is_key => Err(wrong(file, "there is a private key in it; --cert is public")),
        Some(section) if sequence(&section.der).is_some() => Ok(section.der.to_vec()),
        Some(_) => Err(wrong(file, "this certificate is damaged")),
        None => Err(wrong(file, "there is no certificate in it; give one as PEM")),
    }
}

fn private_key(file: &Path, pem: &[u8]) -> Result<Section> {
    let mut sections = sections(file, pem)?.into_iter();
    match sections.find(Section::is_private) {
        Some(section) if sequence(&section.der).is_some() => Ok(section),
        Some(_) => Err(wrong(file, "this private key is damaged")),
        None => Err(wrong(file, "there is no private key in it; give one as PEM, not encrypted")),
    }
}

/// A part of a PEM file.
struct Section {
    kind: SectionKind,
    der: Zeroizing<Vec<u8>>,
}

impl Section {
    fn is_private(&self) -> bool {
        use SectionKind::{EcPrivateKey, PrivateKey, RsaPrivateKey};
        matches!(self.kind, RsaPrivateKey | EcPrivateKey | PrivateKey)
    }
}

fn sections(file: &Path, pem: &[u8]) -> Result<Vec<Section>> {
    <(SectionKind, Vec<u8>)>::pem_slice_iter(pem)
        .map(|section| match section {
            Ok((kind, der)) => Ok(Section { kind, der: Zeroizing::new(der) }),
            // The library's message may quote the file.
            Err(_) => Err(wrong(file, "this is not PEM")),
        })
        .collect()
}

/// What a private key and its certificate have in common: the modulus of RSA, the
/// point of an elliptic curve. `None` where the key does not say, as with Ed25519.
fn public_half(key: &Section) -> Option<&[u8]> {
    match key.kind {
        SectionKind::RsaPrivateKey => modulus(&key.der),
        SectionKind::EcPrivateKey => point(&key.der),
        _ => match sequence(&key.der)?.as_slice() {
            // PKCS #8 wraps the others.
            [_, _, inner, ..] if inner.tag() == Tag::OctetString => {
                modulus(inner.value()).or_else(|| point(inner.value()))
            }
            _ => None,
        },
    }
}

/// PKCS #1: version, modulus, exponents and so on.
fn modulus(key: &[u8]) -> Option<&[u8]> {
    match sequence(key)?.as_slice() {
        [_, modulus, _, ..] if modulus.tag() == Tag::Integer => Some(modulus.value()),
        _ => None,
    }
}

/// SEC 1: version, private part, and maybe the curve in `[0]` and the point in `[1]`.
fn point(key: &[u8]) -> Option<&[u8]> {
    let fields = sequence(key)?;
    let tagged = fields.iter().find(
        |field| matches!(field.tag(), Tag::ContextSpecific { number, .. } if number.value() == 1),
    )?;
    match elements(tagged.value())?.as_slice() {
        // The first byte counts bits that are not used.
        [bits] if bits.tag() == Tag::BitString => bits.value().get(1..),
        _ => None,
    }
}

fn sequence(der: &[u8]) -> Option<Vec<AnyRef<'_>>> {
    match elements(der)?.as_slice() {
        [one] if one.tag() == Tag::Sequence => elements(one.value()),
        _ => None,
    }
}

/// What stands beside each other in DER.
fn elements(der: &[u8]) -> Option<Vec<AnyRef<'_>>> {
    let mut reader = SliceReader::new(der).ok()?;
    let mut elements = Vec::new();
    while !reader.is_finished() {
        elements.push(AnyRef::decode(&mut reader).ok()?);
    }
    Some(elements)
}

fn contains(all: &[u8], part: &[u8]) -> bool {
    !part.is_empty() && all.windows(part.len()).any(|window| window == part)
}

fn wrong(file: &Path, why: &str) -> Failure {
    Failure::other(format!("{}: {why}", file.display()))
}

#[cfg(test)]
mod tests;
