//! Which collection a comment stands in.
//!
//! YAML gives comments no place in the tree, go-yaml does: it hangs them on the
//! node before or behind them. What counts here is only the collection, because
//! sops seals a comment under the path of the mapping that holds it. The rule: a
//! comment behind something stands where that stands, behind a collection between
//! brackets inside of it; a comment on its own line
//! belongs to what follows, unless it is indented deeper than that, in which case
//! it closes the collection before.

use std::collections::HashMap;

use crate::block;
use crate::span::Span;
use crate::stream::{Node, NodeId, NodeKind, Stream};

/// A comment's neighbours, which decide where it stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Place {
    before: Option<NodeId>,
    behind: Option<NodeId>,
    column: usize,
    /// It closes what is before it rather than heading what follows.
    apart: bool,
}

impl Stream<'_> {
    /// For each comment, in order, the collection it stands in; `None` outside of
    /// the root node.
    pub fn comment_parents(&self) -> Vec<Option<NodeId>> {
        let mut next = 0;
        let mut document = 0;
        // Places repeat, and each would be looked for through all the levels above it.
        let mut known: HashMap<Place, Option<NodeId>> = HashMap::new();
        let mut parents = Vec::with_capacity(self.comments.len());
        for (comment, apart) in self.comments.iter().zip(self.apart()) {
            let start = comment.span.start;
            while next < self.nodes.len() && self.nodes[next].span.start < start {
                next += 1;
            }
            while document + 1 < self.documents.len() && self.documents[document].end < start {
                document += 1;
            }
            let parent = match self.flow_around(next, comment.span) {
                Some(flow) => Some(flow),
                None => match self.trailing_parent(next, comment.span) {
                    Some(parent) => Some(parent),
                    None => {
                        let place = Place { apart, ..self.place(next, document, comment.span) };
                        *known.entry(place).or_insert_with(|| self.own_line_parent(place))
                    }
                },
            };
            parents.push(parent);
        }
        parents
    }

    /// The innermost flow collection that the comment is written inside of.
    fn flow_around(&self, next: usize, comment: Span) -> Option<NodeId> {
        let mut node = self.nth(next.checked_sub(1)?);
        while let Some(id) = node {
            if self.is_flow(id) && comment.end <= self.span(id).end {
                return Some(id);
            }
            // Only flow collections are inside flow collections.
            node = self.parent(id).filter(|&parent| self.is_flow(parent));
        }
        None
    }

    /// The collection of the node that stands before the comment on its line, be it
    /// only with its last quote or bracket.
    fn trailing_parent(&self, next: usize, comment: Span) -> Option<NodeId> {
        let mut id = self.nth(next.checked_sub(1)?)?;
        while let Some(parent) = self.parent(id).filter(|&parent| self.is_flow(parent)) {
            id = parent;
        }
        let line = comment.start as usize - self.column_of(comment.start);
        let Node { kind, span, .. } = self.node(id);
        // The end of a collection of lines is not written anywhere.
        let is_block =
            matches!(kind, NodeKind::Sequence { flow: false } | NodeKind::Mapping { flow: false });
        let last = if is_block { span.start } else { span.end };
        if (last as usize) < line {
            return None;
        }
        match self.node(id).kind {
            // A dash alone on its line.
            NodeKind::Sequence { flow: false } | NodeKind::Mapping { flow: false } => Some(id),
            // go-yaml gives a value's comment to the value, which holds it if it can.
            NodeKind::Sequence { .. } | NodeKind::Mapping { .. } if self.is_value(id) => Some(id),
            _ => self.parent(id),
        }
    }

    /// Whether a node is the value of a mapping's entry.
    fn is_value(&self, id: NodeId) -> bool {
        !self.record(id).is_key && self.parent(id).is_some_and(|parent| self.is_mapping(parent))
    }

    fn place(&self, next: usize, document: usize, comment: Span) -> Place {
        let below = self.documents.get(document).map_or(0, |document| document.below as usize);
        let first = match document.checked_sub(1) {
            Some(previous) => self.documents[previous].below as usize,
            None => 0,
        };
        let column = self.column_of(comment.start);
        let line = comment.start as usize - column;
        let written = &self.text.as_bytes()[line..comment.start as usize];
        let indent = written.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        Place {
            before: next.checked_sub(1).filter(|&at| at >= first).and_then(|at| self.nth(at)),
            behind: Some(next).filter(|&at| at < below).and_then(|at| self.nth(at)),
            column: indent.min(column),
            apart: false,
        }
    }

    /// For each comment, whether its run of lines closes what is before it: no blank
    /// line parts it from that, but one parts it from what follows. To go-yaml, every
    /// line that ends with CRLF is followed by a blank one.
    fn apart(&self) -> Vec<bool> {
        let bytes = self.text.as_bytes();
        let mut apart = vec![false; self.comments.len()];
        let mut first = 0;
        for (index, comment) in self.comments.iter().enumerate() {
            let end = comment.span.end as usize;
            let below = self.first_of_line(block::after_break(bytes, end));
            let crlf = bytes[end..].starts_with(b"\r\n");
            let next = self.comments.get(index + 1);
            if !crlf && next.is_some_and(|next| next.span.start as usize == below) {
                continue;
            }
            let closes = crlf || is_break(bytes.get(below));
            if closes && self.follows_content(first) {
                apart[first..=index].fill(true);
            }
            first = index + 1;
        }
        apart
    }

    /// Whether the line above a comment is neither blank nor a comment.
    fn follows_content(&self, comment: usize) -> bool {
        let bytes = self.text.as_bytes();
        let start = self.comments[comment].span.start;
        let line = start as usize - self.column_of(start);
        let above = &bytes[..line];
        let above = above.strip_suffix(b"\n").unwrap_or(above);
        let above = above.strip_suffix(b"\r").unwrap_or(above);
        let from = memchr::memrchr2(b'\n', b'\r', above).map_or(0, |at| at + 1);
        !matches!(above[from..].trim_ascii_start(), [] | [b'#', ..])
    }

    /// The first byte of a line that is not a blank.
    fn first_of_line(&self, line: usize) -> usize {
        let blanks = self.text.as_bytes()[line..].iter();
        line + blanks.take_while(|byte| matches!(byte, b' ' | b'\t')).count()
    }

    /// The list that a collection is an item of, if the dashes are not left of
    /// `column`: the comment stands before the item then, not inside of it.
    fn list_around(&self, item: NodeId, column: usize) -> Option<NodeId> {
        let list = self.parent(item)?;
        let is_list = matches!(self.node(list).kind, NodeKind::Sequence { flow: false });
        (is_list && column <= self.column(list)).then_some(list)
    }

    /// A list that ends before the comment and has its dashes in the column of the
    /// mapping's keys: go-yaml takes the comment for the list's last one, unless the
    /// last item is itself written over several entries.
    fn list_before(&self, place: Place, holder: NodeId) -> Option<NodeId> {
        let mut item = place.before?;
        while let Some(parent) = self.parent(item).filter(|&parent| self.is_flow(parent)) {
            item = parent;
        }
        let node = self.parent(item).filter(|&list| self.parent(list) == Some(holder))?;
        let is_list = matches!(self.node(node).kind, NodeKind::Sequence { flow: false });
        (is_list && self.column(node) == place.column).then_some(node)
    }

    fn own_line_parent(&self, place: Place) -> Option<NodeId> {
        if let Some(behind) = place.behind {
            let holder = match self.node(behind).kind {
                NodeKind::Sequence { flow: false } | NodeKind::Mapping { flow: false } => {
                    self.list_around(behind, place.column).unwrap_or(behind)
                }
                _ => self.parent(behind)?,
            };
            let column = self.column(holder);
            // Between a key and its value there is nothing that it could close.
            if self.is_value(behind) || place.column <= column {
                let list = (place.apart && place.column == column)
                    .then(|| self.list_before(place, holder))
                    .flatten();
                return Some(list.unwrap_or(holder));
            }
        }
        let mut node = place.before;
        while let Some(id) = node {
            let is_block = matches!(
                self.node(id).kind,
                NodeKind::Sequence { flow: false } | NodeKind::Mapping { flow: false }
            );
            // Not as deep as the entries, but deeper than what holds them, is inside too.
            let around = self.parent(id);
            let inside = || around.map_or(0, |around| self.column(around) + 1);
            if is_block && (self.column(id) <= place.column || inside() <= place.column) {
                return Some(id);
            }
            node = around;
        }
        None
    }
}

