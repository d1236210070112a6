//! Logins: of container registries, and of those who ask for a name and a password.

use bulla_yaml::NodeId;

use crate::encoded::decode;
use crate::finding::{Confidence, Rule};
use crate::found::Found;
use crate::placeholder::{has_variable, is_placeholder};
use crate::tree::Tree;

/// `{auths: {HOST: {auth: BASE64}}}`
pub(super) fn registry(tree: &Tree<'_, '_>, mapping: NodeId) -> Option<Found> {
    let auths = tree.stream.parent(mapping).filter(|&auths| tree.key(auths) == Some("auths"));
    auths?;
    let value = tree.get(mapping, "auth").or_else(|| tree.get(mapping, "password"))?;
    let text = tree.text(value).filter(|text| !is_placeholder(text))?;
    let login = decode(text).and_then(|bytes| String::from_utf8(bytes).ok());
    let password = login
        .as_deref()
        .and_then(|login| login.split_once(':'))
        .map_or(text, |(_, password)| password);
    if is_placeholder(password) || has_variable(password) {
        return None;
    }
    let why = "the login of a container registry";
    Some(tree.found_at(value, Found::new(0..0, Rule::DockerAuth, Confidence::Structure, why)))
}

/// `{Value, Issued}`: the token of Pocket's interface for administrators.
pub(super) fn basic(tree: &Tree<'_, '_>, mapping: NodeId) -> Option<Found> {
    let value = tree.get(mapping, "Value")?;
    tree.get(mapping, "Issued")?;
    let text = tree.text(value)?;
    let is_token = text.len() >= 16 && !text.contains(char::is_whitespace) && !is_placeholder(text);
    let why = "the token of Pocket's interface for administrators: a value and when it was issued";
    is_token.then(|| {
        tree.found_at(value, Found::new(0..0, Rule::Credential, Confidence::Structure, why))
    })
}
