//! What is set: a value, or a mapping or list of values, read from JSON.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use bulla_yaml::{Resolved, Style};
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::document::hazard;
use crate::error::Refusal;
use crate::path::Step;
use crate::value::Value;

/// How deep collections may be nested; serde_json's own limit.
const DEPTH: usize = 127;

/// A value, or what stands below a key. Its `Debug` shows keys and no values.
#[derive(Clone, Debug, PartialEq)]
pub enum Subtree {
    /// A value that is no collection.
    Leaf(Value<'static>),
    /// A mapping, in the order in which it is written.
    Mapping(Vec<(String, Subtree)>),
    /// A list.
    List(Vec<Subtree>),
}

/// Why a text is no value to be set. It shows nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubtreeError {
    /// Not JSON.
    #[error("this is not JSON; a text stands in double quotes")]
    NotJson,
    /// A key that is there twice in one mapping.
    #[error("a key is there twice in one mapping; remove one")]
    DuplicateKey,
    /// A number that would be another one.
    #[error("{0}")]
    Number(Refusal),
    /// Collections in collections, without end.
    #[error("this is nested more than {DEPTH} levels deep")]
    TooDeep,
}

impl Subtree {
    /// Reads JSON. Numbers stay what they are: one that does not fit is refused, not
    /// rounded.
    ///
    /// # Errors
    ///
    /// See [`SubtreeError`].
    pub fn from_json(text: &str) -> Result<Self, SubtreeError> {
        read(text, DEPTH)
    }

    /// A text as it is.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Leaf(Value::Str(Cow::Owned(text.into())))
    }

    /// Whether it is a collection without anything in it.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Leaf(_) => false,
            Self::Mapping(entries) => entries.is_empty(),
            Self::List(items) => items.is_empty(),
        }
    }

    /// The collection that has this value where `steps` lead. A list has one item,
    /// so its step has to be 0; the number of another one is the error.
    pub(crate) fn below(self, steps: &[Step<'_>]) -> Result<Self, usize> {
        steps.iter().rev().try_fold(self, |value, step| match step {
            Step::Key(key) => Ok(Self::Mapping(vec![(key.clone().into_owned(), value)])),
            Step::Index(0) => Ok(Self::List(vec![value])),
            Step::Index(index) => Err(*index),
        })
    }

    /// Every leaf with the steps that lead to it, in order; [`Value::Empty`] for a
    /// collection without anything in it.
    pub(crate) fn leaves(&self) -> Vec<(Vec<Step<'_>>, &Value<'static>)> {
        let mut leaves = Vec::new();
        self.collect(&mut Vec::new(), &mut leaves);
        leaves
    }

    fn collect<'t>(
        &'t self,
        path: &mut Vec<Step<'t>>,
        leaves: &mut Vec<(Vec<Step<'t>>, &'t Value<'static>)>,
    ) {
        let mut below = |step, item: &'t Self| {
            path.push(step);
            item.collect(path, leaves);
            path.pop();
        };
        match self {
            Self::Mapping(_) | Self::List(_) if self.is_empty() => {
                leaves.push((path.clone(), &Value::Empty));
            }
            Self::Leaf(value) => leaves.push((path.clone(), value)),
            Self::Mapping(entries) => {
                for (key, value) in entries {
                    below(Step::Key(key.as_str().into()), value);
                }
            }
            Self::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    below(Step::Index(index), item);
                }
            }
        }
    }
}

