//! The `data` of Secrets as people read it, and back.
//!
//! Every text stands where its base64 stood. What is no text keeps its base64 under
//! the tag `!!binary`, which is what YAML calls it; so there is no question of what
//! a value is when the text comes back from an editor.

use std::collections::HashMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bulla_yaml::{Edit, NodeId, NodeKind, Resolved, Span, Stream, Style, splice};
use zeroize::Zeroizing;

use super::render::{self, Written, cleanest};
use crate::error::{Error, Place, Refusal};
use crate::value::Value;

const BINARY: &str = "tag:yaml.org,2002:binary";

/// A YAML stream whose Secrets show what their `data` stands for.
pub struct Decoded {
    text: Zeroizing<String>,
    /// How values were written, by their keys.
    known: HashMap<String, Vec<Known>>,
}

struct Known {
    decoded: Zeroizing<String>,
    encoded: Zeroizing<String>,
    style: Style,
}

impl fmt::Debug for Decoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoded").finish_non_exhaustive()
    }
}

impl Decoded {
    /// Decodes. `None` when there is nothing to decode, or something that could not
    /// be told from it afterwards: anchors, aliases, tags, collections.
    pub fn new(text: &str) -> Option<Self> {
        let stream = Stream::parse(text).ok()?;
        let mut known: HashMap<String, Vec<Known>> = HashMap::new();
        let mut edits = Vec::new();
        for (key, id) in data(&stream) {
            let node = stream.node(id);
            let scalar = node.scalar().filter(|_| is_bare(&stream, id))?;
            if is_null(&stream, id) {
                continue;
            }
            match decode(scalar.value) {
                Some(decoded) => {
                    write(&stream, id, &decoded, Style::Plain, &mut edits);
                    let encoded = Zeroizing::new(scalar.value.to_string());
                    let known = known.entry(key.to_owned()).or_default();
                    known.push(Known { decoded, encoded, style: scalar.style });
                }
                None => edits.push(Edit::insert(node.span.start, "!!binary ")),
            }
        }
        let text = Zeroizing::new(splice(text, &edits));
        (!edits.is_empty()).then_some(Self { text, known })
    }

    /// The text as it is to be edited.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Encodes an edited text. A value that did not change is written as it was.
    ///
    /// # Errors
    ///
    /// When the text is not YAML, or a value is none that can be encoded.
    pub fn encode(&self, edited: &str) -> Result<Zeroizing<String>, Error> {
        let stream = Stream::parse(edited)?;
        let mut edits = Vec::new();
        for (key, id) in data(&stream) {
            let node = stream.node(id);
            let tag = node.properties().and_then(|properties| properties.tag_span);
            if let Some(tag) = tag.filter(|_| node.tag() == Some(BINARY)) {
                edits.push(Edit::remove(Span { start: tag.start, end: node.span.start }));
                continue;
            }
            let Some(scalar) = node.scalar().filter(|_| is_bare(&stream, id)) else {
                let path = format!("[\"data\"][{}]", serde_json::Value::from(key));
                let place = Place { line: stream.line(id), path };
                return Err(Error::Refused { place, refusal: Refusal::DataNotText });
            };
            if is_null(&stream, id) {
                continue;
            }
            let mut known = self.known.get(key).into_iter().flatten();
            match known.find(|known| *known.decoded == scalar.value) {
                Some(known) => write(&stream, id, &known.encoded, known.style, &mut edits),
                None => {
                    let encoded = STANDARD.encode(scalar.value.as_bytes());
                    write(&stream, id, &encoded, Style::Plain, &mut edits);
                }
            }
        }
        Ok(Zeroizing::new(splice(edited, &edits)))
    }
}

/// The values of the `data` of every Secret at the top of a document, by their keys.
fn data<'t>(stream: &'t Stream<'_>) -> impl Iterator<Item = (&'t str, NodeId)> {
    let roots = stream.documents().iter().filter_map(|document| document.root);
    let secrets = roots.filter(|&root| {
        let kind = stream.get(root, "kind").and_then(|kind| stream.node(kind).scalar());
        is_mapping(stream, root) && kind.is_some_and(|kind| kind.value == "Secret")
    });
    let data = secrets.filter_map(|root| stream.get(root, "data"));
    data.filter(|&data| is_mapping(stream, data)).flat_map(|data| {
        stream.entries(data).filter_map(|(key, value)| {
            let key = stream.node(key).scalar()?;
            Some((key.value, value))
        })
    })
}

fn is_mapping(stream: &Stream<'_>, id: NodeId) -> bool {
    matches!(stream.node(id).kind, NodeKind::Mapping { .. })
}

fn is_bare(stream: &Stream<'_>, id: NodeId) -> bool {
    stream
        .node(id)
        .properties()
        .is_none_or(|properties| properties.tag_span.is_none() && properties.anchor_span.is_none())
}

fn is_null(stream: &Stream<'_>, id: NodeId) -> bool {
    let scalar = stream.node(id).scalar();
    let resolved = scalar.map(|scalar| bulla_yaml::resolve(None, scalar.style, scalar.value));
    matches!(resolved, Some(Ok(Resolved::Null)))
}

