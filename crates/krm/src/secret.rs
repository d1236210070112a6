//! Secrets made out of sealed files.

use std::collections::{BTreeMap, HashMap};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bulla_core::{ConvertStyle, Format, Keyring, open_bytes, rewrite};
use zeroize::Zeroizing;

use crate::config::SecretFrom;
use crate::data::is_sealed;
use crate::error::{FileError, ItemError, Problem};
use crate::files::Root;
use crate::generate::Line;
use crate::json::write_text;
use crate::variables;

/// The plaintexts of files, by their paths as the config has them.
pub(crate) type Plaintexts<'c> = HashMap<&'c str, Zeroizing<Vec<u8>>>;

/// The files that a Secret is made out of.
pub(crate) fn paths(secret: &SecretFrom) -> impl Iterator<Item = &str> {
    let entries = secret.files.iter().chain(&secret.binary_files);
    entries.map(|entry| entry.path.as_str()).chain(secret.envs.iter().map(String::as_str))
}

/// The plaintext of a file, in the format that its own name says.
///
/// # Errors
///
/// When it cannot be read or opened.
pub(crate) fn open(
    path: &str,
    root: &Root,
    keyring: &Keyring<'_>,
) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let format = Format::from_path(path);
    let sealed = root.read(path).map_err(|error| wrong(path, error))?;
    let opened = open_bytes(&sealed, format, keyring, false);
    let opened =
        opened.map_err(|error| Problem::Open { path: path.to_owned(), error: Box::new(error) })?;
    Ok(as_sops_writes(opened.bytes, format))
}

/// A Secret as one line of JSON, out of the plaintexts of all its files.
///
/// # Errors
///
/// When a plaintext cannot be a value of a Secret.
pub(crate) fn make(secret: &SecretFrom, plain: &Plaintexts<'_>) -> Result<Line, Vec<Problem>> {
    let mut values = Values { plain, data: BTreeMap::new(), string_data: BTreeMap::new() };
    let mut problems = Vec::new();
    let mut keep = |result: Result<(), Problem>| problems.extend(result.err());
    for entry in &secret.files {
        keep(values.add_text(&entry.key, &entry.path));
    }
    for path in &secret.envs {
        keep(values.add_variables(path));
    }
    for entry in &secret.binary_files {
        keep(values.add_bytes(&entry.key, &entry.path));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    write(secret, &values).map_err(|(key_path, error)| {
        let from = format!("secretFrom {}", secret.name);
        vec![Problem::Item { from, key_path, error }]
    })
}

/// The values of a Secret; of one key, the last counts, as in KSOPS.
struct Values<'p> {
    plain: &'p Plaintexts<'p>,
    data: BTreeMap<String, Zeroizing<String>>,
    string_data: BTreeMap<String, Zeroizing<String>>,
}

impl<'p> Values<'p> {
    fn add_text(&mut self, key: &str, path: &str) -> Result<(), Problem> {
        let text = self.text(path, FileError::NotUtf8Value)?;
        self.string_data.insert(key.to_owned(), Zeroizing::new(text.to_owned()));
        Ok(())
    }

    fn add_variables(&mut self, path: &str) -> Result<(), Problem> {
        let text = self.text(path, FileError::NotUtf8)?;
        for (name, value) in variables::read(text).map_err(|error| wrong(path, error.into()))? {
            self.string_data.insert(name, value);
        }
        Ok(())
    }

    fn add_bytes(&mut self, key: &str, path: &str) -> Result<(), Problem> {
        let bytes = self.bytes(path);
        if is_sealed(bytes) {
            let error = ItemError::StillSealed;
            return Err(Problem::Item { from: path.to_owned(), key_path: String::new(), error });
        }
        // Not folded, as in KSOPS.
        let encoded = Zeroizing::new(BASE64_STANDARD.encode(bytes));
        self.data.insert(key.to_owned(), encoded);
        Ok(())
    }

    fn text(&self, path: &str, otherwise: FileError) -> Result<&'p str, Problem> {
        std::str::from_utf8(self.bytes(path)).map_err(|_| wrong(path, otherwise))
    }

    fn bytes(&self, path: &str) -> &'p [u8] {
        // No Secret is made before all files of the config are open.
        self.plain.get(path).expect("every file was opened")
    }
}

/// A plaintext as sops writes it, indentation and all: KSOPS and Flux put that into
/// Secrets, and names that have a hash depend on it. What sops could not write stays as
/// it is.
pub(crate) fn as_sops_writes(plain: Zeroizing<Vec<u8>>, format: Format) -> Zeroizing<Vec<u8>> {
    rewrite(&plain, format, ConvertStyle::default()).unwrap_or(plain)
}

fn wrong(path: &str, error: FileError) -> Problem {
    Problem::File { path: path.to_owned(), error }
}

fn write(secret: &SecretFrom, values: &Values<'_>) -> Result<Line, (String, ItemError)> {
    let length: usize = values
        .data
        .iter()
        .chain(&values.string_data)
        .map(|(key, value)| key.len() + value.len() + 16)
        .sum();
    // Room for escapes: growing would leave copies that nobody wipes.
    let mut out = Zeroizing::new(String::with_capacity(2 * length + 1024));
    out.push_str(r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"#);
    let at = |error| (r#"["metadata"]["name"]"#.to_owned(), error);
    write_text(&secret.name, &mut out).map_err(at)?;
    if let Some(namespace) = &secret.namespace {
        out.push_str(r#","namespace":"#);
        write_text(namespace, &mut out).map_err(at)?;
    }
    write_map("labels", texts(&secret.labels), &mut out)?;
    write_map("annotations", texts(&secret.annotations), &mut out)?;
    out.push('}');
    if let Some(kind) = &secret.kind {
        out.push_str(r#","type":"#);
        write_text(kind, &mut out).map_err(|error| (r#"["type"]"#.to_owned(), error))?;
    }
    for (name, values) in [("data", &values.data), ("stringData", &values.string_data)] {
        write_map(
            name,
            values.iter().map(|(key, value)| (key.as_str(), value.as_str())),
            &mut out,
        )?;
    }
    out.push_str("}\n");
    Ok(out)
}

fn texts(entries: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    entries.iter().map(|(key, value)| (key.as_str(), value.as_str()))
}

/// Writes an entry whose value is a mapping of texts, if there are any.
fn write_map<'e>(
    name: &str,
    entries: impl Iterator<Item = (&'e str, &'e str)>,
    out: &mut String,
) -> Result<(), (String, ItemError)> {
    let mut is_open = false;
    for (key, value) in entries {
        let at = |error| (format!("[\"{name}\"][{key:?}]"), error);
        match is_open {
            false => out.extend([",\"", name, "\":{"]),
            true => out.push(','),
        }
        is_open = true;
        write_text(key, out).map_err(at)?;
        out.push(':');
        write_text(value, out).map_err(at)?;
    }
    if is_open {
        out.push('}');
    }
    Ok(())
}
