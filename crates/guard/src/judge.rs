//! Judging one file: what is looked at, how deep, and how findings come together.

use std::io::{self, Read};

use crate::allow::{self, Allowance};
use crate::around::{Alone, Around};
use crate::finding::Finding;
use crate::found::{Found, best_of_each_value};
use crate::governing::Governing;
use crate::lines::{self, Kind};
use crate::mark::number;
use crate::text::{Text, read};
use crate::words::Topic;
use crate::{
    address, bare, der_key, ed25519, encoded, logins, markers, mnemonic, near, nearby, neighbours,
    sealed, tokens, tree, unwrapped, web_token, words,
};

/// Beyond this many bytes a file is searched for keys, but not parsed.
pub const STRUCTURE_LIMIT: usize = 16 << 20;

/// Beyond this many bytes a file is not held in memory.
pub(crate) const WHOLE_LIMIT: u64 = 64 << 20;

/// How much of such a file is held at once, and how much of that is looked at twice.
const WINDOW: u64 = 8 << 20;
const OVERLAP: usize = 128 << 10;

/// How often what was decoded is decoded again.
const DEPTH_LIMIT: usize = 6;

/// How many bytes that were taken out of others are looked at in one file.
const DECODED_LIMIT: usize = 64 << 20;

/// How many findings one file can have; more say nothing new.
pub(crate) const FINDING_LIMIT: usize = 1000;

/// What was found in a file, and what of it was not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Judgement {
    /// In the order of the file.
    pub findings: Vec<Finding>,
    /// What was found and is let pass, and why.
    pub allowed: Vec<(Finding, Allowance)>,
    /// The lines of comments that allow nothing.
    pub idle: Vec<usize>,
    /// What is wrong with the rules files and the baseline that govern the file.
    pub misconfigured: Vec<String>,
    /// Why some of the file was not looked at as deeply as the rest. Nobody knows what
    /// is there.
    pub passed_over: Vec<&'static str>,
}

/// Looks for plaintext secrets in the bytes of a file, by itself.
///
/// The path says what a bare value is, and is used in advice: a file with nothing but
/// 64 hexadecimal digits is a key when it is called one. Never fails: what cannot be
/// parsed is searched as it is.
pub fn judge(path: &str, bytes: &[u8]) -> Vec<Finding> {
    judge_in(path, bytes, &Alone).findings
}

/// As [`judge`], with the files around this one: its siblings, the rules above it, and
/// what it was before the change.
pub fn judge_in(path: &str, bytes: &[u8], around: &dyn Around) -> Judgement {
    judge_as(path, path, bytes, around)
}

/// As [`judge_in`], for a file that is called otherwise in its tree.
pub(crate) fn judge_as(
    path: &str,
    path_in_tree: &str,
    bytes: &[u8],
    around: &dyn Around,
) -> Judgement {
    judged(path, path_in_tree, bytes, around, |text, governing, found| {
        neighbours::find(path_in_tree, text, governing, around, found);
    })
}

/// As [`judge_as`], for what is no file, and has none around it.
pub(crate) fn judge_text(
    path: &str,
    path_in_tree: &str,
    bytes: &[u8],
    around: &dyn Around,
) -> Judgement {
    judged(path, path_in_tree, bytes, around, |_, _, _| {})
}

/// Judges what is in a file; `neighbours` adds what the files around it say.
fn judged(
    path: &str,
    path_in_tree: &str,
    bytes: &[u8],
    around: &dyn Around,
    neighbours: impl FnOnce(&str, &Governing, &mut Vec<Found>),
) -> Judgement {
    let mut search = Search::new(path);
    let names = names_of(path);
    let governing = Governing::of(path_in_tree, around);
    // A short key in DER may have no byte that texts have not.
    let is_der = der_key::what(bytes).is_some();
    let text = if is_der { Text::Binary(bytes) } else { read(bytes) };
    let found = match &text {
        Text::Whole(text) => {
            let mut found = search.text(text, &names);
            neighbours(text, &governing, &mut found);
            found
        }
        Text::TooLarge(bytes) => {
            search.pass_over(TOO_LONG);
            search.bytes(bytes)
        }
        Text::Binary(bytes) => search.binary(bytes, &names),
    };
    let mut findings: Vec<_> = best_of_each_value(found)
        .into_iter()
        .take(FINDING_LIMIT)
        .map(|found| found.into_finding(path, &text))
        .collect();
    findings.dedup();
    let judgement = Judgement { findings, passed_over: search.passed_over, ..Judgement::default() };
    let text = match &text {
        Text::Whole(text) => Some(&**text),
        Text::TooLarge(_) | Text::Binary(_) => None,
    };
    settled(path_in_tree, text, &governing, around, judgement)
}

