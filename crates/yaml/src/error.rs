//! Why a text is not YAML that can be edited.

/// A text that cannot be read, and where.
///
/// The message never quotes the text: it may hold a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {kind}")]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// The line, from 1.
    pub line: usize,
}

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The bytes are not UTF-8.
    #[error("this is not UTF-8; convert the file, for instance with iconv")]
    NotUtf8,
    /// Offsets are 32 bits wide.
    #[error("the file is larger than 4 GiB")]
    TooLong,
    /// Collections nested too deeply; the limit keeps hostile files cheap.
    #[error("collections are nested more than {} levels deep", crate::read::NESTING_LIMIT)]
    TooDeep,
    /// More nodes than [`node_limit`](crate::node_limit) allows for.
    #[error("there are too many keys, values and comments for a file of this size; split it")]
    TooMany,
    /// Not YAML. The text is the parser's own and quotes nothing of the file.
    #[error("this is not valid YAML: {0}")]
    Syntax(String),
    /// A block scalar's header was not where the grammar puts it.
    #[error("the header of this block scalar cannot be located; write the value in quotes")]
    NoHeader,
    /// libyaml reads another document, or none: so would sops.
    #[error(
        "go-yaml, and so sops, would read this differently: {0}; write the value in quotes or on one line"
    )]
    Disputed(&'static str),
}
