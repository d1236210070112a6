//! Commits that are there already: a range, or all of them.

use std::collections::HashSet;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::listing::{Job, Listing, Wanted};
use super::objects::{Header, Kind};
use super::oid::Oid;
use super::reader::Reader;
use super::readers::Readers;
use super::{git, output};
use crate::around::Around;
use crate::budget::Budget;
use crate::error::GuardError;
use crate::finding::Rule;
use crate::governing::Memo;
use crate::judge::Judgement;
use crate::message::{self, MESSAGE};
use crate::report::{Report, Unread};

/// Is told how many of how many objects were looked at.
pub type Progress<'p> = &'p (dyn Fn(usize, usize) + Sync);

/// Judges what the commits of a range bring, and their messages.
///
/// The range is one that `git rev-list` understands, such as `main..topic`. What the files
/// are judged by (rules, siblings) is read from the commit at its end.
///
/// # Errors
///
/// When git does not do its part, or does not know the range. A single object that cannot
/// be read is in the report.
pub fn check_range(repo: &Path, range: &str, progress: Progress<'_>) -> Result<Report, GuardError> {
    // `A..B`, `A...B`; without an end it is HEAD.
    let end = range.rsplit_once("..").map_or(range, |(_, end)| end);
    let end = if end.is_empty() { "HEAD" } else { end };
    let mut parse = git(repo);
    parse.args(["rev-parse", "--verify", "--end-of-options", &format!("{end}^{{tree}}")]);
    let tip = Oid::parse(output(&mut parse, "rev-parse")?.trim_ascii_end());
    let options = ["--end-of-options", range, "--"].map(str::to_owned).into();
    let wanted = Wanted { options, ..Wanted::default() };
    let mut listing = Listing::default();
    listing.add_commits(repo, &wanted)?;
    judge(repo, &listing, &[], tip, Stage::Range, progress)
}

/// Judges every blob that any ref, or the stash, reaches, each once for each name that it
/// had, and the messages of commits and tags.
///
/// What the files are judged by (rules, siblings) is read from `HEAD`: what is allowed now
/// is allowed in the past.
///
/// # Errors
///
/// As [`check_range`].
pub fn check_history(repo: &Path, progress: Progress<'_>) -> Result<Report, GuardError> {
    let mut listing = Listing::default();
    let mut stashes = git(repo);
    stashes.args(["rev-list", "--walk-reflogs", "--ignore-missing", "refs/stash", "--"]);
    // Without a stash there is no such ref.
    let stashes = output(&mut stashes, "rev-list").unwrap_or_default();
    let revisions = String::from_utf8_lossy(&stashes).into_owned();
    listing.add_commits(repo, &Wanted { options: vec!["--all".to_owned()], revisions })?;

    let mut refs = git(repo);
    refs.args(["for-each-ref", "--format=%(objecttype) %(objectname) %(refname)"]);
    let refs = output(&mut refs, "for-each-ref")?;
    let (budget, mut tags) = (Budget::new(), Vec::new());
    let reader = Reader::new(repo, &budget);
    for line in String::from_utf8_lossy(&refs).lines() {
        let mut fields = line.splitn(3, ' ');
        if let (Some("tag" | "blob" | "tree"), Some(id), Some(name)) =
            (fields.next(), fields.next(), fields.next())
        {
            add_loose(&reader, id, name, &mut listing, &mut tags);
        }
    }
    let head = reader.header("HEAD^{tree}").map(|header| header.id);
    drop(reader);
    judge(repo, &listing, &tags, head, Stage::History, progress)
}

/// Adds what a ref points at, if that is no commit: messages of tags, and the blobs of
/// trees. Commits are listed elsewhere. Gives the commit at the end of a chain of tags.
pub(super) fn add_loose(
    reader: &Reader<'_>,
    id: &str,
    name: &str,
    listing: &mut Listing,
    tags: &mut Vec<Oid>,
) -> Option<Oid> {
    let Header { id, kind, .. } = reader.header(id)?;
    match kind {
        Kind::Commit => return Some(id),
        Kind::Blob => listing.add_loose(id, name),
        Kind::Tag => {
            tags.push(id);
            // What all tags around it stand for.
            return add_loose(reader, &format!("{id}^{{}}"), name, listing, tags);
        }
        Kind::Tree => {
            let mut open = vec![(id, String::new())];
            while let Some((tree, folder)) = open.pop() {
                for (path, id, is_tree) in reader.list(tree, &folder) {
                    match is_tree {
                        true => open.push((id, path + "/")),
                        false => listing.add_loose(id, &path),
                    }
                }
            }
        }
    }
    None
}

/// Where commits are when they are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// On their way to another repository.
    Pushed,
    /// In some repository.
    Range,
    /// Long past, perhaps.
    History,
}

