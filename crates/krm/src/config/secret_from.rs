//! `secretFrom`: Secrets made out of sealed files, as KSOPS makes them.

use bulla_yaml::{NodeId, NodeKind, Resolved};

use super::{Reader, unknown};
use crate::error::Problem;

const FIELDS: [&str; 5] = ["metadata", "type", "files", "binaryFiles", "envs"];

/// What KSOPS takes of a Secret's metadata; anything else it refuses, too.
const METADATA: [&str; 4] = ["name", "namespace", "labels", "annotations"];

/// One Secret to be made.
#[derive(Debug, Default)]
pub(crate) struct SecretFrom {
    /// Its name; never empty.
    pub(crate) name: String,
    /// Its namespace, if it has one.
    pub(crate) namespace: Option<String>,
    /// Labels, in order.
    pub(crate) labels: Vec<(String, String)>,
    /// Annotations, in order: kustomize reads `needs-hash` and `behavior` there.
    pub(crate) annotations: Vec<(String, String)>,
    /// Its type, if it has one.
    pub(crate) kind: Option<String>,
    /// Files whose text becomes a value of `stringData`.
    pub(crate) files: Vec<Entry>,
    /// Files whose bytes become a value of `data`.
    pub(crate) binary_files: Vec<Entry>,
    /// Files whose variables become values of `stringData`.
    pub(crate) envs: Vec<String>,
}

/// A file, and the key of the Secret that it is for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The key: as it is said, or the file's name.
    pub(crate) key: String,
    /// Where the file is.
    pub(crate) path: String,
}

impl Entry {
    /// Reads `path` or `key=path`.
    fn parse(text: &str) -> Option<Self> {
        let (key, path) = match text.split_once('=') {
            Some((key, path)) => (key, path),
            None => (text.rsplit('/').next()?, text),
        };
        let is_whole = !key.is_empty() && !path.is_empty() && !path.contains('=');
        is_whole.then(|| Self { key: key.to_owned(), path: path.to_owned() })
    }
}

impl Reader<'_, '_> {
    pub(super) fn secrets(&self, list: NodeId) -> Result<Vec<SecretFrom>, Problem> {
        self.items("secretFrom", list)?.into_iter().map(|item| self.secret(item)).collect()
    }

    fn secret(&self, item: NodeId) -> Result<SecretFrom, Problem> {
        let mut secret = SecretFrom::default();
        for (name, value) in self.entries(item)? {
            match name {
                "metadata" => self.metadata(&mut secret, value)?,
                "type" => secret.kind = Some(self.text(name, value)?),
                "files" => secret.files = self.keyed(name, value)?,
                "binaryFiles" => secret.binary_files = self.keyed(name, value)?,
                "envs" => secret.envs = self.paths(name, value)?,
                name => return Err(self.wrong(format!("secretFrom: {}", unknown(name, &FIELDS)))),
            }
        }
        if secret.name.is_empty() {
            return Err(self.wrong("secretFrom has an item without metadata.name; give it one"));
        }
        if secret.files.is_empty() && secret.binary_files.is_empty() && secret.envs.is_empty() {
            let name = &secret.name;
            return Err(self.wrong(format!(
                "secretFrom {name} names no files; list them under files, binaryFiles or envs"
            )));
        }
        Ok(secret)
    }

    fn metadata(&self, secret: &mut SecretFrom, metadata: NodeId) -> Result<(), Problem> {
        for (name, value) in self.entries(metadata)? {
            match name {
                "name" => secret.name = self.text(name, value)?,
                "namespace" => secret.namespace = Some(self.text(name, value)?),
                "labels" => secret.labels = self.texts(name, value)?,
                "annotations" => secret.annotations = self.texts(name, value)?,
                name => {
                    let reason = unknown(name, &METADATA);
                    return Err(self.wrong(format!("secretFrom, metadata: {reason}")));
                }
            }
        }
        Ok(())
    }

    fn keyed(&self, name: &str, list: NodeId) -> Result<Vec<Entry>, Problem> {
        let entries = self.paths(name, list)?.into_iter().map(|text| {
            Entry::parse(&text)
                .ok_or_else(|| self.wrong(format!("{name}: {text} is neither a path nor key=path")))
        });
        entries.collect()
    }

    fn text(&self, name: &str, id: NodeId) -> Result<String, Problem> {
        let node = self.stream.node(id);
        let resolved =
            node.scalar().map(|scalar| bulla_yaml::resolve(node.tag(), scalar.style, scalar.value));
        match resolved {
            Some(Ok(Resolved::Str(text))) => Ok(text.into_owned()),
            _ => Err(self.wrong(format!("{name} is not a text; put it in quotes"))),
        }
    }

    fn texts(&self, name: &str, mapping: NodeId) -> Result<Vec<(String, String)>, Problem> {
        if !matches!(self.stream.node(mapping).kind, NodeKind::Mapping { .. }) {
            return Err(self.wrong(format!("{name} is not a mapping")));
        }
        let entries = self.entries(mapping)?.into_iter();
        entries.map(|(key, value)| Ok((key.to_owned(), self.text(key, value)?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_the_key_that_is_said_or_its_own_name() {
        let entry = |key: &str, path: &str| Some(Entry { key: key.into(), path: path.into() });
        assert_eq!(Entry::parse("./a/b.yaml"), entry("b.yaml", "./a/b.yaml"));
        assert_eq!(Entry::parse("b.yaml"), entry("b.yaml", "b.yaml"));
        assert_eq!(Entry::parse("k=./a/b.yaml"), entry("k", "./a/b.yaml"));
        for wrong in ["a=b=c", "=b", "a=", "=", "a/"] {
            assert_eq!(Entry::parse(wrong), None, "{wrong}");
        }
    }
}
