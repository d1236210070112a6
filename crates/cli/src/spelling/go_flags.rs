//! Flags as Go's programs read them: `-name`, `--name`, `-name=x`, `-name x`; truth
//! values only behind `=`; no letters joined to one flag.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// What stands behind a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing, or `=true` and `=false`; the second is the same as no flag.
    Bool,
    /// The same, where the second is something else.
    Switch,
    /// A value.
    Value,
    /// An integer.
    Int,
}

/// A flag that can be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Flag {
    pub(super) long: Cow<'static, str>,
    pub(super) short: Option<char>,
    pub(super) kind: Kind,
    /// Whether all of its values count, and not the last one alone.
    pub(super) repeats: bool,
}

/// A flag that was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Set {
    pub(super) flag: Flag,
    /// Absent of a truth value.
    pub(super) value: Option<OsString>,
}

impl Set {
    /// As clap takes it.
    pub(super) fn typed(&self) -> OsString {
        let mut typed = OsString::from(format!("--{}", self.flag.long));
        if let Some(value) = &self.value {
            typed.push("=");
            typed.push(value);
        }
        typed
    }
}

/// A line, taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parsed {
    /// Flags that are set; a truth value that is false is not.
    pub(super) set: Vec<Set>,
    /// What looks like a flag, before the first argument, and is none of those known.
    pub(super) unknown: Vec<OsString>,
    /// The arguments.
    pub(super) rest: Vec<OsString>,
}

impl Parsed {
    /// Whether a truth value is set.
    pub(super) fn is_set(&self, long: &str) -> bool {
        self.set.iter().any(|set| set.flag.long == long)
    }

    /// The last value of a flag.
    pub(super) fn value(&self, long: &str) -> Option<&OsStr> {
        self.set.iter().rev().find(|set| set.flag.long == long)?.value.as_deref()
    }

    fn turn(&mut self, flag: &Flag, value: Option<OsString>) -> Result<(), String> {
        let long = &flag.long;
        let text = value.as_deref().and_then(OsStr::to_str);
        let is_true = || match value {
            None => Ok(true),
            Some(_) => text.and_then(truth).ok_or_else(|| not_true(long)),
        };
        let value = match flag.kind {
            Kind::Switch => Some(Some(is_true()?.to_string().into())),
            // An empty value is as good as none.
            Kind::Value if text == Some("") => None,
            Kind::Bool => is_true()?.then_some(None),
            Kind::Int if text.is_none_or(|text| text.parse::<i64>().is_err()) => {
                return Err(format!("--{long}: this is no integer"));
            }
            Kind::Int | Kind::Value => Some(value),
        };
        if !flag.repeats {
            self.set.retain(|set| set.flag.long != *long);
        }
        self.set.extend(value.map(|value| Set { flag: flag.clone(), value }));
        Ok(())
    }
}

/// Reads flags up to the first argument.
pub(super) fn parse(words: &[OsString], flags: &[Flag]) -> Result<Parsed, String> {
    let mut parsed = Parsed::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let Some((name, value)) = split(word) else {
            if word != "--" {
                parsed.rest.push(word.clone());
            }
            break;
        };
        let flag = find(flags, name).ok_or_else(|| unknown(word))?;
        let value = value_of(flag, value, &mut words)?;
        parsed.turn(flag, value)?;
    }
    parsed.rest.extend(words.cloned());
    Ok(parsed)
}

/// Reads flags wherever they stand, as sops does behind a verb. Behind the first
/// argument, what only looks like a flag is an argument.
pub(super) fn parse_anywhere(words: &[OsString], flags: &[Flag]) -> Result<Parsed, String> {
    let mut parsed = Parsed::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "--" {
            parsed.rest.extend(words.by_ref().cloned());
            break;
        }
        let known = split(word).and_then(|(name, value)| Some((find(flags, name)?, value)));
        match known {
            Some((flag, value)) => {
                let value = value_of(flag, value, &mut words)?;
                parsed.turn(flag, value)?;
            }
            None if split(word).is_some() && parsed.rest.is_empty() => {
                parsed.unknown.push(word.clone());
            }
            None => parsed.rest.push(word.clone()),
        }
    }
    Ok(parsed)
}

/// What stands behind the `=`, or is the next word.
fn value_of<'w>(
    flag: &Flag,
    value: Option<OsString>,
    words: &mut impl Iterator<Item = &'w OsString>,
) -> Result<Option<OsString>, String> {
    match flag.kind {
        Kind::Value | Kind::Int if value.is_none() => {
            let needed = "there is nothing behind this flag, where its value should be";
            let next = words.next().ok_or_else(|| format!("--{}: {needed}", flag.long))?;
            Ok(Some(next.clone()))
        }
        _ => Ok(value),
    }
}

/// The name of a flag, and what stands behind its `=`; `None` for an argument.
fn split(word: &OsStr) -> Option<(&str, Option<OsString>)> {
    let bytes = word.as_bytes();
    let name = bytes.strip_prefix(b"--").or_else(|| bytes.strip_prefix(b"-"))?;
    if name.is_empty() {
        return None;
    }
    let end = name.iter().position(|&byte| byte == b'=').unwrap_or(name.len());
    let value = name.get(end + 1..).map(|value| OsString::from_vec(value.to_vec()));
    // A name that is no text is the name of nothing.
    Some((str::from_utf8(&name[..end]).unwrap_or_default(), value))
}

fn find<'f>(flags: &'f [Flag], name: &str) -> Option<&'f Flag> {
    let mut chars = name.chars();
    let short = chars.next().filter(|_| chars.next().is_none());
    flags.iter().find(|flag| flag.long == name || (short.is_some() && flag.short == short))
}

fn unknown(word: &OsStr) -> String {
    let word = word.display().to_string();
    // What stands behind the = may be anything.
    let name = word.split('=').next().unwrap_or_default();
    format!("{name}: there is no such flag; see --help")
}

fn not_true(long: &str) -> String {
    format!("--{long}: this is neither true nor false")
}

/// The truth values of Go.
fn truth(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}
