//! What the rules above a file say about it.

use bulla_core::rules::FILE_NAMES;
use bulla_core::{Document, Format, MasterKey};

use super::{EXTENSIONS, SEALED_PARTS, file_name, has, selects};
use crate::credential::is_sealed_elsewhere;
use crate::finding::{Confidence, Rule};
use crate::found::Found;
use crate::governing::Governing;

/// Files that lie beside secrets and are none, whatever the rule's expression takes.
const OTHERS: [&str; 6] = [
    "kustomization.yaml",
    "kustomization.yml",
    "README.md",
    ".gitignore",
    ".gitattributes",
    "Chart.yaml",
];

/// A file that a rule, or its name, wants sealed.
pub(super) fn never_sealed(path: &str, text: &str, governing: &Governing) -> Option<Found> {
    let name = file_name(path);
    if OTHERS.contains(&name)
        || FILE_NAMES.contains(&name)
        || text.trim().is_empty()
        || is_sealed_elsewhere(text)
        || has(text, "kind: SealedSecret")
        || has(text, "kind: Kustomization")
    {
        return None;
    }
    if let Some((file, rules)) = governing.nearest()
        && let Some(plan) = rules.plan(file.inside(path))
        && !plan.rule.condition.is_catch_all()
    {
        let place = match is_tree(name) {
            true => selects(text, plan.recipe.selector.as_ref())?,
            false => 0,
        };
        let why = format!(
            "a rule wants this file sealed ({}:{}), and it is not",
            rules.file(),
            plan.line()
        );
        return Some(Found::new(place..place, Rule::NeverSealed, Confidence::Structure, &why));
    }
    let parts: Vec<&str> = name.split('.').filter(|part| !part.is_empty()).collect();
    let [stem @ .., extension] = parts.as_slice() else { return None };
    let is_called_sealed = EXTENSIONS.contains(extension)
        && stem.len() > usize::from(!name.starts_with('.'))
        && stem.iter().any(|part| SEALED_PARTS.contains(part));
    if !is_called_sealed {
        return None;
    }
    let place = match is_tree(name) {
        true => selects(text, None)?,
        false => 0,
    };
    let why = "its name says that it is sealed, and it is not";
    Some(Found::new(place..place, Rule::NeverSealed, Confidence::Structure, why))
}

fn is_tree(name: &str) -> bool {
    [".yaml", ".yml", ".json"].iter().any(|extension| name.ends_with(extension))
}

/// A sealed file whose recipients are others than those of its rule.
pub(super) fn differ(path: &str, text: &str, governing: &Governing) -> Option<Found> {
    let (file, rules) = governing.nearest()?;
    let plan = rules.plan(file.inside(path))?;
    let document = Document::parse(text, Format::Yaml).ok()?;
    let metadata = document.sealed_metadata().ok()?;
    let sealed_for: Vec<&MasterKey> = metadata.keys().map(|key| &key.key).collect();
    let wanted: Vec<&MasterKey> = plan.recipients().map(|recipient| recipient.key).collect();
    let names = |keys: &[&MasterKey]| {
        let mut names: Vec<String> = keys.iter().map(|key| key.to_string()).collect();
        names.sort();
        names
    };
    if sealed_for.is_empty() || names(&sealed_for) == names(&wanted) {
        return None;
    }
    let missing = names(&wanted).iter().filter(|name| !names(&sealed_for).contains(name)).count();
    let extra = names(&sealed_for).iter().filter(|name| !names(&wanted).contains(name)).count();
    let why = format!(
        "it is sealed for others than its rule says ({}:{}): {missing} missing, {extra} too many",
        rules.file(),
        plan.line()
    );
    let place = text.find("\nsops:").map_or(0, |at| at + 1);
    Some(Found::new(place..place, Rule::RulesDiffer, Confidence::Structure, &why))
}
