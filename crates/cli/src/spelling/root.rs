//! The flags that stand before the file when there is no verb, and what they ask for.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};

use super::go_flags::{Flag, Kind, Parsed, Set};
use crate::exit::Code;
use crate::failure::{Failure, Result};

/// The flags of sops's root, with those for help and version.
pub(super) const ROOT: &[Flag] = &[
    flag("help", Some('h'), Kind::Bool),
    flag("version", Some('v'), Kind::Bool),
    flag("decrypt", Some('d'), Kind::Bool),
    flag("encrypt", Some('e'), Kind::Bool),
    flag("rotate", Some('r'), Kind::Bool),
    flag("set", None, Kind::Value),
    flag("disable-version-check", None, Kind::Bool),
    flag("check-for-updates", None, Kind::Bool),
    flag("verbose", None, Kind::Bool),
    flag("indent", None, Kind::Int),
    flag("config", None, Kind::Value),
    flag("in-place", Some('i'), Kind::Bool),
    flag("output", None, Kind::Value),
    flag("extract", None, Kind::Value),
    flag("input-type", None, Kind::Value),
    flag("output-type", None, Kind::Value),
    flag("filename-override", None, Kind::Value),
    flag("show-master-keys", Some('s'), Kind::Bool),
    flag("ignore-mac", None, Kind::Bool),
    flag("mac-only-encrypted", None, Kind::Bool),
    flag("unencrypted-suffix", None, Kind::Value),
    flag("encrypted-suffix", None, Kind::Value),
    flag("unencrypted-regex", None, Kind::Value),
    flag("encrypted-regex", None, Kind::Value),
    flag("unencrypted-comment-regex", None, Kind::Value),
    flag("encrypted-comment-regex", None, Kind::Value),
    flag("shamir-secret-sharing-threshold", None, Kind::Int),
    flag("decryption-order", None, Kind::Value),
    flag(LOCAL, None, Kind::Switch),
    Flag { long: Cow::Borrowed("keyservice"), short: None, kind: Kind::Value, repeats: true },
    flag("encryption-context", None, Kind::Value),
    flag("aws-profile", None, Kind::Value),
    flag("kms", Some('k'), Kind::Value),
    flag("gcp-kms", None, Kind::Value),
    flag("hckms", None, Kind::Value),
    flag("azure-kv", None, Kind::Value),
    flag("hc-vault-transit", None, Kind::Value),
    flag("pgp", Some('p'), Kind::Value),
    flag("age", Some('a'), Kind::Value),
    flag("add-kms", None, Kind::Value),
    flag("add-gcp-kms", None, Kind::Value),
    flag("add-hckms", None, Kind::Value),
    flag("add-azure-kv", None, Kind::Value),
    flag("add-hc-vault-transit", None, Kind::Value),
    flag("add-pgp", None, Kind::Value),
    flag("add-age", None, Kind::Value),
    flag("rm-kms", None, Kind::Value),
    flag("rm-gcp-kms", None, Kind::Value),
    flag("rm-hckms", None, Kind::Value),
    flag("rm-azure-kv", None, Kind::Value),
    flag("rm-hc-vault-transit", None, Kind::Value),
    flag("rm-pgp", None, Kind::Value),
    flag("rm-age", None, Kind::Value),
];

/// Taken, and of no use here: nobody is asked about versions, and there is no log.
pub(super) const IGNORED: [&str; 3] = ["disable-version-check", "check-for-updates", "verbose"];

/// Who opens a file is never left out in silence.
const KEPT: [&str; 3] = ["config", "decryption-order", "keyservice"];

/// Whether this machine's own keys are used, which is the rule.
pub(super) const LOCAL: &str = "enable-local-keyservice";

const fn flag(long: &'static str, short: Option<char>, kind: Kind) -> Flag {
    Flag { long: Cow::Borrowed(long), short, kind, repeats: false }
}

/// What is to be done with the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Edit,
    Encrypt,
    Decrypt,
    Rotate,
    Set,
}

impl Mode {
    /// Of several that were asked for, the one whose result sops gives.
    pub(super) fn of(parsed: &Parsed) -> Self {
        let mut modes = asked(parsed);
        modes.next_back().unwrap_or(Self::Edit)
    }

    /// The verb that does it.
    pub(super) fn verb(self) -> &'static str {
        match self {
            Self::Edit => "edit",
            Self::Encrypt => "encrypt",
            Self::Decrypt => "decrypt",
            Self::Rotate => "rotate",
            Self::Set => "set",
        }
    }
}

/// How many things are asked for.
pub(super) fn modes(parsed: &Parsed) -> usize {
    asked(parsed).count()
}

fn asked(parsed: &Parsed) -> impl DoubleEndedIterator<Item = Mode> {
    let sets = parsed.value("set").is_some_and(|text| !text.is_empty());
    [
        (Mode::Encrypt, parsed.is_set("encrypt")),
        (Mode::Decrypt, parsed.is_set("decrypt")),
        (Mode::Rotate, parsed.is_set("rotate")),
        (Mode::Set, sets),
    ]
    .into_iter()
    .filter_map(|(mode, is_asked)| is_asked.then_some(mode))
}

/// Whether a flag says what is to be done, and is no flag of the verb that does it.
pub(super) fn is_mode(long: &str) -> bool {
    ["decrypt", "encrypt", "rotate", "set"].contains(&long)
}

/// Whether a flag is passed on to a verb that does not take it, which then says so.
pub(super) fn is_kept(set: &Set) -> bool {
    let long = set.flag.long.as_ref();
    let is_exception = long == LOCAL && set.value.as_deref() == Some(OsStr::new("false"));
    KEPT.contains(&long) || is_exception
}

/// Whether sops heeds a root flag that stands before a verb: where the verb looks for
/// it, and has none of that name itself.
pub(super) fn reaches(long: &str, verb: &str) -> bool {
    match long {
        "config" | "indent" => true,
        "mac-only-encrypted" | "encrypted-comment-regex" | "unencrypted-comment-regex" => {
            matches!(verb, "encrypt" | "edit")
        }
        "ignore-mac" => matches!(verb, "exec-env" | "exec-file" | "rotate"),
        "input-type" => matches!(verb, "exec-env" | "publish"),
        "aws-profile" => verb == "rotate",
        _ => false,
    }
}

/// The file as the verb takes it, and the name that it goes by: standard input as a
/// device is one that is read, but rules are looked for where the command is started.
pub(super) fn file_and_name(
    file: &OsStr,
    mode: Mode,
    parsed: &Parsed,
) -> (Option<OsString>, Option<OsString>) {
    if file == "/dev/stdin" && matches!(mode, Mode::Encrypt | Mode::Decrypt) {
        let name = parsed.value("filename-override").is_none().then(|| "stdin".into());
        return (None, name);
    }
    // To sops this is a file's name.
    let file = if file == "-" { "./-".into() } else { file.to_owned() };
    (Some(file), None)
}

/// `--set 'INDEX VALUE'` as two arguments.
pub(super) fn index_and_value(parsed: &Parsed) -> Result<[OsString; 2]> {
    let text = parsed.value("set").and_then(OsStr::to_str);
    let split = text.and_then(|text| text.split_once("] "));
    let (index, value) = split.ok_or_else(|| {
        // What was typed is most likely a secret.
        let message =
            "--set: this is no index with a value behind it; write it as '[\"key\"] \"value\"'";
        Failure::new(Code::SetFormat, message)
    })?;
    Ok([format!("{index}]").into(), value.trim_start_matches(' ').into()])
}
