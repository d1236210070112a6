//! Sealing bytes piece by piece: from wherever they are read to wherever the sealed text
//! goes, without ever having all of either.

use std::sync::Mutex;

use zeroize::Zeroizing;

use super::line::{Line, Piece, watched};
use super::{AAD, looks_sealed, seal_binary};
use crate::cipher::Cipher;
use crate::cipher::pieces::{BLOCK, Sealing};
use crate::data_key::DataKey;
use crate::document::{Document, Format, binary, json};
use crate::error::{Error, Place};
use crate::integrity;
use crate::keyring::Keyring;
use crate::mac::Mac;
use crate::metadata::Metadata;
use crate::randomness::Nonces;
use crate::recipe::Recipe;
use crate::rules::Indent;
use crate::seal::fresh_metadata;
use crate::sealed_value::{self, SealedValue};
use crate::value::ValueType;

/// The size of a piece, in bytes: what stays in the cache of a core on its way through
/// cipher, base64 and the check.
const PIECE: usize = 96 << 10;

// The cipher takes whole blocks, and base64 three bytes at a time.
const _: () = assert!(PIECE.is_multiple_of(BLOCK) && PIECE.is_multiple_of(3));

/// From this size on, threads are worth their start.
const LONG: usize = 1 << 20;

/// More than this has a text that no parser takes, which counts bytes with 32 bits.
const LONGEST: usize = (u32::MAX / 4 * 3) as usize;

/// Seals `length` bytes with a fresh data key, as [`seal_binary`] does, without having them
/// all in memory.
///
/// `read` fills a room from its beginning and tells how far; 0 is the end. `write` gets the
/// sealed text, part by part. Both are called on the calling thread.
///
/// # Errors
///
/// As [`seal_binary`], those of `read` and `write`, and [`Error::Changed`] when there are
/// not as many bytes as was said. After an error the text that was written is of no use:
/// whoever takes it must not show it before this has returned.
pub fn seal_binary_pieces<E: From<Error>>(
    length: usize,
    mut read: impl FnMut(&mut [u8]) -> Result<usize, E>,
    mut write: impl FnMut(&str) -> Result<(), E>,
    recipe: &Recipe,
    keyring: &Keyring<'_>,
    now: &str,
) -> Result<(), E> {
    refuse_long(length)?;
    let mut head = Zeroizing::new(vec![0; length.min(super::HEAD)]);
    fill(&mut read, &mut head)?;
    if looks_sealed(&head) {
        // Rare enough to be looked at as a whole.
        let mut plain = Zeroizing::new(vec![0; length]);
        plain[..head.len()].copy_from_slice(&head);
        fill(&mut read, &mut plain[head.len()..])?;
        return write(&seal_binary(plain, recipe, keyring, now)?.text);
    }
    let data_key = DataKey::generate()?;
    let groups = keyring.wrap(&recipe.groups, recipe.threshold, &data_key, now)?;
    let metadata = fresh_metadata(groups, None, recipe, now);
    let mut used = 0;
    let mut read = |room: &mut [u8]| match head.len() - used {
        0 => read(room),
        left => {
            let count = left.min(room.len());
            room[..count].copy_from_slice(&head[used..used + count]);
            used += count;
            Ok(count)
        }
    };
    let cipher = Cipher::new(data_key);
    write_pieces(length, &mut read, &mut write, &cipher, metadata, recipe.envelope)
}

