//! Every span is exact: what it covers is what was written.
#![allow(clippy::unwrap_used)]

use bulla_yaml::{NodeKind, Stream, Style, second_opinion};

/// Path-less listing of all scalars: what the span covers, body, value.
fn scalars(text: &str) -> Vec<(String, Option<String>, String)> {
    let stream = Stream::parse(text).unwrap();
    second_opinion(&stream).unwrap();
    let mut out = Vec::new();
    for index in 0..stream.len() {
        let node = stream.node(stream.nth(index).unwrap());
        if let NodeKind::Scalar(scalar) = &node.kind {
            out.push((
                text[node.span.range()].to_owned(),
                scalar.body.map(|body| text[body.range()].to_owned()),
                scalar.value.to_string(),
            ));
        }
    }
    out
}

fn scalar(text: &str) -> (String, Option<String>, String) {
    scalars(text).pop().unwrap()
}

fn owned(head: &str, body: Option<&str>, value: &str) -> (String, Option<String>, String) {
    (head.into(), body.map(Into::into), value.into())
}

#[test]
fn block_scalars() {
    let cases = [
        ("a: |\n  x\n  y\n", "|", Some("\n  x\n  y"), "x\ny\n"),
        ("a: |-\n  x\n\n\nb:\n", "|-", Some("\n  x"), "x"),
        ("a: |+  # keep\n  x\n\n", "|+", Some("\n  x"), "x\n\n"),
        ("a: |2-\n    x\n   y\n", "|2-", Some("\n    x\n   y"), "  x\n y"),
        ("a: >1+ # | is not the header\n  x\n", ">1+", Some("\n  x"), " x\n"),
        ("a: &x|y !!str |\n  v\n", "|", Some("\n  v"), "v\n"),
        ("a: # > no\n  |\n  v\n", "|", Some("\n  v"), "v\n"),
        ("a: |\n", "|", None, ""),
        ("a: |\n\n\n", "|", None, ""),
        ("a: |\r\n  x\r\n  y\r\nb: 1\r\n", "|", Some("\r\n  x\r\n  y"), "x\ny\n"),
        ("- - |\n   x\n", "|", Some("\n   x"), "x\n"),
        (
            "a: |\n  # not a comment\n # a comment\n",
            "|",
            Some("\n  # not a comment"),
            "# not a comment\n",
        ),
        ("--- |\n x\n", "|", Some("\n x"), "x\n"),
        ("a: |\n  x\n   \n", "|", Some("\n  x\n   "), "x\n \n"),
    ];
    for (text, head, body, value) in cases {
        // Anchors with a pipe are not go-yaml's, so no second opinion there.
        let stream = Stream::parse(text).unwrap();
        let found = (0..stream.len())
            .filter_map(|index| {
                let node = stream.node(stream.nth(index).unwrap());
                let scalar = node.scalar().filter(|scalar| scalar.style.is_block())?;
                let body = scalar.body.map(|body| text[body.range()].to_owned());
                Some((text[node.span.range()].to_owned(), body, scalar.value.to_string()))
            })
            .next()
            .unwrap_or_else(|| panic!("no block scalar in {text:?}"));
        assert_eq!(found, owned(head, body, value), "{text:?}");
    }
}

#[test]
fn flow_scalars() {
    assert_eq!(scalar("a: 'it''s'  # c\n"), owned("'it''s'", None, "it's"));
    assert_eq!(scalar("a: !!str  \"x\\n\"\n"), owned("\"x\\n\"", None, "x\n"));
    assert_eq!(scalar("a: multi\n  line   # c\n"), owned("multi\n  line", None, "multi line"));
    assert_eq!(scalar("{a: [x, \"y\" ]}"), owned("\"y\"", None, "y"));
    assert_eq!(scalar("a:\tx\n"), owned("x", None, "x"));
    assert_eq!(scalar("\u{feff}a: x"), owned("x", None, "x"));
    assert_eq!(scalar("a:\n"), owned("", None, ""));
}

