//! The formats that files have.

use std::fmt;

/// A file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// A stream of YAML documents.
    Yaml,
    /// Lines of `KEY=VALUE`.
    Dotenv,
    /// Sections of `key = value`.
    Ini,
    /// One JSON object.
    Json,
    /// Any bytes. Sealed, they are the one value of a JSON object.
    Binary,
}

impl Format {
    /// The format that a file's name stands for: what has no format of its own is
    /// binary.
    pub fn from_path(path: &str) -> Self {
        match path.rsplit_once('.').map(|(_, extension)| extension) {
            Some("yaml" | "yml") => Self::Yaml,
            Some("json") => Self::Json,
            Some("env") => Self::Dotenv,
            Some("ini") => Self::Ini,
            _ => Self::Binary,
        }
    }

    /// Its name, as in `--input-type`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Yaml => "yaml",
            Self::Dotenv => "dotenv",
            Self::Ini => "ini",
            Self::Json => "json",
            Self::Binary => "binary",
        }
    }

    /// The format of that name, as in `--input-type`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "yaml" => Some(Self::Yaml),
            "dotenv" => Some(Self::Dotenv),
            "ini" => Some(Self::Ini),
            "json" => Some(Self::Json),
            "binary" => Some(Self::Binary),
            _ => None,
        }
    }
}

impl fmt::Display for Format {
    /// As people write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Yaml => "YAML",
            Self::Dotenv => "dotenv",
            Self::Ini => "INI",
            Self::Json => "JSON",
            Self::Binary => "binary",
        })
    }
}