fn is_break(byte: Option<&u8>) -> bool {
    matches!(byte, Some(b'\n' | b'\r'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first key of the mapping, or the number of items of the sequence, that
    /// each comment stands in.
    fn places(text: &str) -> Vec<String> {
        let stream = Stream::parse(text).expect("valid");
        let name = |id: NodeId| match stream.node(id).kind {
            NodeKind::Mapping { .. } => {
                let (key, _) = stream.entries(id).next().expect("not empty");
                stream.node(key).scalar().expect("a scalar key").value.to_string()
            }
            _ => format!("list of {}", stream.children(id).count()),
        };
        let parents = stream.comment_parents();
        parents.into_iter().map(|parent| parent.map_or("-".into(), name)).collect()
    }

    #[test]
    fn a_comment_belongs_to_what_follows_or_closes_what_it_is_indented_under() {
        let text = "# head\nroot: 1\ndata: # line\n  # c1\n  a: |  # hdr\n    x\n\n  # c2\n  b: y # trailing\n  # foot of data\n# foot of root\nlast: 1\n  # odd\n# end\n";
        assert_eq!(places(text), ["root", "root", "a", "a", "a", "a", "a", "root", "root", "root"]);
    }

    #[test]
    fn lists_and_flow_collections_hold_comments_too() {
        let text =
            "l:\n- 1 # one\n# two\n- {a: b, # in\n   c: d}\n  # behind\nm:\n  - # dash\n    x: 1\n";
        assert_eq!(places(text), ["list of 2", "list of 2", "a", "list of 2", "list of 1"]);
        assert_eq!(
            places("l:\n  - a: 1\n  # b\n  - b: 2\n    # c\n    c: 3\n"),
            ["list of 2", "b"]
        );
    }

    #[test]
    fn a_blank_line_gives_a_comment_to_the_list_before_it() {
        assert_eq!(places("l:\n- 1\n# a\n# b\n\n# c\nk: 1\n"), ["list of 1", "list of 1", "l"]);
        assert_eq!(places("l:\n- [1]\n# a\n\nk: 1\n"), ["list of 1"]);
        assert_eq!(places("l:\n- a: 1\n# a\n\nk: 1\n"), ["l"]);
        assert_eq!(places("l:\n- 1\n\n# a\n\nk: 1\n"), ["l"]);
        assert_eq!(places("l:\r\n- 1\r\n# a\r\n# b\r\nk: 1\r\n"), ["list of 1", "l"]);
    }

    #[test]
    fn a_comment_behind_the_end_of_a_value_belongs_to_it() {
        assert_eq!(places("l:\n   k: 'x\n\n' # a\nb: 1\n"), ["k"]);
        assert_eq!(places("l:\n   k: \"x\n    y\" # a\n\nb: 1\n"), ["k"]);
        assert_eq!(places("l:\n   - [x,\n    y] # a\n"), ["list of 1"]);
        assert_eq!(places("l:\n   - k: x\n      y # a\n"), ["k"]);
    }

    #[test]
    fn a_comment_between_a_key_and_its_value_belongs_to_the_value() {
        assert_eq!(places("a:\n   # a\n  b:\n     # b\n    - 1\n"), ["b", "list of 1"]);
    }

    #[test]
    fn a_comment_that_is_not_as_deep_as_the_entries_before_it_is_one_of_them() {
        assert_eq!(places("a:\n    b: 1\n  # b\nc: 1\n"), ["b"]);
        assert_eq!(places("a:\n    b: 1\n  # b\n"), ["b"]);
        assert_eq!(places("a:\n    b: 1\n# a\nc: 1\n"), ["a"]);
        assert_eq!(places("a:\n    - 1\n  # item\nc: 1\n"), ["list of 1"]);
    }

    #[test]
    fn documents_keep_their_comments() {
        assert_eq!(places("a: 1\n# end of a\n---\n# head of b\nb: 1\n"), ["a", "b"]);
    }
}
