//! What git is about to commit: the staged blobs, not the files in the work tree.

use std::cell::RefCell;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::around::{AROUND_LIMIT, Around};
use crate::error::GuardError;
use crate::governing::Memo;
use crate::judge::{Judgement, judge_reader};
use crate::report::{Report, Unread};

/// The mode of a submodule's entry, which is no blob.
const SUBMODULE: &str = "160000";

/// Judges every blob that is staged in the repository that holds `repo`: added,
/// changed, renamed; one process reads them all.
///
/// # Errors
///
/// When git does not do its part. A single blob that cannot be read is in the report.
pub fn check_staged(repo: &Path) -> Result<Report, GuardError> {
    let mut report = Report::default();
    let staged = staged(repo)?;
    if staged.is_empty() {
        return Ok(report);
    }
    let mut blobs = Blobs::start(repo)?;
    let index = Index { blobs: RefCell::new(Blobs::start(repo)?), memo: Memo::default() };
    for entry in staged {
        match blobs.judge(&entry, &index)? {
            Ok(judgement) => report.add(&entry.path, judgement),
            Err(reason) => report.unread.push(Unread { path: entry.path, reason }),
        }
    }
    blobs.finish()?;
    index.blobs.into_inner().finish()?;
    Ok(report)
}

/// git, in a repository.
pub(crate) fn git(repo: &Path) -> Command {
    let mut command = Command::new("git");
    // Looking must not take locks that a commit wants.
    command.arg("-C").arg(repo).env("GIT_OPTIONAL_LOCKS", "0");
    for name in bulla_core::SECRET_VARIABLES {
        command.env_remove(name);
    }
    command
}

/// The output of a git command that must succeed.
pub(crate) fn output(command: &mut Command, name: &'static str) -> Result<Vec<u8>, GuardError> {
    let output = command.stdin(Stdio::null()).output().map_err(GuardError::NoGit)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let message = said.lines().next().unwrap_or("it gave no reason").to_owned();
    Err(GuardError::Git { command: name, message })
}

/// A staged file.
struct Entry {
    blob: String,
    path: String,
}

fn staged(repo: &Path) -> Result<Vec<Entry>, GuardError> {
    // With the blobs' names, so that no file's name goes through the line protocol
    // below. A configured `diff.relative` would hide files.
    let mut command = git(repo);
    command.args(["-c", "diff.relative=false", "diff", "--cached", "--raw", "-z", "--no-abbrev"]);
    command.args(["--no-renames", "--no-ext-diff", "--no-textconv", "--diff-filter=d"]);
    let raw = output(&mut command, "diff")?;
    let answer = || GuardError::Answer { command: "diff" };
    let mut fields = raw.split(|&byte| byte == 0);
    let mut entries = Vec::new();
    // `:OLD_MODE MODE OLD_BLOB BLOB STATUS`, then the path.
    while let Some(info) = fields.next().filter(|info| !info.is_empty()) {
        let path = fields.next().ok_or_else(answer)?;
        let info = std::str::from_utf8(info).map_err(|_| answer())?;
        let info: Vec<_> = info.split(' ').collect();
        let [_, mode, _, blob, _] = info.as_slice() else { return Err(answer()) };
        if *mode != SUBMODULE {
            let path = String::from_utf8_lossy(path).into_owned();
            entries.push(Entry { blob: (*blob).to_owned(), path });
        }
    }
    Ok(entries)
}

/// `git cat-file --batch`
struct Blobs {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Blobs {
    fn start(repo: &Path) -> Result<Self, GuardError> {
        let mut command = git(repo);
        command.args(["cat-file", "--batch"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(GuardError::NoGit)?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(questions), Some(answers)) => {
                Ok(Self { child, questions, answers: BufReader::new(answers) })
            }
            // Both were asked for as pipes.
            _ => Err(answer()),
        }
    }

    /// What an expression of git stands for, when that is a blob of no great size.
    fn read(&mut self, expression: &str) -> Option<Vec<u8>> {
        // The protocol has a line for each question.
        if expression.contains(['\n', '\0']) {
            return None;
        }
        writeln!(self.questions, "{expression}").and_then(|()| self.questions.flush()).ok()?;
        let mut header = String::new();
        self.answers.read_line(&mut header).ok()?;
        let header: Vec<_> = header.trim_end().split(' ').collect();
        let [_, kind, size] = header.as_slice() else { return None };
        let size: u64 = size.parse().ok()?;
        let mut content = Vec::new();
        (&mut self.answers).take(size.min(AROUND_LIMIT)).read_to_end(&mut content).ok()?;
        // What is too large is passed over, with the line break behind it.
        let rest = size + 1 - content.len() as u64;
        io::copy(&mut (&mut self.answers).take(rest), &mut io::sink()).ok()?;
        (*kind == "blob" && size <= AROUND_LIMIT).then_some(content)
    }

    /// What is in a blob; `Err` inside when git does not have it.
    fn judge(
        &mut self,
        entry: &Entry,
        index: &Index,
    ) -> Result<Result<Judgement, String>, GuardError> {
        let asked =
            writeln!(self.questions, "{}", entry.blob).and_then(|()| self.questions.flush());
        asked.map_err(|_| answer())?;
        let mut header = String::new();
        self.answers.read_line(&mut header).map_err(|_| answer())?;
        let header: Vec<_> = header.trim_end().split(' ').collect();
        let size: u64 = match header.as_slice() {
            [_, "blob", size] => size.parse().map_err(|_| answer())?,
            [_, "missing"] => return Ok(Err("git does not have this blob".into())),
            _ => return Err(answer()),
        };
        let mut content = (&mut self.answers).take(size);
        let findings = judge_reader(&entry.path, &entry.path, &mut content, size, index)
            .map_err(|_| answer())?;
        if content.limit() > 0 {
            return Err(answer());
        }
        let mut line_break = [0];
        self.answers.read_exact(&mut line_break).map_err(|_| answer())?;
        Ok(Ok(findings))
    }

    fn finish(self) -> Result<(), GuardError> {
        let Self { mut child, questions, answers } = self;
        drop((questions, answers));
        child.wait().map(drop).map_err(|_| answer())
    }
}

/// The files that will be in the commit, and what they were in the last one.
struct Index {
    blobs: RefCell<Blobs>,
    memo: Memo,
}

impl Around for Index {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.blobs.borrow_mut().read(&format!(":{path}"))
    }

    fn before(&self, path: &str) -> Option<Vec<u8>> {
        self.blobs.borrow_mut().read(&format!("HEAD:{path}"))
    }

    fn is_change(&self) -> bool {
        true
    }

    fn memo(&self) -> Option<&Memo> {
        Some(&self.memo)
    }
}

fn answer() -> GuardError {
    GuardError::Answer { command: "cat-file" }
}
