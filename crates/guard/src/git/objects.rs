//! One `git cat-file --batch`, which is asked for one object after the other.

use std::io::{self, BufRead, BufReader, Read, Take, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use super::git;
use super::oid::Oid;
use crate::error::GuardError;

/// What git says of an object before its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) id: Oid,
    pub(super) kind: Kind,
    /// In bytes.
    pub(super) size: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Blob,
    Tree,
    Commit,
    Tag,
}

/// The process. After an error it is of no more use.
pub(super) struct Objects {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Objects {
    pub(super) fn start(repo: &Path) -> Result<Self, GuardError> {
        let mut command = git(repo);
        command.args(["cat-file", "--batch"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(GuardError::NoGit)?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(questions), Some(answers)) => {
                Ok(Self { child, questions, answers: BufReader::new(answers) })
            }
            // Both were asked for as pipes.
            _ => Err(GuardError::Answer { command: "cat-file" }),
        }
    }

    /// Asks for an object; `None` when git does not have it. Its content comes next, all
    /// of which has to be read, with [`content`](Self::content).
    ///
    /// The question is a name of an object, or made of fixed words: no path goes through
    /// this protocol, which has a line for each question.
    pub(super) fn ask(&mut self, question: &str) -> io::Result<Option<Header>> {
        writeln!(self.questions, "{question}")?;
        self.questions.flush()?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let fields: Vec<_> = line.trim_end().split(' ').collect();
        let [id, kind, size] = fields.as_slice() else {
            return match fields.as_slice() {
                [_, "missing"] => Ok(None),
                _ => Err(io::ErrorKind::UnexpectedEof.into()),
            };
        };
        let kind = match *kind {
            "blob" => Kind::Blob,
            "tree" => Kind::Tree,
            "commit" => Kind::Commit,
            "tag" => Kind::Tag,
            _ => return Err(io::ErrorKind::InvalidData.into()),
        };
        match (Oid::parse(id.as_bytes()), size.parse()) {
            (Some(id), Ok(size)) => Ok(Some(Header { id, kind, size })),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// The content of the object that was asked for, through `read`; what that leaves is
    /// passed over.
    pub(super) fn content<T>(
        &mut self,
        header: Header,
        read: impl FnOnce(&mut Take<&mut BufReader<ChildStdout>>) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut content = (&mut self.answers).take(header.size);
        let result = read(&mut content)?;
        io::copy(&mut content, &mut io::sink())?;
        if content.limit() > 0 {
            // git found out on the way that the object is broken.
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut line_break = [0];
        self.answers.read_exact(&mut line_break)?;
        Ok(result)
    }

    /// As [`content`](Self::content), in memory.
    pub(super) fn bytes(&mut self, header: Header) -> io::Result<Vec<u8>> {
        self.content(header, |content| {
            let mut bytes = Vec::new();
            content.read_to_end(&mut bytes).map(|_| bytes)
        })
    }

    /// Goes over the content.
    pub(super) fn skip(&mut self, header: Header) -> io::Result<()> {
        self.content(header, |_| Ok(()))
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        // It is only reading, and may be in the middle of an object.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
