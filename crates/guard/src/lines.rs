//! Names and values in texts that have no structure that is known here: programs,
//! settings of many kinds, command lines, comments, prose.

use std::iter::Peekable;
use std::ops::Range;

use bulla_core::SEALED_MARK;
use memchr::memmem;

use crate::credential::{self, Writing};
use crate::found::Found;
use crate::judge::FINDING_LIMIT;
use crate::shape::is_name;
use crate::words;

mod columns;
mod commands;
mod markup;
mod phrases;

/// The longest name, and the longest value, that are looked at.
const NAME_LIMIT: usize = 100;
const VALUE_LIMIT: usize = 4096;

/// How much of a value without quotes is looked at: enough to tell what it is, and
/// little where a line is nothing but names.
const UNQUOTED_LIMIT: usize = 512;

/// What the names of templates end with, behind the name of what they make.
const TEMPLATES: [&str; 7] = [".ejs", ".erb", ".hbs", ".j2", ".mustache", ".tmpl", ".tpl"];

/// What a text without structure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A program, whose names stand for other things.
    Program,
    /// Settings, scripts: what stands behind a name is a value.
    Settings,
    /// A command, or another value of a single line.
    Command,
    /// Prose: what is in it is shown to somebody.
    Prose,
}

impl Kind {
    /// By the file's name; settings are the rule.
    pub(crate) fn of_path(path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        // What a template makes: `app.ts.ejs`.
        let name = TEMPLATES.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
        let extension = name.rsplit_once('.').map(|(_, extension)| extension).unwrap_or_default();
        const PROGRAMS: [&str; 63] = [
            "bal", "c", "cc", "cjs", "cl", "clj", "cpp", "cs", "css", "cts", "cu", "cue", "cuh",
            "cxx", "dart", "el", "elm", "erl", "ex", "exs", "fs", "fsx", "go", "groovy", "h", "hh",
            "hpp", "hs", "hxx", "inl", "ipp", "java", "jl", "js", "jsx", "kt", "kts", "lua", "m",
            "metal", "mjs", "ml", "mts", "nim", "php", "pl", "pm", "proto", "py", "pyi", "r", "rb",
            "rs", "scala", "sol", "svelte", "swift", "tpp", "ts", "tsx", "vb", "vue", "zig",
        ];
        match extension {
            "md" | "markdown" | "rst" | "txt" | "adoc" | "html" | "htm" | "tex" => Self::Prose,
            extension if PROGRAMS.binary_search(&extension).is_ok() => Self::Program,
            _ => Self::Settings,
        }
    }
}

/// A name, the value behind it, and how that is written.
struct Assignment<'t> {
    name: &'t str,
    value: Range<usize>,
    writing: Writing,
}

/// Every secret behind its name, where `is_wanted` wants it.
pub(crate) fn find(text: &str, kind: Kind, mut is_wanted: impl FnMut(usize) -> bool) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut free = 0;
    let mut sealed = Sealed::new(text.as_bytes());
    for hit in words::names(text) {
        if hit.start < free || !is_wanted(hit.start) {
            continue;
        }
        if found.len() >= FINDING_LIMIT {
            break;
        }
        // Base64 has every word in it now and then.
        if let Some(end) = sealed.around(hit.start) {
            free = end;
            continue;
        }
        if let Some(value) = commands::password(text, &hit) {
            free = value.end;
            if let Some(verdict) =
                credential::judge("password", &text[value.clone()], Writing::Quoted)
            {
                found.push(Found::new(value, verdict.rule, verdict.confidence, verdict.why));
            }
            continue;
        }
        let name = name_around(text.as_bytes(), &hit);
        free = name.end;
        let assignment =
            assignment(text, name.clone(), kind).or_else(|| phrases::value(text, name, kind));
        let Some(assignment) = assignment else { continue };
        let value = &text[assignment.value.clone()];
        if let Some(verdict) = credential::judge(assignment.name, value, assignment.writing) {
            let span = assignment.value.clone();
            if found.last().is_some_and(|last| last.span.start == span.start) {
                continue;
            }
            found.push(Found::new(span, verdict.rule, verdict.confidence, verdict.why));
        }
    }
    if kind == Kind::Prose {
        found.extend(columns::find(text));
    }
    found
}

/// The sealed values of a text, for places in their order: a line may have a name in every
/// other word, and is read once.
struct Sealed<'t> {
    text: &'t [u8],
    /// Where the values begin that have not been reached.
    ahead: Peekable<memmem::FindIter<'t, 'static>>,
    /// Where the last one begins that has been.
    last: Option<usize>,
}

impl<'t> Sealed<'t> {
    fn new(text: &'t [u8]) -> Self {
        let ahead = memmem::find_iter(text, SEALED_MARK.as_bytes()).peekable();
        Self { text, ahead, last: None }
    }

