//! Files of each format: what can be sealed opens to the very bytes it was, seals to
//! the very bytes again, and leaves nothing readable that was sealed.

use std::borrow::Cow;

use bulla_core::{
    Document, Error, Format, Leaf, Part, Recipe, Selector, SelectorKind, Value, open, open_bytes,
    reseal, seal, seal_binary, select,
};

use crate::clear::{NOW, keyring, recipe};

pub(crate) fn yaml(bytes: &[u8]) {
    check(bytes, Format::Yaml);
}

pub(crate) fn json(bytes: &[u8]) {
    check(bytes, Format::Json);
}

pub(crate) fn dotenv(bytes: &[u8]) {
    check(bytes, Format::Dotenv);
}

pub(crate) fn ini(bytes: &[u8]) {
    check(bytes, Format::Ini);
}

/// Any bytes can be sealed, and any text is a sealed file or none.
pub(crate) fn binary(bytes: &[u8]) {
    if let Ok(text) = str::from_utf8(bytes) {
        let _ = open_bytes(text, Format::Binary, &keyring(), false);
    }
    match seal_binary(bytes.to_vec().into(), &recipe(), &keyring(), NOW) {
        Ok(sealed) => {
            let opened = open_bytes(&sealed.text, Format::Binary, &keyring(), false);
            assert_eq!(*opened.expect("what was sealed opens").bytes, bytes);
        }
        Err(error) => assert!(matches!(error, Error::AlreadySealed { .. }), "{error}"),
    }
}

fn check(bytes: &[u8], format: Format) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let Ok(document) = Document::parse(text, format) else { return };
    for part in document.parts() {
        match part {
            Part::Leaf(leaf) => assert!(text.is_char_boundary(leaf.at as usize)),
            Part::Comment(comment) => assert!(text.get(comment.span.range()).is_some()),
        }
    }
    if document.metadata().is_some() {
        opens_to_a_text(text, format);
        return;
    }
    for recipe in recipes(&document) {
        match seal(text, format, &recipe, &keyring(), NOW) {
            Ok(sealed) => comes_back(&document, &sealed.text, &recipe),
            Err(error) => assert!(!matches!(error, Error::NoRandomness), "{error}"),
        }
    }
}

/// A sealed file, or what is left of one, opens to what can be read or does not open.
fn opens_to_a_text(sealed: &str, format: Format) {
    for ignore_mac in [false, true] {
        let Ok(opened) = open(sealed, format, &keyring(), ignore_mac) else { continue };
        assert!(Document::parse(&opened.text, format).is_ok(), "opened to {:?}", *opened.text);
    }
}

/// Sealing everything; what Kubernetes says, of what looks like that; and by comments,
/// where there are any.
fn recipes(document: &Document<'_>) -> Vec<Recipe> {
    let with = |selector| Recipe { selector: Some(selector), kubernetes: Some(false), ..recipe() };
    let mut recipes = vec![with(Selector::sops_default())];
    if document.text().contains("kind") {
        recipes.push(recipe());
    }
    if document.parts().iter().any(|part| matches!(part, Part::Comment(_))) {
        let kinds = [SelectorKind::EncryptedCommentRegex, SelectorKind::UnencryptedCommentRegex];
        let by_comment = kinds.map(|kind| Selector::new(kind, "[a-m]").expect("it compiles"));
        recipes.extend(by_comment.into_iter().map(with));
    }
    recipes
}

fn comes_back(document: &Document<'_>, sealed: &str, recipe: &Recipe) {
    let (text, format) = (document.text(), document.format());
    let opened = open(sealed, format, &keyring(), false)
        .unwrap_or_else(|error| panic!("does not open: {error}\n{text:?}\n{sealed}"));
    assert_eq!(*opened.text, text, "opens to another text\n{sealed}");
    assert!(opened.readable_comments.is_empty(), "has readable comments\n{text:?}\n{sealed}");
    let again = reseal(text, sealed, format, recipe, &keyring(), "2027-01-01T00:00:00Z")
        .unwrap_or_else(|error| panic!("does not seal again: {error}\n{text:?}\n{sealed}"));
    assert_eq!(again.text, sealed, "an unchanged text is sealed anew");
    if let Some(secret) = readable(document, sealed) {
        panic!("this can be read: {secret:?}\n{text:?}\n{sealed}");
    }
}

/// How long a value is at least that cannot stand somewhere by chance.
const TELLING: usize = 10;

const EMPTY_TOKENS: &str = "ENC[AES256_GCM,data:,iv:,tag:,type:str] type:comment] type:int]";

/// A sealed value that stands in the sealed text, though it stood nowhere but in its
/// own place before.
fn readable<'d>(document: &'d Document<'_>, sealed: &str) -> Option<Cow<'d, str>> {
    let text = document.text();
    let written = Document::parse(sealed, document.format()).ok()?;
    let metadata = written.metadata()?;
    let selected = select(document, metadata.selector.as_ref());
    let parts = document.parts().iter().zip(selected).filter(|(_, selected)| *selected);
    // Such selectors look at a comment where it stands once the block is there.
    let by_comment = metadata
        .selector
        .as_ref()
        .is_some_and(|selector| selector.kind().name().contains("comment"));
    let parts = parts.filter(|(part, _)| !(by_comment && matches!(part, Part::Comment(_))));
    let values = parts.filter_map(|(part, _)| match part {
        Part::Leaf(Leaf { value: Value::Str(value), at, .. }) => Some((value.as_ref(), *at)),
        Part::Comment(comment) => Some((comment.text.as_ref(), comment.span.start)),
        Part::Leaf(_) => None,
    });
    // A value with a mark of assignment may be a line of the `sops` block.
    let is_line = |value: &str| value.contains(['=', ':']);
    let mut values = values.filter(|(value, _)| value.len() >= TELLING && !is_line(value));
    // What stands in the `sops` block, which dotenv has as lines with names of their own,
    // and in every token.
    let lines: String =
        sealed.split_inclusive('\n').filter(|line| line.starts_with("sops_")).collect();
    let public = format!("{} {lines} {}", metadata.to_json(), EMPTY_TOKENS);
    let found = values.find(|(value, at)| {
        let only_here = text.match_indices(value).all(|(found, _)| found >= *at as usize)
            && text.matches(value).count() == 1;
        only_here && sealed.contains(value) && !public.contains(value)
    });
    found.map(|(value, _)| value.into())
}
