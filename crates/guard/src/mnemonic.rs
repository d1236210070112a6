//! The words that a wallet comes from: BIP-39, in English.
//!
//! Words of the list stand in prose too. Twelve or more of them in a row, with
//! nothing between them but what lists and quotes need, and with a checksum that
//! holds, are a wallet.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use crate::finding::{Confidence, Rule};
use crate::found::Found;
use crate::known;

const LIST: &str = include_str!("../rules/bip39-english.txt");

/// The lengths that a phrase can have.
const LENGTHS: [usize; 5] = [24, 21, 18, 15, 12];

/// A longer row is a word list.
const LONGEST_ROW: usize = 30;

/// How many words of the list may stand beside a phrase: `wallet secret phrase …`.
const MOST_BESIDE: usize = 3;

/// The longest gap between two words, in bytes: a line break, an indentation, a number.
const LONGEST_GAP: usize = 40;

const SHORTEST_WORD: usize = 3;

/// Twelve such words, and what stands between them.
const SHORTEST_PHRASE: usize = 12 * SHORTEST_WORD + 11;

const LONGEST_WORD: usize = 8;

/// The list, and where in it a word stands, by its first letters. Every word of every text
/// is looked up here.
static WORDS: LazyLock<(Vec<&str>, [u16; PLACES])> = LazyLock::new(|| {
    let words: Vec<&str> = LIST.lines().collect();
    let mut places = [NOWHERE; PLACES];
    for (number, word) in (0..).zip(&words) {
        let mut place = place(word.as_bytes());
        while places[place] != NOWHERE {
            place = (place + 1) % PLACES;
        }
        places[place] = number;
    }
    (words, places)
});

/// Four for each word, so that hardly any two meet.
const PLACES: usize = 1 << PLACE_BITS;
const PLACE_BITS: u32 = 13;

/// Where no word is.
const NOWHERE: u16 = u16::MAX;

/// Where the search for a word begins. No two words have the same four first letters.
fn place(word: &[u8]) -> usize {
    let mut letters = [0; 4];
    let length = word.len().min(4);
    letters[..length].copy_from_slice(&word[..length]);
    // The bit that makes letters small.
    let letters = u32::from_le_bytes(letters) | 0x2020_2020;
    // Knuth's multiplier.
    (letters.wrapping_mul(2_654_435_761) >> (u32::BITS - PLACE_BITS)) as usize
}

/// The number of a word.
fn number(word: &[u8]) -> Option<u16> {
    if !(SHORTEST_WORD..=LONGEST_WORD).contains(&word.len()) {
        return None;
    }
    let (words, places) = &*WORDS;
    let mut place = place(word);
    loop {
        let number = places[place];
        // The end of those that were moved on.
        let known = words.get(usize::from(number))?;
        if known.as_bytes().eq_ignore_ascii_case(word) {
            return Some(number);
        }
        place = (place + 1) % PLACES;
    }
}

/// A word of the list, where it stands.
#[derive(Clone, Copy)]
struct Word {
    start: usize,
    end: usize,
    number: u16,
}

/// Every phrase in a text.
pub(crate) fn find(text: &[u8]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut row: Vec<Word> = Vec::new();
    // Of a word list, only so many words are kept.
    let mut is_long = false;
    let mut at = 0;
    // Where words are read one by one.
    let mut one_by_one = 0;
    while at < text.len() {
        if row.is_empty() && at >= one_by_one {
            match passed_over(text, at) {
                Ok(end) => at = end,
                Err(until) => one_by_one = until,
            }
        }
        let start = at;
        while at < text.len() && text[at].is_ascii_alphabetic() {
            at += 1;
        }
        let number = number(&text[start..at]);
        if let Some(number) = number {
            is_long |= row.len() >= LONGEST_ROW;
            if !is_long {
                row.push(Word { start, end: at, number });
            }
        }
        let gap = at;
        while at < text.len() && !text[at].is_ascii_alphabetic() {
            // What a letter stands for behind a backslash is a part of the gap.
            at += if text[at] == b'\\' { 2 } else { 1 };
        }
        at = at.min(text.len());
        if number.is_none() && row.is_empty() {
            continue;
        }
        let ends = at == text.len() || !is_gap(&text[gap..at]);
        if (number.is_none() && start < gap) || ends {
            if !is_long && row.len() >= LENGTHS[LENGTHS.len() - 1] {
                found.extend(phrase(text, &row));
            }
            row.clear();
            is_long = false;
        }
    }
    found
}

/// Looks at one word ahead. When it is none of the list, no phrase goes on over it, and before
/// it there is no room for one: that is where the search goes on. Else words up to somewhere
/// have to be read one by one.
fn passed_over(text: &[u8], at: usize) -> Result<usize, usize> {
    let probe = (at + SHORTEST_PHRASE - 1).min(text.len() - 1);
    let is_letter = |&byte: &u8| byte.is_ascii_alphabetic();
    let read = Err(probe + 1);
    let Some(last) = text[at..=probe].iter().rposition(is_letter) else {
        return read;
    };
    let inside = at + last;
    let start =
        text[at..inside].iter().rposition(|byte| !is_letter(byte)).map_or(at, |gap| at + gap + 1);
    // Perhaps its first letter is a part of the gap.
    if start > 0 && text[start - 1] == b'\\' {
        return read;
    }
    let rest = &text[inside..];
    let end = inside + rest.iter().position(|byte| !is_letter(byte)).unwrap_or(rest.len());
    if number(&text[start..end]).is_some() { read } else { Ok(end) }
}

