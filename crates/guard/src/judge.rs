//! Judging one file: what is looked at, how deep, and how findings come together.

use std::io::{self, Read};

use bulla_yaml::line_of;

use crate::finding::{Confidence, Finding, Rule};
use crate::text::{Text, read};
use crate::{ed25519, encoded, markers, tree};

/// Beyond this many bytes a file is searched for keys, but not parsed.
pub const STRUCTURE_LIMIT: usize = 16 << 20;

/// Beyond this many bytes a file is not held in memory.
const WHOLE_LIMIT: u64 = 64 << 20;

/// How much of such a file is held at once, and how much of that is looked at twice.
const WINDOW: u64 = 8 << 20;
const OVERLAP: usize = 128 << 10;

/// How often what was decoded is decoded again.
const DEPTH_LIMIT: usize = 4;

/// How many decoded bytes are looked at in one file.
const DECODED_LIMIT: usize = 64 << 20;

/// How many findings one file can have; more say nothing new.
pub(crate) const FINDING_LIMIT: usize = 1000;

/// Looks for plaintext secrets in the bytes of a file. The path is used in advice
/// only: what a file is called does not decide what it is.
///
/// Never fails: what cannot be parsed is searched as it is.
pub fn judge(path: &str, bytes: &[u8]) -> Vec<Finding> {
    let text = read(bytes);
    let mut search = Search { depth: 0, decoded_left: DECODED_LIMIT };
    let found = match &text {
        Text::Text(text) => search.text(text),
        Text::Binary(bytes) => search.bytes(bytes),
    };
    let mut findings: Vec<_> = best_of_each_value(found)
        .into_iter()
        .take(FINDING_LIMIT)
        .map(|found| found.into_finding(path, &text))
        .collect();
    findings.dedup();
    findings
}

/// Judges a file that may be too large to be held: such a one is searched for keys
/// window by window.
pub(crate) fn judge_reader(
    path: &str,
    mut reader: impl Read,
    size: u64,
) -> io::Result<Vec<Finding>> {
    if size <= WHOLE_LIMIT {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes)?;
        return Ok(judge(path, &bytes));
    }
    let mut findings = Vec::new();
    let mut window = Vec::new();
    let mut lines = 0;
    loop {
        let read = (&mut reader).take(WINDOW).read_to_end(&mut window)?;
        let is_last = (read as u64) < WINDOW;
        // What begins in the overlap is found whole in the next window.
        let mine = if is_last { window.len() } else { window.len() - OVERLAP.min(window.len()) };
        let mut found = markers::find(&window);
        found.extend(ed25519::find(&window));
        found.sort_by_key(|found| found.at);
        let here = Text::Binary(&window);
        for found in found.into_iter().filter(|found| found.at < mine) {
            let mut finding = found.into_finding(path, &here);
            finding.line += lines;
            findings.push(finding);
        }
        if is_last || findings.len() >= FINDING_LIMIT {
            findings.truncate(FINDING_LIMIT);
            io::copy(&mut reader, &mut io::sink())?;
            return Ok(findings);
        }
        lines += memchr::memchr_iter(b'\n', &window[..mine]).count();
        window.drain(..mine);
    }
}

/// Something in a text, before it is a [`Finding`].
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The offset of its first byte.
    pub(crate) at: usize,
    /// The value it is in, when it is in a structure: where that begins and its path.
    pub(crate) value: Option<(usize, String)>,
    /// Whether that value is one of a Kubernetes Secret.
    pub(crate) in_secret: bool,
    pub(crate) rule: Rule,
    pub(crate) confidence: Confidence,
    pub(crate) why: String,
}

impl Found {
    pub(crate) fn new(at: usize, rule: Rule, confidence: Confidence, why: &str) -> Self {
        Self { at, value: None, in_secret: false, rule, confidence, why: why.to_owned() }
    }

