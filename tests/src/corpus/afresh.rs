//! A fourth corpus, of templates: hosts into which any key file goes, and places where a
//! password stands in somebody else's format.
//!
//! The same places with placeholders and references in them must pass, so that no rule can
//! know the place alone.

use fastrand::Rng;

use super::draw::{alphanumeric, encoded, hex, indented, password};
use super::{Case, Item, Label};

mod clean;
mod hosts;
mod places;

pub use clean::all as clean;

/// Where a file or a value goes in a template: `§what§` or `§what:with§`.
const MARK: char = '§';

/// A host: what it is, the path of its file, the template.
struct Host {
    layout: &'static str,
    path: &'static str,
    template: &'static str,
}

/// A place for a value.
struct Place {
    layout: &'static str,
    path: &'static str,
    template: &'static str,
    kind: Kind,
}

/// What kind of value.
#[derive(Clone, Copy)]
enum Kind {
    /// As people choose them.
    Password,
    /// Letters and digits.
    Token,
    /// Hexadecimal digits.
    Hex,
}

/// A key file in every host that can take it.
pub fn of_file(item: &Item) -> Vec<Case> {
    hosts::ALL.iter().filter_map(|host| hosted(host, item)).collect()
}

fn hosted(host: &Host, item: &Item) -> Option<Case> {
    let Item { class, label, name, text, needle } = item;
    let base = name.rsplit('/').next().unwrap_or(name);
    let text = text.trim_end_matches('\n');
    let is_bare = !text.contains([' ', '\n', '{', '[']);
    // Only the name says what a bare value is.
    if is_bare && !host.template.contains("§name§") && !host.template.contains("§key§") {
        return None;
    }
    let secret = &text[..text.find(needle.as_str())?];
    let (mut out, mut line) = (String::new(), None);
    let mut parts = host.template.split(MARK);
    out.push_str(parts.next()?);
    while let (Some(what), Some(rest)) = (parts.next(), parts.next()) {
        match what {
            "name" => out.push_str(base),
            // What Kubernetes takes as a key.
            "key" => out.push_str(
                &base.replace(|c: char| !c.is_alphanumeric() && c != '.' && c != '_', "-"),
            ),
            _ => {
                let whole = written(what, text)?;
                let before =
                    if what.starts_with("b64") { String::new() } else { written(what, secret)? };
                line = Some(out.matches('\n').count() + before.matches('\n').count() + 1);
                out.push_str(&whole);
            }
        }
        out.push_str(rest);
    }
    Some(Case {
        class,
        layout: host.layout,
        label: *label,
        path: host.path.replace("§name§", base),
        bytes: out.into_bytes(),
        others: Vec::new(),
        line: line?,
    })
}

/// A text as its host writes it. `None` when it does not go there.
fn written(what: &str, text: &str) -> Option<String> {
    let (how, with) = what.split_once(':').unwrap_or((what, ""));
    let by = || " ".repeat(with.parse().unwrap_or(0));
    let lines = |text: &str, prefix: &str| {
        let indented = indented(text, prefix);
        indented.strip_suffix('\n').unwrap_or(&indented).to_owned()
    };
    Some(match how {
        "text" => lines(text, &by()),
        // Behind something on its line.
        "behind" => lines(text, &by()).trim_start().to_owned(),
        "prefix" => {
            let line = |line: &str| format!("{with}{line}").trim_end().to_owned();
            text.lines().map(line).collect::<Vec<_>>().join("\n")
        }
        "line" if text.contains('\n') => return None,
        "line" => text.to_owned(),
        // Between single quotes, which the text must not have.
        "quoted" if text.contains(['\'', '\n']) => return None,
        "quoted" => text.to_owned(),
        "json" => json(text),
        "json2" => json(&json(text)),
        "xml" => text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;"),
        "sql" => text.replace('\'', "''"),
        "csv" => text.replace('"', "\"\""),
        "backtick" if text.contains(['`', '$', '\\']) => return None,
        "backtick" => text.to_owned(),
        "continued" => text.replace('\\', "\\\\").replace('\n', "\\n\\\n    "),
        "b64" => encoded(&format!("{text}\n")),
        "b64lines" => {
            let line = encoded(&format!("{text}\n"));
            let lines: Vec<_> = line
                .as_bytes()
                .chunks(76)
                .map(|line| by() + &String::from_utf8_lossy(line))
                .collect();
            lines.join("\n")
        }
        _ => unreachable!("{how} is no way to write a text"),
    })
}

fn json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// A value in every place.
pub fn of_places(rng: &mut Rng) -> Vec<Case> {
    let mut cases = Vec::new();
    for place in places::ALL {
        let value = match place.kind {
            Kind::Password => password(rng),
            Kind::Token => alphanumeric(rng, 32),
            Kind::Hex => hex(rng, 20),
        };
        cases.push(Case::new("a value", place.layout, place.path, &filled(place, &value), "\u{1}"));
    }
    for case in &mut cases {
        case.bytes.retain(|byte| *byte != 1);
    }
    cases
}

/// The place with a value in it, behind a mark.
fn filled(place: &Place, value: &str) -> String {
    place
        .template
        .replace("§b64§", &format!("\u{1}{}", encoded(value)))
        .replace("§login§", &format!("\u{1}{}", encoded(&format!("deploy:{value}"))))
        .replace("§v§", &format!("\u{1}{value}"))
}

/// Every case of this corpus.
pub fn all(rng: &mut Rng, items: &[Item]) -> Vec<Case> {
    let mut cases: Vec<Case> = items.iter().flat_map(of_file).collect();
    cases.extend(of_places(rng));
    cases.extend(clean::all(rng));
    debug_assert!(cases.iter().any(|case| case.label == Label::Clean));
    cases
}