    /// Where the sealed value ends that a place is in.
    fn around(&mut self, at: usize) -> Option<usize> {
        while let Some(next) = self.ahead.next_if(|next| next + SEALED_MARK.len() <= at) {
            self.last = Some(next);
        }
        let open = self.last.filter(|&open| at - open <= VALUE_LIMIT)?;
        let is_same_line = memchr::memchr(b'\n', &self.text[open..at]).is_none();
        let rest = &self.text[open..];
        let close = memchr::memchr(b']', rest).map_or(self.text.len(), |length| open + length);
        (is_same_line && close > at).then_some(close)
    }
}

/// The whole name that a word is in.
fn name_around(text: &[u8], hit: &Range<usize>) -> Range<usize> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let before = text[hit.start.saturating_sub(NAME_LIMIT)..hit.start].iter().rev();
    // What an escaped line break ends with is no letter.
    let start = hit.start - before.take_while(|&&byte| is_part(byte)).count();
    let start = match (start.checked_sub(1).map(|at| text[at]), text[start]) {
        (Some(b'\\'), b'n' | b'r' | b't') => start + 1,
        _ => start,
    };
    // A hit may end with a sign of its own: `pass=`.
    let mut end = hit.end;
    while end > start && !is_part(text[end - 1]) {
        end -= 1;
    }
    let behind = text[end..text.len().min(end + NAME_LIMIT)].iter();
    end += behind.take_while(|&&byte| is_part(byte)).count();
    start..end
}

/// The value that a name is given.
fn assignment(text: &str, name: Range<usize>, kind: Kind) -> Option<Assignment<'_>> {
    let bytes = text.as_bytes();
    let written = text.get(name.clone())?;
    // A line may be as long as the file, and have a name in every other word.
    let first = name.start.saturating_sub(VALUE_LIMIT);
    let line_start =
        memchr::memrchr(b'\n', &bytes[first..name.start]).map_or(first, |at| first + at + 1);
    let last = bytes.len().min(name.end + VALUE_LIMIT);
    let limit = memchr::memchr(b'\n', &bytes[name.end..last]).map_or(last, |at| name.end + at);
    let before = bytes[line_start..name.start].trim_ascii();
    // `${NAME:+value}` asks whether there is one; `PASS: …` is how a test ended.
    if before.ends_with(b"${") || (written == "PASS" && bytes.get(name.end) == Some(&b':')) {
        return None;
    }
    let is_quoted_name = matches!(bytes.get(name.end), Some(b'"' | b'\'' | b'`'));
    let mut at = name.end;
    let skip = |at: &mut usize, set: &[u8]| {
        let start = *at;
        while *at < limit && set.contains(&bytes[*at]) {
            *at += 1;
        }
        *at - start
    };
    // The end of the name: `"name"`, `\"name\"`, `['name']`, `name)`.
    let closing = skip(&mut at, if is_quoted_name { b"\\\"'`]}" } else { b"\\\"'`]" });
    let blanks = skip(&mut at, b" \t");
    let rest = &bytes[at..limit];
    let is_element = before.ends_with(b"<") && rest.first() == Some(&b'>');
    let separator: usize = match rest {
        [b'=', b'=' | b'~', ..] | [b':', b':', ..] => return None,
        [b':', b'=', ..] | [b'=', b'>', ..] | [b'?', b'=', ..] | [b'+', b'=', ..] => 2,
        [b'=' | b':', ..] => 1,
        [b'>', ..] if is_element => 1,
        [b',', ..] if closing > 0 && is_quoted_name => 1,
        _ if blanks > 0 && takes_word(before, written) => 0,
        [b'{', ..] if is_quoted_name && before.ends_with(b"variable \"") => {
            return terraform_default(text, written, at);
        }
        _ if is_quoted_name || rest.starts_with(b"</key>") => {
            return markup::value(text, written, name.start, name.end..limit);
        }
        _ => return None,
    };
    let is_argument = rest.first() == Some(&b',');
    at += separator;
    skip(&mut at, b" \t");
    at = behind_type(bytes, at, limit, separator);
    // Of a list, the first.
    if !is_argument {
        skip(&mut at, b"[");
    }
    let is_flag = separator == 0;
    if written == "import-hex" {
        // `keys import-hex NAME HEX`
        at += bytes[at..limit].iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
        skip(&mut at, b" \t");
    }
    let (value, is_quoted) = if is_element {
        let end = at + memchr::memchr(b'<', &bytes[at..limit])?;
        (at..end, true)
    } else {
        value(bytes, behind_scheme(bytes, at, limit), limit)?
    };
    if value.is_empty() || !text.is_char_boundary(value.start) || !text.is_char_boundary(value.end)
    {
        return None;
    }
    let name = match written {
        "import-hex" => "private_key",
        // Those of Hardhat: an address is shorter.
        "accounts" if value.len() >= 64 => "private_key",
        _ if phrases::is_owned(before, written) => "api_key",
        _ => written.trim_start_matches(['-', '.']),
    };
    // What another part of the program is called: `var.db_password`.
    let is_expression =
        |value: &str| value.contains(['(', '[', '{']) || value.contains('.') && is_name(value);
    let is_listed = |value: &str| value.contains('_') && is_name(value);
    if (is_argument && is_listed(&text[value.clone()]))
        || (!is_quoted && is_expression(&text[value.clone()]))
    {
        return None;
    }
    // Pages list names.
    if is_argument && matches!(kind, Kind::Prose | Kind::Command) {
        return None;
    }
    let writing = if kind == Kind::Prose && !is_element {
        Writing::Shown
    } else if is_quoted && is_argument {
        // `("password", "token")`: a list of names, more often than not.
        Writing::Bare
    } else if is_quoted {
        if kind == Kind::Settings { Writing::Data } else { Writing::Quoted }
    } else if is_argument || kind == Kind::Program {
        return None;
    } else if kind == Kind::Settings
        && is_setting(before, separator, bytes.get(value.end))
        && !is_flag
    {
        Writing::Data
    } else {
        Writing::Bare
    };
    Some(Assignment { name, value, writing })
}

