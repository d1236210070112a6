//! A file taken apart: what every format comes down to.

use std::fmt;

use bulla_yaml::Edit;

use crate::change::{Subtree, Target};
use crate::error::{Error, Place};
use crate::layout::{Layout, Writing};
use crate::metadata::Metadata;
use crate::path::{PathId, Paths};
use crate::sealed_value::SealedValue;
use crate::value::{Value, ValueType};

pub(crate) mod binary;
mod detect;
pub(crate) mod dotenv;
mod format;
pub(crate) mod hazard;
pub(crate) mod ini;
pub(crate) mod json;
mod part;
mod syntax;
pub(crate) mod yaml;

pub use format::Format;
pub(crate) use part::Site;
pub use part::{Comment, Leaf, Part};
use syntax::Syntax;

/// What stands for a token where only the place of tokens matters.
pub(crate) const STAND_IN: &str = "ENC";

/// What is wrong with a file that has more parts than [`bulla_yaml::node_limit`] allows
/// for.
const TOO_MANY: &str =
    "there are too many keys, values and comments for a file of this size; split it";

/// How many lines of a text have something in them, where each is at most one part.
///
/// # Errors
///
/// When there are more than a text of this length may have.
fn lines_with_parts(text: &str, format: Format) -> Result<usize, Error> {
    let lines = text.split('\n').filter(|line| !line.is_empty()).count();
    if lines > bulla_yaml::node_limit(text.len()) {
        return Err(Error::Syntax { format, line: 1, reason: TOO_MANY });
    }
    Ok(lines)
}

/// A file, parsed and not changed.
#[derive(Clone)]
pub struct Document<'s> {
    text: &'s str,
    parts: Vec<Part<'s>>,
    paths: Paths<'s>,
    metadata: Option<Result<Metadata, Error>>,
    source: Source<'s>,
}

impl fmt::Debug for Document<'_> {
    /// Without the text, which may have secrets in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("format", &self.format())
            .field("parts", &self.parts.len())
            .finish_non_exhaustive()
    }
}

impl<'s> Document<'s> {
    /// Takes a text apart.
    ///
    /// A binary file is a document only when it is sealed: its one leaf is the
    /// token for all of its bytes.
    ///
    /// # Errors
    ///
    /// When it is not of the format, or has what sops cannot read.
    pub fn parse(text: &'s str, format: Format) -> Result<Self, Error> {
        match format {
            Format::Yaml => yaml::parse(text),
            Format::Dotenv => dotenv::parse(text),
            Format::Ini => ini::parse(text),
            Format::Json => json::parse(text),
            Format::Binary => binary::parse(text),
        }
    }

    /// The format it was parsed as.
    pub fn format(&self) -> Format {
        match self.source {
            Source::Yaml(_) => Format::Yaml,
            Source::Dotenv(_) => Format::Dotenv,
            Source::Ini(_) => Format::Ini,
            Source::Json(_) => Format::Json,
            Source::Binary(_) => Format::Binary,
        }
    }

