//! `bulla guard audit`

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use bulla_core::rules::FILE_NAMES;
use bulla_guard::{AllowSource, BASELINE_FILE, Baseline};
use time::{Date, OffsetDateTime};

use super::tracked::{self, Tracked};
use crate::failure::{Failure, Result, printable};
use crate::git::{self, Origin};
use crate::governing::read_rules;
use crate::write;

/// List what is let pass, since when, and what of it is out of date
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Count what is let pass in all that was ever committed, messages included
    #[arg(long)]
    history: bool,
}

/// Something that lets findings pass.
struct Entry {
    /// What it is for, and why.
    what: String,
    /// How many findings there are for it now.
    used: usize,
    expired: Option<Date>,
}

/// File and line of each.
type Entries = BTreeMap<(String, usize), Entry>;

pub(super) fn run(args: &Args) -> Result {
    let tracked = tracked::look(args.history)?;
    let entries = entries(&tracked)?;
    let origins = Origins::of(&entries);
    let mut page = String::new();
    let mut stale = 0;
    for ((file, line), entry) in &entries {
        let state = match (entry.expired, entry.used) {
            (Some(day), _) => format!("expired on {day}: take it out, or say for how much longer"),
            (None, 0) => "allows nothing any more: take it out".to_owned(),
            (None, 1) => "1 finding".to_owned(),
            (None, used) => format!("{used} findings"),
        };
        stale += usize::from(entry.expired.is_some() || entry.used == 0);
        let since = origins.since(file, *line);
        page.push_str(&one_line(&format!("{file}:{line}: {}; {state}; {since}", entry.what)));
    }
    let count = match entries.len() {
        1 => "1 allow".to_owned(),
        count => format!("{count} allows"),
    };
    page.push_str(&format!("{count}, {stale} out of date, {} files\n", tracked.report.scanned));
    write::stdout(page.as_bytes())?;
    match stale {
        0 => Ok(()),
        _ => Err(Failure::other("some of what is let pass is out of date: see above")),
    }
}

/// All that lets findings pass, whether it does or not.
fn entries(Tracked { files, report }: &Tracked) -> Result<Entries> {
    let mut entries = Entries::new();
    let today = OffsetDateTime::now_utc().date();
    for file in rules_files(files) {
        let rules = read_rules(&file)?;
        for allow in rules.guard_allows() {
            let expired = allow.expires.filter(|last| *last < today);
            let what = format!("{}, {}: {}", allow.rules.join(", "), allow.condition, allow.reason);
            entries.insert((name(&file), allow.line), Entry { what, used: 0, expired });
        }
    }
    if let Ok(bytes) = fs::read(BASELINE_FILE)
        && let Ok(baseline) = Baseline::parse(&bytes)
    {
        for (line, what) in baseline.entries() {
            let entry = Entry { what: what.to_owned(), used: 0, expired: None };
            entries.insert((BASELINE_FILE.to_owned(), line), entry);
        }
    }
    for idle in &report.idle {
        let entry = Entry { what: "a comment".to_owned(), used: 0, expired: None };
        entries.insert((idle.path.clone(), idle.line), entry);
    }
    for allowed in &report.allowed {
        let place = match &allowed.by.source {
            AllowSource::Line(line) => (allowed.path.clone(), *line),
            AllowSource::Rules { file, line } => (file.clone(), *line),
            AllowSource::Baseline { line } => (BASELINE_FILE.to_owned(), *line),
            _ => continue,
        };
        let what = || format!("{}: {}", allowed.finding.rule, allowed.by.reason);
        let entry = entries.entry(place);
        entry.or_insert_with(|| Entry { what: what(), used: 0, expired: None }).used += 1;
    }
    Ok(entries)
}

/// The rules files that count: one in each directory.
fn rules_files(files: &[PathBuf]) -> Vec<PathBuf> {
    let mut best: BTreeMap<&Path, PathBuf> = BTreeMap::new();
    for name in FILE_NAMES.iter().rev() {
        let named = files.iter().filter(|file| file.file_name().is_some_and(|own| own == *name));
        best.extend(named.map(|file| (write::directory(file), file.clone())));
    }
    best.into_values().collect()
}

/// The commits that brought the lines in.
struct Origins(BTreeMap<String, Vec<Origin>>);

impl Origins {
    fn of(entries: &Entries) -> Self {
        let files: BTreeSet<&String> = entries.keys().map(|(file, _)| file).collect();
        Self(files.into_iter().map(|file| (file.clone(), git::origins(Path::new(file)))).collect())
    }

    fn since(&self, file: &str, line: usize) -> String {
        let lines = self.0.get(file).map(Vec::as_slice).unwrap_or_default();
        match line.checked_sub(1).and_then(|index| lines.get(index)) {
            Some(Origin { commit: Some(commit), day, subject }) => {
                format!("since {day}, {commit} {subject:?}")
            }
            _ => "not committed".to_owned(),
        }
    }
}

fn name(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Names and reasons are a stranger's.
fn one_line(text: &str) -> String {
    printable(&text.replace('\n', "\\n")) + "\n"
}
