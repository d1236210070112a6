//! The rules files above a file, read once.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bulla_core::rules::{FILE_NAMES, GuardAllow, Rules, RulesError, RulesProblem};

use crate::around::Around;
use crate::baseline::{self, Baseline};
use crate::finding::Rule;

/// What was read of a tree to judge its files. One for each state of a tree: another
/// commit has other rules.
#[derive(Default)]
pub struct Memo {
    rules: Mutex<HashMap<String, Option<Arc<RulesFile>>>>,
    baseline: OnceLock<Option<Arc<Known>>>,
}

impl fmt::Debug for Memo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memo")
    }
}

/// A rules file, or what is wrong with it.
pub(crate) struct RulesFile {
    /// The folder that it governs; empty for the top.
    pub(crate) folder: String,
    pub(crate) rules: Result<Rules, String>,
    /// Which of its allows the change itself brings in.
    is_new: Vec<bool>,
}

impl RulesFile {
    /// The path of a file as these rules have it.
    pub(crate) fn inside<'p>(&self, path: &'p str) -> &'p str {
        path.strip_prefix(self.folder.as_str()).unwrap_or(path).trim_start_matches('/')
    }

    /// What it allows, and whether that is new.
    pub(crate) fn allows(&self) -> impl Iterator<Item = (&GuardAllow, bool)> {
        let allows = self.rules.iter().flat_map(Rules::guard_allows);
        allows.zip(self.is_new.iter().copied())
    }
}

/// A baseline, or what is wrong with it.
pub(crate) struct Known {
    pub(crate) baseline: Result<Baseline, String>,
    /// What it was before the change.
    pub(crate) before: Option<Baseline>,
}

/// What governs a file.
pub(crate) struct Governing {
    /// The rules files above it, the nearest first.
    pub(crate) files: Vec<Arc<RulesFile>>,
    /// The baseline at the top.
    pub(crate) known: Option<Arc<Known>>,
}

impl Governing {
    /// What governs the file at a path of the tree.
    pub(crate) fn of(path: &str, around: &dyn Around) -> Self {
        let mut files = Vec::new();
        let mut above = Some(folder(path));
        while let Some(here) = above {
            files.extend(remembered(here, around));
            above = (!here.is_empty()).then(|| folder(here));
        }
        let known = match around.memo() {
            Some(memo) => memo.baseline.get_or_init(|| read_baseline(around)).clone(),
            None => read_baseline(around),
        };
        Self { files, known }
    }

    /// The rules that count for sealing: those that are nearest.
    pub(crate) fn nearest(&self) -> Option<(&RulesFile, &Rules)> {
        let file = self.files.first()?;
        file.rules.as_ref().ok().map(|rules| (&**file, rules))
    }

    /// What is wrong with any of it.
    pub(crate) fn problems(&self) -> Vec<String> {
        let rules = self.files.iter().filter_map(|file| file.rules.as_ref().err());
        let baseline = self.known.iter().filter_map(|known| known.baseline.as_ref().err());
        rules.chain(baseline).cloned().collect()
    }
}

/// Refuses allows for rules that the guard does not have: they would allow nothing.
///
/// # Errors
///
/// With the line of the first one.
pub fn check_allows(rules: &Rules) -> Result<(), RulesError> {
    for allow in rules.guard_allows() {
        if let Some(unknown) = allow.rules.iter().find(|name| Rule::named(name).is_none()) {
            return Err(RulesError {
                file: rules.file().to_owned(),
                line: allow.line,
                problem: RulesProblem::UnknownGuardRule { rule: unknown.clone() },
            });
        }
    }
    Ok(())
}

pub(crate) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

pub(crate) fn join(folder: &str, name: &str) -> String {
    match folder {
        "" => name.to_owned(),
        folder => format!("{folder}/{name}"),
    }
}

fn remembered(folder: &str, around: &dyn Around) -> Option<Arc<RulesFile>> {
    let Some(memo) = around.memo() else { return read_rules(folder, around).map(Arc::new) };
    let read = || memo.rules.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = read().get(folder) {
        return known.clone();
    }
    // Not while the lock is held: reading may take long.
    let file = read_rules(folder, around).map(Arc::new);
    read().insert(folder.to_owned(), file.clone());
    file
}

/// The rules file in a folder.
fn read_rules(folder: &str, around: &dyn Around) -> Option<RulesFile> {
    let mut names = FILE_NAMES.iter().map(|name| join(folder, name));
    let (name, bytes) = names.find_map(|name| around.read(&name).map(|bytes| (name, bytes)))?;
    let rules = parse(&bytes, &name);
    let count = rules.as_ref().map_or(0, |rules| rules.guard_allows().len());
    let mut is_new = vec![false; count];
    if let Ok(rules) = &rules
        && count > 0
        && around.is_change()
    {
        let before = around.before(&name).and_then(|bytes| parse(&bytes, &name).ok());
        let before: HashSet<_> = before.iter().flat_map(Rules::guard_allows).map(essence).collect();
        is_new = rules.guard_allows().iter().map(|new| !before.contains(&essence(new))).collect();
    }
    Some(RulesFile { folder: folder.to_owned(), rules, is_new })
}

fn parse(bytes: &[u8], name: &str) -> Result<Rules, String> {
    let text = str::from_utf8(bytes)
        .map_err(|_| format!("{name}: this is not UTF-8; convert the file"))?;
    let rules = Rules::parse(text, name).map_err(|error| error.to_string())?;
    check_allows(&rules).map_err(|error| error.to_string())?;
    Ok(rules)
}

/// What makes an allow the same, wherever it stands.
fn essence(allow: &GuardAllow) -> String {
    let GuardAllow { line: _, condition, rules, reason, expires } = allow;
    format!("{condition}\n{rules:?}\n{reason}\n{expires:?}")
}

fn read_baseline(around: &dyn Around) -> Option<Arc<Known>> {
    let bytes = around.read(baseline::FILE_NAME)?;
    let baseline = Baseline::parse(&bytes).map_err(|error| error.to_string());
    let before = around.is_change().then(|| around.before(baseline::FILE_NAME)).flatten();
    let before = before.and_then(|bytes| Baseline::parse(&bytes).ok());
    Some(Arc::new(Known { baseline, before }))
}
