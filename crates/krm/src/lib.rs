//! KRM functions: a ResourceList in, a ResourceList out.
//!
//! kustomize and its kin start `bulla-krm` with no arguments, a ResourceList on
//! standard input and the kustomization's own folder as the working directory.
//! Its config names sealed files; [`run`] opens them and gives back a
//! ResourceList that holds what was sealed in them:
//!
//! ```yaml
//! apiVersion: bulla/v1
//! kind: SealedFiles
//! metadata:
//!   name: secrets
//!   annotations:
//!     config.kubernetes.io/function: "exec: {path: bulla-krm}"
//! files:
//!   - secrets.enc.yaml
//! ```
//!
//! A config without files makes a transformer of it: it opens the resources that are
//! sealed in the list itself. Configs of KSOPS are understood as they are.
//!
//! The output is made whole or not at all: orchestrators apply what they find on
//! standard output, and some of them show it when the function fails.
//!
//! Each item is one line of JSON. Orchestrators read YAML with parsers that split
//! documents at `---`, fold lines and guess types; JSON leaves nothing to guess.

#![forbid(unsafe_code)]

mod config;
mod data;
mod error;
mod files;
pub mod flux;
mod generate;
mod install;
mod json;
pub mod kustomization;
mod list;
mod marker;
mod program;
mod secret;
mod transform;
mod variables;

use std::path::Path;

use bulla_core::Keyring;
use bulla_yaml::Stream;
use zeroize::Zeroizing;

pub use error::{FileError, ItemError, KrmError, Problem};
pub use install::{InstallError, NAMES as PROGRAM_NAMES, install};
pub use program::{INPUT_LIMIT, LEGACY_CONFIG, main, no_core_dump, plugin};
pub use variables::VariableError;

use config::Config;
use files::Root;
use generate::Line;
use list::Resources;

/// What a function gives back.
pub struct Output {
    /// The resources, wiped when dropped.
    pub text: Zeroizing<String>,
    /// What is to be said on standard error though all went well, a line each.
    pub notes: Vec<String>,
}

/// Reads a ResourceList and gives back the one that takes its place.
///
/// `root` is the folder that relative paths begin in, and that no path leaves
/// unless the config says so.
///
/// # Errors
///
/// With everything that is wrong, as far as it can be seen in one run.
pub fn run(input: &str, root: &Path, keyring: &Keyring<'_>) -> Result<Output, KrmError> {
    let (resources, config) = Resources::of_list(input)?;
    let config = Config::read(resources.stream(), config)?;
    answer(&resources, &config, root, keyring, Shape::List)
}

/// Does the same for kustomize's older exec plugins, which get the config as a file
/// and resources as bare documents.
///
/// # Errors
///
/// As [`run`].
pub fn run_legacy(
    config: &str,
    input: &str,
    root: &Path,
    keyring: &Keyring<'_>,
) -> Result<Output, KrmError> {
    let stream = Stream::parse(config).map_err(Problem::ConfigSyntax)?;
    let first = stream.documents().first().and_then(|document| document.root);
    let config = Config::read(&stream, first.ok_or(Problem::NoConfigFile)?)?;
    let resources = Resources::of_documents(input)?;
    answer(&resources, &config, root, keyring, Shape::Documents)
}

fn answer(
    resources: &Resources<'_>,
    config: &Config,
    root: &Path,
    keyring: &Keyring<'_>,
    shape: Shape,
) -> Result<Output, KrmError> {
    if resources.items().is_empty() && !config.generates() {
        return Err(Problem::NothingToDo { config: config.name.clone() }.into());
    }
    if !config.allow_in_place {
        resources.refuse_files_on_disk()?;
    }
    let root = Root::new(root, config.allow_outside_root, config.file_limit)?;
    if config.generates() {
        let passed = generate::pass_on(resources);
        let made = generate::generate(config, &root, keyring);
        let lines = generate::collect([passed, made].map(|lines| lines.map_err(KrmError::into)))?;
        return Ok(Output { text: shape.join(&lines), notes: Vec::new() });
    }
    let transformed = transform::transform(resources, config, &root, keyring)?;
    let text = shape.join(&transformed.items);
    Ok(Output { text, notes: unchecked(&transformed.unchecked).into_iter().collect() })
}

/// What is said about resources whose MAC could not be checked.
fn unchecked(items: &[String]) -> Option<String> {
    let (first, more) = (items.first()?, items.len() - 1);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(format!(
        "{first}{more}: opened without checking the MAC, because kustomize changed the resource since it was sealed (each sealed value was checked by itself); a generator with files checks it, and `mac: require` refuses what is not checked"
    ))
}

/// How resources are written behind each other.
#[derive(Clone, Copy)]
enum Shape {
    List,
    Documents,
}

impl Shape {
    fn join(self, lines: &[Line]) -> Zeroizing<String> {
        let (header, before) = match self {
            Self::List => {
                ("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n", "- ")
            }
            Self::Documents => ("", "---\n"),
        };
        // Made in one piece: growing would leave copies that nobody wipes.
        let length: usize = lines.iter().map(|line| before.len() + line.len()).sum();
        let mut text = Zeroizing::new(String::with_capacity(header.len() + length));
        text.push_str(header);
        for line in lines {
            text.push_str(before);
            text.push_str(line);
        }
        text
    }
}
