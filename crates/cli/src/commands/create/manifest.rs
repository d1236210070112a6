//! The manifest of a Secret, as kubectl prints it.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bulla_yaml::{Resolved, Style};
use zeroize::Zeroizing;

use crate::failure::{Failure, Result};

/// The API server takes no more.
const SIZE_LIMIT: usize = 1 << 20;

/// Words that older parsers take for booleans; quoted, as kubectl does.
const BOOLEANS: [&str; 6] = ["y", "n", "yes", "no", "on", "off"];

/// A Secret that is being put together.
pub(super) struct Manifest {
    name: String,
    namespace: Option<String>,
    labels: BTreeMap<String, String>,
    kind: Option<String>,
    data: BTreeMap<String, Zeroizing<Vec<u8>>>,
}

impl Manifest {
    /// A Secret without data. What the API server would not take is refused here,
    /// where it can still be corrected without a key.
    pub(super) fn new(name: &str, namespace: Option<&str>, labels: &[String]) -> Result<Self> {
        if !is_subdomain(name) {
            return Err(Failure::other(format!(
                "secret {name}: this cannot be a name; use lower case letters, digits, - and ."
            )));
        }
        if let Some(namespace) = namespace
            && (!is_subdomain(namespace) || namespace.contains('.') || namespace.len() > 63)
        {
            return Err(Failure::other(format!(
                "--namespace {namespace}: this cannot be one; use lower case letters, digits and -"
            )));
        }
        Ok(Self {
            name: name.to_owned(),
            namespace: namespace.map(str::to_owned),
            labels: labels.iter().map(|label| parse_label(label)).collect::<Result<_>>()?,
            kind: None,
            data: BTreeMap::new(),
        })
    }

    /// Sets the type.
    pub(super) fn set_type(&mut self, kind: &str) {
        self.kind = Some(kind.to_owned());
    }

    /// Adds a value.
    pub(super) fn add(&mut self, key: &str, value: Zeroizing<Vec<u8>>) -> Result {
        let plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.');
        let is_key = !key.is_empty() && key.len() <= 253 && key.chars().all(plain);
        if !is_key || key == "." || key.starts_with("..") {
            return Err(Failure::other(format!(
                "`{key}` cannot be a key of a Secret; use letters, digits, - _ and . (--from-file KEY=FILE names one)"
            )));
        }
        match self.data.insert(key.to_owned(), value) {
            None => Ok(()),
            Some(_) => Err(Failure::other(format!("`{key}` is given twice; keep one"))),
        }
    }

    /// A value that was added.
    pub(super) fn get(&self, key: &str) -> Option<&[u8]> {
        self.data.get(key).map(|value| value.as_slice())
    }

    /// The manifest; wiped when dropped.
    pub(super) fn to_yaml(&self) -> Result<Zeroizing<String>> {
        let size: usize = self.data.values().map(|value| value.len()).sum();
        if size == 0 {
            return Err(Failure::other(format!(
                "secret {}: there is no value to seal; give one with a --from flag",
                self.name
            )));
        }
        if size > SIZE_LIMIT {
            let message = "the values are larger than 1 MiB, which Kubernetes does not take";
            return Err(Failure::other(format!("secret {}: {message}", self.name)));
        }
        // Enough for all of it: a text that grows leaves copies behind.
        let lines = self.data.iter().map(|(key, value)| 2 * key.len() + 2 * value.len() + 16);
        let mut yaml = Zeroizing::new(String::with_capacity(lines.sum()));
        yaml.push_str("apiVersion: v1\ndata:\n");
        for (key, value) in &self.data {
            let encoded = Zeroizing::new(STANDARD.encode(value));
            entry(&mut yaml, "  ", key, &encoded);
        }
        let mut rest = String::from("kind: Secret\nmetadata:\n");
        if !self.labels.is_empty() {
            rest.push_str("  labels:\n");
        }
        for (key, value) in &self.labels {
            entry(&mut rest, "    ", key, value);
        }
        entry(&mut rest, "  ", "name", &self.name);
        if let Some(namespace) = &self.namespace {
            entry(&mut rest, "  ", "namespace", namespace);
        }
        if let Some(kind) = &self.kind {
            entry(&mut rest, "", "type", kind);
        }
        let mut text = Zeroizing::new(String::with_capacity(yaml.len() + rest.len()));
        text.push_str(&yaml);
        text.push_str(&rest);
        Ok(text)
    }
}

fn entry(yaml: &mut String, indent: &str, key: &str, value: &str) {
    for part in [indent, &scalar(key), ": ", &scalar(value), "\n"] {
        yaml.push_str(part);
    }
}

