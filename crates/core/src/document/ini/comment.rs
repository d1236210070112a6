//! Comments, which sops reads in groups: all lines above a key or a header, and what
//! stands behind it, are one comment with one token.

use std::borrow::Cow;
use std::ops::Range;

use bulla_yaml::{Edit, Span};

use super::read::{Group, comment_text, without_marks};
use super::value::{MARKS, line_end, start as file_start};
use crate::document::Comment;
use crate::layout::Writing;
use crate::path::PathId;
use crate::sealed_value::SEALED_MARK;

/// Where the bytes of a comment are, besides its own span.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The first byte of its text, which tells comments apart.
    start: u32,
    /// Whether it is more than one, or in a place where no token can be.
    is_moved: bool,
    /// The last one of many, behind a header or a value, with the blanks before it.
    behind: Option<Span>,
    /// Where that one is put when it is not there.
    anchor: u32,
    /// Its line, when it has one to itself; the line of the header, when it stands
    /// behind one and nothing above.
    line: Span,
}

/// What stands below a group of comments, or before its last one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Below {
    /// Where it ends.
    pub(super) end: usize,
    /// It is a header, and this is where its line starts. A token has a bracket, and
    /// go-ini takes the last bracket of the line for the header's own.
    pub(super) header: Option<usize>,
}

impl Place {
    /// What places are ordered by.
    pub(super) fn start(&self) -> u32 {
        self.start
    }
}

/// The comments of a group.
///
/// Tokens are comments of their own: somebody may have written another comment above.
pub(super) fn read<'s>(
    text: &'s str,
    group: &Group,
    path: PathId,
    below: Below,
) -> Vec<(Comment<'s>, Place)> {
    let bare = |at: &Range<usize>| at.end - without_marks(&text[at.clone()]).len()..at.end;
    let comment =
        |at: Range<usize>, text: Cow<'s, str>| Comment { section: 0, path, text, span: span(at) };
    let place = |start: usize| {
        let line = text[..start].rfind('\n').map_or(file_start(text), |at| at + 1);
        let (start, anchor) = (start as u32, below.end as u32);
        let line = span(line..line_end(text, line));
        Place { start, is_moved: false, behind: None, anchor, line }
    };
    let is_token = |at: &Range<usize>| text[bare(at)].starts_with(SEALED_MARK);
    let last = group.lines(text).last();
    let behind = group.behind.as_ref().map(|behind| span(below.end..behind.end));
    if let (None, Some(at), Some(header)) = (&last, &group.behind, below.header)
        && !is_token(at)
    {
        let at = bare(at);
        let line = Span::at(header as u32);
        let place = Place { is_moved: true, behind, line, ..place(at.start) };
        return vec![(comment(at.clone(), text[at].into()), place)];
    }
    if group.iter(text).nth(1).is_none() || group.iter(text).any(|at| is_token(&at)) {
        let single = |at| {
            let at = bare(&at);
            (comment(at.clone(), text[at.clone()].into()), place(at.start))
        };
        return group.iter(text).map(single).collect();
    }
    let (Some(first), Some(last)) = (group.lines(text).next(), last) else {
        return Vec::new();
    };
    let all = comment_text(group.iter(text).map(|at| &text[at]));
    let at = bare(&first).start..last.end;
    let place = Place { is_moved: true, behind, ..place(at.start) };
    vec![(comment(at, all.into()), place)]
}

/// Offsets come from a text of at most 4 GiB.
fn span(at: Range<usize>) -> Span {
    Span { start: at.start as u32, end: at.end as u32 }
}

/// As `Document::seal_comment`.
pub(super) fn seal<'t>(
    text: &str,
    comment: &Comment<'_>,
    places: &[Place],
    token: &'t str,
    line_break: &str,
    edits: &mut Vec<Edit<'t>>,
) -> Option<Writing> {
    let place = find(places, comment).filter(|place| place.is_moved);
    let Some(place) = place else {
        edits.push(Edit::replace(comment.span, token));
        return None;
    };
    let body = place.behind.map(|behind| text[behind.range()].to_owned());
    edits.extend(place.behind.map(Edit::remove));
    if place.line.is_empty() {
        edits.push(Edit::insert(place.line.start, format!("; {token}{line_break}")));
        return Some(Writing { body, ..Writing::default() });
    }
    edits.push(Edit::replace(comment.span, token));
    let head = Some(text[comment.span.range()].to_owned());
    Some(Writing { head, body, ..Writing::default() })
}

/// As `Document::open_comment`.
pub(super) fn open(
    comment: &Comment<'_>,
    places: &[Place],
    text: &str,
    writing: Option<&Writing>,
    line_break: &str,
    edits: &mut Vec<Edit<'_>>,
) {
    if let Some(Writing { head, body, .. }) = writing
        && let Some(place) = find(places, comment)
        && is_written_as(text, head.as_deref(), body.as_deref())
    {
        edits.push(match head {
            Some(head) => Edit::replace(comment.span, head.clone()),
            None => Edit::remove(place.line),
        });
        edits.extend(body.clone().map(|body| Edit::insert(place.anchor, body)));
        return;
    }
    let mut lines = text.split('\n');
    let mut written = lines.next().unwrap_or_default().to_owned();
    for line in lines.map(str::trim).filter(|line| !line.is_empty()) {
        // As go-ini writes them.
        let (mark, rest) = match line.strip_prefix(MARKS) {
            Some(rest) => (&line[..1], rest.trim()),
            None => (";", line),
        };
        written.extend([line_break, mark, " ", rest]);
    }
    edits.push(Edit::replace(comment.span, written));
}

/// Whether these bytes are a comment of that text, and nothing else.
fn is_written_as(text: &str, head: Option<&str>, body: Option<&str>) -> bool {
    let body = body.map(str::trim);
    let Some(head) = head else {
        return body.is_some_and(|body| {
            body.starts_with(MARKS) && !body.contains('\n') && without_marks(body) == text
        });
    };
    let mut lines = head.split('\n');
    // Its mark stands before the token.
    let mut written = lines.next().unwrap_or_default().trim_end().to_owned();
    for line in lines.map(str::trim).filter(|line| !line.is_empty()).chain(body) {
        if !line.starts_with(MARKS) || line.contains('\n') {
            return false;
        }
        written.extend(["\n", line]);
    }
    written.trim_start_matches('\n') == text
}

fn find<'p>(places: &'p [Place], comment: &Comment<'_>) -> Option<&'p Place> {
    let at = places.binary_search_by_key(&comment.span.start, |place| place.start).ok()?;
    places.get(at)
}