/// `variable "db_password" { default = "…" }`
fn terraform_default<'t>(text: &'t str, name: &'t str, open: usize) -> Option<Assignment<'t>> {
    let bytes = text.as_bytes();
    let window = &bytes[open..bytes.len().min(open + VALUE_LIMIT)];
    let end = open + memchr::memmem::find(window, b"\n}").unwrap_or(window.len());
    let default = open + memchr::memmem::find(&bytes[open..end], b"default")? + b"default".len();
    let blanks = bytes[default..end].iter().take_while(|&&byte| b" \t=".contains(&byte)).count();
    let (value, is_quoted) = value(bytes, default + blanks, end)?;
    let is_text =
        is_quoted && text.is_char_boundary(value.start) && text.is_char_boundary(value.end);
    is_text.then_some(Assignment { name, value, writing: Writing::Data })
}

/// Behind the scheme of an `Authorization`: `Bearer …`.
fn behind_scheme(bytes: &[u8], at: usize, limit: usize) -> usize {
    let rest = &bytes[at..limit];
    let scheme = [&b"Bearer "[..], b"bearer ", b"Basic ", b"Token ", b"token "];
    scheme.iter().find(|scheme| rest.starts_with(scheme)).map_or(at, |scheme| at + scheme.len())
}

/// Whether a name takes the next word as its value, without a sign between them.
fn takes_word(before: &[u8], name: &str) -> bool {
    let last = before.rsplit(|byte| byte.is_ascii_whitespace()).next().unwrap_or_default();
    name.starts_with('-')
        || before.is_empty() && matches!(name, "requirepass" | "masterauth" | "password")
        || matches!(last, b"#define" | b"ENV" | b"ARG" | b"export" | b"login" | b"machine" | b"set" | b"setenv")
        || (before.starts_with(b"set ") && last.starts_with(b"-"))
        // netrc: `machine host login user password value`
        || before.starts_with(b"machine ")
        // `keys import-hex NAME HEX`
        || name == "import-hex"
}

/// Behind the type of a variable: `password: &str = "…"`.
fn behind_type(bytes: &[u8], at: usize, limit: usize, separator: usize) -> usize {
    let rest = &bytes[at..limit];
    if separator != 1 || bytes[..at].trim_ascii_end().last() != Some(&b':') {
        return at;
    }
    let is_type = |byte: &u8| byte.is_ascii_alphanumeric() || b"&'_[]<> |.:".contains(byte);
    let length = rest.iter().take_while(|byte| is_type(byte)).count();
    match &rest[length..] {
        [b'=', b' ', quote @ (b'"' | b'\'' | b'`'), ..] if length > 0 => {
            let _ = quote;
            at + length + 2
        }
        _ => at,
    }
}

