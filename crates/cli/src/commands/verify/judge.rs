//! What is looked at in one file: first what everybody can see, then what takes a key.

use std::path::Path;

use bulla_core::rules::Plan;
use bulla_core::{
    Document, Error, Format, Keyring, Metadata, Part, SEALED_MARK, SealedValue, Value, kubernetes,
    open_bytes, select,
};

use super::fault::{Fault, Kind};
use crate::formats::by_name;
use crate::governing::Governing;
use crate::input::{into_text, read_bytes};

/// What is looked at in a tree, and Flux refuses more than a tenth of it.
const SIZE_LIMIT: u64 = 64 << 20;

/// How files are judged.
pub(super) struct Judge<'a> {
    /// None: by what can be seen without a key.
    pub(super) keyring: Option<&'a Keyring<'a>>,
    /// The rules file that was named.
    pub(super) config: Option<&'a Path>,
    /// Whether every file has to have an integrity record.
    pub(super) require_integrity: bool,
}

/// Whether a file of a tree is to be judged: it is sealed, or was meant to be.
pub(super) fn claims_to_be_sealed(path: &Path) -> bool {
    let Ok(bytes) = read_bytes(path, SIZE_LIMIT) else { return false };
    let Ok(text) = str::from_utf8(&bytes) else { return false };
    if !text.contains(SEALED_MARK) || !text.contains("sops") {
        return false;
    }
    let named = by_name(path);
    let format = Format::of_sealed(text, Some(named)).unwrap_or(named);
    match Document::parse(text, format) {
        Ok(document) => !matches!(document.sealed_metadata(), Err(Error::NotSealed)),
        // Prose about sealed files is not broken.
        Err(_) => named != Format::Binary,
    }
}

impl Judge<'_> {
    /// What is wrong with a file.
    pub(super) fn file(&self, path: &Path) -> Vec<Fault> {
        let name = path.display().to_string();
        let read = read_bytes(path, SIZE_LIMIT).and_then(|bytes| into_text(bytes, path.display()));
        let text = match read {
            Ok(text) => text,
            Err(failure) => {
                let message = failure.message();
                let message = message.strip_prefix(&format!("{name}: ")).unwrap_or(message);
                return vec![Fault::of(&name, Kind::Unreadable, message)];
            }
        };
        let named = by_name(path);
        let format = Format::of_sealed(&text, Some(named)).unwrap_or(named);
        let document = match Document::parse(&text, format) {
            Ok(document) => document,
            Err(error) => return vec![Fault::new(&name, &error)],
        };
        let parts = document.files();
        let mut faults = Vec::new();
        for part in &parts {
            match Document::parse(part, format) {
                Ok(document) => self.seen(path, &name, &document, &mut faults),
                Err(error) => faults.push(Fault::new(&name, &error)),
            }
        }
        let opens = |kind| !matches!(kind, Kind::Structure | Kind::Readable | Kind::Mac);
        if let Some(keyring) = self.keyring.filter(|_| faults.iter().all(|fault| opens(fault.kind)))
            && let Err(error) = open_bytes(&text, format, keyring, false)
        {
            faults.push(Fault::new(&name, &error));
        }
        faults
    }

    /// What can be seen without a key.
    fn seen(&self, path: &Path, name: &str, document: &Document<'_>, faults: &mut Vec<Fault>) {
        let metadata = match document.sealed_metadata() {
            Ok(metadata) => metadata,
            Err(error) => return faults.push(Fault::new(name, &error)),
        };
        if metadata.mac.is_empty() {
            faults.push(Fault::new(name, &Error::MacMissing));
        }
        coverage(name, document, metadata, faults);
        let governing = Governing::find(path, self.config);
        let governing = governing.unwrap_or_else(|failure| {
            faults.push(Fault::of(name, Kind::Rules, failure.message()));
            None
        });
        let plan = governing.as_ref().and_then(Governing::plan);
        let required = plan.as_ref().is_some_and(|plan| plan.rule.require_integrity);
        if metadata.integrity.is_none() && (required || self.require_integrity) {
            faults.push(Fault::new(name, &Error::IntegrityMissing));
        }
        if let Some(plan) = plan {
            agreement(name, document.format(), metadata, &plan, faults);
        }
    }
}

/// Whether what is sealed is what the selector covers.
fn coverage(name: &str, document: &Document<'_>, metadata: &Metadata, faults: &mut Vec<Fault>) {
    let selected = select(document, metadata.selector.as_ref());
    for (part, &selected) in document.parts().iter().zip(&selected) {
        let Part::Leaf(leaf) = part else { continue };
        let token = match &leaf.value {
            Value::Str(text) => SealedValue::parse(text),
            _ => Err(bulla_core::SealedValueError::NotSealed),
        };
        match token {
            Err(error) if selected && !leaf.value.stays_readable() => {
                let place = document.place_of(leaf);
                faults.push(Fault::new(name, &Error::NotSealedValue { place, error }));
            }
            Ok(_) if !selected => {
                let place = document.place_of(leaf);
                let message = format!(
                    "{place}: this value is sealed, and the selector of this file does not cover it, so that nobody opens it; restore the file"
                );
                faults.push(Fault::at(name, &place, Kind::Unselected, message));
            }
            _ => {}
        }
    }
    for leaf in kubernetes::readable_secrets(document, &selected) {
        // A token that nothing covers was named above.
        if matches!(&leaf.value, Value::Str(text) if SealedValue::parse(text).is_ok()) {
            continue;
        }
        let place = document.place_of(leaf);
        let message = format!(
            "{place}: this value of a Secret is readable; seal the file with encrypted_regex: ^(data|stringData)$"
        );
        faults.push(Fault::at(name, &place, Kind::Readable, message));
    }
}

/// Whether the file is sealed as its rule says.
fn agreement(
    name: &str,
    format: Format,
    metadata: &Metadata,
    plan: &Plan<'_>,
    faults: &mut Vec<Fault>,
) {
    let recipe = &plan.recipe;
    let rule = plan.line();
    let selector = recipe.selector.as_ref().filter(|_| format != Format::Binary);
    if selector.is_some_and(|wanted| metadata.selector.as_ref() != Some(wanted)) {
        let message = format!(
            "its selector is not that of its rule in line {rule}; decrypt it and encrypt it again"
        );
        faults.push(Fault::of(name, Kind::Selector, message));
    }
    if metadata.mac_only_encrypted && !recipe.mac_only_encrypted {
        let message = format!(
            "it has mac_only_encrypted, and its rule in line {rule} has not; decrypt it and encrypt it again"
        );
        faults.push(Fault::of(name, Kind::Selector, message));
    }
    if metadata.is_for(&recipe.groups, recipe.threshold) {
        return;
    }
    let before = faults.len();
    let mut fault = |message: String| faults.push(Fault::of(name, Kind::Recipients, message));
    for wrapped in metadata.keys() {
        if !recipe.groups.iter().flatten().any(|wanted| wanted.is_same(&wrapped.key)) {
            fault(format!(
                "it is sealed for {}, whom its rule in line {rule} does not name; run bulla updatekeys",
                wrapped.key
            ));
        }
    }
    for wanted in recipe.groups.iter().flatten() {
        if !metadata.keys().any(|wrapped| wanted.is_same(&wrapped.key)) {
            fault(format!(
                "it is not sealed for {wanted}, whom its rule in line {rule} names; run bulla updatekeys"
            ));
        }
    }
    if faults.len() == before {
        let message = format!(
            "its key groups or their threshold are not those of its rule in line {rule}; run bulla updatekeys"
        );
        faults.push(Fault::of(name, Kind::Recipients, message));
    }
}
