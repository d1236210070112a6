//! A sealed binary file: an object of JSON whose one value is the token for all bytes.

use super::{Document, Format, Part, Source, json};
use crate::error::Error;
use crate::path::PathId;
use crate::rules::Indent;
use crate::value::Value;

/// The key that the bytes are sealed at.
pub(crate) const KEY: &str = "data";

/// Whether a text begins as a sealed file does. Looks at its first bytes only.
pub(crate) fn looks_like_one(text: &str) -> bool {
    let mut rest = text;
    let mut next = |token: &str| {
        let found = rest.trim_ascii_start().strip_prefix(token);
        rest = found.unwrap_or(rest);
        found.is_some()
    };
    // No bytes are an empty text.
    next("{") && next("\"data\"") && next(":") && (next("\"ENC[") || next("\"\""))
}

/// How the envelope of a sealed file is indented.
pub(crate) fn indent(document: &Document<'_>) -> Indent {
    match &document.source {
        Source::Binary(source) => source.indent(),
        _ => Indent::default(),
    }
}

/// Reads a sealed file; the token is not copied.
pub(crate) fn parse(text: &str) -> Result<Document<'_>, Error> {
    if !text.trim_ascii_start().starts_with('{') {
        return Err(Error::NotSealed);
    }
    let Document { text, parts, paths, metadata, source } = json::parse(text)?;
    if metadata.is_none() {
        return Err(Error::NotSealed);
    }
    let is_envelope = match parts.as_slice() {
        [Part::Leaf(leaf)] => {
            matches!(leaf.value, Value::Str(_))
                && paths.parent(leaf.path) == Some(PathId::ROOT)
                && paths.last_key(leaf.path) == Some(KEY)
        }
        _ => false,
    };
    match source {
        Source::Json(source) if is_envelope => {
            Ok(Document { text, parts, paths, metadata, source: Source::Binary(source) })
        }
        _ => {
            let reason = "it holds other things than `data` and `sops`; use --input-type json";
            Err(Error::Syntax { format: Format::Binary, line: 1, reason })
        }
    }
}
