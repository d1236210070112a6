//! Tokens in the place of values, and values in the place of tokens.

use bulla_yaml::{Edit, Node, NodeId, NodeKind, Scalar, Span, Style};

use super::Source;
use super::render::{Place, Written, cleanest, in_style};
use crate::error::Refusal;
use crate::layout::{Writing, WritingStyle};
use crate::sealed_value::SealedValue;
use crate::value::{Value, ValueType};

/// Puts `token`, in its quotes, in the place of a value.
///
/// Plain and quoted scalars give way with their quotes, which the token keeps.
/// A block scalar's header gives way to the token and its lines go; comment and
/// blanks behind the header stay, and so do blank lines behind the body. A tag
/// goes, because go-yaml would read `!!int ENC[…]` as nothing at all; an anchor
/// stays.
pub(super) fn seal<'t>(
    source: &Source<'_>,
    id: NodeId,
    value: &Value<'_>,
    token: &'t str,
    edits: &mut Vec<Edit<'t>>,
) -> Result<Option<Writing>, Refusal> {
    let text = source.stream.text();
    let node = source.stream.node(id);
    let in_flow = in_flow(source, id);
    let NodeKind::Scalar(scalar) = node.kind else {
        edits.push(Edit::replace(node.span, token));
        let head = Some(text[node.span.range()].to_owned());
        return Ok(Some(Writing { head, ..Writing::default() }));
    };
    let tag = tag(source, &node)?;
    if let Some((span, _)) = &tag {
        edits.push(Edit::remove(*span));
    }
    let quotes = token_quotes(source, id);
    edits.push(Edit::replace(node.span, token));
    if let Some(body) = scalar.body {
        edits.push(Edit::remove(body));
    }
    let base = || base(source, id);
    let place = Place { in_flow, base: &base, quotes, line_break: source.line_break };
    let mut writing = writing(text, &node, &scalar, value, &place);
    if let Some((span, gap)) = tag {
        let tag = Some((text[span.range()].to_owned(), gap));
        writing = Some(Writing { tag, ..writing.unwrap_or_default() });
    }
    Ok(writing)
}

/// Puts a value in the place of its token: as it was written, if that is known,
/// else as cleanly as can be.
pub(super) fn open(
    source: &Source<'_>,
    id: NodeId,
    value: &Value<'_>,
    writing: Option<&Writing>,
    edits: &mut Vec<Edit<'_>>,
) {
    let text = source.stream.text();
    let node = source.stream.node(id);
    let base = || base(source, id);
    let place = Place {
        in_flow: in_flow(source, id),
        base: &base,
        quotes: node.scalar().map_or(Style::Plain, |scalar| scalar.style),
        line_break: source.line_break,
    };
    if let Some((tag, gap)) = writing.and_then(|writing| writing.tag.as_ref())
        && let Some(at) = node.span.start.checked_sub(*gap)
        && text.is_char_boundary(at as usize)
    {
        edits.push(Edit::insert(at, tag.clone()));
    }
    let Written { head, body } =
        as_written(value, writing, &place).unwrap_or_else(|| cleanest(value, &place));
    edits.push(Edit::replace(node.span, head));
    let token_body = node.scalar().and_then(|scalar| scalar.body);
    match (token_body, body) {
        (Some(span), body) => edits.push(Edit::replace(span, body.unwrap_or_default())),
        (None, Some(body)) => edits.push(Edit::insert(line_end(text, node.span.end), body)),
        (None, None) => {}
    }
}

/// A sealed list item of type `comment`, which is how sops seals comments in
/// lists, becomes a comment again; an empty list with it, if the list has nothing
/// else.
pub(super) fn list_comment(
    source: &Source<'_>,
    id: NodeId,
    comment: &str,
) -> Option<Edit<'static>> {
    let text = source.stream.text();
    let node = source.stream.node(id);
    let list = source.stream.parent(id)?;
    let parent = source.stream.node(list);
    if !matches!(parent.kind, NodeKind::Sequence { flow: false }) || comment.contains(['\n', '\r'])
    {
        return None;
    }
    let start = source.stream.first_byte(id) as usize;
    let dash = text[..start].trim_end_matches([' ', '\t']).strip_suffix('-')?.len();
    let span = Span { start: dash as u32, end: node.text_end() };
    let is_first = source.stream.children(list).next() == Some(id);
    let empty = if is_first && holds_comments_only(source, list) { "[] " } else { "" };
    Some(Edit::replace(span, format!("{empty}#{comment}")))
}

fn holds_comments_only(source: &Source<'_>, list: NodeId) -> bool {
    source.stream.children(list).all(|item| {
        let scalar = source.stream.node(item).scalar();
        let sealed = scalar.and_then(|scalar| SealedValue::parse(scalar.value).ok());
        sealed.is_some_and(|sealed| sealed.kind == ValueType::Comment)
    })
}

