//! Ways to values, as they are typed.

use bulla_core::change::{Address, Section};

use crate::exit::Code;
use crate::failure::{Failure, Result};

/// Reads `["data"]["key"][0]`. `name` is what messages call the argument, `code` what
/// sops has for one that is no path.
pub(crate) fn parse_address(
    name: &str,
    text: &str,
    section: Option<Section>,
    code: Code,
) -> Result<Address> {
    let no_path = || {
        let message =
            format!("{name} {text}: this is not a path; write it as [\"data\"][\"key\"][0]");
        Failure::new(code, message)
    };
    let address = Address::parse(text).ok_or_else(no_path)?;
    match section {
        None => Ok(address),
        Some(section) => address.in_section(section).ok_or_else(|| {
            let message = format!("{name} {text}: this names a document, and so does --document");
            Failure::new(Code::Conflict, message)
        }),
    }
}

/// Reads the number of a document, from 0, or `KIND/NAME`.
pub(crate) fn parse_section(text: &str) -> Result<Section> {
    text.parse().map_err(|()| {
        Failure::other(format!(
            "--document {text}: name a document by its number, from 0, or as KIND/NAME or KIND/NAMESPACE/NAME"
        ))
    })
}
