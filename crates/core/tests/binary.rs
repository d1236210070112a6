//! Files that are no text, sealed in place and opened again, without any real key.
#![allow(clippy::unwrap_used)]

mod common;

use bulla_core::change::Address;
use bulla_core::{Document, Error, Format, METADATA_KEY, extract, open, open_bytes};
use bulla_core::{preview, reseal_binary, seal, seal_binary, seal_binary_pieces};
use common::{NOW, keyring, recipe};
use proptest::prelude::*;
use zeroize::Zeroizing;

fn sealed(plain: &[u8]) -> String {
    seal_binary(Zeroizing::new(plain.to_vec()), &recipe(), &keyring(), NOW).unwrap().text
}

fn opened(text: &str) -> Vec<u8> {
    open_bytes(text, Format::Binary, &keyring(), false).unwrap().bytes.to_vec()
}

#[test]
fn bytes_come_back_whatever_they_are() {
    let all: Vec<u8> = (0..=255).collect();
    let large: Vec<u8> = (0..1_000_003_u32).map(|n| ((n * 7) >> 3) as u8).collect();
    for plain in [&b""[..], b"\0", b"x\n", b"\xff\xfe\0\0", &all, &large, b"{\"sops\": 1}"] {
        assert_eq!(opened(&sealed(plain)), plain);
    }
}

/// Bytes that are like no others.
fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|n| ((n * 7) >> 3) as u8 ^ (n >> 11) as u8).collect()
}

#[test]
fn it_does_not_matter_where_a_piece_ends() {
    // Pieces have 96 KiB; from 1 MiB on they are hashed on other threads.
    let (piece, long) = (96 << 10, 1 << 20);
    for length in [piece - 1, piece, piece + 1, piece + 16, 2 * piece - 3, long - 1, long, long + 7]
    {
        let plain = bytes(length);
        let text = sealed(&plain);
        assert!(opened(&text) == plain, "{length}");
        assert_eq!(text.len(), text.trim_end().len() + 1);
    }
}

/// What is sealed of these bytes when they come `step` at a time and were said to be `length`.
fn in_pieces(plain: &[u8], length: usize, step: usize) -> Result<String, Error> {
    let (mut rest, mut text) = (plain, String::new());
    let read = |room: &mut [u8]| {
        let (next, behind) = rest.split_at(room.len().min(step).min(rest.len()));
        room[..next.len()].copy_from_slice(next);
        rest = behind;
        Ok(next.len())
    };
    let write = |part: &str| {
        text.push_str(part);
        Ok(())
    };
    seal_binary_pieces::<Error>(length, read, write, &recipe(), &keyring(), NOW)?;
    Ok(text)
}

#[test]
fn it_does_not_matter_how_much_is_read_at_a_time() {
    let plain = bytes(250_001);
    for step in [1, 1000, 4096, 1 << 20] {
        assert!(opened(&in_pieces(&plain, plain.len(), step).unwrap()) == plain, "{step}");
    }
    assert_eq!(opened(&in_pieces(b"", 0, 1).unwrap()), b"");
    // What only begins as a sealed file does.
    let like = b"{\"data\": \"ENC[ and so on".as_slice();
    assert_eq!(opened(&in_pieces(like, like.len(), 5).unwrap()), like);
    let twice = sealed(b"x");
    let error = in_pieces(twice.as_bytes(), twice.len(), 100).unwrap_err();
    assert_eq!(error, Error::AlreadySealed { line: 1 });
}

#[test]
fn a_length_that_is_not_kept_is_an_error() {
    for length in [5, 2000, 1_500_000] {
        let plain = bytes(length);
        for said in [length - 1, length + 1, length - 4, length + 3000] {
            assert_eq!(in_pieces(&plain, said, 999), Err(Error::Changed), "{length} {said}");
        }
    }
    assert_eq!(in_pieces(b"x", 0, 1), Err(Error::Changed));
    assert_eq!(in_pieces(b"", usize::MAX, 1), Err(Error::TooLong));
}

#[test]
fn who_cannot_read_or_write_stops_it() {
    #[derive(Debug, PartialEq)]
    enum Fault {
        Ours(Error),
        Read,
        Write,
    }
    impl From<Error> for Fault {
        fn from(error: Error) -> Self {
            Self::Ours(error)
        }
    }
    let attempt = |readable: usize, writable: usize| {
        let (mut read, mut written) = (0, 0);
        let read = |room: &mut [u8]| {
            read += room.len();
            if read > readable { Err(Fault::Read) } else { Ok(room.len()) }
        };
        let write = |part: &str| {
            written += part.len();
            if written > writable { Err(Fault::Write) } else { Ok(()) }
        };
        seal_binary_pieces(3 << 20, read, write, &recipe(), &keyring(), NOW)
    };
    assert_eq!(attempt(2 << 20, usize::MAX), Err(Fault::Read));
    assert_eq!(attempt(usize::MAX, 2 << 20), Err(Fault::Write));
    assert_eq!(attempt(usize::MAX, usize::MAX), Err(Fault::Ours(Error::Changed)), "it never ends");
}