    /// The text.
    pub fn text(&self) -> &'s str {
        self.text
    }

    /// Leaves and comments, without those of the `sops` block.
    pub fn parts(&self) -> &[Part<'s>] {
        &self.parts
    }

    /// The leaves alone.
    pub fn leaves(&self) -> impl Iterator<Item = &Leaf<'s>> {
        self.parts.iter().filter_map(|part| match part {
            Part::Leaf(leaf) => Some(leaf),
            Part::Comment(_) => None,
        })
    }

    /// The paths that parts refer to.
    pub fn paths(&self) -> &Paths<'s> {
        &self.paths
    }

    /// The metadata of a sealed file, if it is not damaged.
    pub fn metadata(&self) -> Option<&Metadata> {
        self.metadata.as_ref()?.as_ref().ok()
    }

    /// The metadata that opening needs.
    ///
    /// # Errors
    ///
    /// [`Error::NotSealed`], or [`Error::Metadata`] when it is damaged.
    pub fn sealed_metadata(&self) -> Result<&Metadata, Error> {
        match &self.metadata {
            Some(Ok(metadata)) => Ok(metadata),
            Some(Err(error)) => Err(error.clone()),
            None => Err(Error::NotSealed),
        }
    }

    /// Whether a document of the stream has a `sops` block.
    pub(crate) fn has_block(&self, section: usize) -> bool {
        self.source.syntax().has_block(section)
    }

    /// How many documents the stream has.
    pub fn sections(&self) -> usize {
        self.source.syntax().sections()
    }

    /// The sealed files that this one was put together from, each with a data key of its
    /// own: the whole text, for any file that was sealed as it is.
    pub fn files(&self) -> Vec<&'s str> {
        self.source.syntax().files().unwrap_or_else(|| vec![self.text])
    }

    /// Line and key path of something at `offset`.
    pub fn place(&self, offset: u32, path: PathId) -> Place {
        Place { line: bulla_yaml::line_of(self.text, offset), path: self.paths.display(path) }
    }

    /// Line and key path of a leaf.
    pub fn place_of(&self, leaf: &Leaf<'_>) -> Place {
        self.place(leaf.at, leaf.path)
    }

    /// Whether this can be sealed at all.
    ///
    /// # Errors
    ///
    /// When it is sealed, or sops would read it differently.
    pub(crate) fn check_plain(&self) -> Result<(), Error> {
        self.source.syntax().check_plain(self)
    }

    /// Whether this selection leaves no way around a seal.
    ///
    /// # Errors
    ///
    /// When an alias would show a value, or name a key, that is sealed where its
    /// anchor stands.
    pub(crate) fn check_selection(&self, selected: &[bool]) -> Result<(), Error> {
        self.source.syntax().check_selection(self, selected)
    }

    /// What stands on both sides of the token in a leaf's place: its quotes.
    pub(crate) fn token_quote(&self, leaf: &Leaf<'s>) -> &'static str {
        self.source.syntax().token_quote(leaf)
    }

    /// The edits that put a token, in its quotes, in a leaf's place, and how the leaf
    /// was written if the token alone does not show it.
    pub(crate) fn seal_leaf<'t>(
        &self,
        leaf: &Leaf<'s>,
        token: &'t str,
        edits: &mut Vec<Edit<'t>>,
    ) -> Result<Option<Writing>, Error> {
        self.source.syntax().seal_leaf(self, leaf, token, edits)
    }

    /// The edits that put a value in a token's place.
    pub(crate) fn open_leaf(
        &self,
        leaf: &Leaf<'s>,
        value: &Value<'_>,
        writing: Option<&Writing>,
        edits: &mut Vec<Edit<'_>>,
    ) {
        self.source.syntax().open_leaf(leaf, value, writing, edits);
    }

    /// What stands before the token of a comment.
    pub(crate) fn comment_mark(&self) -> &'static str {
        self.source.syntax().comment_mark()
    }

    /// The edits that put a token in a comment's place, and how the comment was
    /// written if the token alone does not show it.
    pub(crate) fn seal_comment<'t>(
        &self,
        comment: &Comment<'s>,
        token: &'t str,
        edits: &mut Vec<Edit<'t>>,
    ) -> Option<Writing> {
        self.source.syntax().seal_comment(comment, token, edits)
    }

    /// The edits that put a comment in its token's place.
    pub(crate) fn open_comment(
        &self,
        comment: &Comment<'s>,
        text: &str,
        writing: Option<&Writing>,
        edits: &mut Vec<Edit<'_>>,
    ) {
        self.source.syntax().open_comment(comment, text, writing, edits);
    }

    /// The value of a readable leaf as sops read it up to 3.13.1, when that counts
    /// otherwise in the MAC.
    pub(crate) fn older_reading(&self, leaf: &Leaf<'s>) -> Option<Value<'static>> {
        self.source.syntax().older_reading(leaf)
    }

    /// The type by which the token of a value is found again. JSON has one kind of
    /// number, and it depends on who sealed it which of two types it got.
    pub(crate) fn kind_to_reuse(&self, kind: ValueType) -> ValueType {
        match (self.format(), kind) {
            (Format::Json, ValueType::Int) => ValueType::Float,
            _ => kind,
        }
    }

    /// Whether a value that was read back is the one that was to be written.
    pub(crate) fn is_written_as(&self, found: &Value<'_>, expected: &Value<'_>) -> bool {
        self.source.syntax().is_written_as(found, expected)
    }

    /// The edits that turn a sealed list item of type `comment`, as sops writes
    /// them, into a comment.
    pub(crate) fn open_list_comment(
        &self,
        leaf: &Leaf<'s>,
        text: &str,
        edits: &mut Vec<Edit<'_>>,
    ) -> Option<()> {
        self.source.syntax().open_list_comment(leaf, text, edits)
    }

    /// The edits that put a value where the target is.
    ///
    /// # Errors
    ///
    /// As [`change::set`](crate::change::set).
    pub(crate) fn set(
        &self,
        target: &Target<'_>,
        value: &Subtree,
    ) -> Result<Vec<Edit<'static>>, Error> {
        self.source.syntax().set(self, target, value)
    }

    /// The edits that take out what the target is.
    ///
    /// # Errors
    ///
    /// As [`change::unset`](crate::change::unset).
    pub(crate) fn unset(&self, target: &Target<'_>) -> Result<Vec<Edit<'static>>, Error> {
        self.source.syntax().unset(self, target)
    }

    /// The edits that add the `sops` block.
    pub(crate) fn add_metadata(&self, metadata: &Metadata, edits: &mut Vec<Edit<'_>>) {
        self.source.syntax().add_metadata(metadata, edits);
    }

    /// The edits that take the `sops` block out.
    pub(crate) fn remove_metadata(&self, layout: Option<&Layout>, edits: &mut Vec<Edit<'_>>) {
        self.source.syntax().remove_metadata(layout, edits);
    }

    /// Whether a final line break has to be added before the `sops` block.
    pub(crate) fn lacks_final_break(&self) -> bool {
        self.source.syntax().lacks_final_break()
    }

    /// Whether this leaf gains a line break when something is written behind it.
    pub(crate) fn is_open_ended(&self, leaf: &Leaf<'s>) -> bool {
        self.source.syntax().is_open_ended(leaf)
    }

    /// Whether another parser reads the same in `short`: this document with
    /// [`STAND_IN`] in the place of each sealed leaf, and a `sops` block.
    pub(crate) fn second_opinion(&self, short: &str, selected: &[bool]) -> Result<(), Error> {
        self.source.syntax().second_opinion(self, short, selected)
    }

    /// The bytes of the value at a path, leaf or not, where a format knows them.
    pub(crate) fn span_at(&self, path: PathId) -> Option<bulla_yaml::Span> {
        match &self.source {
            Source::Json(source) | Source::Binary(source) => source.span_at(path),
            _ => None,
        }
    }

    /// Whether an empty collection is a list.
    pub(crate) fn is_list(&self, leaf: &Leaf<'s>) -> bool {
        self.source.syntax().is_list(self, leaf)
    }

    /// The token at a leaf, if its value is a text at all.
    pub(crate) fn token(leaf: &Leaf<'_>) -> Option<SealedToken> {
        match &leaf.value {
            Value::Str(text) => Some(SealedValue::parse(text)),
            _ => None,
        }
    }
}

/// What a format keeps besides the parts.
#[derive(Clone)]
enum Source<'s> {
    Yaml(yaml::Source<'s>),
    Dotenv(dotenv::Source<'s>),
    Ini(ini::Source<'s>),
    Json(json::Source<'s>),
    /// The envelope.
    Binary(json::Source<'s>),
}

impl<'s> Source<'s> {
    fn syntax(&self) -> &dyn Syntax<'s> {
        match self {
            Self::Yaml(source) => source,
            Self::Dotenv(source) => source,
            Self::Ini(source) => source,
            Self::Json(source) | Self::Binary(source) => source,
        }
    }
}

pub(crate) type SealedToken = Result<SealedValue, crate::sealed_value::SealedValueError>;
