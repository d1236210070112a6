//! Which sealed files open here, and with which keys.

use std::collections::BTreeSet;

use bulla_core::{Document, Error, Format, MasterKey, Metadata};
use bulla_keys::{Environment, Holding, Holdings, keyring_here};
use bulla_krm::flux::files;

use super::Finding;
use crate::failure::Result;
use crate::governing::Governing;
use crate::input::read_bytes;
use crate::keyring::keyring;
use crate::tree::Tree;

const CHECK: &str = "files";

/// What is larger is left out: it would be read as a whole.
const LIMIT: u64 = 64 << 20;

/// How many files that do not open are named.
const NAMED: usize = 20;

pub(super) fn look(
    tree: &Tree,
    sealed: &[(String, Metadata)],
    holdings: &Holdings,
    environment: &Environment,
    online: bool,
) -> Result<Vec<Finding>> {
    if sealed.is_empty() {
        return Ok(vec![Finding::warning(CHECK, "there are no sealed files here", "seal some")]);
    }
    let keyring = if online { keyring(environment)? } else { keyring_here(environment) };
    let opened = keyring.pool().map(sealed, |(_, metadata)| keyring.unwrap(metadata).map(drop));
    let good = opened.iter().filter(|result| result.is_ok()).count();
    let summary = format!("{good} of {} sealed files open with the keys at hand", sealed.len());
    let mut findings = vec![Finding::ok(CHECK, summary)];
    let shut = sealed.iter().zip(opened).filter_map(|(file, result)| Some((file, result.err()?)));
    let (mut faults, mut unasked) = (Vec::new(), Vec::new());
    for ((path, metadata), error) in shut {
        let others = if online { None } else { others(metadata, holdings, environment) };
        match others {
            Some(others) => unasked.push(Finding::warning(
                CHECK,
                format!("{path} does not open with the keys that are here; not asked: {others}"),
                "bulla doctor --online asks",
            )),
            None => faults.push(fault(tree, path, metadata, environment, &error)),
        }
    }
    // What is wrong comes before what may be.
    findings.extend(faults.into_iter().take(NAMED));
    findings.extend(unasked.into_iter().take(NAMED));
    Ok(findings)
}

/// A file that nothing here opens.
fn fault(
    tree: &Tree,
    path: &str,
    metadata: &Metadata,
    environment: &Environment,
    error: &Error,
) -> Finding {
    let file = tree.top.join(path);
    let governing = Governing::find(&file, environment.config.as_deref()).ok().flatten();
    let name = |key: &MasterKey| {
        let name = governing.as_ref().and_then(|found| found.rules.name_of(key));
        name.map_or_else(|| key.to_string(), |name| format!("{key} ({name})"))
    };
    let keys: Vec<_> = metadata.keys().map(|wrapped| name(&wrapped.key)).collect();
    let message = format!("{path} does not open; it is sealed for {}", keys.join(", "));
    Finding::fault(CHECK, message, advice(error))
}

/// Who was not asked and may open a file, if enough of its groups have somebody.
fn others(metadata: &Metadata, holdings: &Holdings, environment: &Environment) -> Option<String> {
    let mut others = BTreeSet::new();
    let services = &environment.asking.keyservices;
    others.extend(services.iter().map(|service| format!("the key service {service}")));
    let is_remote = |key: &MasterKey| !matches!(key, MasterKey::Age { .. } | MasterKey::Pgp { .. });
    let groups = metadata.groups.iter().filter(|group| {
        let mut opens = !services.is_empty();
        for wrapped in *group {
            match holdings.of(&wrapped.key) {
                Holding::Held(_) => opens = true,
                Holding::Perhaps(with) if is_remote(&wrapped.key) => {
                    others.insert(format!("{} ({with})", wrapped.key));
                    opens = true;
                }
                // Asked, and to no avail.
                Holding::Perhaps(_) | Holding::Absent(_) => {}
            }
        }
        opens
    });
    let enough = groups.count() >= metadata.needed();
    (enough && !others.is_empty()).then(|| others.into_iter().collect::<Vec<_>>().join(", "))
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
pub(super) fn sealed(tree: &Tree) -> Vec<(String, Metadata)> {
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