    fn into_finding(self, path: &str, text: &Text<'_>) -> Finding {
        // Offsets beyond 4 GiB count as that.
        let at = u32::try_from(self.at).unwrap_or(u32::MAX);
        let line = match text {
            Text::Text(text) => line_of(text, at),
            Text::Binary(bytes) => memchr::memchr_iter(b'\n', &bytes[..self.at]).count() + 1,
        };
        let fix = fix(self.rule, self.in_secret, path);
        Finding {
            line,
            key_path: self.value.map(|(_, path)| path).unwrap_or_default(),
            rule: self.rule,
            confidence: self.confidence,
            why: self.why,
            fix,
        }
    }
}

fn fix(rule: Rule, in_secret: bool, path: &str) -> String {
    let path: String = path.chars().flat_map(printable).collect();
    match rule {
        Rule::NotCovered | Rule::NotSealed | Rule::DamagedSeal => {
            format!("restore the sealed file, or decrypt {path}, correct it and encrypt it again")
        }
        Rule::NoRecipients => format!("seal {path} for somebody: bulla encrypt -i {path}"),
        Rule::ReadableSecret => format!("bulla encrypt -i {path}"),
        _ if in_secret => format!("bulla encrypt -i {path}"),
        _ => format!(
            "git rm --cached {path}, and keep it sealed: bulla create secret generic NAME --from-file={path}"
        ),
    }
}

/// A character as it may stand in a line of a report.
pub(crate) fn printable(character: char) -> Vec<char> {
    match character.is_control() {
        true => character.escape_default().collect(),
        false => vec![character],
    }
}

/// Of several findings in one value, those that say most; in the order of the text.
fn best_of_each_value(mut found: Vec<Found>) -> Vec<Found> {
    found.sort_by_key(|found| {
        let value = found.value.as_ref().map_or(found.at, |(start, _)| *start);
        (value, found.at, std::cmp::Reverse((found.rule, found.confidence)))
    });
    let mut best: Vec<Found> = Vec::new();
    let value = |found: &Found| found.value.as_ref().map(|(start, _)| *start);
    for group in found.chunk_by(|one, other| value(one) == value(other) && value(one).is_some()) {
        let top = group.iter().map(|found| found.rule).max();
        // A text can hold several keys; that it is readable is then no news, nor is
        // the key pair inside of a key file.
        let says_nothing_new = |found: &Found| match found.rule {
            Rule::ReadableSecret => top > Some(Rule::ReadableSecret),
            Rule::Ed25519Key => top >= Some(Rule::ValidatorKey),
            Rule::NotCovered => top >= Some(Rule::NotSealed),
            _ => false,
        };
        best.extend(group.iter().filter(|found| !says_nothing_new(found)).cloned());
    }
    best.dedup_by(|one, other| one.at == other.at && one.rule == other.rule);
    best
}

/// A search through a text and all that is in it.
pub(crate) struct Search {
    depth: usize,
    decoded_left: usize,
}

impl Search {
    /// What shows itself in bytes.
    fn bytes(&self, bytes: &[u8]) -> Vec<Found> {
        let mut found = markers::find(bytes);
        found.extend(ed25519::find(bytes));
        found
    }

    /// Everything in a text.
    pub(crate) fn text(&mut self, text: &str) -> Vec<Found> {
        let mut found = self.bytes(text.as_bytes());
        found.extend(encoded::find(text, self));
        found.truncate(FINDING_LIMIT);
        if text.len() <= STRUCTURE_LIMIT {
            tree::search(text, self, &mut found);
        }
        found
    }

    /// Everything in a text that was taken out of another one; `None` when that has
    /// gone on for too long.
    pub(crate) fn inner(&mut self, text: &str) -> Option<Vec<Found>> {
        if self.depth >= DEPTH_LIMIT || self.decoded_left < text.len() {
            return None;
        }
        self.decoded_left -= text.len();
        self.depth += 1;
        let found = self.text(text);
        self.depth -= 1;
        Some(best_of_each_value(found))
    }
}
