//! What was looked at, and what was found.

use std::fmt::{self, Write};

use crate::finding::Finding;
use crate::judge::{Judgement, printable};

/// The result of judging several files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// How many files were looked at.
    pub scanned: usize,
    /// What was found, in the order of the files.
    pub findings: Vec<FileFinding>,
    /// What could not be looked at. Not a reason to be calm: nobody knows what is in it.
    pub unread: Vec<Unread>,
    /// What was looked at in part only, and why.
    pub partly: Vec<Unread>,
}

/// A finding and its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFinding {
    /// The file, relative to the repository or as it was given.
    pub path: String,
    /// What was found in it.
    pub finding: Finding,
}

/// A file that could not be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The file.
    pub path: String,
    /// Why not.
    pub reason: String,
}

impl Report {
    /// Nothing was found, and everything was looked at.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty() && self.unread.is_empty()
    }

    pub(crate) fn add(&mut self, path: &str, judgement: Judgement) {
        self.scanned += 1;
        let partly = judgement.passed_over.iter();
        let partly = partly.map(|why| Unread { path: path.to_owned(), reason: (*why).to_owned() });
        self.partly.extend(partly);
        let findings = judgement
            .findings
            .into_iter()
            .map(|finding| FileFinding { path: path.to_owned(), finding });
        self.findings.extend(findings);
    }
}

impl fmt::Display for Report {
    /// A line for each finding and each file that was not read, then one that says
    /// how many files were looked at; no line break at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for found in &self.findings {
            writeln!(f, "{found}")?;
        }
        for unread in &self.unread {
            one_line(f, &format!("{}: not looked at: {}", unread.path, unread.reason))?;
            f.write_char('\n')?;
        }
        for partly in &self.partly {
            one_line(f, &format!("{}: looked at in part: {}", partly.path, partly.reason))?;
            f.write_char('\n')?;
        }
        let (files, findings) = (self.scanned, self.findings.len());
        write!(f, "{} looked at, {}", count(files, "file"), count(findings, "finding"))?;
        match self.unread.len() {
            0 => Ok(()),
            unread => write!(f, ", {} not looked at", count(unread, "file")),
        }
    }
}

impl fmt::Display for FileFinding {
    /// `PATH:LINE: KEY_PATH: WHY [RULE, CONFIDENCE]; FIX`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { line, end_line: _, key_path, rule, confidence, why, fix } = &self.finding;
        let place = match key_path.as_str() {
            "" => String::new(),
            path => format!(" {path}:"),
        };
        let text = format!("{}:{line}:{place} {why} [{rule}, {confidence}]; {fix}", self.path);
        one_line(f, &text)
    }
}

/// Paths may have line breaks and worse in them.
fn one_line(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    text.chars().flat_map(printable).try_for_each(|character| f.write_char(character))
}

fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Confidence, Rule};

    #[test]
    fn a_report_has_a_line_for_each_thing_and_says_how_many_files_it_saw() {
        let mut report = Report::default();
        assert!(report.is_clean());
        assert_eq!(report.to_string(), "0 files looked at, 0 findings");
        let finding = Finding {
            line: 3,
            end_line: 3,
            key_path: "[\"data\"][\"a\"]".into(),
            rule: Rule::ReadableSecret,
            confidence: Confidence::Structure,
            why: "why".into(),
            fix: "fix".into(),
        };
        report.add("a\nb.yaml", Judgement { findings: vec![finding], ..Judgement::default() });
        report.unread.push(Unread { path: "c".into(), reason: "gone".into() });
        assert!(!report.is_clean());
        assert_eq!(
            report.to_string(),
            "a\\nb.yaml:3: [\"data\"][\"a\"]: why [readable-secret, structure]; fix\n\
             c: not looked at: gone\n\
             1 file looked at, 1 finding, 1 file not looked at"
        );
    }
}
