//! What a type shows of itself when somebody prints it to find a fault.

use std::fs;
use std::path::{Path, PathBuf};

use bulla_core::{Document, Format, Part, Value};
use bulla_testkit::peers::workspace_root;
use bulla_yaml::{Edit, Stream, Style, resolve};

const SECRET: &str = "hunter2-correct-horse";

/// Fails to compile for a type that can be printed.
macro_rules! cannot_be_printed {
    ($($type:ty),+ $(,)?) => {{
        // With one of them there is one way to fill in the `_`, with both there are two.
        trait Any<Way> {
            fn is_there() {}
        }
        impl<T: ?Sized> Any<()> for T {}
        impl<T: ?Sized + std::fmt::Debug> Any<u8> for T {}
        $(<$type as Any<_>>::is_there();)+
    }};
}

#[test]
fn keys_and_opened_files_cannot_be_printed() {
    cannot_be_printed!(
        bulla_core::Cipher,
        bulla_core::DataKey,
        bulla_core::Opened,
        bulla_core::OpenedBytes,
        bulla_core::OpenedObject,
        bulla_core::Keyring<'_>,
        bulla_keys::age::AgeKey,
    );
}

#[test]
fn what_holds_plaintext_shows_none_of_it() {
    let text = format!(
        "a: '{SECRET}'\nb: \"\\x{:02x}{}\"\n# {SECRET}\nc: |\n  {SECRET}\n",
        SECRET.as_bytes()[0],
        &SECRET[1..]
    );
    let stream = Stream::parse(&text).expect("it is YAML");
    let document = Document::parse(&text, Format::Yaml).expect("it is YAML");
    let mut shown = vec![
        format!("{stream:?}"),
        format!("{document:?}"),
        format!("{:?}", document.parts()),
        format!("{:?}", Edit::insert(0, SECRET)),
        format!("{:?}", Value::Str(SECRET.into())),
        format!("{:?}", resolve(None, Style::Plain, SECRET)),
    ];
    shown.extend(
        (0..stream.len()).map(|nth| format!("{:?}", stream.node(stream.nth(nth).expect("a node")))),
    );
    for (format, text) in [
        (Format::Json, format!("{{\"a\": \"{SECRET}\"}}")),
        (Format::Dotenv, format!("a={SECRET}\n# {SECRET}\n")),
        (Format::Ini, format!("[a]\n; {SECRET}\nb = {SECRET}\n")),
    ] {
        let document = Document::parse(&text, format).expect("it is of the format");
        assert!(document.parts().iter().any(|part| matches!(part, Part::Leaf(_))));
        shown.extend([format!("{document:?}"), format!("{:?}", document.parts())]);
    }
    for shown in shown {
        assert!(!shown.contains(SECRET), "{}", shown.replace(SECRET, "HERE IT IS"));
    }
}

/// Types of which nobody outside of their crate can make one: a field that is wiped when it
/// is dropped is shown by a derived `Debug` as it is.
#[test]
fn no_type_with_a_field_that_is_wiped_derives_a_way_to_be_printed() {
    let mut seen = 0;
    for name in ["cli", "core", "guard", "keys", "krm", "yaml"] {
        for file in sources(&workspace_root().join("crates").join(name).join("src")) {
            let text = fs::read_to_string(&file).expect("a source");
            for (derived, body) in types(&text) {
                if !body.contains("Zeroizing<") {
                    continue;
                }
                seen += 1;
                let head = body.lines().next().unwrap_or_default();
                assert!(!derived.contains("Debug"), "{}: {head}", file.display());
            }
        }
    }
    assert!(seen > 20, "only {seen} types were found");
}

/// The types of a source: what stands between the last item and the name, and the rest up
/// to the line that closes it.
fn types(source: &str) -> Vec<(&str, &str)> {
    let starts = ["struct ", "enum "].into_iter().flat_map(|word| source.match_indices(word));
    let declared = starts.filter_map(|(at, _)| {
        let line = source[..at].rfind('\n').map_or(0, |end| end + 1);
        let begins = source[line..at].trim();
        (begins.is_empty() || begins.starts_with("pub")).then_some(line)
    });
    declared
        .map(|line| {
            let above = source[..line].rfind("\n\n").unwrap_or(0);
            let rest = &source[line..];
            let one_line = rest.lines().next().is_some_and(|line| line.ends_with([';', '}']));
            let end = if one_line { rest.find('\n') } else { rest.find("\n}").map(|end| end + 2) };
            (&source[above..line], &rest[..end.unwrap_or(rest.len())])
        })
        .collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder of sources");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    paths
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}
