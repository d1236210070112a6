//! Every single byte of a sealed file, flipped in turn.

use bulla_core::{Document, Format, Keyring, open_bytes, seal};
use bulla_testkit::{Sandbox, keys};
use bulla_tests::sealing::{NOW, keyring, recipe};

/// Bits that turn letters, digits and punctuation into others of theirs, and a letter
/// into the same one of the other case.
const FLIPS: [u8; 4] = [0x01, 0x04, 0x10, 0x20];

const YAML: &str = "# for the shop
apiVersion: v1
kind: Secret
metadata: {name: db, namespace: shop}
stringData:
  # how it is reached
  url: 'postgres://db' # the replica
  port: 5432
  none: ~
  script: |2
     echo
  list: [on, \"\", 1.5]
---
apiVersion: v1
kind: Secret
metadata:
  name: tls
data:
  key: c2VjcmV0
";

fn fixtures() -> [(&'static str, &'static str); 5] {
    let json = "{\n  \"name_unencrypted\": \"shop\",\n  \"list\": [1, {\"a\": null}, \"\", true],\n  \"deep\": {\"key\": \"hunter2\"}\n}\n";
    [
        ("secret.yaml", YAML),
        ("secret.json", json),
        ("secret.env", "#why\nUSER=alice\nSHOP_unencrypted=1\nEMPTY=\n"),
        ("secret.ini", "[db]\n; why\nuser = 'alice'\nopen_unencrypted = 1\n\n[empty]\n"),
        ("secret.bin", "bytes\0 and more\n"),
    ]
}

fn sealed(name: &str, text: &str) -> String {
    seal(text, Format::from_path(name), &recipe(), &keyring(), NOW).unwrap().text
}

/// A byte of a text, flipped; `None` when that is no text any more.
fn flipped(text: &str, at: usize, flip: u8) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    bytes[at] ^= flip;
    String::from_utf8(bytes).ok()
}

/// Which bytes of a sealed text are neither in a token nor in the `sops` block.
fn unprotected(sealed: &str, at: usize) -> bool {
    let block = ["\nsops:", "\"sops\":", "\nsops_", "\n[sops]"];
    let in_block = |mark: &&str| sealed.match_indices(*mark).any(|(start, _)| start <= at);
    let in_token = sealed
        .match_indices("ENC[")
        .any(|(start, _)| (start..start + sealed[start..].find(']').unwrap()).contains(&at));
    // In a stream, what follows a block is the next document.
    let is_stream = sealed.contains("\n---\n");
    !in_token && (is_stream || !block.iter().any(in_block))
}

/// What is wrong with the plaintext of a file one byte of which was flipped.
fn fault(name: &str, text: &str, plain: &[u8], sealed: &str, at: usize) -> Option<String> {
    if plain == text.as_bytes() {
        return None;
    }
    let format = Format::from_path(name);
    let Ok(plain) = str::from_utf8(plain) else { return Some("it is no text".into()) };
    // With its name, `bulla` goes what is below it: the record, and how values were written.
    let own = sealed.match_indices("bulla").map(|(start, own)| start..start + own.len());
    if own.into_iter().any(|own| own.contains(&at)) {
        return (leaves(plain, format) != leaves(text, format)).then(|| "other values".into());
    }
    let differ = plain.bytes().zip(text.bytes()).filter(|(ours, theirs)| ours != theirs).count();
    if plain.len() != text.len() || differ != 1 || !unprotected(sealed, at) {
        return Some(format!("it opens to\n{plain}"));
    }
    // A byte of what nobody reads: a comment outside of the sealed part, a blank.
    (leaves(plain, format) != leaves(text, format)).then(|| format!("it has other values\n{plain}"))
}

fn leaves(text: &str, format: Format) -> Vec<(String, bulla_core::ValueType, Vec<u8>)> {
    let document = Document::parse(text, format).unwrap();
    let leaves = document.leaves().map(|leaf| {
        let path = format!("{} {}", leaf.section, document.paths().display(leaf.path));
        (path, leaf.value.wire_type(), leaf.value.wire_bytes().into_owned())
    });
    leaves.collect()
}

/// All flips of a fixture: how many were opened and how many refused.
fn flip_all(name: &str, text: &str, keyring: &Keyring<'_>) -> (usize, usize) {
    let format = Format::from_path(name);
    let sealed = sealed(name, text);
    let (mut opened, mut refused) = (0, 0);
    for at in 0..sealed.len() {
        for flip in FLIPS {
            let Some(tampered) = flipped(&sealed, at, flip) else { continue };
            let Ok(plain) = open_bytes(&tampered, format, keyring, false) else {
                refused += 1;
                continue;
            };
            opened += 1;
            if let Some(fault) = fault(name, text, &plain.bytes, &sealed, at) {
                let line = &sealed[sealed[..at].rfind('\n').map_or(0, |line| line + 1)..];
                let line = line.lines().next().unwrap();
                panic!("{name}, byte {at} ^ {flip:#x} in\n{line}\n{fault}");
            }
        }
    }
    (opened, refused)
}

#[test]
fn a_flipped_byte_gives_the_same_plaintext_or_none() {
    for (name, text) in fixtures() {
        let (opened, refused) = flip_all(name, text, &keyring());
        // What is not protected is the lesser part: `enc` and `created_at` of recipients, the
        // names of fields that count for nothing when they are absent.
        assert!(refused > opened, "{name}: {opened} opened, {refused} refused");
        assert!(opened > 0, "{name}: a flip in `version` hurts nobody");
    }
}

#[test]
fn a_refused_file_leaves_nothing_on_standard_output() {
    for (name, text) in fixtures() {
        let sandbox = Sandbox::new();
        let sealed = sealed(name, text);
        // A prime, so that all fields of the block come up.
        for at in (0..sealed.len()).step_by(97) {
            let Some(tampered) = flipped(&sealed, at, FLIPS[at % FLIPS.len()]) else { continue };
            sandbox.write(name, tampered);
            let mut bulla = sandbox.bulla();
            bulla.env("SOPS_AGE_KEY_FILE", keys::age_identity_file());
            let run = sandbox.run(bulla.args(["decrypt", name]));
            match run.code {
                0 => assert_eq!(fault(name, text, &run.stdout, &sealed, at), None, "byte {at}"),
                _ => assert!(run.stdout.is_empty(), "{name}, byte {at}: {}", run.out()),
            }
        }
    }
}
