//! `--from-env-file`, read as kubectl reads it.

use std::path::Path;

use zeroize::Zeroizing;

use crate::commands::create::manifest::Manifest;
use crate::failure::{Failure, Result};
use crate::input::read_text;

/// Adds the lines of a file: `KEY=TEXT`, comments and empty lines. There are no
/// quotes, and blanks behind the `=` belong to the text.
pub(super) fn add(manifest: &mut Manifest, file: &Path) -> Result {
    let text = read_text(file)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let wrong =
            |why: &str| Failure::other(format!("{}: line {}: {why}", file.display(), number + 1));
        // The messages show nothing of the line: there may be a value in it.
        let Some((key, value)) = line.split_once('=') else {
            // kubectl takes the variable of that name, which nobody sees in the file.
            return Err(wrong("there is no = in this line; write KEY=TEXT"));
        };
        if !is_variable(key) {
            return Err(wrong(
                "this key cannot be the name of a variable; use letters, digits and _",
            ));
        }
        manifest.add(key, Zeroizing::new(value.as_bytes().to_vec()))?;
    }
    Ok(())
}

fn is_variable(key: &str) -> bool {
    let plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.');
    key.chars().all(plain) && key.chars().next().is_some_and(|first| !first.is_ascii_digit())
}
