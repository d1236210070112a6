//! Messages of commits: what is written there is in the history like any file.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::around::Around;
use crate::error::GuardError;
use crate::files::Tree;
use crate::judge::{Judgement, judge_text};
use crate::report::Report;

/// What a message is called in reports.
pub(crate) const MESSAGE: &str = "commit message";

/// The folder in which rules and baselines know messages, each by the commit, or the tag,
/// that it is of.
const FOLDER: &str = "COMMIT_MSG";

/// What a message is called there before there is a commit.
const NEW: &str = "new";

/// A name that says that this is prose.
const PROSE: &str = "message.txt";

/// Longer messages are cut off: git has no limit, but nobody writes them.
const LIMIT: u64 = 16 << 20;

/// What `git commit --verbose` writes below the message, and above a difference that has
/// removed secrets in it, too. git cuts it off here, whatever character comes first.
const SCISSORS: &str = " ------------------------ >8 ------------------------";

/// Judges the message of a commit that is about to be made, in the file that git names to
/// a `commit-msg` hook.
///
/// # Errors
///
/// When the file cannot be read.
pub fn check_message(file: &Path) -> Result<Report, GuardError> {
    let failed = |error| GuardError::Io { path: file.to_owned(), error };
    let mut text = Vec::new();
    File::open(file).and_then(|file| file.take(LIMIT).read_to_end(&mut text)).map_err(failed)?;
    let mut report = Report::default();
    // git starts its hooks at the top of the work tree, wherever the file is.
    let (tree, _) = Tree::around(Path::new("."));
    report.add(MESSAGE, judge(above_scissors(&text), NEW, &tree));
    for found in &mut report.findings {
        found.finding.fix =
            format!("write the message without it; what you wrote is in {}", file.display());
    }
    Ok(report)
}

/// Judges the message of a commit or a tag. Rules and baseline say what may be in it; they
/// do not want it sealed.
pub(crate) fn judge(text: &[u8], id: &str, around: &dyn Around) -> Judgement {
    judge_text(PROSE, &path_of(id), text, around)
}

/// How rules and baselines call the message of a commit.
pub(crate) fn path_of(id: &str) -> String {
    format!("{FOLDER}/{id}")
}

fn above_scissors(text: &[u8]) -> &[u8] {
    let mut start = 0;
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        if line.trim_ascii_end().ends_with(SCISSORS.as_bytes()) {
            return &text[..start];
        }
        start += line.len();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_cuts_off_is_no_part_of_a_message() {
        let cut =
            |text: &str| String::from_utf8_lossy(above_scissors(text.as_bytes())).into_owned();
        assert_eq!(cut(&format!("a\n\n#{SCISSORS}\n-key\n")), "a\n\n");
        assert_eq!(cut(&format!("a\n;{SCISSORS}\r\n-key\n")), "a\n");
        assert_eq!(cut("a >8 b\n"), "a >8 b\n");
    }
}
