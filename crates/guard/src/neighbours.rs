//! The ways in that no file shows by itself: a plaintext beside its sealed copy, a
//! kustomization that names it, ignore lines that are gone, files that a rule wants
//! sealed.

use bulla_core::{Document, Format, METADATA_KEY, Part, SEALED_MARK, SealedValue, Value, select};

use crate::around::Around;
use crate::finding::{Confidence, Rule};
use crate::found::Found;
use crate::governing::{Governing, folder, join};
use crate::judge::STRUCTURE_LIMIT;
use crate::placeholder::is_placeholder;
use crate::tree::is_too_dense;

mod ignored;
mod rules;

/// The parts of a file's name that say that it is sealed.
const SEALED_PARTS: [&str; 3] = ["enc", "sops", "encrypted"];

/// The parts that say that it is the plaintext, or a copy of it.
const OPEN_PARTS: [&str; 10] =
    ["dec", "decrypted", "plain", "plaintext", "clear", "bak", "orig", "old", "tmp", "swp"];

/// Endings under which a sealed file may lie beside its plaintext.
const EXTENSIONS: [&str; 5] = ["yaml", "yml", "json", "env", "ini"];

/// Adds what the files around this one show.
pub(crate) fn find(
    path: &str,
    text: &str,
    governing: &Governing,
    around: &dyn Around,
    found: &mut Vec<Found>,
) {
    if file_name(path) == ".gitignore" {
        found.extend(ignored::find(path, text, around));
        return;
    }
    if matches!(file_name(path), "kustomization.yaml" | "kustomization.yml" | "Kustomization") {
        found.extend(listed(path, text, around));
    }
    // What cannot be held cannot be compared; that it was not is in the report.
    if text.len() > STRUCTURE_LIMIT || is_too_dense(text) {
        return;
    }
    let is_sealed = is_sealed(text);
    if is_sealed {
        found.extend(rules::differ(path, text, governing));
        return;
    }
    if let Some(copy) = copy_of(path, text, around) {
        found.push(copy);
    } else if found.iter().all(|found| found.rule < Rule::PlainSibling) {
        found.extend(rules::never_sealed(path, text, governing));
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Whether a text is a sealed file, as far as it says so itself: what is wrong with
/// the seal is judged elsewhere.
fn is_sealed(text: &str) -> bool {
    has(text, SEALED_MARK) && has(text, METADATA_KEY)
}

/// Whether a word is anywhere in a text, many bytes at a time.
fn has(text: &str, word: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some()
}

fn read_text(around: &dyn Around, path: &str) -> Option<String> {
    around.read(path).and_then(|bytes| String::from_utf8(bytes).ok())
}

/// The sealed file that this one may be the plaintext of, and whether its name says
/// that it is a copy.
fn sealed_twin(path: &str, around: &dyn Around) -> Option<(String, String)> {
    let folder = folder(path);
    let name = file_name(path).trim_start_matches('.').trim_end_matches('~');
    let mut parts: Vec<&str> = name.split('.').collect();
    parts.retain(|part| !OPEN_PARTS.contains(part));
    let (extension, stem) = parts.split_last()?;
    let (stem, extensions): (String, Vec<&str>) = match EXTENSIONS.contains(extension) {
        true => (stem.join("."), vec![*extension]),
        false => (parts.join("."), EXTENSIONS.to_vec()),
    };
    let candidates = extensions.iter().flat_map(|extension| {
        let sealed = SEALED_PARTS.iter().flat_map(|part| {
            [
                format!("{stem}.{part}.{extension}"),
                format!("{part}.{stem}.{extension}"),
                format!("{stem}.{extension}.{part}"),
                format!("{stem}-{part}.{extension}"),
            ]
        });
        let same = format!("{stem}.{extension}");
        sealed.chain([same]).collect::<Vec<_>>()
    });
    let own = file_name(path);
    candidates.filter(|candidate| candidate != own).find_map(|candidate| {
        let path = join(folder, &candidate);
        read_text(around, &path).filter(|text| is_sealed(text)).map(|text| (path, text))
    })
}

/// A plaintext beside the sealed file that it was made from, or that was made from it.
fn copy_of(path: &str, text: &str, around: &dyn Around) -> Option<Found> {
    let (sealed_path, sealed) = sealed_twin(path, around)?;
    let name = file_name(path);
    let is_copy = name.ends_with('~')
        || name.split('.').any(|part| OPEN_PARTS.contains(&part))
        || text.starts_with("b0VIM");
    if is_copy {
        let why = format!("what an editor or a tool left of {sealed_path}, in the clear");
        return Some(Found::new(0..0, Rule::LeftOver, Confidence::Structure, &why));
    }
    let place = same_keys(text, &sealed)?;
    let why =
        format!("the plaintext of {sealed_path}: it has the same keys, and they are not sealed");
    Some(Found::new(place..place, Rule::PlainSibling, Confidence::Structure, &why))
}

/// Where the first value stands that is sealed in the other file and not here.
fn same_keys(open: &str, sealed: &str) -> Option<usize> {
    let open = Document::parse(open, Format::Yaml).ok()?;
    let sealed = Document::parse(sealed, Format::Yaml).ok()?;
    let names: Vec<String> = sealed
        .leaves()
        .filter(|leaf| matches!(&leaf.value, Value::Str(text) if SealedValue::parse(text).is_ok()))
        .map(|leaf| sealed.paths().display(leaf.path))
        .collect();
    open.leaves()
        .find(|leaf| {
            !leaf.value.stays_readable()
                && !matches!(&leaf.value, Value::Str(text) if is_placeholder(text))
                && names.contains(&open.paths().display(leaf.path))
        })
        .map(|leaf| leaf.at as usize)
}

/// Plaintext names in a kustomization, where the sealed file lies beside them.
fn listed(path: &str, text: &str, around: &dyn Around) -> Vec<Found> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let item = line.trim().trim_start_matches("- ").trim_matches(['"', '\'']);
        // `key=file` of a generator.
        let name = item.rsplit('=').next().unwrap_or(item);
        let is_file = line.trim_start().starts_with("- ")
            && name.contains('.')
            && !name.contains([' ', ':', '*'])
            && !name.starts_with(['/', '.']);
        if is_file {
            let listed = join(folder(path), name);
            let is_open = read_text(around, &listed).is_none_or(|text| !is_sealed(&text));
            if is_open && let Some((sealed, _)) = sealed_twin(&listed, around) {
                let why = format!(
                    "it lists the plaintext name of {sealed}, so somebody has to put the plaintext there"
                );
                let at = start + line.len() - line.trim_start().len();
                found.push(Found::new(
                    at..start + line.trim_end().len(),
                    Rule::ListedPlaintext,
                    Confidence::Structure,
                    &why,
                ));
            }
        }
        start += line.len();
    }
    found
}

/// Whether a selector would have sealed anything in a text.
fn selects(text: &str, selector: Option<&bulla_core::Selector>) -> Option<usize> {
    let document = Document::parse(text, Format::Yaml).ok()?;
    let selected = select(&document, selector);
    document.parts().iter().zip(selected).find_map(|(part, selected)| match part {
        Part::Leaf(leaf)
            if selected
                && !leaf.value.stays_readable()
                && !matches!(&leaf.value, Value::Str(text) if is_placeholder(text)) =>
        {
            Some(leaf.at as usize)
        }
        _ => None,
    })
}