/// A value, and whether quotes stand around it.
fn value(bytes: &[u8], mut at: usize, limit: usize) -> Option<(Range<usize>, bool)> {
    // The letter before a string: b"", r"", f"", @"".
    if let [b'b' | b'r' | b'u' | b'f' | b'@' | b'$' | b'L', b'"' | b'\'', ..] = bytes[at..limit] {
        if matches!(bytes[at], b'f' | b'$') {
            return None;
        }
        at += 1;
    }
    let mut escape = 0;
    while at < limit && bytes[at] == b'\\' {
        escape += 1;
        at += 1;
    }
    let quote = *bytes.get(at).filter(|_| at < limit)?;
    if matches!(quote, b'"' | b'\'' | b'`') {
        let start = at + 1;
        let mut end = start;
        while end < limit {
            match bytes[end] {
                b'\\' if escape == 0 => end += 1,
                byte if byte == quote => break,
                _ => {}
            }
            end += 1;
        }
        // A quote that is closed on its own line, the escapes of its mark left out.
        if end >= limit {
            return None;
        }
        let is_escape = |index: usize| index > start && bytes[index - 1] == b'\\';
        while escape > 0 && is_escape(end) {
            end -= 1;
        }
        return Some((start..end, true));
    }
    if escape > 0 {
        return None;
    }
    let start = at;
    let limit = limit.min(start + UNQUOTED_LIMIT);
    while at < limit && !bytes[at].is_ascii_whitespace() && !b"\"'`<>".contains(&bytes[at]) {
        // The end of a string of several lines.
        if bytes[at] == b'\\' && matches!(bytes.get(at + 1), Some(b'n' | b'r' | b't' | b'"')) {
            break;
        }
        at += 1;
    }
    while at > start && b",;)]}".contains(&bytes[at - 1]) {
        at -= 1;
    }
    Some((start..at, false))
}

/// Whether a line is a setting: a name, a sign, a value, and nothing that belongs to
/// a program.
fn is_setting(before: &[u8], separator: usize, behind: Option<&u8>) -> bool {
    const LEADS: [&[u8]; 11] = [
        b"export",
        b"ENV",
        b"ARG",
        b"set",
        b"-e",
        b"--env",
        b"-",
        b"env",
        b"local",
        b"declare",
        b"readonly",
    ];
    let is_lead = before.is_empty()
        || LEADS.contains(&before)
        || before.ends_with(b"-e")
        || before.ends_with(b"--env")
        || before.ends_with(b"--from-literal=")
        || before.ends_with(b"--from-literal");
    separator == 1 && is_lead && behind.is_none_or(|byte| byte.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, kind: Kind) -> Vec<&str> {
        find(text, kind, |_| true).into_iter().map(|found| &text[found.span]).collect()
    }

    #[test]
    fn settings_of_many_kinds() {
        for text in [
            "DB_PASSWORD=hunter2",
            "export DB_PASSWORD='hunter2'",
            "db_password = \"hunter2\"",
            "db.password: hunter2",
            "ENV DB_PASSWORD hunter2",
            "ENV DB_PASSWORD=hunter2",
            "requirepass hunter2",
            "mysqldump --password=hunter2 --all",
            "cmd --db-password hunter2 \\",
            "curl -H \"X-Password: hunter2\" https://x",
            "variable \"db_password\" {\n  type = string\n  default = \"hunter2\"\n}",
            "{\"password\":\"hunter2\"}",
            "{\\\"password\\\": \\\"hunter2\\\"}",
            "'password' => 'hunter2',",
            "<password>hunter2</password>",
            "machine example.org login me password hunter2",
            "kubectl create secret generic a --from-literal=password=hunter2",
            "-e POSTGRES_PASSWORD=hunter2",
            "# the old password: hunter2",
        ] {
            assert_eq!(found(text, Kind::Settings), ["hunter2"], "{text}");
        }
    }

    #[test]
    fn programs_have_names_for_other_things() {
        for text in [
            "PASSWORD = \"hunter2\"",
            "let password: &str = \"hunter2\";",
            "setenv(\"DB_PASSWORD\", \"hunter2\")",
            "auth(password='hunter2')",
        ] {
            assert_eq!(found(text, Kind::Program), ["hunter2"], "{text}");
        }
        for text in [
            "password = get_password()",
            "password = os.environ[\"DB_PASSWORD\"]",
            "let token = lexer.next2;",
            "if password == \"hunter2\" {",
            "password: String,",
            "fn password(secret: &str)",
            "token::Kind2",
            "plugins = ['caching_password', 'sha256_password']",
            "['auth_password', ['snmpv3_pass2']]",
            "f(password=pass2)",
            "password = f\"{a}2\"",
        ] {
            assert_eq!(found(text, Kind::Program), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn prose_has_words() {
        for text in [
            "The password is required.",
            "password: the one of the user",
            "Set a token: see below",
            "password: \"changeme\"",
            "--password PASSWORD",
        ] {
            assert_eq!(found(text, Kind::Prose), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn odd_ends_of_texts() {
        for text in [
            "password",
            "password=",
            "password=\"",
            "password: \\",
            "=password",
            "passwordü=ü2345",
            "--password ",
        ] {
            assert_eq!(found(text, Kind::Settings), Vec::<&str>::new(), "{text}");
        }
    }
}
