//! Where a value stands: in which document of a file, and below which keys.

use std::fmt;
use std::str::FromStr;

use crate::document::Document;
use crate::error::Error;
use crate::kubernetes;
use crate::path::{Step, parse_index};

/// One document of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Section {
    /// By its number, from 0.
    Nth(usize),
    /// The Kubernetes object of this kind and name.
    Object {
        /// Its kind; capitals and small letters are the same.
        kind: String,
        /// Its namespace, when the name alone is not enough.
        namespace: Option<String>,
        /// Its name.
        name: String,
    },
}

impl FromStr for Section {
    type Err = ();

    /// Reads `1`, `secret/db` or `secret/web/db`, with the namespace in the middle.
    fn from_str(text: &str) -> Result<Self, ()> {
        if let Ok(number) = text.parse() {
            return Ok(Self::Nth(number));
        }
        let parts: Vec<_> = text.split('/').collect();
        let (kind, namespace, name) = match parts[..] {
            [kind, name] => (kind, None, name),
            [kind, namespace, name] => (kind, Some(namespace), name),
            _ => return Err(()),
        };
        if [kind, name, namespace.unwrap_or("-")].contains(&"") {
            return Err(());
        }
        let namespace = namespace.map(str::to_owned);
        Ok(Self::Object { kind: kind.to_owned(), namespace, name: name.to_owned() })
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nth(number) => write!(f, "{number}"),
            Self::Object { kind, namespace: Some(namespace), name } => {
                write!(f, "{kind}/{namespace}/{name}")
            }
            Self::Object { kind, namespace: None, name } => write!(f, "{kind}/{name}"),
        }
    }
}

/// The way to a value: `["data"]["key"][0]` in the first document, or in another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    section: Option<Section>,
    path: Vec<Step<'static>>,
    shown: String,
}

impl Address {
    /// Reads `["data"]["key"][0]`, as [`parse_index`] does. The top level of a
    /// document is no list, so a number at the beginning is that of a document:
    /// `[1]["data"]["key"]`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut path = parse_index(text)?;
        let section = match path[0] {
            Step::Index(number) => Some(Section::Nth(number)),
            Step::Key(_) => None,
        };
        if section.is_some() {
            path.remove(0);
        }
        Some(Self { section, path, shown: text.trim().to_owned() })
    }

    /// The same way in this document; `None` when the address has a document of its
    /// own already.
    pub fn in_section(self, section: Section) -> Option<Self> {
        if self.section.is_some() {
            return None;
        }
        let shown = format!("{section}: {}", self.shown);
        Some(Self { section: Some(section), path: self.path, shown })
    }

    /// All of a document.
    pub fn of_section(section: Section) -> Self {
        Self { shown: section.to_string(), section: Some(section), path: Vec::new() }
    }

    /// The steps from the document's top level.
    pub fn path(&self) -> &[Step<'static>] {
        &self.path
    }

    /// The number of the document; the first, if the address names none, as in sops.
    ///
    /// # Errors
    ///
    /// When there is no such document, or more than one of that name.
    pub fn section_in(&self, document: &Document<'_>) -> Result<usize, Error> {
        let count = document.sections();
        match self.section.as_ref() {
            // A file without any gets its first.
            None | Some(Section::Nth(0)) => Ok(0),
            Some(Section::Nth(number)) if *number < count => Ok(*number),
            Some(Section::Nth(_)) => {
                Err(Error::NoSuchDocument { asked: self.shown.clone(), count })
            }
            Some(Section::Object { kind, namespace, name }) => {
                let found = kubernetes::find(document, kind, namespace.as_deref(), name);
                match found.as_slice() {
                    [section] => Ok(*section),
                    [] => Err(Error::NoSuchDocument { asked: self.shown.clone(), count }),
                    several => Err(Error::SeveralDocuments {
                        asked: self.shown.clone(),
                        found: several.to_vec(),
                    }),
                }
            }
        }
    }

    /// Whether the address fits a file that is one document.
    ///
    /// # Errors
    ///
    /// When it names another document than the first.
    pub(crate) fn first_of_one(&self) -> Result<(), Error> {
        match &self.section {
            None | Some(Section::Nth(0)) => Ok(()),
            Some(_) => Err(Error::NoSuchDocument { asked: self.shown.clone(), count: 1 }),
        }
    }

    /// That there is nothing.
    pub(crate) fn missing(&self) -> Error {
        Error::NoSuchPath { path: self.shown.clone() }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_at_the_beginning_is_that_of_a_document() {
        let address = Address::parse(r#"[1]["a"][0]"#).unwrap();
        assert_eq!(address.section, Some(Section::Nth(1)));
        assert_eq!(address.path, [Step::Key("a".into()), Step::Index(0)]);
        assert!(address.in_section(Section::Nth(2)).is_none());
        let address = Address::parse(r#"["a"]"#).unwrap();
        assert_eq!(address.section, None);
        assert!(address.in_section(Section::Nth(2)).is_some());
        assert!(Address::parse("a").is_none());
    }

    #[test]
    fn documents_have_numbers_and_names() {
        for text in ["7", "Secret/db", "Secret/web/db"] {
            assert_eq!(text.parse::<Section>().map(|section| section.to_string()), Ok(text.into()));
        }
        for bad in ["", "-1", "db", "/db", "Secret/", "a/b/c/d", "a//b"] {
            assert!(bad.parse::<Section>().is_err(), "{bad}");
        }
    }
}
