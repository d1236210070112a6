//! What can go wrong in a run. No variant can hold a plaintext.

use std::fmt::{self, Write};
use std::io;
use std::path::PathBuf;

use bulla_core::{Attempt, Error};

use crate::variables::VariableError;

/// Everything that was wrong in one run.
#[derive(Debug)]
pub struct KrmError {
    problems: Vec<Problem>,
}

impl KrmError {
    /// What was wrong, in the order of the config; never empty.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// `problems` must not be empty.
    pub(crate) fn new(problems: Vec<Problem>) -> Self {
        debug_assert!(!problems.is_empty());
        Self { problems }
    }
}

impl From<KrmError> for Vec<Problem> {
    fn from(error: KrmError) -> Self {
        error.problems
    }
}

impl From<Problem> for KrmError {
    fn from(problem: Problem) -> Self {
        Self::new(vec![problem])
    }
}

impl fmt::Display for KrmError {
    /// A line for each problem.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_char('\n')?;
            }
            // Names come from files that anybody may have written.
            for character in problem.to_string().chars() {
                match character.is_control() {
                    true => write!(f, "{}", character.escape_default())?,
                    false => f.write_char(character)?,
                }
            }
        }
        Ok(())
    }
}

impl std::error::Error for KrmError {}

/// One thing that is wrong, in one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Standard input is not YAML.
    #[error("standard input: {0}")]
    Syntax(bulla_yaml::Error),
    /// It is YAML, and something else.
    #[error("standard input: {reason}; this program is started by kustomize, not by hand")]
    NotAResourceList {
        /// What it is instead.
        reason: String,
    },
    /// There is no config.
    #[error(
        "standard input: there is neither a functionConfig nor one item with the annotation config.kubernetes.io/function, so nothing says which files to open"
    )]
    NoConfig,
    /// The config of an older exec plugin is not YAML.
    #[error("the config: {0}")]
    ConfigSyntax(bulla_yaml::Error),
    /// It has nothing in it.
    #[error(
        "the config is empty; list sealed manifests under files, or sealed files under secretFrom"
    )]
    NoConfigFile,
    /// There are neither files to open nor resources.
    #[error(
        "{config}: there is nothing to do: it names no files, and there are no resources to open; list sealed manifests under files, or sealed files under secretFrom"
    )]
    NothingToDo {
        /// Its kind and name.
        config: String,
    },
    /// The config says something that cannot be done.
    #[error("{config}: {reason}")]
    Config {
        /// Its kind and name.
        config: String,
        /// What is wrong with it, and what to do.
        reason: String,
    },
    /// The orchestrator says where it keeps an item, and so would write what was
    /// sealed next to it.
    #[error(
        "{item} carries the annotation {annotation}: this orchestrator keeps resources in files, and would write what was sealed into one in the clear; print the result instead (-o unwrap), or set allowInPlace: true"
    )]
    WrittenToDisk {
        /// The item's kind and name.
        item: String,
        /// The annotation's name.
        annotation: &'static str,
    },
    /// A resource that was changed since it was sealed, where that must not be.
    #[error(
        "{item}: its MAC cannot be checked, because kustomize changed the resource since it was sealed, and `mac: require` is set; list its file under files of a generator, or add `buildMetadata: [originAnnotations]`"
    )]
    Unchecked {
        /// The item's kind and name.
        item: String,
    },
    /// A file that cannot be read.
    #[error("{path}: {error}")]
    File {
        /// As the config has it.
        path: String,
        /// Why not.
        error: FileError,
    },
    /// A file that cannot be opened.
    #[error("{path}: {}", with_attempts(.error))]
    Open {
        /// As the config has it.
        path: String,
        /// Why not.
        error: Box<Error>,
    },
    /// A resource that must not be given to the orchestrator.
    #[error("{from}{}: {error}", comma(.key_path))]
    Item {
        /// The file and the document in it, or the item of the input.
        from: String,
        /// `["data"]["key"]`; empty for the resource itself.
        key_path: String,
        /// Why not.
        error: ItemError,
    },
    /// The working directory itself.
    #[error("{}: {error}", path.display())]
    Root {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// It is not there.
    #[error(
        "there is no such file below {}, the folder that this function was started in{}", root.display(), hint(*.relative)
    )]
    Missing {
        /// Where it was looked for.
        root: PathBuf,
        /// Whether the path is relative.
        relative: bool,
    },
    /// It is there, and somewhere else.
    #[error(
        "this leads out of {}, the folder that this function was started in; move the file, or set allowOutsideRoot: true", root.display()
    )]
    OutsideRoot {
        /// The folder.
        root: PathBuf,
    },
    /// A folder, a device, a pipe.
    #[error("this is not a regular file")]
    NotAFile,
    /// Larger than any manifest.
    #[error("this is larger than {} MiB, the most that is read; raise maxFileMiB in the plugin's config", limit >> 20)]
    TooLarge {
        /// In bytes.
        limit: u64,
    },
    /// Not text.
    #[error("this is not UTF-8")]
    NotUtf8,
    /// Not text, and meant for `stringData`.
    #[error("what is sealed in this is not UTF-8; list it under binaryFiles")]
    NotUtf8Value,
    /// Not a `.env` file.
    #[error(transparent)]
    Variable(#[from] VariableError),
    /// Not a format that holds manifests.
    #[error("a .env or .ini file holds no manifests; list it under envs or files of secretFrom")]
    Format,
    /// What the system says.
    #[error("cannot be read: {0}")]
    Io(io::Error),
}

