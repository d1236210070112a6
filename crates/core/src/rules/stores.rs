//! How sops lays out the files that it writes.

use bulla_yaml::NodeId;

use crate::rules::error::RulesError;
use crate::rules::tree::{Place, Tree};

/// The mappings that are read here.
pub(super) const PLACES: [&Place; 2] = [&STORES, &INDENTED];

const STORES: Place =
    Place { called: "`stores`", fields: &["yaml", "json", "json_binary", "dotenv", "ini"] };

const INDENTED: Place = Place { called: "a store", fields: &["indent"] };

/// dotenv and INI files have no layout to choose.
const PLAIN: Place = Place { called: "a store without settings", fields: &[] };

/// The widest indentation; nobody can read more.
pub(crate) const WIDEST: u8 = 32;

/// Indentation of files that are written anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Indent {
    /// One tab a level; `-1` in the file.
    #[default]
    Tab,
    /// As many spaces a level.
    Spaces(u8),
}

/// The layout that `stores` asks for; nothing, where the file says nothing.
///
/// A file that is sealed in place keeps its own layout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stores {
    /// Of YAML.
    pub yaml: Option<Indent>,
    /// Of JSON.
    pub json: Option<Indent>,
    /// Of the envelopes of binary files.
    pub json_binary: Option<Indent>,
}

/// Reads `stores`.
pub(super) fn read(tree: &Tree<'_>, at: NodeId) -> Result<Stores, RulesError> {
    let mut stores = Stores::default();
    for field in tree.fields(at, "stores")? {
        match field.name {
            "yaml" => stores.yaml = indent(tree, field.value, false)?,
            "json" => stores.json = indent(tree, field.value, true)?,
            "json_binary" => stores.json_binary = indent(tree, field.value, true)?,
            "dotenv" | "ini" => {
                if let Some(setting) = tree.fields(field.value, field.name)?.first() {
                    return Err(tree.unknown(setting, &PLAIN));
                }
            }
            _ => return Err(tree.unknown(&field, &STORES)),
        }
    }
    Ok(stores)
}

fn indent(tree: &Tree<'_>, at: NodeId, tabs: bool) -> Result<Option<Indent>, RulesError> {
    let mut indent = None;
    for field in tree.fields(at, INDENTED.called)? {
        if field.name != "indent" {
            return Err(tree.unknown(&field, &INDENTED));
        }
        let wanted = match tabs {
            true => "a number of spaces up to 32, or -1 for tabs",
            false => "a number of spaces up to 32",
        };
        indent = match tree.int(field.value, "indent")? {
            -1 if tabs => Some(Indent::Tab),
            spaces => match u8::try_from(spaces) {
                Ok(spaces) if spaces <= WIDEST => Some(Indent::Spaces(spaces)),
                _ => return Err(tree.wrong_type(field.value, "indent", wanted)),
            },
        };
    }
    Ok(indent)
}
