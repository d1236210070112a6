//! What a file is taken apart into: leaves and comments.

use std::borrow::Cow;
use std::fmt;

use crate::error::Refusal;
use crate::path::PathId;
use crate::value::Value;

/// A leaf of the tree.
#[derive(Clone, Debug)]
pub struct Leaf<'s> {
    /// Which document of the stream, from 0.
    pub section: u32,
    /// Where it stands.
    pub path: PathId,
    /// What it is.
    pub value: Value<'s>,
    /// Its first byte, for messages.
    pub at: u32,
    /// Why it must not be sealed as it is written.
    pub hazard: Option<Refusal>,
    /// The format's own handle to the bytes.
    pub(crate) site: Site,
    /// The node that the value was read from: another one than the site's when an
    /// alias stands there.
    pub(crate) shown: u32,
}

/// Where the bytes of a leaf are: at a node of its own, or nowhere, when an alias of a
/// collection brings the leaf in. Four bytes, because there may be a leaf for every two
/// bytes of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Site(u32);

impl Site {
    /// An alias of a collection brings it in.
    pub(crate) const COPY: Self = Self(u32::MAX);

    /// A node, by its number; there are fewer nodes than bytes of a text.
    pub(crate) fn node(number: usize) -> Self {
        Self(number as u32)
    }

    /// The number of the node, if it is one.
    pub(crate) fn number(self) -> Option<usize> {
        (self != Self::COPY).then_some(self.0 as usize)
    }
}

/// A comment.
#[derive(Clone)]
pub struct Comment<'s> {
    /// Which document of the stream, from 0.
    pub section: u32,
    /// The collection that it stands in.
    pub path: PathId,
    /// What sops reads of it: in YAML and dotenv what follows the `#`.
    pub text: Cow<'s, str>,
    /// The bytes, with the `#` where that is not part of the format's own lines.
    pub span: bulla_yaml::Span,
}

impl fmt::Debug for Comment<'_> {
    /// Without the text, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Comment").field("span", &self.span).finish_non_exhaustive()
    }
}

/// A leaf or a comment, in document order; a comment at the end of a line comes
/// before what it comments on.
#[derive(Clone, Debug)]
pub enum Part<'s> {
    /// A value.
    Leaf(Leaf<'s>),
    /// A comment.
    Comment(Comment<'s>),
}

impl Part<'_> {
    /// The path that decides whether it is sealed.
    pub fn path(&self) -> PathId {
        match self {
            Self::Leaf(leaf) => leaf.path,
            Self::Comment(comment) => comment.path,
        }
    }

    /// Which document of the stream, from 0.
    pub fn section(&self) -> u32 {
        match self {
            Self::Leaf(leaf) => leaf.section,
            Self::Comment(comment) => comment.section,
        }
    }
}
