//! What commits bring: their blobs, by path, and their messages.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{ChildStdout, Stdio};
use std::sync::Arc;

use super::oid::Oid;
use super::{SUBMODULE, failed, git};
use crate::error::GuardError;

/// Commits, as `git rev-list` is asked for them.
#[derive(Default)]
pub(super) struct Wanted {
    /// Options that stand behind what is read from standard input.
    pub(super) options: Vec<String>,
    /// One a line: `COMMIT`, `^COMMIT`.
    pub(super) revisions: String,
}

/// A blob to be judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    pub(super) blob: Oid,
    /// Into [`Listing::path`].
    path: u32,
    /// The first commit that has it under this name; none for what is not in a commit.
    pub(super) commit: Option<Oid>,
}

/// What is in many commits. Each blob is there once for each name that it had: a name
/// says what a bare value is.
#[derive(Default)]
pub(super) struct Listing {
    pub(super) jobs: Vec<Job>,
    /// Every commit.
    pub(super) commits: Vec<Oid>,
    paths: Texts,
    names: Texts,
    judged: HashSet<(Oid, u32)>,
    places: HashSet<(Oid, u32)>,
}

impl Listing {
    /// Adds what the wanted commits bring, the oldest first. A merge brings what none of
    /// its parents has.
    pub(super) fn add_commits(&mut self, repo: &Path, wanted: &Wanted) -> Result<(), GuardError> {
        let mut list = git(repo);
        list.args(["rev-list", "--reverse", "--topo-order", "--stdin"]).args(&wanted.options);
        list.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut list = list.spawn().map_err(GuardError::NoGit)?;
        let piped = GuardError::Answer { command: "rev-list" };
        let (Some(mut input), Some(commits)) = (list.stdin.take(), list.stdout.take()) else {
            return Err(piped);
        };
        let mut diff = git(repo);
        diff.args(["-c", "diff.orderFile=", "diff-tree", "--stdin", "--always", "-r", "-c"]);
        diff.args(["--root", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff"]);
        diff.args(["--no-textconv", "--no-relative"]);
        diff.stdin(commits).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut diff = diff.spawn().map_err(GuardError::NoGit)?;
        // It reads all of this before it says anything; when it does not, it says why.
        let _ = input.write_all(wanted.revisions.as_bytes());
        drop(input);
        let answers = diff.stdout.take().map(BufReader::new);
        let read = answers.map(|answers| self.read(answers));

        let list = list.wait_with_output().map_err(GuardError::NoGit)?;
        if !list.status.success() {
            return Err(failed("rev-list", &list.stderr));
        }
        let diff = diff.wait_with_output().map_err(GuardError::NoGit)?;
        if !diff.status.success() {
            return Err(failed("diff-tree", &diff.stderr));
        }
        match read {
            Some(Some(())) => Ok(()),
            _ => Err(GuardError::Answer { command: "diff-tree" }),
        }
    }

    /// Adds a blob that is in no commit.
    pub(super) fn add_loose(&mut self, blob: Oid, path: &str) {
        self.add(blob, path.as_bytes(), None);
    }

    /// How a job's file is called.
    pub(super) fn path(&self, job: &Job) -> &str {
        self.paths.text(job.path)
    }

    /// The other paths that a job's blob had.
    pub(super) fn other_paths(&self, job: &Job) -> Vec<&str> {
        let places = self.places.iter();
        let others = places.filter(|(blob, path)| *blob == job.blob && *path != job.path);
        let mut others: Vec<_> = others.map(|&(_, path)| self.paths.text(path)).collect();
        others.sort_unstable();
        others
    }

    /// For each commit its name; for each file in it `:MODE… MODE BLOB… BLOB STATUS`, with
    /// as many more colons as there are more parents, then the path.
    fn read(&mut self, mut answers: BufReader<ChildStdout>) -> Option<()> {
        let mut commit = None;
        let (mut field, mut path) = (Vec::new(), Vec::new());
        while let Some(info) = next(&mut answers, &mut field)? {
            if !info.starts_with(b":") {
                let id = Oid::parse(info)?;
                self.commits.push(id);
                commit = Some(id);
                continue;
            }
            let colons = info.iter().take_while(|&&byte| byte == b':').count();
            let fields: Vec<_> = info[colons..].split(|&byte| byte == b' ').collect();
            // Modes and blobs of the parents, and of the commit itself.
            let (mode, blob) = (*fields.get(colons)?, *fields.get(2 * colons + 1)?);
            let blob = Oid::parse(blob)?;
            let path = next(&mut answers, &mut path)??;
            // A file that is gone has no mode.
            if mode != SUBMODULE && mode != b"000000" {
                self.add(blob, path, commit);
            }
        }
        Some(())
    }

    fn add(&mut self, blob: Oid, path: &[u8], commit: Option<Oid>) {
        let path = String::from_utf8_lossy(path);
        let name = self.names.number(path.rsplit('/').next().unwrap_or_default());
        let path = self.paths.number(&path);
        self.places.insert((blob, path));
        if self.judged.insert((blob, name)) {
            self.jobs.push(Job { blob, path, commit });
        }
    }
}

/// The next field, up to a zero byte; none at the end, and nothing when it is cut off.
fn next<'b>(answers: &mut impl BufRead, field: &'b mut Vec<u8>) -> Option<Option<&'b [u8]>> {
    field.clear();
    answers.read_until(0, field).ok()?;
    match field.split_last() {
        None => Some(None),
        Some((0, field)) => Some(Some(field)),
        Some(_) => None,
    }
}

/// Texts by number; each is kept once.
#[derive(Default)]
struct Texts {
    numbers: HashMap<Arc<str>, u32>,
    texts: Vec<Arc<str>>,
}

impl Texts {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let text: Arc<str> = text.into();
        // Four thousand million paths do not fit into memory.
        let number = self.texts.len() as u32;
        self.texts.push(text.clone());
        self.numbers.insert(text, number);
        number
    }

    fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", |text| text)
    }
}
