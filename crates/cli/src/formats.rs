//! `--input-type` and `--output-type`.

use std::path::Path;

use bulla_core::{Error, Format};
use clap::{Args, ValueEnum};
use zeroize::Zeroizing;

use crate::exit::Code;
use crate::failure::{Failure, Result, say};
use crate::input::{Input, into_text};

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

impl From<TypeName> for Format {
    fn from(name: TypeName) -> Self {
        match name {
            TypeName::Yaml => Self::Yaml,
            TypeName::Json => Self::Json,
            TypeName::Dotenv => Self::Dotenv,
            TypeName::Ini => Self::Ini,
            TypeName::Binary => Self::Binary,
        }
    }
}

impl FormatFlags {
    /// The format of input and output. `name` is the file's, or what stands in for
    /// it; a text without a name is YAML.
    pub(crate) fn resolve(&self, name: Option<&Path>) -> Result<Format> {
        let input = match (self.input_type, name) {
            (Some(input), _) => input.into(),
            (None, None) => Format::Yaml,
            (None, Some(name)) => by_name(name),
        };
        self.same_output(input)
    }

    /// Reads what is sealed, and tells its format: what was typed, or what its content
    /// shows when its name does not say it or says something else.
    pub(crate) fn read_sealed(
        &self,
        input: &Input,
        name: Option<&Path>,
    ) -> Result<(Zeroizing<String>, Format)> {
        let bytes = input.read()?;
        let typed = self.input_type.map(Format::from);
        let named = name.map(by_name);
        if typed.or(named) == Some(Format::Binary) && str::from_utf8(&bytes).is_err() {
            // All that is sealed is text.
            return Err(Failure::of(input, &Error::NotSealed));
        }
        let text = into_text(bytes, input)?;
        let format = match typed {
            Some(typed) => typed,
            None => by_content(&text, named, input),
        };
        Ok((text, self.same_output(format)?))
    }

    fn same_output(&self, input: Format) -> Result<Format> {
        match self.output_type.map(Format::from) {
            Some(output) if output != input => {
                let message = "--output-type has to be the type of the input";
                Err(Failure::new(Code::Conflict, message))
            }
            _ => Ok(input),
        }
    }
}

/// The format of a sealed text, and a word about it when its name says another one.
fn by_content(text: &str, named: Option<Format>, input: &Input) -> Format {
    let found = Format::of_sealed(text, named);
    if let (Some(named), Some(found)) = (named, found)
        && named != found
    {
        say(&format!(
            "bulla: {input}: this is sealed as {found}, whatever its name says; say --input-type {} if it is not",
            named.name()
        ));
    }
    // Not sealed then, which YAML can say with a line.
    found.unwrap_or(Format::Yaml)
}

/// The format that a file's ending stands for.
pub(crate) fn by_name(name: &Path) -> Format {
    Format::from_path(&name.to_string_lossy())
}