#[test]
fn the_envelope_is_that_of_sops() {
    let text = sealed(b"hunter2");
    assert!(text.starts_with("{\n\t\"data\": \"ENC[AES256_GCM,data:"), "{text}");
    assert!(text.ends_with("\n\t}\n}\n"), "{text}");
    assert!(text.contains(",type:str]\",\n\t\"sops\": {\n\t\t\"age\": [\n\t\t\t{\n"), "{text}");
    assert!(text.contains("\n\t\t\"mac\": \"ENC["), "{text}");
    assert!(!text.contains("_suffix") && !text.contains("hunter2"), "{text}");
    assert!(sealed(b"").starts_with("{\n\t\"data\": \"\",\n\t\"sops\": {"));
}

#[test]
fn text_may_be_sealed_as_binary_and_other_bytes_are_no_text() {
    let text = seal("päß\n", Format::Binary, &recipe(), &keyring(), NOW).unwrap().text;
    assert_eq!(*open(&text, Format::Binary, &keyring(), false).unwrap().text, "päß\n");
    let error = open(&sealed(b"\xff"), Format::Binary, &keyring(), false).err().unwrap();
    assert_eq!(error, Error::NotText);
    assert_eq!(preview("x", Format::Binary, &recipe()).unwrap(), ["[\"data\"]"]);
    let at = |path| Address::parse(path).unwrap();
    let found = extract(b"\xff", Format::Binary, &at("[\"data\"]"));
    assert_eq!(**found.unwrap(), *b"\xff");
    assert!(extract(b"\xff", Format::Binary, &at("[\"other\"]")).is_err());
    assert!(extract(b"\xff", Format::Binary, &at("[1][\"data\"]")).is_err());
}

#[test]
fn sealed_again_only_when_it_changed() {
    let before = sealed(b"\xff one");
    let later = "2027-01-01T00:00:00Z";
    let reseal = |plain: &[u8], previous: &str| {
        let mut plain = Zeroizing::new(plain.to_vec());
        let sealed = reseal_binary(&mut plain, previous, &recipe(), &keyring(), later);
        sealed.map(|sealed| sealed.text).map_err(|error| (error, plain.to_vec()))
    };
    assert_eq!(reseal(b"\xff one", &before).unwrap(), before);
    let after = reseal(b"\xff two", &before).unwrap();
    assert_eq!(opened(&after), b"\xff two");
    let key = |text: &str| {
        let document = Document::parse(text, Format::Binary).unwrap();
        document.metadata().unwrap().keys().next().unwrap().enc.clone()
    };
    assert_eq!(key(&before), key(&after), "the data key is kept");
    // What cannot be used leaves the plaintext to whoever wants to seal it afresh.
    assert_eq!(reseal(before.as_bytes(), &before).unwrap_err().0, Error::AlreadySealed { line: 1 });
    let (error, plain) = reseal(b"two", &before.replace("\"mac\"", "\"cam\"")).unwrap_err();
    assert_eq!((error, plain.as_slice()), (Error::MacMissing, &b"two"[..]));
}

#[test]
fn a_changed_file_does_not_open() {
    let text = sealed(b"plain");
    let open = |text: &str| open_bytes(text, Format::Binary, &keyring(), false).err().unwrap();
    assert_eq!(
        open(&sealed(b"").replace("\"data\": \"\"", "\"data\": \"x\""))
            .to_string()
            .split(',')
            .next(),
        Some("line 2")
    );
    // Blanked, it would pass for an empty file.
    let start = text.find("ENC[").unwrap();
    let end = start + text[start..].find(']').unwrap() + 1;
    assert_eq!(open(&[&text[..start], &text[end..]].concat()), Error::MacMismatch);
    assert!(matches!(open(&text.replacen("data:", "data:A", 1)), Error::NotSealedValue { .. }));
    assert!(matches!(
        open(&text.replace("type:str]\",\n\t\"sops\"", "type:int]\",\n\t\"sops\"")),
        Error::Tampered { .. }
    ));
    assert!(matches!(open(&text[..text.len() - 2]), Error::Syntax { .. }));
}

#[test]
fn what_is_no_envelope_is_not_sealed() {
    for plain in ["", "x", "\0\u{1}", "{}", "{\"data\": \"x\"}", "sops: {}\n"] {
        assert_eq!(Document::parse(plain, Format::Binary).err(), Some(Error::NotSealed), "{plain}");
    }
    let more = sealed(b"x").replace("\"data\":", "\"more\": 1, \"data\":");
    let error = Document::parse(&more, Format::Binary).unwrap_err().to_string();
    assert!(error.contains("--input-type json"), "{error}");
    let document = sealed(b"x");
    let document = Document::parse(&document, Format::Binary).unwrap();
    assert_eq!(document.format(), Format::Binary);
    assert!(
        document.leaves().all(|leaf| document.paths().last_key(leaf.path) != Some(METADATA_KEY))
    );
}

proptest! {
    #[test]
    fn what_is_sealed_opens_to_the_same_bytes(plain: Vec<u8>) {
        prop_assert_eq!(opened(&sealed(&plain)), plain);
    }
}
