//! `--input-type` and `--output-type`.

use std::path::Path;

use bulla_core::Format;
use clap::{Args, ValueEnum};

use crate::exit::Code;
use crate::failure::{Failure, Result};

/// What was typed about formats.
#[derive(Args, Debug)]
pub(crate) struct FormatFlags {
    /// Format of the input, whatever its name
    #[arg(long, value_name = "TYPE", hide_possible_values = true)]
    input_type: Option<TypeName>,
    /// Format of the output; has to be that of the input
    #[arg(long, value_name = "TYPE", hide_possible_values = true)]
    output_type: Option<TypeName>,
}

/// The formats of sops. One that is misspelled is an error, where sops takes the
/// file's ending instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TypeName {
    Yaml,
    Json,
    Dotenv,
    Ini,
    Binary,
}

impl TypeName {
    fn name(self) -> &'static str {
        match self {
            Self::Yaml => "yaml",
            Self::Json => "json",
            Self::Dotenv => "dotenv",
            Self::Ini => "ini",
            Self::Binary => "binary",
        }
    }

    fn built_in(self) -> Result<Format> {
        Format::from_name(self.name()).ok_or_else(|| {
            Failure::other(format!("the format {} is not built in yet; use yaml", self.name()))
        })
    }
}

impl FormatFlags {
    /// The format of input and output. `name` is the file's, or what stands in for
    /// it; a text without a name is YAML.
    pub(crate) fn resolve(&self, name: Option<&Path>) -> Result<Format> {
        let input = match (self.input_type, name) {
            (Some(input), _) => input.built_in()?,
            (None, None) => Format::Yaml,
            (None, Some(name)) => by_name(name)?,
        };
        match self.output_type.map(TypeName::built_in).transpose()? {
            Some(output) if output != input => {
                let message = "--output-type has to be the type of the input";
                Err(Failure::new(Code::Conflict, message))
            }
            _ => Ok(input),
        }
    }
}

/// The format that a file's ending stands for.
pub(crate) fn by_name(name: &Path) -> Result<Format> {
    let format = name.to_str().and_then(Format::from_path);
    format.ok_or_else(|| {
        let name = name.display();
        Failure::other(format!(
            "{name}: only .yaml and .yml are built in yet; add --input-type yaml if this is YAML"
        ))
    })
}
