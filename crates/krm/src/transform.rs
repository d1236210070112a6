//! Opening resources that stand in the list itself.
//!
//! kustomize has sorted their keys and added labels since they were sealed, so the
//! MAC of a whole resource can be checked only where the original can be had: when
//! nothing but an orchestrator's annotations came in between, or when the file that
//! it was loaded from is known. Values are authenticated one by one in any case, each
//! at its key path.

use std::collections::{HashMap, HashSet};

use bulla_core::{Error, Format, Keyring, METADATA_KEY, OpenedObject, open, open_object};
use bulla_yaml::{NodeId, Stream};

use crate::config::{Config, MacPolicy};
use crate::data::{data, encode, is_sealed};
use crate::error::{ItemError, KrmError, Problem};
use crate::files::Root;
use crate::generate::{Line, check_resource, line, new_line, problem};
use crate::json::{self, Unwritten};
use crate::list::{Resources, get, label, target};

mod embedded;
mod origin;
mod variables;

/// The annotations that orchestrators put on a resource while it passes through
/// functions; they were not there when it was sealed.
const PASSING: [&str; 9] = [
    "config.kubernetes.io/index",
    "config.kubernetes.io/path",
    "config.kubernetes.io/local-config",
    "config.kubernetes.io/origin",
    "config.k8s.io/id",
    "kustomize.config.k8s.io/id",
    "config.kubernetes.io/package",
    "config.kubernetes.io/depends-on-annotations",
    "alpha.config.kubernetes.io/transformations",
];

/// So does this whole family.
const PASSING_FAMILY: &str = "internal.config.kubernetes.io/";

/// What came of the items of a list.
pub(crate) struct Transformed {
    /// A line for each.
    pub(crate) items: Vec<Line>,
    /// Those whose MAC could not be checked.
    pub(crate) unchecked: Vec<String>,
}

/// Opens what is sealed in the items of a list; the others stay as they are.
pub(crate) fn transform(
    resources: &Resources<'_>,
    config: &Config,
    root: &Root,
    keyring: &Keyring<'_>,
) -> Result<Transformed, KrmError> {
    let opener = Opener { stream: resources.stream(), config, root, keyring };
    let opened = keyring.pool().map(resources.items(), |&item| opener.item(item));
    let mut problems = Vec::new();
    let mut transformed = Transformed { items: Vec::new(), unchecked: Vec::new() };
    for opened in opened {
        match opened {
            Ok(Opened { line, unchecked }) => {
                transformed.items.push(line);
                transformed.unchecked.extend(unchecked);
            }
            Err(found) => problems.extend(found),
        }
    }
    match problems.is_empty() {
        true => Ok(transformed),
        false => Err(KrmError::new(problems)),
    }
}

struct Opened {
    line: Line,
    unchecked: Option<String>,
}

struct Opener<'r, 's> {
    stream: &'r Stream<'s>,
    config: &'r Config,
    root: &'r Root,
    keyring: &'r Keyring<'r>,
}

impl Opener<'_, '_> {
    fn item(&self, item: NodeId) -> Result<Opened, Vec<Problem>> {
        match get(self.stream, item, METADATA_KEY) {
            Some(_) => self.whole(item),
            None => self.parts(item),
        }
    }

    /// Opens a resource that is sealed as a whole.
    fn whole(&self, item: NodeId) -> Result<Opened, Vec<Problem>> {
        let name = label(self.stream, item);
        let failed =
            |error: Error| vec![Problem::Open { path: name.clone(), error: Box::new(error) }];
        let unwritten = |error| vec![problem(name.clone(), &error)];
        let sealed = json::write_sealed(self.stream, item, &|_| true).map_err(unwritten)?;
        // What kustomize added or sorted does not change what is sealed: it is opened once,
        // and the MAC, if it is not right, looked for elsewhere. The integrity record has a
        // code that kustomize cannot break; where there is one, it decides.
        let OpenedObject { text, ignored, is_checked } =
            open_object(&sealed, self.keyring).map_err(failed)?;
        let is_right = || is_checked || self.is_checked_elsewhere(item, &sealed);
        let unchecked = self.judge(&name, &ignored, is_right)?;
        let opened = Stream::parse(&text).map_err(|error| failed(error.into()))?;
        let root = opened.documents().first().and_then(|document| document.root);
        // A mapping was sealed, so a mapping was opened.
        let root = root.ok_or_else(|| failed(Error::Empty))?;
        Ok(Opened { line: checked(&opened, root, &name)?, unchecked })
    }