/// How the token that stands for a node is quoted.
pub(super) fn token_quotes(source: &Source<'_>, id: NodeId) -> Style {
    match source.stream.node(id).scalar().map(|scalar| scalar.style) {
        Some(style @ (Style::SingleQuoted | Style::DoubleQuoted)) => style,
        // A token holds brackets and commas.
        _ if in_flow(source, id) => Style::DoubleQuoted,
        _ => Style::Plain,
    }
}

fn in_flow(source: &Source<'_>, id: NodeId) -> bool {
    source.stream.parent(id).is_some_and(|parent| source.stream.is_flow(parent))
}

/// The column of the entries of the collection that holds a node.
fn base(source: &Source<'_>, id: NodeId) -> usize {
    source.stream.parent(id).map_or(0, |parent| source.stream.column(parent))
}

/// The bytes of a node's tag with the blanks behind it, and how far before the
/// value they end.
fn tag(source: &Source<'_>, node: &Node<'_>) -> Result<Option<(Span, u32)>, Refusal> {
    let Some(span) = node.properties().and_then(|properties| properties.tag_span) else {
        return Ok(None);
    };
    let between = &source.stream.text()[span.end as usize..node.span.start as usize];
    let blanks = between.len() - between.trim_start_matches([' ', '\t']).len();
    let span = Span { end: span.end + blanks as u32, ..span };
    let comments = source.stream.comments();
    let first = comments.partition_point(|comment| comment.span.start < span.end);
    if comments.get(first).is_some_and(|comment| comment.span.start < node.span.start) {
        return Err(Refusal::TagComment);
    }
    Ok(Some((span, node.span.start - span.end)))
}

/// What has to be recorded so that the value is written as it stands.
fn writing(
    text: &str,
    node: &Node<'_>,
    scalar: &Scalar<'_>,
    value: &Value<'_>,
    place: &Place<'_>,
) -> Option<Writing> {
    let head = &text[node.span.range()];
    if let Value::Str(value) = value
        && is_bare(head, scalar.style, value)
    {
        return None;
    }
    let body = scalar.body.map(|body| &text[body.range()]);
    let clean = cleanest(value, place);
    if clean.head == head && clean.body.as_deref() == body {
        return None;
    }
    let Some(body) = body else {
        let style = [WritingStyle::Plain, WritingStyle::Single, WritingStyle::Double]
            .into_iter()
            .find(|&style| in_style(value, style, place.in_flow).as_deref() == Some(head));
        let head = style.is_none().then(|| head.to_owned());
        return Some(Writing { style, head, ..Writing::default() });
    };
    let head = Some(head.to_owned());
    if let Value::Str(value) = value
        && scalar.style == Style::Literal
        && let Some(column) = literal_column(body, value)
        && bulla_yaml::literal_body(content(value), column, place.line_break) == body
    {
        return Some(Writing { head, column: Some(column), ..Writing::default() });
    }
    Some(Writing { head, body: Some(body.to_owned()), ..Writing::default() })
}

/// Whether a quoted scalar is its quotes and its value, without anything that would
/// be escaped: what most are, and what would be written for them.
fn is_bare(head: &str, style: Style, value: &str) -> bool {
    let (quote, escape) = match style {
        Style::SingleQuoted => (b'\'', b'\''),
        Style::DoubleQuoted => (b'"', b'\\'),
        _ => return false,
    };
    let bare = |byte| matches!(byte, b' '..=b'~') && byte != quote && byte != escape;
    head.len() == value.len() + 2
        && head[1..].strip_suffix(char::from(quote)) == Some(value)
        && value.bytes().all(bare)
}

/// The column in which the lines of a literal block scalar begin.
fn literal_column(body: &str, value: &str) -> Option<usize> {
    let indent = |text: &str| {
        let line = text.split(['\n', '\r']).find(|line| !line.trim_matches(' ').is_empty())?;
        Some(line.len() - line.trim_start_matches(' ').len())
    };
    indent(body)?.checked_sub(indent(value)?)
}

/// A block scalar's value up to its last line; line breaks behind that stay in
/// the file.
fn content(value: &str) -> &str {
    value.trim_end_matches('\n')
}

fn as_written(value: &Value<'_>, writing: Option<&Writing>, place: &Place<'_>) -> Option<Written> {
    let writing = writing?;
    if let Some(style) = writing.style {
        let head = in_style(value, style, place.in_flow)?;
        return Some(Written { head, body: None });
    }
    let head = writing.head.clone()?;
    let body = match (writing.column, value) {
        (Some(column), Value::Str(text)) => {
            Some(bulla_yaml::literal_body(content(text), column, place.line_break))
        }
        _ => writing.body.clone(),
    };
    Some(Written { head, body })
}

/// Where the line ends that holds `at`.
fn line_end(text: &str, at: u32) -> u32 {
    let rest = &text[at as usize..];
    at + rest.find(['\n', '\r']).unwrap_or(rest.len()) as u32
}