/// Seals bytes, and checks that what is written can be opened.
pub(super) fn write_pieces<E: From<Error>>(
    length: usize,
    read: &mut dyn FnMut(&mut [u8]) -> Result<usize, E>,
    write: &mut dyn FnMut(&str) -> Result<(), E>,
    cipher: &Cipher,
    mut metadata: Metadata,
    indent: Indent,
) -> Result<(), E> {
    refuse_long(length)?;
    let mut head = json::envelope_head(binary::KEY, indent);
    // No bytes are an empty text.
    if length > 0 {
        sealed_value::begin(&mut head);
    }
    write(&head)?;
    let iv = Nonces::new().draw()?;
    let mut sealing = Sealing::new(cipher.key(), &iv, AAD);
    let mut mac = Mac::new(metadata.mac_only_encrypted);
    let mut record = integrity::Pieces::new(length, ValueType::Str, cipher);
    let (mut to_mac, mut to_record) =
        (|piece: &[u8]| mac.add_bytes(piece, true), |piece: &[u8]| record.add(piece));
    let watchers = [Mutex::new(&mut to_record as _), Mutex::new(&mut to_mac as _)];
    watched(&watchers, length >= LONG, |line| pass(length, read, write, &mut sealing, line))?;
    let tag = sealing.tag();
    metadata.mac = mac.seal(cipher, &metadata.last_modified)?;
    metadata.integrity = Some(record.finish(&metadata).print());
    let mut tail = String::new();
    if length > 0 {
        sealed_value::end(&iv, &tag, ValueType::Str, &mut tail);
    }
    tail.push_str(&json::envelope_tail(&metadata, indent));
    let token = (length > 0).then(|| SealedValue {
        data: Vec::new(),
        iv: iv.to_vec(),
        tag,
        kind: ValueType::Str,
    });
    check_frame(&(head + &tail), token, &metadata)?;
    write(&tail)
}

fn refuse_long(length: usize) -> Result<(), Error> {
    if length > LONGEST { Err(Error::TooLong) } else { Ok(()) }
}

/// Seals all pieces, shows them to the line, and writes them.
fn pass<E: From<Error>>(
    length: usize,
    read: &mut dyn FnMut(&mut [u8]) -> Result<usize, E>,
    write: &mut dyn FnMut(&str) -> Result<(), E>,
    sealing: &mut Sealing,
    line: &mut Line<'_, '_>,
) -> Result<(), E> {
    let (mut sealed, mut read_back) = (Vec::new(), Vec::new());
    let mut text = String::new();
    let mut left = length;
    while left > 0 {
        let size = left.min(PIECE);
        let mut piece: Piece = line.room();
        piece.resize(size, 0);
        fill(read, &mut piece)?;
        left -= size;
        sealed.resize(size, 0);
        sealing.seal(&piece, &mut sealed)?;
        line.pass(piece);
        text.clear();
        sealed_value::print_data(&sealed, &mut text);
        // The tag is over what was sealed, so this opens if it is what will be read.
        read_back.resize(size, 0);
        if !sealed_value::reads_as(&text, &sealed, &mut read_back) {
            return Err(not_reproduced().into());
        }
        write(&text)?;
    }
    // There is more of it than was said.
    match read(&mut [0])? {
        0 => Ok(()),
        _ => Err(Error::Changed.into()),
    }
}

/// Fills all of a room.
fn fill<E: From<Error>>(
    read: &mut (impl FnMut(&mut [u8]) -> Result<usize, E> + ?Sized),
    mut room: &mut [u8],
) -> Result<(), E> {
    while !room.is_empty() {
        match read(room)? {
            0 => return Err(Error::Changed.into()),
            count => room = room.get_mut(count..).unwrap_or_default(),
        }
    }
    Ok(())
}

/// Whether the text around the data is read as what was written, and names the token that
/// the data belong to.
fn check_frame(text: &str, token: Option<SealedValue>, metadata: &Metadata) -> Result<(), Error> {
    let document = Document::parse(text, Format::Binary)?;
    let read = document.sealed_metadata()?;
    // Parsing has seen to it that there is one leaf.
    let found = document.leaves().next().and_then(Document::token);
    let is_same = match (&token, found) {
        (Some(token), Some(Ok(found))) => *token == found,
        (None, Some(Err(_))) => document.leaves().all(|leaf| leaf.value.stays_readable()),
        _ => false,
    };
    if is_same && read.says_the_same_as(metadata) { Ok(()) } else { Err(not_reproduced()) }
}

fn not_reproduced() -> Error {
    Error::NotReproduced { place: Place { line: 2, path: format!("[\"{}\"]", binary::KEY) } }
}
