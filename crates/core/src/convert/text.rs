//! What formats that know texts only can hold of a value.

use std::borrow::Cow;

use super::misfit;
use super::tree::Node;
use crate::error::{Error, Misfit};
use crate::value::{Value, text_of};

/// The text of a value, if it has one.
pub(super) fn of<'v>(value: &'v Value<'_>) -> Option<Cow<'v, str>> {
    text_of(value)
}

/// The text of a node at `path`.
///
/// # Errors
///
/// With the path of what is no text.
pub(super) fn need<'n>(node: &'n Node, path: &[&str]) -> Result<Cow<'n, str>, Error> {
    let Node::Leaf(value) = node else { return Err(misfit(path, Misfit::Collection)) };
    of(value).ok_or_else(|| {
        misfit(path, if *value == Value::Null { Misfit::Null } else { Misfit::Binary })
    })
}