/// Whether two words with this between them may be of one phrase.
fn is_gap(gap: &[u8]) -> bool {
    let has_digit = gap.iter().any(u8::is_ascii_digit);
    gap.len() <= LONGEST_GAP
        && gap.iter().enumerate().all(|(index, &byte)| match byte {
            b':' | b'=' => has_digit,
            b'n' | b'r' | b't' => index > 0 && gap[index - 1] == b'\\',
            _ => {
                byte.is_ascii_whitespace()
                    || byte.is_ascii_digit()
                    || b",;.()[]\"'`-*#|+\\&/>".contains(&byte)
            }
        })
}

/// The phrase in a row of words.
fn phrase(text: &[u8], row: &[Word]) -> Option<Found> {
    let words = LENGTHS.iter().filter(|&&length| length <= row.len()).find_map(|&length| {
        let beside = row.len() - length;
        if beside > 0 && LENGTHS.contains(&row.len()) || beside > 2 * MOST_BESIDE {
            return None;
        }
        let first = beside.saturating_sub(MOST_BESIDE);
        (first..=beside.min(MOST_BESIDE))
            .map(|start| &row[start..start + length])
            .find(|words| is_valid(words))
    });
    // Words around it made the row as long as another phrase: a line of its own.
    let mut lines = row.chunk_by(|one, next| !text[one.end..next.start].contains(&b'\n'));
    let line = || lines.find(|words| LENGTHS.contains(&words.len()) && is_valid(words));
    let words = words.or_else(line)?;
    let phrase: Vec<_> =
        words.iter().map(|word| text[word.start..word.end].to_ascii_lowercase()).collect();
    if known::is_published(&phrase.join(&b' ')) {
        return None;
    }
    let why = format!("the {} words of a wallet in the clear: their checksum holds", words.len());
    let (first, last) = (words.first()?, words.last()?);
    Some(Found::new(first.start..last.end, Rule::Mnemonic, Confidence::Proof, &why))
}

/// Whether the checksum holds, and it is not the same word again and again.
fn is_valid(words: &[Word]) -> bool {
    let mut numbers: Vec<_> = words.iter().map(|word| word.number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.len() * 2 < words.len() {
        return false;
    }
    let mut bits =
        words.iter().flat_map(|word| (0..11).rev().map(|bit| word.number >> bit & 1 == 1));
    // Eleven bits a word: 32 of the key for each one of the checksum.
    let sum_length = words.len() * 11 / 33;
    let mut key = vec![0_u8; sum_length * 4];
    for (index, bit) in bits.by_ref().take(sum_length * 32).enumerate() {
        key[index / 8] |= u8::from(bit) << (7 - index % 8);
    }
    let sum = bits.fold(0_u8, |sum, bit| sum << 1 | u8::from(bit));
    Sha256::digest(&key)[0] >> (8 - sum_length) == sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The phrase of some bytes, made when the test runs.
    fn made(key: &[u8]) -> Vec<&'static str> {
        let sum = Sha256::digest(key)[0];
        let bits =
            key.iter().chain([&sum]).flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1));
        let bits: Vec<u8> = bits.take(key.len() * 8 / 32 * 33).collect();
        let number = |bits: &[u8]| bits.iter().fold(0, |sum, bit| sum << 1 | usize::from(*bit));
        bits.chunks(11).map(|bits| WORDS.0[number(bits)]).collect()
    }

    fn key(length: u8) -> Vec<u8> {
        (0..length).map(|byte| byte.wrapping_mul(73) ^ 0x6b).collect()
    }

    fn spans(text: &str) -> Vec<(usize, usize)> {
        find(text.as_bytes()).into_iter().map(|found| (found.span.start, found.span.end)).collect()
    }

    #[test]
    fn phrases_of_every_length_and_in_every_coat() {
        for length in [16, 20, 24, 28, 32] {
            let words = made(&key(length));
            let plain = words.join(" ");
            assert_eq!(spans(&plain), [(0, plain.len())]);
            for text in [
                format!("mnemonic: \"{plain}\"\n"),
                format!("MNEMONIC={}", plain.to_uppercase()),
                format!("[\"{}\"]", words.join("\",\n  \"")),
                words.iter().enumerate().map(|(n, word)| format!("{}. {word}\n", n + 1)).collect(),
                format!("- {}\n", words.join("\n- ")),
                format!("\"{}\\n\"", words.join("\\n")),
                format!("the wallet: {plain}\nand this is how it is used"),
            ] {
                assert_eq!(spans(&text).len(), 1, "{text}");
            }
        }
    }

    #[test]
    fn phrases_are_found_wherever_they_begin() {
        let phrase = made(&key(16)).join(" ");
        for filling in ["x", " ", "the ", "zoo ", "\\n", "\\nx", "a-b.", "cat the "] {
            for count in 0..200 {
                let before = format!("{} . the : ", filling.repeat(count));
                let text = format!("{before}{phrase} : {}", filling.repeat(count));
                assert_eq!(spans(&text), [(before.len(), before.len() + phrase.len())], "{text}");
            }
        }
    }

    #[test]
    fn one_word_that_is_another_breaks_the_checksum() {
        let words = made(&key(32));
        let broken = (0..16).filter(|&other| {
            let mut words = words.clone();
            words[5] = WORDS.0[other * 7];
            spans(&words.join(" ")).is_empty()
        });
        assert!(broken.count() >= 14, "one in 256 holds by chance");
        assert_eq!(spans(&made(&key(16))[..11].join(" ")), []);
    }

    #[test]
    fn lists_and_examples_pass() {
        assert_eq!(spans(LIST), []);
        let test = ["test"; 11].join(" ");
        assert_eq!(spans(&format!("{test} junk")), []);
        assert_eq!(spans(&format!("{} about", ["abandon"; 11].join(" "))), []);
    }
}
