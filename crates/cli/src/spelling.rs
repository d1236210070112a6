//! The spelling of sops, in the words of bulla.
//!
//! sops began without verbs: `sops -d FILE` opens, `sops -e FILE` seals, `sops FILE`
//! edits. It takes flags as Go's programs do, with one dash or two, and those of the
//! root before the file only. All of that is turned into a line with a verb here,
//! before anything is parsed: when the program is called `sops`, and when there is no
//! verb. A line that is not of this spelling is left as it is.

mod go_flags;
mod root;

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::Command;

use crate::exit::Code;
use crate::failure::{Failure, Result, say};
use go_flags::{Flag, Kind, Parsed, Set, parse, parse_anywhere};
use root::{IGNORED, Mode, ROOT};

/// What sops can be told by a verb. What bulla has besides is not looked for under
/// the name of sops, where `sops guard` edits a file of that name.
const VERBS: [&str; 14] = [
    "completion",
    "decrypt",
    "edit",
    "encrypt",
    "exec-env",
    "exec-file",
    "filestatus",
    "groups",
    "keyservice",
    "publish",
    "rotate",
    "set",
    "unset",
    "updatekeys",
];

/// The verbs of which sops takes the first file and warns about others.
const ONE_FILE: [&str; 6] = ["decrypt", "edit", "encrypt", "filestatus", "publish", "rotate"];

/// What a line means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Spoken {
    /// A line with a verb.
    Line(Vec<OsString>),
    /// The version is asked for, under the name of sops.
    Version,
}

/// Whether the program was called by the name of sops.
pub(crate) fn is_sops(name: &OsStr) -> bool {
    Path::new(name).file_stem() == Some(OsStr::new("sops"))
}

/// Turns what was typed into what bulla takes. `command` is its command line.
pub(crate) fn understand(args: Vec<OsString>, command: &Command) -> Result<Spoken> {
    let Some((name, typed)) = args.split_first() else { return Ok(Spoken::Line(args)) };
    let is_sops = is_sops(name);
    let parsed = match parse(typed, ROOT) {
        Ok(parsed) => parsed,
        Err(why) if is_sops => return Err(Failure::other(why)),
        // It may be a flag of bulla, or one of those that it knows nothing of.
        Err(_) => return Ok(Spoken::Line(args)),
    };
    let first = parsed.rest.first().and_then(|word| word.to_str());
    let is_verb = |word: &str| match is_sops {
        true => VERBS.contains(&word),
        false => command.find_subcommand(word).is_some(),
    };
    let words = match first {
        _ if parsed.is_set("help") => vec!["--help".into()],
        _ if parsed.is_set("version") && is_sops => return Ok(Spoken::Version),
        _ if parsed.is_set("version") => vec!["--version".into()],
        Some("help" | "h") => help(&parsed.rest[1..]),
        Some(verb) if is_verb(verb) && is_sops => with_verb(verb, &parsed, command)?,
        Some(word) if !is_sops && (is_verb(word) || is_no_file(&parsed)) => {
            return Ok(Spoken::Line(args));
        }
        None if !is_sops && parsed.set.is_empty() => return Ok(Spoken::Line(args)),
        _ => without_verb(&parsed, command)?,
    };
    Ok(Spoken::Line(std::iter::once(name.clone()).chain(words).collect()))
}

/// A word that is more likely a verb which was misspelled than a file to edit.
fn is_no_file(parsed: &Parsed) -> bool {
    let Some(word) = parsed.rest.first() else { return false };
    let path = Path::new(word);
    Mode::of(parsed) == Mode::Edit
        && path.extension().is_none()
        && path.components().count() == 1
        && !path.exists()
}

fn help(about: &[OsString]) -> Vec<OsString> {
    about.iter().take(1).cloned().chain(["--help".into()]).collect()
}

