//! YAML as nodes: every span lies in the text, on the borders of characters, and a tree
//! that libyaml agrees with is the same when it is read again.

use bulla_yaml::{Edit, NodeKind, Span, Stream, second_opinion, splice};

pub(crate) fn check(bytes: &[u8]) {
    let Ok(stream) = Stream::parse_bytes(bytes) else { return };
    let text = stream.text();
    let is_inside = |span: Span| text.get(span.range()).is_some();
    for id in (0..stream.len()).filter_map(|index| stream.nth(index)) {
        let node = stream.node(id);
        assert!(is_inside(node.span), "a node at {:?}", node.span);
        assert!(text.is_char_boundary(node.text_end() as usize));
        assert!(stream.first_byte(id) <= node.text_end());
        let parent = stream.parent(id);
        assert!(parent.is_none_or(|parent| parent < id), "a child before its collection");
        if let NodeKind::Alias { target } = node.kind {
            assert!(target < id, "an alias before its anchor");
        }
        let _ = stream.column(id);
    }
    for comment in stream.comments() {
        assert!(text[comment.span.range()].starts_with('#'), "a comment at {:?}", comment.span);
    }
    for document in stream.documents() {
        assert!(document.start <= document.end && document.end as usize <= text.len());
    }
    let whole = Edit::replace(Span { start: 0, end: text.len() as u32 }, text);
    assert_eq!(splice(text, &[whole]), text);
    let _ = second_opinion(&stream);
}
