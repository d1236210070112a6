//! The variables of an opened `.env` file, as KSOPS reads them.
//!
//! KSOPS hands the text to godotenv 1.5.1, and a Secret's hash depends on every byte
//! of its values: quotes are taken off, `export` and comments behind a blank too,
//! escapes count in double quotes, and `$NAME` stands for what was read above it.
//! Not taken over: variables of the process's own environment never get into a
//! Secret, and no error shows the line.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use zeroize::Zeroizing;

/// Names and values in the order of the file; the last of one name counts.
pub(crate) type Variables = Vec<(String, Zeroizing<String>)>;

/// A line that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VariableError {
    /// There is neither `=` nor `:` behind the name.
    #[error("line {0}: this is no variable; write NAME=value")]
    NoValue(usize),
    /// A name that no Secret can have as a key.
    #[error(
        "line {0}: the name has a character that a Secret's keys cannot have; use letters, digits, `_` and `.`"
    )]
    Name(usize),
    /// A quote without its other half.
    #[error("line {0}: the quote that begins here does not end")]
    Quote(usize),
}

/// Reads the text of a `.env` file.
///
/// # Errors
///
/// With the line of the first statement that is none.
pub(crate) fn read(text: &str) -> Result<Variables, VariableError> {
    let text = Zeroizing::new(text.replace("\r\n", "\n"));
    let mut reader = Reader { text: &text, at: 0, values: HashMap::new() };
    let mut names = Vec::new();
    while reader.skip_to_statement() {
        let line = reader.line();
        let name = reader.name(line)?;
        let value = reader.value(line)?;
        if !reader.values.contains_key(&name) {
            names.push(name.clone());
        }
        reader.values.insert(name, value);
    }
    let mut values = reader.values;
    let taken = names.into_iter().filter_map(|name| {
        let value = values.remove(&name)?;
        Some((name, value))
    });
    Ok(taken.collect())
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    values: HashMap<String, Zeroizing<String>>,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn line(&self) -> usize {
        1 + self.text[..self.at].matches('\n').count()
    }

    fn skip_blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start_matches(is_blank).len();
    }

    /// Goes to the next statement, over blank lines and comments.
    fn skip_to_statement(&mut self) -> bool {
        loop {
            self.at = self.text.len() - self.rest().trim_start().len();
            match self.rest().strip_prefix('#') {
                Some(comment) => self.at += 1 + comment.find('\n').unwrap_or(comment.len()),
                None => return !self.rest().is_empty(),
            }
        }
    }

    /// Takes a name and what parts it from its value.
    fn name(&mut self, line: usize) -> Result<String, VariableError> {
        if let Some(rest) = self.rest().strip_prefix("export")
            && rest.starts_with(is_blank)
        {
            self.at = self.text.len() - rest.len();
            self.skip_blanks();
        }
        let end = self.rest().find(['=', ':', '\n']);
        let end = end.filter(|&end| !self.rest()[end..].starts_with('\n'));
        let name = &self.rest()[..end.ok_or(VariableError::NoValue(line))?];
        self.at += name.len() + 1;
        self.skip_blanks();
        let name = name.trim_end();
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
        match !name.is_empty() && name.bytes().all(fits) {
            true => Ok(name.to_owned()),
            false => Err(VariableError::Name(line)),
        }
    }

    fn value(&mut self, line: usize) -> Result<Zeroizing<String>, VariableError> {
        let quote = self.rest().chars().next().filter(|first| matches!(first, '"' | '\''));
        let Some(quote) = quote else { return Ok(self.bare()) };
        let quoted = &self.rest()[1..];
        let is_end = |&(at, _): &(usize, &str)| !quoted[..at].ends_with('\\');
        let (end, _) =
            quoted.match_indices(quote).find(is_end).ok_or(VariableError::Quote(line))?;
        self.at += 1 + end + 1;
        let inner = quoted[..end].trim_matches(quote);
        Ok(match quote {
            '"' => self.expand(&unescape(inner)),
            _ => Zeroizing::new(inner.to_owned()),
        })
    }

    /// Takes a value without quotes: up to the line's end, or to a comment that
    /// stands behind a blank.
    fn bare(&mut self) -> Zeroizing<String> {
        let line = self.rest();
        let line = &line[..line.find(['\n', '\r']).unwrap_or(line.len())];
        self.at += line.len();
        // godotenv looks from the end, and takes the first that it meets.
        let comment = line.rmatch_indices('#').find(|&(at, _)| line[..at].ends_with(is_blank));
        let value = comment.map_or(line, |(at, _)| &line[..at]);
        self.expand(value.trim_matches(is_blank))
    }

    fn expand(&self, text: &str) -> Zeroizing<String> {
        /// The bracket is godotenv's: `$(NAME)` leaves its closing one.
        static VARIABLE: LazyLock<Regex> = LazyLock::new(|| {
            // A constant, which a test compiles.
            Regex::new(r"(\\)?\$\(?\{?([A-Z0-9_]+)?\}?").expect("a good pattern")
        });
        let expanded =
            VARIABLE.replace_all(text, |found: &Captures<'_>| match (found.get(1), found.get(2)) {
                (Some(_), _) => found[0][1..].to_owned(),
                (None, Some(name)) => self
                    .values
                    .get(name.as_str())
                    .map(|value| (**value).clone())
                    .unwrap_or_default(),
                (None, None) => found[0].to_owned(),
            });
        Zeroizing::new(expanded.into_owned())
    }
}

