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
//! The output is made whole or not at all: orchestrators apply what they find on
//! standard output, and some of them show it when the function fails.
//!
//! Each item is one line of JSON. Orchestrators read YAML with parsers that split
//! documents at `---`, fold lines and guess types; JSON leaves nothing to guess.

#![forbid(unsafe_code)]

mod config;
mod error;
mod files;
mod generate;
mod json;
mod list;
mod program;

use std::path::Path;

use bulla_core::Keyring;
use zeroize::Zeroizing;

pub use error::{FileError, ItemError, KrmError, Problem};
pub use files::FILE_LIMIT;
pub use program::{INPUT_LIMIT, main, no_core_dump};

use config::Config;
use files::Root;
use list::ResourceList;

/// Reads a ResourceList and gives back the one that takes its place, wiped when
/// dropped.
///
/// `root` is the folder that relative paths begin in, and that no path leaves
/// unless the config says so.
///
/// # Errors
///
/// With everything that is wrong, as far as it can be seen in one run.
pub fn run(input: &str, root: &Path, keyring: &Keyring<'_>) -> Result<Zeroizing<String>, KrmError> {
    let list = ResourceList::parse(input)?;
    let config = Config::read(&list)?;
    let root = Root::new(root, config.allow_outside_root)?;
    generate::generate(&list, &config, &root, keyring)
}