/// The text that base64 stands for, if it is one; Kubernetes allows for line breaks.
fn decode(encoded: &str) -> Option<Zeroizing<String>> {
    let encoded = Zeroizing::new(encoded.replace(['\n', '\r'], ""));
    let bytes = STANDARD.decode(encoded.as_bytes()).ok()?;
    let text = Zeroizing::new(String::from_utf8(bytes).ok()?);
    let is_text = |char: char| !char.is_control() || matches!(char, '\n' | '\r' | '\t');
    text.chars().all(is_text).then_some(text)
}

/// Puts a text in the place of a scalar.
fn write(stream: &Stream<'_>, id: NodeId, text: &str, style: Style, edits: &mut Vec<Edit<'_>>) {
    let node = stream.node(id);
    let parent = stream.parent(id);
    let base = || parent.map_or(0, |parent| stream.column(parent));
    let place = render::Place {
        in_flow: parent.is_some_and(|parent| stream.node(parent).is_flow()),
        base: &base,
        quotes: style,
        line_break: if stream.text().contains("\r\n") { "\r\n" } else { "\n" },
    };
    let Written { head, body } = cleanest(&Value::Str(text.into()), &place);
    edits.push(Edit::replace(node.span, head));
    let old_body = node.scalar().and_then(|scalar| scalar.body);
    match (old_body, body) {
        (Some(span), body) => edits.push(Edit::replace(span, body.unwrap_or_default())),
        (None, Some(body)) => {
            let end = node.span.end as usize;
            let rest = &stream.text()[end..];
            let at = end + rest.find(['\n', '\r']).unwrap_or(rest.len());
            edits.push(Edit::insert(at as u32, body));
        }
        (None, None) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEALED: &str = "\
apiVersion: v1
kind: Secret
data:
  user: YWxpY2U= # who
  quoted: 'YWxpY2U='
  cert: LS0tCmEKYgotLS0K
  unpadded: \"YWxpY2U\"
  number: MTIz
  binary: AAEC/w==
  lines: |
    YWxp
    Y2U=
  empty: \"\"
  nothing:
---
kind: ConfigMap
data:
  user: YWxpY2U=
";

    #[test]
    fn texts_are_shown_and_come_back_as_they_were() {
        let decoded = Decoded::new(SEALED).unwrap();
        let shown = "\
apiVersion: v1
kind: Secret
data:
  user: alice # who
  quoted: alice
  cert: |
    ---
    a
    b
    ---
  unpadded: !!binary \"YWxpY2U\"
  number: \"123\"
  binary: !!binary AAEC/w==
  lines: alice
  empty: \"\"
  nothing:
---
kind: ConfigMap
data:
  user: YWxpY2U=
";
        assert_eq!(decoded.text(), shown);
        assert_eq!(*decoded.encode(shown).unwrap(), SEALED);
    }

    #[test]
    fn what_changes_is_encoded_and_nothing_else() {
        let decoded = Decoded::new(SEALED).unwrap();
        let edited = decoded.text().replace("quoted: alice", "quoted: bob\n  port: 5432");
        let expected = SEALED.replace("quoted: 'YWxpY2U='", "quoted: Ym9i\n  port: NTQzMg==");
        assert_eq!(*decoded.encode(&edited).unwrap(), expected);
    }

    #[test]
    fn base64_that_looks_like_something_else_stays_a_string() {
        let decoded = Decoded::new("kind: Secret\ndata: {a: YQ==}\n").unwrap();
        assert_eq!(decoded.text(), "kind: Secret\ndata: {a: a}\n");
        let encoded = decoded.encode("kind: Secret\ndata: {a: \"\\xD7m\\xF8\"}\n").unwrap();
        let encoded = Stream::parse(&encoded).unwrap();
        let (_, id) = data(&encoded).next().unwrap();
        let scalar = encoded.node(id).scalar().unwrap();
        let back = bulla_yaml::resolve(None, scalar.style, scalar.value).unwrap();
        assert!(matches!(back, Resolved::Str(_)));
    }

    #[test]
    fn what_could_not_be_told_apart_is_not_decoded() {
        for data in ["a: &x YQ==", "a: !!str YQ==", "a: [YQ==]", "a: &x YQ==\n  b: *x"] {
            assert!(Decoded::new(&format!("kind: Secret\ndata:\n  {data}\n")).is_none(), "{data}");
        }
        assert!(Decoded::new("kind: ConfigMap\ndata:\n  a: YQ==\n").is_none());
        assert!(Decoded::new("kind: Secret\nstringData:\n  a: YQ==\n").is_none());
    }

    #[test]
    fn what_cannot_be_encoded_is_named_and_not_shown() {
        let decoded = Decoded::new("kind: Secret\ndata:\n  a: YQ==\n").unwrap();
        for value in ["[hunter2]", "&x hunter2", "!!str hunter2"] {
            let edited = format!("kind: Secret\ndata:\n  a: {value}\n");
            let error = decoded.encode(&edited).unwrap_err().to_string();
            assert!(error.starts_with("line 3, [\"data\"][\"a\"]: ") && !error.contains("hunter2"));
        }
        assert!(decoded.encode("kind: [\n").is_err());
    }
}
