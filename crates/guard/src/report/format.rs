//! The forms in which a report can be given.

use std::fmt;
use std::str::FromStr;

use super::{Report, github, gitlab, json, sarif, text};

/// A form of a report. None shows a value, a part of one, or a digest of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// A line for each finding, for people.
    #[default]
    Text,
    /// `{"scanned": N, "findings": [...]}`
    Json,
    /// SARIF 2.1.0, without snippets.
    Sarif,
    /// Commands that make GitHub annotate the lines of a pull request.
    Github,
    /// A code quality report of GitLab.
    Gitlab,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Text, Self::Json, Self::Sarif, Self::Github, Self::Gitlab];

    /// `text`, `json`, `sarif`, `github`, `gitlab`
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
        }
    }

    /// Writes a report, with a line break at its end. Only text has colours.
    pub fn write(self, report: &Report, colour: bool) -> String {
        match self {
            Self::Text => text::write(report, colour),
            Self::Json => json::write(report),
            Self::Sarif => sarif::write(report),
            Self::Github => github::write(report),
            Self::Gitlab => gitlab::write(report),
        }
    }

    /// What the form has no room for, as text: how many files were looked at, what was
    /// not, what is allowed by the change itself. Ends with a line break.
    pub fn remarks(self, report: &Report) -> Option<String> {
        match self {
            Self::Text | Self::Github => None,
            Self::Json | Self::Sarif | Self::Gitlab => Some(text::remarks(report, false)),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        Self::ALL.into_iter().find(|format| format.name() == name).ok_or(UnknownFormat)
    }
}

/// A name that is no format's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such format; use text, json, sarif, github or gitlab")]
pub struct UnknownFormat;