/// Numbers the findings, and takes out what is allowed.
fn settled(
    path_in_tree: &str,
    text: Option<&str>,
    governing: &Governing,
    around: &dyn Around,
    mut judgement: Judgement,
) -> Judgement {
    judgement.misconfigured = governing.problems();
    number(path_in_tree, &mut judgement.findings);
    allow::settle(path_in_tree, text, governing, around, &mut judgement);
    judgement
}

/// The file's name, and the folders that it is in: the nearest first.
fn names_of(path: &str) -> Vec<&str> {
    path.rsplit('/').filter(|name| !name.is_empty()).take(4).collect()
}

/// Judges a file that may be too large to be held: such a one is searched for keys
/// window by window. `path_in_tree` is its path as `around` knows it.
pub(crate) fn judge_stream(
    path: &str,
    path_in_tree: &str,
    reader: &mut dyn Read,
    around: &dyn Around,
) -> io::Result<Judgement> {
    let mut start = Vec::new();
    (&mut *reader).take(WHOLE_LIMIT + 1).read_to_end(&mut start)?;
    if start.len() as u64 <= WHOLE_LIMIT {
        return Ok(judge_as(path, path_in_tree, &start, around));
    }
    let mut reader = io::Cursor::new(start).chain(reader);
    judge_large(path, path_in_tree, &mut reader, around)
}

/// Judges a file that is too large to be held.
pub(crate) fn judge_large(
    path: &str,
    path_in_tree: &str,
    mut reader: &mut dyn Read,
    around: &dyn Around,
) -> io::Result<Judgement> {
    let mut judgement = Judgement { passed_over: vec![TOO_LARGE], ..Judgement::default() };
    let findings = &mut judgement.findings;
    let mut window = Vec::new();
    let mut lines = 0;
    loop {
        let read = (&mut reader).take(WINDOW).read_to_end(&mut window)?;
        let is_last = (read as u64) < WINDOW;
        // What begins in the overlap is found whole in the next window.
        let mine = if is_last { window.len() } else { window.len() - OVERLAP.min(window.len()) };
        let mut search = Search { depth: DEPTH_LIMIT, ..Search::new(path) };
        let mut found = search.bytes(&window);
        found.sort_by_key(|found| found.span.start);
        let here = Text::Binary(&window);
        for found in found.into_iter().filter(|found| found.span.start < mine) {
            let mut finding = found.into_finding(path, &here);
            finding.line += lines;
            finding.end_line += lines;
            findings.push(finding);
        }
        if is_last || findings.len() >= FINDING_LIMIT {
            findings.truncate(FINDING_LIMIT);
            io::copy(&mut reader, &mut io::sink())?;
            let governing = Governing::of(path_in_tree, around);
            return Ok(settled(path_in_tree, None, &governing, around, judgement));
        }
        lines += memchr::memchr_iter(b'\n', &window[..mine]).count();
        window.drain(..mine);
    }
}

const TOO_LARGE: &str =
    "it is too large to be held in memory: only keys that show themselves were looked for";
const TOO_LONG: &str =
    "it is too large to be parsed: only keys and tokens that show themselves were looked for";
const TOO_DEEP: &str = "it has texts in texts, too many or too deep to look into all of them";

/// A search through a text and all that is in it.
pub(crate) struct Search {
    pub(crate) kind: Kind,
    /// Whether the file is in a keyring whose password everybody knows.
    is_unlocked: bool,
    depth: usize,
    decoded_left: usize,
    passed_over: Vec<&'static str>,
}

impl Search {
    fn new(path: &str) -> Self {
        Self {
            kind: Kind::of_path(path),
            is_unlocked: path.split('/').any(|part| part.contains("keyring-test")),
            depth: 0,
            decoded_left: DECODED_LIMIT,
            passed_over: Vec::new(),
        }
    }

    /// Whether it is a text in another text that is looked at.
    pub(crate) fn is_inside(&self) -> bool {
        self.depth > 0
    }

    /// How many bytes of texts in texts are looked at yet.
    pub(crate) fn left(&self) -> usize {
        self.decoded_left
    }

    /// Takes bytes off what is left.
    pub(crate) fn spend(&mut self, bytes: usize) {
        self.decoded_left = self.decoded_left.saturating_sub(bytes);
    }

    pub(crate) fn pass_over(&mut self, why: &'static str) {
        if !self.passed_over.contains(&why) {
            self.passed_over.push(why);
        }
    }