/// Judges what is in a listing.
pub(super) fn judge(
    repo: &Path,
    listing: &Listing,
    tags: &[Oid],
    tip: Option<Oid>,
    stage: Stage,
    progress: Progress<'_>,
) -> Result<Report, GuardError> {
    let budget = Budget::new();
    let readers = Readers::new(repo, &budget);
    let texts: Vec<Oid> = listing.commits.iter().chain(tags).copied().collect();
    let all = listing.jobs.len() + texts.len();
    let done = AtomicUsize::new(0);
    let first = listing.commits.first().copied();
    let ends = Ends { tip, stage, base: OnceLock::new(), first, memo: Memo::default() };
    let step = || progress(done.fetch_add(1, Ordering::Relaxed) + 1, all);

    let judged = readers.map(&listing.jobs, |reader, job| {
        let around = Commits { reader, ends: &ends };
        let judgement = reader.judge(job.blob, listing.path(job), &around);
        step();
        judgement
    });
    let messages = readers.map(&texts, |reader, id| {
        let around = Commits { reader, ends: &ends };
        let judgement =
            reader.message(*id).map(|text| message::judge(&text, &id.to_string(), &around));
        step();
        judgement
    });
    let mut report = Report::default();
    let mut known = HashSet::new();
    for (job, judgement) in listing.jobs.iter().zip(judged) {
        match judgement {
            Ok(mut judgement) => {
                judgement.findings.retain(|finding| {
                    let (path, why) = (finding.key_path.clone(), finding.why.clone());
                    let place = (finding.line, finding.rule, path, why);
                    stage.wants(finding.rule) && known.insert((job.blob, place))
                });
                add(&mut report, listing, job, judgement, stage);
            }
            Err(reason) => {
                let path = listing.path(job).to_owned();
                report.unread.push(Unread { path, reason: of_commit(&reason, job.commit) });
            }
        }
    }
    for (&id, judgement) in texts.iter().zip(messages) {
        let path = MESSAGE.to_owned();
        let Some(judgement) = judgement else {
            let reason = of_commit("git cannot read it; git fsck says more", Some(id));
            report.unread.push(Unread { path, reason });
            continue;
        };
        let first = report.findings.len();
        report.add_of(&path, Some(&id.to_string()), judgement);
        for found in report.findings.iter_mut().skip(first) {
            found.finding.fix = stage.advice(found.finding.rule, "write the message without it");
        }
    }
    Ok(report)
}

/// Adds what was found in a blob, with the commit and the other paths of it.
fn add(report: &mut Report, listing: &Listing, job: &Job, judgement: Judgement, stage: Stage) {
    let first = report.findings.len();
    let commit = job.commit.map(|id| id.to_string());
    report.scanned += 1;
    report.add_of(listing.path(job), commit.as_deref(), judgement);
    let new = report.findings.get_mut(first..).unwrap_or_default();
    let others = if new.is_empty() { Vec::new() } else { listing.other_paths(job) };
    for found in new {
        let finding = &mut found.finding;
        finding.fix = stage.advice(finding.rule, &finding.fix);
        if !others.is_empty() {
            finding.why += &format!(" (the same file: {})", others.join(", "));
        }
    }
}

fn of_commit(reason: &str, commit: Option<Oid>) -> String {
    commit.map_or_else(|| reason.to_owned(), |commit| format!("{reason} (commit {commit})"))
}

impl Stage {
    /// Whether a rule says anything here: what once was beside a file, or in its rules, is
    /// past and nobody's secret.
    fn wants(self, rule: Rule) -> bool {
        self != Self::History || is_secret(rule)
    }

    /// What to do, when the one to do it has commits before him and not files.
    fn advice(self, rule: Rule, fix: &str) -> String {
        match self {
            Self::Pushed => {
                format!("{fix}; then git commit --amend, or git rebase, so that no commit has it")
            }
            Self::Range | Self::History if !is_secret(rule) => fix.to_owned(),
            Self::Range | Self::History => format!(
                "{fix}; whoever has the commit has the secret: replace it by a new one, and take it out of the history"
            ),
        }
    }
}

/// Whether what a rule finds has to be replaced.
fn is_secret(rule: Rule) -> bool {
    !matches!(
        rule,
        Rule::UnignoredKeys | Rule::ListedPlaintext | Rule::RulesDiffer | Rule::NoRecipients
    )
}

/// The files at the end of the commits, and what was there before all of them.
struct Ends {
    /// The tree at the end.
    tip: Option<Oid>,
    stage: Stage,
    /// The tree before the first commit.
    base: OnceLock<Option<Oid>>,
    /// The first commit.
    first: Option<Oid>,
    memo: Memo,
}

struct Commits<'r> {
    reader: &'r Reader<'r>,
    ends: &'r Ends,
}

impl Around for Commits<'_> {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.ends.tip.and_then(|tip| self.reader.in_tree(tip, path))
    }

    fn before(&self, path: &str) -> Option<Vec<u8>> {
        let first = self.ends.first.filter(|_| self.is_change())?;
        let parent = || self.reader.header(&format!("{first}^1^{{tree}}"));
        let base = *self.ends.base.get_or_init(|| parent().map(|header| header.id));
        base.and_then(|base| self.reader.in_tree(base, path))
    }

    fn is_change(&self) -> bool {
        self.ends.stage != Stage::History
    }

    fn memo(&self) -> Option<&Memo> {
        Some(&self.ends.memo)
    }
}