/// Reads one level after the other: `depth` more of them may follow.
fn read(text: &str, depth: usize) -> Result<Subtree, SubtreeError> {
    let not_json = |_| SubtreeError::NotJson;
    let text = text.trim_matches([' ', '\t', '\n', '\r']);
    let deeper = || depth.checked_sub(1).ok_or(SubtreeError::TooDeep);
    match text.as_bytes().first() {
        Some(b'{') => {
            let Entries(raw) = serde_json::from_str(text).map_err(not_json)?;
            let mut keys = HashSet::new();
            if !raw.iter().all(|(key, _)| keys.insert(key)) {
                return Err(SubtreeError::DuplicateKey);
            }
            let depth = deeper()?;
            let entries = raw.into_iter().map(|(key, value)| Ok((key, read(value.get(), depth)?)));
            Ok(Subtree::Mapping(entries.collect::<Result<_, _>>()?))
        }
        Some(b'[') => {
            let raw: Vec<&RawValue> = serde_json::from_str(text).map_err(not_json)?;
            let depth = deeper()?;
            let items = raw.into_iter().map(|item| read(item.get(), depth));
            Ok(Subtree::List(items.collect::<Result<_, _>>()?))
        }
        Some(b'-' | b'0'..=b'9') => {
            let _: IgnoredAny = serde_json::from_str(text).map_err(not_json)?;
            number(text).map(Subtree::Leaf)
        }
        Some(b'"') => Ok(Subtree::text(serde_json::from_str::<String>(text).map_err(not_json)?)),
        _ => match text {
            "null" => Ok(Subtree::Leaf(Value::Null)),
            "true" => Ok(Subtree::Leaf(Value::Bool(true))),
            "false" => Ok(Subtree::Leaf(Value::Bool(false))),
            _ => Err(SubtreeError::NotJson),
        },
    }
}

/// A number of JSON is one of YAML, with the same pitfalls.
fn number(text: &str) -> Result<Value<'static>, SubtreeError> {
    let lost = SubtreeError::Number(Refusal::FloatLosesDigits);
    let resolved = bulla_yaml::resolve(None, Style::Plain, text).map_err(|_| lost)?;
    match resolved {
        Resolved::Int(int) => Ok(Value::Int(int)),
        Resolved::Float(float) if float.is_finite() => match hazard::of(text, float) {
            Some(refusal) => Err(SubtreeError::Number(refusal)),
            None => Ok(Value::Float(float)),
        },
        Resolved::Uint(_) => Err(SubtreeError::Number(Refusal::Integer)),
        _ => Err(lost),
    }
}

/// A mapping of JSON as it is written: in order, with keys that are there twice.
struct Entries<'t>(Vec<(String, &'t RawValue)>);

impl<'de> serde::Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(Read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_json_means_is_kept() {
        let text =
            r#" {"b": [1, -2.50, 1e3, null, true, "x\u00e9\ud83d\ude00"], "a": {}, "c": []} "#;
        let read = Subtree::from_json(text).unwrap();
        let leaves: Vec<_> = read.leaves();
        let shown: Vec<_> = leaves
            .iter()
            .map(|(_, value)| String::from_utf8(value.wire_bytes().into_owned()).unwrap())
            .collect();
        assert_eq!(shown, ["1", "-2.5", "1000", "", "True", "xé😀", "", ""]);
        assert_eq!(leaves[1].0, [Step::Key("b".into()), Step::Index(1)]);
        assert!(*leaves[6].1 == Value::Empty);
    }

    #[test]
    fn what_is_no_json_or_would_be_changed_is_refused() {
        let error = |text: &str| Subtree::from_json(text).err();
        let bad =
            ["", "x", "'x'", "\"x", "{", "{\"a\":}", "[1,]", "1 2", "01", "NaN", "+1", "{a:1}"];
        for bad in bad {
            assert_eq!(error(bad), Some(SubtreeError::NotJson), "{bad}");
        }
        assert_eq!(error(r#"{"a": 1, "\u0061": 2}"#), Some(SubtreeError::DuplicateKey));
        for bad in
            ["12345678901234567890", "[9223372036854775808]", "0.12345678901234567890", "1e999"]
        {
            assert!(matches!(error(bad), Some(SubtreeError::Number(_))), "{bad}");
        }
        assert!(error(&"[".repeat(100_000)).is_some());
        let deep = "[".repeat(DEPTH + 1) + &"]".repeat(DEPTH + 1);
        assert_eq!(error(&deep), Some(SubtreeError::TooDeep));
    }
}