    /// What shows itself in bytes.
    fn bytes(&mut self, bytes: &[u8]) -> Vec<Found> {
        let mut found = markers::find(bytes);
        found.extend(near::find(bytes));
        found.extend(encoded::find(bytes, self));
        found.extend(ed25519::find_lists(bytes));
        found
    }

    /// A file that is no text.
    fn binary(&mut self, bytes: &[u8], names: &[&str]) -> Vec<Found> {
        if bytes.starts_with(&[0x1f, 0x8b])
            && let Some(found) = encoded::packed(bytes, names, self)
        {
            return found
                .into_iter()
                .map(|inner| Found { span: 0..0, value: None, ..inner })
                .collect();
        }
        let mut found = self.bytes(bytes);
        found.extend(
            der_key::what(bytes)
                .map(|(rule, confidence, why)| Found::new(0..bytes.len(), rule, confidence, why)),
        );
        found
    }

    /// Everything in a text that goes by these names.
    pub(crate) fn text(&mut self, text: &str, names: &[&str]) -> Vec<Found> {
        let bytes = text.as_bytes();
        let mut found = Vec::new();
        let topics = words::scan(bytes, |rule, at| {
            if found.len() < FINDING_LIMIT {
                found.extend(tokens::find(text, rule, at));
            }
        });
        if topics.any(&[Topic::Armor, Topic::Age]) {
            found.extend(markers::find(bytes));
        }
        if topics.has(Topic::Near) {
            found.extend(near::find(bytes));
        }
        if topics.has(Topic::Address) {
            found.extend(address::find(text));
        }
        if topics.has(Topic::WebToken) {
            let is_unlocked = self.is_unlocked
                || names.iter().any(|name| name.contains("keyring-test"))
                || memchr::memmem::find(bytes, b"keyring-test").is_some();
            found.extend(web_token::find(bytes, is_unlocked));
        }
        found.extend(mnemonic::find(bytes));
        found.extend(ed25519::find_lists(bytes));
        found.extend(encoded::find(bytes, self));
        found.extend(bare::find(text, names));
        found.truncate(FINDING_LIMIT);
        if text.len() > STRUCTURE_LIMIT {
            self.pass_over(TOO_LONG);
            return found;
        }
        let seen = tree::search(text, topics, names, self, &mut found);
        found.extend(logins::find(text, names));
        let is_news = |at: usize| {
            let behind = seen.partition_point(|range| range.start <= at);
            behind.checked_sub(1).is_none_or(|index| !seen[index].contains(&at))
        };
        found.extend(nearby::find(text));
        if topics.any(&[Topic::Name, Topic::Armor, Topic::Sops]) {
            let new = unwrapped::find(text, self, is_news);
            let is_known = |new: &Found| {
                found.iter().any(|known: &Found| {
                    known.rule == new.rule
                        && known.span.start < new.span.end.max(new.span.start + 1)
                        && new.span.start < known.span.end.max(known.span.start + 1)
                })
            };
            let new: Vec<_> = new.into_iter().filter(|new| !is_known(new)).collect();
            found.extend(new);
        }
        if topics.has(Topic::Sops) {
            found.extend(sealed::flat::find(text));
        }
        if topics.has(Topic::Name) {
            found.extend(lines::find(text, self.kind, is_news));
        }
        found
    }

    /// Everything in a text that was taken out of another one, and goes by these
    /// names; `None` when that has gone on for too long.
    pub(crate) fn inner(&mut self, text: &str, names: &[&str]) -> Option<Vec<Found>> {
        // What a program or a page holds is no program or page any more.
        self.inner_as(Kind::Settings, text, names)
    }

    /// As [`inner`](Self::inner), for what programs and pages show to somebody.
    pub(crate) fn shown(&mut self, text: &str, names: &[&str]) -> Option<Vec<Found>> {
        let kind = match self.kind {
            Kind::Program | Kind::Prose => Kind::Prose,
            Kind::Settings | Kind::Command => Kind::Settings,
        };
        self.inner_as(kind, text, names)
    }

    fn inner_as(&mut self, kind: Kind, text: &str, names: &[&str]) -> Option<Vec<Found>> {
        if self.depth >= DEPTH_LIMIT || self.decoded_left < text.len() {
            self.pass_over(TOO_DEEP);
            return None;
        }
        self.decoded_left -= text.len();
        self.depth += 1;
        let kind = std::mem::replace(&mut self.kind, kind);
        let found = self.text(text, names);
        self.kind = kind;
        self.depth -= 1;
        Some(best_of_each_value(found))
    }
}
