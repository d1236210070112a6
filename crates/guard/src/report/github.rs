//! Commands of GitHub's runners: each makes an annotation at a line of the change.
//!
//! A runner obeys whatever line begins with `::`, so nothing of a file or its name may
//! begin one: line breaks are escaped, and in properties `:` and `,` too.

use super::{Report, described, text};
use crate::finding::Finding;

pub(super) fn write(report: &Report) -> String {
    let mut lines = Vec::new();
    for found in &report.findings {
        let (finding, at) = (&found.finding, at(&found.path, &found.finding));
        let title = property(&format!("{}, {}", finding.rule, finding.confidence));
        let message = data(&described(found.commit.as_deref(), finding, &finding.fix));
        lines.push(format!("::error {at},title={title}::{message}"));
    }
    for allowed in report.allowed.iter().filter(|allowed| allowed.by.is_new) {
        let (finding, at) = (&allowed.finding, at(&allowed.path, &allowed.finding));
        let title = property(&format!("{}, allowed by this change", finding.rule));
        let by = format!("{} ({})", allowed.by.reason, allowed.by.place(&allowed.path));
        let message = data(&described(allowed.commit.as_deref(), finding, &by));
        lines.push(format!("::notice {at},title={title}::{message}"));
    }
    for (things, how) in [(&report.unread, "not looked at"), (&report.partly, "looked at in part")]
    {
        for thing in things {
            let (file, reason) = (property(&thing.path), data(&thing.reason));
            lines.push(format!("::error file={file},title={how}::{reason}"));
        }
    }
    lines.extend(report.misconfigured.iter().map(|problem| format!("::error ::{}", data(problem))));
    lines.push(text::summary(report));
    lines.push(String::new());
    lines.join("\n")
}

fn at(path: &str, finding: &Finding) -> String {
    format!("file={},line={},endLine={}", property(path), finding.line, finding.end_line)
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