/// A text as it is where it stays a text, else in quotes.
fn scalar(text: &str) -> Zeroizing<String> {
    let plain = |char: char| char.is_ascii_alphanumeric() || "-_./+=".contains(char);
    let first = text.chars().next();
    let is_plain = first
        .is_some_and(|first| first.is_ascii_alphanumeric() || "_./+".contains(first))
        && text.chars().all(plain)
        && text != "..."
        && !BOOLEANS.contains(&text.to_ascii_lowercase().as_str())
        && matches!(bulla_yaml::resolve(None, Style::Plain, text), Ok(Resolved::Str(_)));
    match is_plain {
        true => Zeroizing::new(text.to_owned()),
        // YAML's double quotes take everything that JSON's do.
        false => json_text(text),
    }
}

/// A text in the quotes of JSON.
pub(super) fn json_text(text: &str) -> Zeroizing<String> {
    // Only maps with odd keys and writers that fail can fail to be written.
    Zeroizing::new(serde_json::to_string(text).expect("a text can be written as JSON"))
}

fn parse_label(text: &str) -> Result<(String, String)> {
    let label = text.split_once('=').filter(|(key, value)| {
        let (prefix, name) = key.rsplit_once('/').unwrap_or(("a", key));
        is_subdomain(prefix) && !name.is_empty() && is_label(name) && is_label(value)
    });
    let label = label.map(|(key, value)| (key.to_owned(), value.to_owned()));
    label.ok_or_else(|| {
        Failure::other(format!(
            "--label {text}: this is no label; write KEY=VALUE with letters, digits, - _ and ."
        ))
    })
}

/// RFC 1123, as Kubernetes wants names.
fn is_subdomain(text: &str) -> bool {
    let is_part = |part: &str| {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        !part.is_empty()
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.bytes().all(|byte| plain(byte) || byte == b'-')
    };
    text.len() <= 253 && text.split('.').all(is_part)
}

fn is_label(text: &str) -> bool {
    let plain = |char: char| char.is_ascii_alphanumeric();
    text.len() <= 63
        && text.chars().all(|char| plain(char) || matches!(char, '-' | '_' | '.'))
        && text.chars().next().is_none_or(plain)
        && text.chars().next_back().is_none_or(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &[u8]) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(text.to_vec())
    }

    /// Copied from `kubectl create secret generic … --dry-run=client -o yaml`,
    /// without the `creationTimestamp: null` that it printed up to 1.33.
    #[test]
    fn the_manifest_is_that_of_kubectl() {
        let mut manifest = Manifest::new("x", Some("ns"), &[]).unwrap();
        manifest.set_type("foo");
        manifest.add("z", bytes(b"hello")).unwrap();
        manifest.add("b", bytes(b"c")).unwrap();
        manifest.add("f.txt", bytes(b"hello")).unwrap();
        manifest.add("empty", bytes(b"")).unwrap();
        let expected = "\
apiVersion: v1
data:
  b: Yw==
  empty: \"\"
  f.txt: aGVsbG8=
  z: aGVsbG8=
kind: Secret
metadata:
  name: x
  namespace: ns
type: foo
";
        assert_eq!(*manifest.to_yaml().unwrap(), expected);
    }

    #[test]
    fn what_would_not_stay_a_text_is_quoted_as_kubectl_quotes_it() {
        for text in ["on", "12", "1e3", "null", "true", "123", "0x1f", "12345678", "No", "", ".5"] {
            assert_eq!(*scalar(text), format!("\"{text}\""));
        }
        for text in ["a", ".dockerconfigjson", "_", "+abc", "/w==", "aGVsbG8=", "a-b.c"] {
            assert_eq!(*scalar(text), text);
        }
        assert_eq!(*scalar("a: b"), "\"a: b\"");
    }

    #[test]
    fn what_the_api_server_refuses_is_refused() {
        for name in ["", "X", "a_b", "-a", "a-", "a..b", &"a".repeat(254)] {
            assert!(Manifest::new(name, None, &[]).is_err(), "{name}");
        }
        assert!(Manifest::new("a.b-c", Some("a.b"), &[]).is_err());
        for label in ["a", "=b", "a=b c", "a b=c", "A.b/=c", "x/y/z=1"] {
            assert!(Manifest::new("x", None, &[label.to_owned()]).is_err(), "{label}");
        }
        let labels = ["app.kubernetes.io/name=web".to_owned(), "on=off".to_owned()];
        let mut manifest = Manifest::new("x", None, &labels).unwrap();
        manifest.add("a", bytes(b"b")).unwrap();
        let yaml = manifest.to_yaml().unwrap();
        assert!(
            yaml.contains("    app.kubernetes.io/name: web\n    \"on\": \"off\"\n"),
            "{}",
            *yaml
        );
        for key in ["", ".", "..", "..a", "a b", "é", "a/b"] {
            assert!(manifest.add(key, bytes(b"")).is_err(), "{key}");
        }
        assert!(manifest.add("a", bytes(b"c")).is_err());
        assert!(manifest.add("large", bytes(&vec![0; SIZE_LIMIT])).is_ok());
        assert!(manifest.to_yaml().is_err());
    }
}
