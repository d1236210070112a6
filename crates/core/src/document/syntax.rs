//! What every format has to know.

use bulla_yaml::Edit;

use super::{Comment, Document, Leaf};
use crate::change::{Subtree, Target};
use crate::error::Error;
use crate::layout::{Layout, Writing};
use crate::metadata::Metadata;
use crate::value::Value;

/// What a format knows: where the bytes of its parts are, and how to write there.
pub(super) trait Syntax<'s> {
    /// As [`Document::sections`].
    fn sections(&self) -> usize {
        1
    }

    /// As [`Document::has_block`]; a file of one document is asked when it is sealed.
    fn has_block(&self, _section: usize) -> bool {
        true
    }

    /// As [`Document::is_list`].
    fn is_list(&self, document: &Document<'s>, leaf: &Leaf<'s>) -> bool {
        document.text.as_bytes().get(leaf.at as usize) == Some(&b'[')
    }

    /// As [`Document::files`].
    fn files(&self) -> Option<Vec<&'s str>> {
        None
    }

    /// As [`Document::check_plain`].
    fn check_plain(&self, document: &Document<'s>) -> Result<(), Error>;

    /// As [`Document::check_selection`]; without aliases there is no way around.
    fn check_selection(&self, _: &Document<'s>, _selected: &[bool]) -> Result<(), Error> {
        Ok(())
    }

    /// As [`Document::token_quote`].
    fn token_quote(&self, leaf: &Leaf<'s>) -> &'static str;

    /// As [`Document::seal_leaf`].
    fn seal_leaf<'t>(
        &self,
        document: &Document<'s>,
        leaf: &Leaf<'s>,
        token: &'t str,
        edits: &mut Vec<Edit<'t>>,
    ) -> Result<Option<Writing>, Error>;

    /// As [`Document::open_leaf`].
    fn open_leaf(
        &self,
        leaf: &Leaf<'s>,
        value: &Value<'_>,
        writing: Option<&Writing>,
        edits: &mut Vec<Edit<'_>>,
    );

    /// As [`Document::comment_mark`].
    fn comment_mark(&self) -> &'static str {
        "#"
    }

    /// As [`Document::seal_comment`].
    fn seal_comment<'t>(
        &self,
        comment: &Comment<'s>,
        token: &'t str,
        edits: &mut Vec<Edit<'t>>,
    ) -> Option<Writing> {
        edits.push(Edit::replace(comment.span, token));
        None
    }

    /// As [`Document::open_comment`].
    fn open_comment(
        &self,
        comment: &Comment<'s>,
        text: &str,
        _: Option<&Writing>,
        edits: &mut Vec<Edit<'_>>,
    ) {
        edits.push(Edit::replace(comment.span, format!("{}{text}", self.comment_mark())));
    }

    /// As [`Document::older_reading`].
    fn older_reading(&self, _: &Leaf<'s>) -> Option<Value<'static>> {
        None
    }

    /// As [`Document::is_written_as`].
    fn is_written_as(&self, found: &Value<'_>, expected: &Value<'_>) -> bool {
        found.same_as(expected)
    }

    /// As [`Document::open_list_comment`].
    fn open_list_comment(&self, _: &Leaf<'s>, _text: &str, _: &mut Vec<Edit<'_>>) -> Option<()> {
        None
    }

    /// As [`Document::set`].
    fn set(
        &self,
        document: &Document<'s>,
        target: &Target<'_>,
        value: &Subtree,
    ) -> Result<Vec<Edit<'static>>, Error>;

    /// As [`Document::unset`].
    fn unset(
        &self,
        document: &Document<'s>,
        target: &Target<'_>,
    ) -> Result<Vec<Edit<'static>>, Error>;

    /// As [`Document::add_metadata`].
    fn add_metadata(&self, metadata: &Metadata, edits: &mut Vec<Edit<'_>>);

    /// As [`Document::remove_metadata`].
    fn remove_metadata(&self, layout: Option<&Layout>, edits: &mut Vec<Edit<'_>>);

    /// As [`Document::lacks_final_break`].
    fn lacks_final_break(&self) -> bool {
        false
    }

    /// As [`Document::is_open_ended`].
    fn is_open_ended(&self, _: &Leaf<'s>) -> bool {
        false
    }

    /// As [`Document::second_opinion`].
    fn second_opinion(
        &self,
        document: &Document<'s>,
        short: &str,
        selected: &[bool],
    ) -> Result<(), Error>;
}
