//! What was looked at and what is wrong with it, for people and for programs.

use std::fmt::Write;

use serde_json::json;

use super::fault::Fault;
use crate::failure::printable;

/// The result of judging several files.
pub(super) struct Report {
    /// How many files were judged.
    pub(super) files: usize,
    /// Whether they were opened.
    pub(super) with_key: bool,
    /// In the order of the files.
    pub(super) faults: Vec<Fault>,
}

impl Report {
    /// A line for each fault; one that says how many files were judged.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for fault in &self.faults {
            // Names of files and keys of a stranger's may have line breaks in them.
            let line = format!("{}: {}", fault.path, fault.message).replace('\n', "\\n");
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{}", printable(&line));
        }
        let how = if self.with_key { "verified" } else { "looked at without a key" };
        let _ = match (self.files, self.faults.len()) {
            (0, _) => writeln!(text, "there are no sealed files"),
            (1, 0) => writeln!(text, "1 sealed file {how}: nothing is wrong with it"),
            (files, 0) => writeln!(text, "{files} sealed files {how}: nothing is wrong with them"),
            (1, _) => writeln!(text, "1 sealed file {how}"),
            (files, _) => writeln!(text, "{files} sealed files {how}"),
        };
        text
    }

    /// One object, with a list of faults.
    pub(super) fn json(&self) -> String {
        let faults = self.faults.iter().map(|fault| {
            json!({
                "path": fault.path,
                "line": fault.line,
                "keyPath": fault.key_path,
                "fault": fault.kind.name(),
                "message": fault.message,
            })
        });
        let report = json!({
            "files": self.files,
            "withKey": self.with_key,
            "faults": faults.collect::<Vec<_>>(),
        });
        format!("{report:#}\n")
    }
}
