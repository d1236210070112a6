//! Commits on their way: what git tells its hooks of a push, on either side.

use std::path::Path;

use super::commits::{Progress, Stage, add_loose, judge};
use super::listing::{Listing, Wanted};
use super::objects::{Header, Kind};
use super::oid::Oid;
use super::reader::Reader;
use super::{git, output};
use crate::budget::Budget;
use crate::error::GuardError;
use crate::report::Report;

/// Judges what a push sends and the other side does not have. `lines` are those that git
/// gives to a `pre-push` hook, `remote` is the hook's first argument: the name of a remote,
/// or an address.
///
/// What the other side has is known from its branches as they were last fetched, and from
/// the lines. A ref that is deleted sends nothing.
///
/// # Errors
///
/// When git does not do its part, or the lines are not git's. A single object that cannot
/// be read is in the report.
pub fn check_pushed(
    repo: &Path,
    remote: Option<&str>,
    lines: &str,
    progress: Progress<'_>,
) -> Result<Report, GuardError> {
    // `LOCAL_REF NEW REMOTE_REF OLD`
    let updates = read(lines, |fields| match fields {
        [name, new, _, old] => Some((*name, *new, *old)),
        _ => None,
    })?;
    check(repo, &updates, remote.and_then(known_of), progress)
}

/// As [`check_pushed`], for a single commit, by any name that git has for it: what is
/// there when somebody else has read git's lines.
///
/// # Errors
///
/// As [`check_pushed`].
pub fn check_outgoing(
    repo: &Path,
    remote: &str,
    commit: &str,
    progress: Progress<'_>,
) -> Result<Report, GuardError> {
    let mut parse = git(repo);
    parse.args(["rev-parse", "--verify", "--end-of-options", &format!("{commit}^{{}}")]);
    let new = Oid::parse(output(&mut parse, "rev-parse")?.trim_ascii_end());
    let new = new.ok_or(GuardError::Answer { command: "rev-parse" })?;
    let update = Update { name: commit, new, old: None };
    check(repo, &[update], known_of(remote), progress)
}

/// The option for all that a remote is known to have. A pattern would stand for other
/// remotes as well.
fn known_of(remote: &str) -> Option<String> {
    (!remote.contains(['*', '?', '[', '\\'])).then(|| format!("--remotes={remote}"))
}

/// Judges what was sent and has not been accepted yet. `lines` are those that git gives to
/// a `pre-receive` hook.
///
/// git keeps the new objects apart until the hook has ended, and says where in the
/// environment, which has to be that of the hook.
///
/// # Errors
///
/// As [`check_pushed`].
pub fn check_received(
    repo: &Path,
    lines: &str,
    progress: Progress<'_>,
) -> Result<Report, GuardError> {
    // `OLD NEW REF`
    let updates = read(lines, |fields| match fields {
        [old, new, name] => Some((*name, *new, *old)),
        _ => None,
    })?;
    check(repo, &updates, Some("--all".to_owned()), progress)
}

/// A ref, and what it is about to be and was.
struct Update<'l> {
    name: &'l str,
    new: Oid,
    old: Option<Oid>,
}

fn read<'l>(
    lines: &'l str,
    pick: impl Fn(&[&'l str]) -> Option<(&'l str, &'l str, &'l str)>,
) -> Result<Vec<Update<'l>>, GuardError> {
    let read = |line: &'l str| {
        let fields: Vec<_> = line.split(' ').collect();
        let (name, new, old) = pick(&fields)?;
        Some(Update {
            name,
            new: Oid::parse(new.as_bytes())?,
            old: Some(Oid::parse(old.as_bytes())?),
        })
    };
    let lines = lines.lines().filter(|line| !line.is_empty());
    lines.map(|line| read(line).ok_or(GuardError::Lines)).collect()
}

/// `known` is an option for what the other side has.
fn check(
    repo: &Path,
    updates: &[Update<'_>],
    known: Option<String>,
    progress: Progress<'_>,
) -> Result<Report, GuardError> {
    let (budget, mut tags) = (Budget::new(), Vec::new());
    let reader = Reader::new(repo, &budget);
    let mut listing = Listing::default();
    let mut tip = None;
    let mut wanted = Wanted::default();
    for update in updates.iter().filter(|update| !update.new.is_none()) {
        let id = update.new.to_string();
        let Some(commit) = add_loose(&reader, &id, update.name, &mut listing, &mut tags) else {
            continue;
        };
        wanted.revisions += &format!("{commit}\n");
        tip = Some(commit);
    }
    for old in updates.iter().filter_map(|update| update.old).filter(|old| !old.is_none()) {
        // After somebody else's push it may be one that is not here.
        let old = reader.header(&format!("{old}^{{}}"));
        if let Some(Header { id, kind: Kind::Commit, .. }) = old {
            wanted.revisions += &format!("^{id}\n");
        }
    }
    wanted.options = known.into_iter().flat_map(|known| ["--not".to_owned(), known]).collect();
    let tree = tip.and_then(|tip| reader.header(&format!("{tip}^{{tree}}")));
    drop(reader);
    if tip.is_some() {
        listing.add_commits(repo, &wanted)?;
    }
    judge(repo, &listing, &tags, tree.map(|tree| tree.id), Stage::Pushed, progress)
}