/// Escapes of double quotes; `\$` is left for the expansion.
fn unescape(text: &str) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(text.len()));
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match (char, chars.clone().next()) {
            ('\\', Some('$')) | (_, None) => out.push(char),
            ('\\', Some(escaped)) => {
                chars.next();
                out.push(match escaped {
                    'n' => '\n',
                    'r' => '\r',
                    other => other,
                });
            }
            _ => out.push(char),
        }
    }
    out
}

/// White space that does not end a line, as godotenv has it.
fn is_blank(char: char) -> bool {
    matches!(char, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, expected: &[(&str, &str)]) {
        let read = read(text).unwrap();
        let read: Vec<_> =
            read.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(read, expected, "{text}");
    }

    #[test]
    fn values_are_what_godotenv_makes_of_them() {
        reads("A=b", &[("A", "b")]);
        reads("A=b\r\nC=d\r\n", &[("A", "b"), ("C", "d")]);
        reads("\n# c\n  export A = b  \n", &[("A", "b")]);
        reads("exported=1", &[("exported", "1")]);
        reads("A: b", &[("A", "b")]);
        reads("A=b # c", &[("A", "b")]);
        reads("A=b # c # d", &[("A", "b # c")]);
        reads("A=b#c", &[("A", "b#c")]);
        reads("A=#c", &[("A", "#c")]);
        reads("A=\nB=", &[("A", ""), ("B", "")]);
        reads("A='b # c' # d\nB=\"x\ny\"", &[("A", "b # c"), ("B", "x\ny")]);
        reads(r#"A="a\nb\"c\\d\q""#, &[("A", "a\nb\"c\\dq")]);
        reads("A='a\\nb'", &[("A", "a\\nb")]);
        reads("A=1\nA=2\nB=3", &[("A", "2"), ("B", "3")]);
        reads("a.b=c", &[("a.b", "c")]);
    }

    #[test]
    fn names_stand_for_what_was_read_above_them() {
        reads("A=1\nB=$A-${A}-\\$A-'$A'", &[("A", "1"), ("B", "1-1-$A-'1'")]);
        reads("A=1\nB=\"$A\\$A\"\nC='$A'", &[("A", "1"), ("B", "1$A"), ("C", "$A")]);
        reads("B=$PATH$", &[("B", "$")]);
        reads("A=1\nB=$(A)", &[("A", "1"), ("B", "1)")]);
    }

    #[test]
    fn a_line_that_is_no_variable_is_named_and_not_shown() {
        let cases = [
            ("A=1\nhunter2\n", VariableError::NoValue(2)),
            ("hunter2", VariableError::NoValue(1)),
            ("=hunter2", VariableError::Name(1)),
            ("A-B=hunter2", VariableError::Name(1)),
            ("A B=hunter2", VariableError::Name(1)),
            ("\nA='hunter2", VariableError::Quote(2)),
        ];
        for (text, error) in cases {
            assert_eq!(read(text), Err(error), "{text}");
            assert!(!error.to_string().contains("hunter2"));
        }
    }
}