    /// Whether the MAC holds for the resource without what an orchestrator added, or
    /// for the file that it came from.
    fn is_checked_elsewhere(&self, item: NodeId, sealed: &str) -> bool {
        let keep = |annotation: &str| {
            !PASSING.contains(&annotation) && !annotation.starts_with(PASSING_FAMILY)
        };
        let detached = json::write_sealed(self.stream, item, &keep).ok();
        let holds = |text: &str| open(text, Format::Yaml, self.keyring, false).is_ok();
        detached.is_some_and(|detached| *detached != sealed && holds(&detached))
            || origin::holds(self.stream, item, sealed, self.root, self.keyring)
    }

    /// What follows from a MAC or a record that may not hold: the name of the resource, if
    /// it could not be checked and need not be.
    fn judge(
        &self,
        name: &str,
        faults: &[Error],
        holds_elsewhere: impl FnOnce() -> bool,
    ) -> Result<Option<String>, Vec<Problem>> {
        let is_mismatch =
            |fault: &&Error| matches!(fault, Error::MacMismatch | Error::IntegrityMismatch);
        if let Some(fault) = faults.iter().find(|fault| !is_mismatch(fault)) {
            let (path, error) = (name.to_owned(), fault.clone().into());
            return Err(vec![Problem::Open { path, error }]);
        }
        match self.config.mac {
            _ if faults.is_empty() || holds_elsewhere() => Ok(None),
            MacPolicy::Require => Err(vec![Problem::Unchecked { item: name.to_owned() }]),
            MacPolicy::Auto => Ok(Some(name.to_owned())),
        }
    }

    /// Opens what is sealed in the `data` of a Secret: files, or the variables of one.
    fn parts(&self, item: NodeId) -> Result<Opened, Vec<Problem>> {
        let name = label(self.stream, item);
        let failed = |path: String, error: Error| Problem::Open { path, error: Box::new(error) };
        let data = data(self.stream, item);
        let (mut opened, mut block, mut unchecked) = (Vec::new(), HashSet::new(), None);
        let mut problems = Vec::new();
        match variables::variables(&data) {
            Some(variables) => {
                let open = variables.open(self.keyring);
                let open = open.map_err(|error| vec![failed(name.clone(), error)])?;
                unchecked = self.judge(&name, &open.faults, || false)?;
                (opened, block) = (open.values, open.block);
            }
            None => {
                for value in embedded::values(&data) {
                    let path = || format!("{name}, [\"data\"][{:?}]", value.key);
                    match value.open(self.keyring) {
                        Ok(plain) => opened.push((value.node, plain)),
                        Err(error) => problems.push(failed(path(), error)),
                    }
                }
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        if opened.is_empty() && block.is_empty() {
            let line = checked(self.stream, item, &name)?;
            return Ok(Opened { line, unchecked });
        }
        let opened: HashMap<_, _> = opened.into_iter().collect();
        let left = data
            .iter()
            .filter(|datum| !block.contains(&datum.node))
            .find(|datum| is_sealed(opened.get(&datum.node).unwrap_or(&datum.bytes)));
        if let Some(datum) = left {
            let error = Unwritten::at(&["data", datum.key], ItemError::StillSealed);
            return Err(vec![problem(name, &error)]);
        }
        let replaced =
            opened.iter().map(|(node, plain)| (target(self.stream, *node), encode(plain)));
        let replaced = replaced.collect();
        let mut line = new_line(self.stream, item);
        json::write_with(self.stream, item, replaced, block, &mut line)
            .map_err(|error| vec![problem(name, &error)])?;
        line.push('\n');
        Ok(Opened { line, unchecked })
    }
}

/// A resource that is not sealed any more, as far as kustomize takes it.
fn checked(stream: &Stream<'_>, item: NodeId, name: &str) -> Result<Line, Vec<Problem>> {
    let resource = check_resource(stream, item).map_err(Into::into);
    let line = resource.and_then(|()| line(stream, item));
    line.map_err(|error| vec![problem(name.to_owned(), &error)])
}
