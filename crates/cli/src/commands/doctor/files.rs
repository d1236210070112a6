//! Which sealed files open here, and with which keys.

use bulla_core::{Document, Error, Format, MasterKey, Metadata};
use bulla_keys::Environment;
use bulla_krm::flux::files;

use super::Finding;
use crate::args::Global;
use crate::failure::Result;
use crate::governing::Governing;
use crate::input::read_bytes;
use crate::keyring::keyring;
use crate::tree::Tree;

/// What is larger is left out: it would be read as a whole.
const LIMIT: u64 = 64 << 20;

/// How many files that do not open are named.
const NAMED: usize = 20;

pub(super) fn look(
    tree: &Tree,
    global: &Global,
    environment: &Environment,
) -> Result<Vec<Finding>> {
    const CHECK: &str = "files";
    let keyring = keyring(environment)?;
    let sealed = sealed(tree);
    if sealed.is_empty() {
        return Ok(vec![Finding::warning(CHECK, "there are no sealed files here", "seal some")]);
    }
    let opened = keyring.pool().map(&sealed, |(_, metadata)| keyring.unwrap(metadata).map(drop));
    let good = opened.iter().filter(|result| result.is_ok()).count();
    let summary = format!("{good} of {} sealed files open with the keys at hand", sealed.len());
    let mut findings = vec![Finding::ok(CHECK, summary)];
    let config = global.config.as_deref().or(environment.config.as_deref());
    let shut = sealed.iter().zip(opened).filter_map(|(file, result)| Some((file, result.err()?)));
    for ((path, metadata), error) in shut.take(NAMED) {
        let file = tree.top.join(path);
        let governing = Governing::find(&file, config).ok().flatten();
        let name = |key: &MasterKey| {
            let name = governing.as_ref().and_then(|found| found.rules.name_of(key));
            name.map_or_else(|| key.to_string(), |name| format!("{key} ({name})"))
        };
        let keys: Vec<_> = metadata.keys().map(|wrapped| name(&wrapped.key)).collect();
        let message = format!("{path} does not open; it is sealed for {}", keys.join(", "));
        findings.push(Finding::fault(CHECK, message, advice(&error)));
    }
    Ok(findings)
}

fn advice(error: &Error) -> String {
    let hint = match error {
        Error::NoKey { attempts, .. } => {
            attempts.iter().flat_map(|attempt| &attempt.errors).find_map(|error| error.hint.clone())
        }
        _ => None,
    };
    hint.unwrap_or_else(|| "bulla decrypt says what was tried with each of them".into())
}

/// The sealed files below the folder.
fn sealed(tree: &Tree) -> Vec<(String, Metadata)> {
    let found = files(&tree.top, &tree.folder).into_iter().filter_map(|path| {
        let name = path.to_str()?.to_owned();
        let bytes = read_bytes(&tree.top.join(&path), LIMIT).ok()?;
        let text = std::str::from_utf8(&bytes).ok()?;
        // Most files are not sealed, and need no parsing to see it.
        if !text.contains("ENC[AES256_GCM,") {
            return None;
        }
        let format = Format::of_sealed(text, Some(Format::from_path(&name)))?;
        let document = Document::parse(text, format).ok()?;
        Some((name, document.metadata()?.clone()))
    });
    found.collect()
}