/// Why a resource is not given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ItemError {
    /// There is no document.
    #[error("there is no resource in it")]
    Empty,
    /// A list or a scalar.
    #[error("this is not a mapping, so it is no resource")]
    NotAMapping,
    /// `apiVersion`, `kind` or `metadata.name` is missing.
    #[error(
        "apiVersion, kind or metadata.name is missing or not a text, so this is no resource; remove the document, or seal a manifest"
    )]
    NotAResource,
    /// kustomize shows them in its own error.
    #[error("the labels or the annotations of this resource are not a mapping; correct them")]
    OddMetadata,
    /// Ciphertext would reach the cluster.
    #[error(
        "this still holds a sealed value, which would reach the cluster as it is; open it before, or leave it out"
    )]
    StillSealed,
    /// So would metadata.
    #[error(
        "this still has a `sops` block, so it is sealed; name its file under `files`, or leave it out"
    )]
    SopsBlock,
    /// kustomize would print the resource, or change the value.
    #[error(
        "this text has a control character that kustomize cannot carry: it would show the resource in its own error, or lose the character; move the value to `data`, in base64"
    )]
    ControlCharacter,
    /// Infinity, or no number at all.
    #[error("this number has no place in JSON; put it in quotes")]
    NotFinite,
    /// `!!binary` with bytes that are no text.
    #[error("this is !!binary and no text; move the value to `data`, in base64")]
    NotText,
    /// Tag and value disagree.
    #[error("the tag does not fit the value; correct or remove it")]
    Tag,
    /// A key that is neither a text nor a number.
    #[error("this has a key that is not a text; put it in quotes")]
    Key,
    /// Longer than YAML's readers take a key.
    #[error("this has a key of more than 1,000 bytes")]
    LongKey,
    /// Only one of the two would be used.
    #[error("this has a key that is there twice; remove one")]
    DuplicateKey,
    /// `<<: text`
    #[error("this merges something that is not a mapping")]
    Merge,
    /// Aliases that multiply, or nesting without an end.
    #[error("this grows too large or too deep when its aliases are written out")]
    TooLarge,
}

fn comma(key_path: &str) -> String {
    if key_path.is_empty() { String::new() } else { format!(", {key_path}") }
}

fn hint(relative: bool) -> &'static str {
    // kustomize before 5.0 starts a function in the folder of whatever base it
    // loaded last.
    if relative {
        "; paths are relative to the kustomization that lists the config (before kustomize 5.0: only if it lists no base)"
    } else {
        ""
    }
}

/// The message, with what happened to each key when none opened the file.
fn with_attempts(error: &Error) -> String {
    let mut line = error.to_string();
    if let Error::NoKey { attempts, .. } = error {
        for attempt in attempts {
            line.push_str("; ");
            describe(attempt, &mut line);
        }
    }
    line
}

fn describe(attempt: &Attempt, line: &mut String) {
    let reasons = attempt.errors.iter().map(|error| error.reason.as_str());
    let hints = attempt.errors.iter().filter_map(|error| error.hint.as_deref());
    let tried = attempt.tried.iter().map(String::as_str);
    let parts: Vec<_> = tried.chain(reasons).chain(hints).collect();
    let said = match parts.is_empty() {
        true => "this version opens no keys of this kind".to_owned(),
        false => parts.join("; "),
    };
    // Writing to a String cannot fail.
    let _ = write!(line, "{}: {said}", attempt.key);
}
