//! A baseline: what was found when the guard came to a repository, and is let pass.
//!
//! The file can be read by everybody who can read the repository, and may outlive the
//! secrets that it is about. An entry is therefore made of a path, a rule and a key
//! path, under the key in the file's head. A value goes into it only when nobody can
//! guess it: a whole private key. Of a password there is nothing in it to be tried
//! against. That a password has not been changed is asked of git instead, where a
//! change is judged.
//!
//! An entry has no line number and, but for a message, no commit in it, so that edits and rebases keep it,
//! and has a line of its own, so that two branches merge (`merge=union` will do).

use std::collections::HashMap;

use crate::finding::Finding;
use crate::mark;
use crate::message::{self, MESSAGE};
use crate::printable::one_line;
use crate::report::FileFinding;

/// The file, at the top of a tree.
pub const FILE_NAME: &str = ".bulla-baseline";

const HEAD: &str = "\
# What `bulla guard` found when this was written, and lets pass: no values, see docs/guard.md.
# `bulla guard baseline` writes it, `bulla guard audit` says what of it is gone.
";

/// How many hexadecimal digits an entry has.
const ENTRY_LENGTH: usize = 32;

/// The findings that are let pass because they were there before.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    /// Usually one; two when two branches each made a baseline.
    keys: Vec<[u8; 32]>,
    /// Their lines and the rest of them, by fingerprint.
    entries: HashMap<String, (usize, String)>,
}

/// A line of a baseline that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{FILE_NAME}:{line}: this is no entry of a baseline; take it out, or write the file again with bulla guard baseline"
)]
pub struct BaselineError {
    /// From 1.
    pub line: usize,
}

impl Baseline {
    /// Without entries, under this key, which should be random.
    pub fn new(key: [u8; 32]) -> Self {
        Self { keys: vec![key], entries: HashMap::new() }
    }

    /// Reads one.
    ///
    /// # Errors
    ///
    /// When a line is neither a key, an entry, a comment nor empty.
    pub fn parse(bytes: &[u8]) -> Result<Self, BaselineError> {
        let mut baseline = Self::default();
        let text = String::from_utf8_lossy(bytes);
        for (line, text) in (1..).zip(text.lines()) {
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let error = BaselineError { line };
            let (first, rest) = text.split_once(' ').ok_or(error.clone())?;
            if first == "key" {
                let mut key = [0; 32];
                hex::decode_to_slice(rest.trim(), &mut key).map_err(|_| error)?;
                baseline.keys.push(key);
                continue;
            }
            let is_entry = first.len() == ENTRY_LENGTH
                && first.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            if !is_entry {
                return Err(error);
            }
            baseline.entries.entry(first.to_owned()).or_insert((line, rest.to_owned()));
        }
        Ok(baseline)
    }

    /// Where it has a finding.
    pub fn line_of(&self, finding: &Finding) -> Option<usize> {
        let mut keys = self.keys.iter();
        keys.find_map(|key| self.entries.get(&mark::keyed(finding, key))).map(|(line, _)| *line)
    }

    /// The lines of its entries, with rule and path, in the order of the file.
    pub fn entries(&self) -> Vec<(usize, &str)> {
        let mut entries: Vec<_> =
            self.entries.values().map(|(line, rest)| (*line, rest.as_str())).collect();
        entries.sort_unstable();
        entries
    }

    /// A baseline of these findings, under the key of this one.
    pub fn write<'f>(&self, findings: impl IntoIterator<Item = &'f FileFinding>) -> String {
        let key = self.keys.first().copied().unwrap_or_default();
        let mut lines: Vec<String> = findings
            .into_iter()
            .map(|FileFinding { path, commit, finding }| {
                let path = match commit {
                    Some(commit) if path == MESSAGE => message::path_of(commit),
                    _ => one_line(path.strip_prefix("./").unwrap_or(path)),
                };
                format!("{} {} {path}\n", mark::keyed(finding, &key), finding.rule)
            })
            .collect();
        // By path, so that what belongs together stands together.
        lines.sort_by(|one, other| {
            let order = |line: &'_ str| line.splitn(3, ' ').last().map(str::to_owned);
            (order(one), one).cmp(&(order(other), other))
        });
        lines.dedup();
        format!("{HEAD}key {}\n{}", hex::encode(key), lines.concat())
    }
}
