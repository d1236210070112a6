//! Who comes and who goes, as sops shows it, with names.

use std::fmt::Write;

use bulla_core::rules::Rules;
use bulla_core::{MasterKey, Metadata, Recipe};

/// The difference between what a file is sealed for and what its rule wants, a line for
/// each key.
pub(in crate::commands) fn describe(metadata: &Metadata, wanted: &Recipe, rules: &Rules) -> String {
    let mut out = String::new();
    let count = metadata.groups.len().max(wanted.groups.len());
    for group in 0..count {
        let old: Vec<_> = metadata.groups.get(group).into_iter().flatten().collect();
        let new: Vec<_> = wanted.groups.get(group).into_iter().flatten().collect();
        // Writing to a String cannot fail.
        let _ = writeln!(out, "Group {}", group + 1);
        let mut row = |mark: &str, key: &MasterKey| {
            let _ = writeln!(out, "{mark} {}", named(key, rules));
        };
        let stays = |key: &MasterKey| new.iter().any(|new| new.is_same(key));
        let was = |key: &MasterKey| old.iter().any(|old| key.is_same(&old.key));
        for wrapped in old.iter().filter(|wrapped| stays(&wrapped.key)) {
            row("   ", &wrapped.key);
        }
        for key in new.iter().filter(|key| !was(key)) {
            row("+++", key);
        }
        for wrapped in old.iter().filter(|wrapped| !stays(&wrapped.key)) {
            row("---", &wrapped.key);
        }
    }
    let (old, new) = (metadata.needed(), wanted.needed());
    if count > 1 && old != new {
        let _ = writeln!(out, "{new} of the groups are needed to open it, instead of {old}");
    }
    out
}

/// A key with its name.
pub(super) fn named(key: &MasterKey, rules: &Rules) -> String {
    match rules.name_of(key) {
        Some(name) => format!("{key} ({name})"),
        None => key.to_string(),
    }
}