/// `sops [ROOT FLAGS] VERB [FLAGS AND ARGUMENTS]`
fn with_verb(verb: &str, root: &Parsed, command: &Command) -> Result<Vec<OsString>> {
    let mut words: Vec<OsString> = vec![verb.into()];
    let mut rest = &root.rest[1..];
    let mut owner = command.find_subcommand(verb);
    // `groups add`
    if let Some((inner, behind)) = rest.split_first()
        && let Some(inner) = owner.and_then(|verb| verb.find_subcommand(inner))
    {
        words.push(inner.get_name().to_owned().into());
        (owner, rest) = (Some(inner), behind);
    }
    let flags = flags_of(command, owner, verb == "groups");
    let parsed = parse_anywhere(rest, &flags).map_err(Failure::other)?;
    for set in &root.set {
        let flag = set.flag.long.as_ref();
        if root::reaches(flag, verb) {
            if flags.iter().any(|of_verb| of_verb.long == flag) {
                words.push(set.typed());
            }
        } else if !IGNORED.contains(&flag) {
            say(&format!(
                "bulla: warning: --{flag} stands before {verb}, where sops ignores it; write it behind"
            ));
        }
    }
    words.extend(parsed.set.iter().map(Set::typed));
    words.extend(parsed.unknown);
    let mut arguments = parsed.rest;
    if ONE_FILE.contains(&verb) {
        warn_of_more(&arguments);
        arguments.truncate(1);
    }
    if !arguments.is_empty() {
        words.push("--".into());
        words.extend(arguments);
    }
    Ok(words)
}

/// `sops [ROOT FLAGS] FILE`
fn without_verb(parsed: &Parsed, command: &Command) -> Result<Vec<OsString>> {
    let Some(file) = parsed.rest.first() else {
        return Err(Failure::new(Code::NoFile, "no file specified"));
    };
    warn_of_more(&parsed.rest);
    if parsed.is_set("in-place") && parsed.value("output").is_some_and(|path| !path.is_empty()) {
        let message = "--in-place and --output exclude each other";
        return Err(Failure::new(Code::Conflict, message));
    }
    if root::modes(parsed) > 1 {
        say(
            "bulla: warning: more than one of --encrypt, --decrypt, --rotate and --set; the last of them in this order is done",
        );
    }
    let mut mode = Mode::of(parsed);
    let changes_keys =
        |set: &Set| ["add-", "rm-"].iter().any(|start| set.flag.long.starts_with(start));
    if parsed.set.iter().any(changes_keys) && !Path::new(file).exists() {
        // It has the error for this.
        mode = Mode::Rotate;
    }
    let verb = mode.verb();
    let flags = flags_of(command, command.find_subcommand(verb), false);
    let mut words: Vec<OsString> = vec![verb.into()];
    for set in &parsed.set {
        let long = set.flag.long.as_ref();
        if root::is_mode(long) || IGNORED.contains(&long) {
            continue;
        }
        // As in sops: what another verb is told by is no error here.
        if flags.iter().any(|flag| flag.long == long) || root::is_kept(set) {
            words.push(set.typed());
        }
    }
    let (file, name) = root::file_and_name(file, mode, parsed);
    if let Some(name) = name {
        words.extend(["--filename-override".into(), name]);
    }
    words.push("--".into());
    words.extend(file);
    if mode == Mode::Set {
        words.extend(root::index_and_value(parsed)?);
    }
    Ok(words)
}

/// As sops does it, and why.
fn warn_of_more(arguments: &[OsString]) {
    let Some((_, more)) = arguments.split_first().filter(|(_, more)| !more.is_empty()) else {
        return;
    };
    say("bulla: warning: more than one argument; only the first one is used");
    let flag =
        more.iter().rev().filter_map(|word| word.to_str()).find(|word| word.starts_with('-'));
    if let Some(flag) = flag {
        say(&format!(
            "bulla: warning: one of those that are ignored is {flag}; flags stand before the file"
        ));
    }
}

/// The flags of a verb, by all of their names, with those that every verb has. Unless
/// they are `lists`, the last value counts.
fn flags_of(command: &Command, verb: Option<&Command>, lists: bool) -> Vec<Flag> {
    let arguments = verb.into_iter().chain([command]).flat_map(Command::get_arguments);
    let named = arguments.flat_map(|argument| {
        let aliases = argument.get_all_aliases().unwrap_or_default();
        let names = argument.get_long().into_iter().chain(aliases);
        names.map(move |name| (name, argument))
    });
    named
        .map(|(name, argument)| {
            let kind = match argument.get_action().takes_values() {
                _ if name == root::LOCAL => Kind::Switch,
                true => Kind::Value,
                false => Kind::Bool,
            };
            let short = argument.get_short().filter(|_| argument.get_long() == Some(name));
            let repeats = lists || name == "keyservice";
            Flag { long: name.to_owned().into(), short, kind, repeats }
        })
        .collect()
}

#[cfg(test)]
mod tests;
