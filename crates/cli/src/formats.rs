//! `--input-type` and `--output-type`.

use std::fmt;
use std::path::Path;

use bulla_core::rules::Indent;
use bulla_core::{ConvertStyle, Error, Format};
use clap::{Args, ValueEnum};
use zeroize::Zeroizing;

use crate::exit::Code;
use crate::failure::{Failure, Result, say};
use crate::governing::Governing;
use crate::input::{Input, into_text};

/// What was typed about formats.
#[derive(Args, Debug, Default)]
pub(crate) struct FormatFlags {
    /// Format of the input, whatever its name
    #[arg(long, value_name = "TYPE", hide_possible_values = true)]
    input_type: Option<TypeName>,
    /// Format of the output, if it is another one
    #[arg(long, value_name = "TYPE", hide_possible_values = true)]
    output_type: Option<TypeName>,
    /// Spaces a level, where YAML or JSON is written from another format
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(..=32))]
    indent: Option<u8>,
}

/// What was typed about the format of a file that keeps it.
#[derive(Args, Debug)]
pub(crate) struct InputFlags {
    /// Format of the file, whatever its name
    #[arg(long, value_name = "TYPE", hide_possible_values = true)]
    input_type: Option<TypeName>,
}

impl InputFlags {
    /// The same, where an output could have had another format.
    pub(crate) fn with_same_output(&self) -> FormatFlags {
        FormatFlags { input_type: self.input_type, output_type: None, indent: None }
    }

    /// The format of a text that may be sealed or not.
    pub(crate) fn of(&self, text: &str, name: &Path) -> Format {
        let named = by_name(name);
        let typed = self.input_type.map(Format::from);
        typed.or_else(|| Format::of_sealed(text, Some(named))).unwrap_or(named)
    }
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
    /// The format of the input. `name` is the file's, or what stands in for it; a text
    /// without a name is YAML.
    pub(crate) fn resolve(&self, name: Option<&Path>) -> Format {
        match (self.input_type, name) {
            (Some(input), _) => input.into(),
            (None, None) => Format::Yaml,
            (None, Some(name)) => by_name(name),
        }
    }

    /// The format of the output.
    pub(crate) fn output(&self, input: Format) -> Format {
        self.output_type.map_or(input, Format::from)
    }

    /// The indentation that was typed.
    pub(crate) fn indent(&self) -> Option<Indent> {
        self.indent.map(Indent::Spaces)
    }

    /// Refuses another format for a file that is changed where it is: whatever names it
    /// would take it for what it was.
    pub(crate) fn refuse_other(&self, input: Format) -> Result {
        if self.output(input) == input {
            return Ok(());
        }
        let message = "--output-type has to be the type of the file, which stays where it is";
        Err(Failure::new(Code::Conflict, message))
    }

    /// The plaintext in the format of the output, and that format. `name` is the file
    /// whose rules may say how it is laid out.
    pub(crate) fn convert(
        &self,
        plain: Zeroizing<Vec<u8>>,
        input: Format,
        called: &dyn fmt::Display,
        name: Option<&Path>,
        config: Option<&Path>,
    ) -> Result<(Zeroizing<Vec<u8>>, Format)> {
        let output = self.output(input);
        if output == input {
            return Ok((plain, output));
        }
        let style = self.style(name, config);
        let converted = bulla_core::convert(&plain, input, output, style);
        let converted = converted.map_err(|error| Failure::of(called, &error))?;
        Ok((converted, output))
    }

    /// The layout that was typed, that the rules ask for, or sops's own. Rules that
    /// cannot be read are no reason not to open a file.
    fn style(&self, name: Option<&Path>, config: Option<&Path>) -> ConvertStyle {
        let governing = name.and_then(|name| Governing::find(name, config).ok().flatten());
        let stores = governing.map(|governing| governing.rules.stores()).unwrap_or_default();
        let usual = ConvertStyle::default();
        let yaml = match stores.yaml {
            Some(Indent::Spaces(spaces)) => spaces,
            _ => usual.yaml,
        };
        ConvertStyle {
            yaml: self.indent.unwrap_or(yaml),
            json: self.indent().or(stores.json).unwrap_or(usual.json),
        }
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
        Ok((text, format))
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