#[test]
fn a_block_scalar_at_the_end_of_the_text_ends_as_in_go_yaml() {
    for header in ["|", "|+", ">"] {
        let text = format!("a: {header}\n  x");
        let stream = Stream::parse(&text).unwrap();
        second_opinion(&stream).unwrap();
        let node = stream.node(stream.nth(2).unwrap());
        let scalar = node.scalar().unwrap();
        assert_eq!((scalar.value, scalar.open_ended), ("x", true), "{text:?}");
    }
    let stream = Stream::parse("a: |-\n  x").unwrap();
    let scalar = stream.node(stream.nth(2).unwrap()).scalar().unwrap();
    assert_eq!((scalar.value, scalar.open_ended, scalar.style), ("x", false, Style::Literal));
}

#[test]
fn collections_reach_from_their_first_child_to_the_last_token() {
    let text = "m:\n  a: 1\n  b: [1, {x: y}]\n\n# c\nn: |\n  z\n\n---\n- 1\n";
    let stream = Stream::parse(text).unwrap();
    let spans: Vec<_> = (0..stream.len())
        .map(|index| stream.node(stream.nth(index).unwrap()))
        .filter(|node| node.scalar().is_none())
        .map(|node| &text[node.span.range()])
        .collect();
    assert_eq!(
        spans,
        [
            "m:\n  a: 1\n  b: [1, {x: y}]\n\n# c\nn: |\n  z",
            "a: 1\n  b: [1, {x: y}]",
            "[1, {x: y}]",
            "{x: y}",
            "- 1",
        ]
    );
}

#[test]
fn columns_of_entries() {
    let text = "s:\n- - 1\n- a: x\n  b:\n    - 2\n";
    let stream = Stream::parse(text).unwrap();
    let columns: Vec<_> = (0..stream.len())
        .map(|index| stream.nth(index).unwrap())
        .filter(|&id| stream.node(id).scalar().is_none())
        .map(|id| stream.column(id))
        .collect();
    assert_eq!(columns, [0, 0, 2, 2, 4]);
}

#[test]
fn hostile_texts_end_in_errors() {
    for text in
        ["[".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(100_000), "? ".repeat(100_000)]
    {
        let error = Stream::parse(&text).unwrap_err();
        assert!(error.to_string().contains("nested"), "{error}");
    }
    assert!(Stream::parse_bytes(b"a: 1\nb: \xff\n").unwrap_err().to_string().contains("line 2"));
    let bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n";
    assert_eq!(Stream::parse(bomb).unwrap().len(), 13);
    let comments = "# c\n".repeat(200_000);
    assert_eq!(Stream::parse(&format!("a:\n{comments}  b\n")).unwrap().comments().len(), 200_000);
}

#[test]
fn comments_below_deep_nesting_take_no_time_for_each_level() {
    let mut text = String::new();
    for level in 0..900 {
        text.push_str(&" ".repeat(level));
        text.push_str("a:\n");
    }
    text.push_str(&" ".repeat(900));
    text.push_str("b: c\n");
    text.push_str(&"   # c\n    # d\n".repeat(40_000));
    let stream = Stream::parse(&text).unwrap();
    let start = std::time::Instant::now();
    assert_eq!(stream.comment_parents().len(), 80_000);
    // Ten seconds, were every place looked for anew.
    assert!(start.elapsed() < std::time::Duration::from_secs(2));
}

#[test]
fn disputed_texts_are_refused() {
    for text in [
        "a: x\u{85}\n",
        "a: x # c\u{2028}d\n",
        "a: {?x: 1}\n",
        "a: {x?: 1}\n",
        "a: [http://x?y=1]\n",
        "a: &an:chor 1\nb: *an:chor\n",
        "\u{feff}\u{feff}# c\na: x\n",
        "\u{feff}\n\u{feff}\na: x\n",
    ] {
        let stream = Stream::parse(text).unwrap();
        assert!(second_opinion(&stream).is_err(), "{text:?}");
    }
}

#[test]
fn tabs_are_allowed_where_go_yaml_allows_them() {
    for text in ["a:\tx\n", "a:  \t'x'\n", "a:\t[x]\n", "a:\t&x !!str y\n", "a: x\t# c\n"] {
        let stream = Stream::parse(text).unwrap();
        assert_eq!(second_opinion(&stream), Ok(()), "{text:?}");
    }
    for text in ["a:\n-\tx\n", "b:\n - \ty\n", "? a\n:\tb\n", "?\ta\n: b\n"] {
        if let Ok(stream) = Stream::parse(text) {
            assert!(second_opinion(&stream).is_err(), "{text:?}");
        }
    }
}
