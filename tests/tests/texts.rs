//! Generated dotenv and INI files, sealed by one and opened by the other, both ways,
//! with every sops. `BULLA_SEEDS=5000` makes it as many as that.

use bulla_core::{Document, Format, Part, Recipe, Selector, SelectorKind, Value, open, seal};
use bulla_testkit::{Sandbox, keys, peers};
use bulla_tests::generate::{dotenv::dotenv, ini::ini};
use bulla_tests::sealing::{NOW, keyring, recipe_with};

/// A format and how its files are made.
struct Kind {
    format: Format,
    file: &'static str,
    generate: fn(u64) -> String,
}

const KINDS: [Kind; 2] = [
    Kind { format: Format::Dotenv, file: "secret.env", generate: dotenv },
    Kind { format: Format::Ini, file: "secret.ini", generate: ini },
];

fn seeds() -> u64 {
    std::env::var("BULLA_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(120)
}

/// Splits the seeds over the cores; each runs `check` on its own sandbox.
fn for_each_seed(check: impl Fn(&Sandbox, &Kind, u64) + Sync) {
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let check = &check;
            scope.spawn(move || {
                let sandbox = Sandbox::new();
                for seed in (thread..seeds()).step_by(threads as usize) {
                    for kind in &KINDS {
                        check(&sandbox, kind, seed);
                    }
                }
            });
        }
    });
}

fn selector(seed: u64) -> Selector {
    let (kind, text) = match seed % 8 {
        0 => (SelectorKind::EncryptedSuffix, "s"),
        1 => (SelectorKind::UnencryptedRegex, "^x_clear$"),
        2 => (SelectorKind::EncryptedRegex, "^(ALWAYS|last|token|TOKEN|a)$"),
        3 => (SelectorKind::UnencryptedCommentRegex, "tight"),
        4 => (SelectorKind::EncryptedCommentRegex, "note|b|marks"),
        _ => (SelectorKind::UnencryptedSuffix, "_clear"),
    };
    // Every one of these compiles.
    Selector::new(kind, text).expect("a selector")
}

fn recipe(seed: u64) -> Recipe {
    Recipe { mac_only_encrypted: seed.is_multiple_of(3), ..recipe_with(selector(seed)) }
}

/// The text sealed with the seed's selector; `None` when that selects nothing, or
/// leaves a value readable that must not be.
fn sealed(kind: &Kind, seed: u64, text: &str) -> Option<String> {
    match seal(text, kind.format, &recipe(seed), &keyring(), NOW) {
        Ok(sealed) => Some(sealed.text),
        Err(error) if seed % 8 < 5 => {
            let error = error.to_string();
            let expected = ["nothing in this file is selected", "ends with a backslash"];
            let known = expected.iter().any(|known| error.contains(known));
            assert!(known, "seed {seed}: {error}\n{text}");
            None
        }
        Err(error) => panic!("seed {seed}: {error}\n{text}"),
    }
}

/// Every leaf as path and value.
fn leaves(format: Format, text: &str) -> Vec<String> {
    let document = Document::parse(text, format)
        .unwrap_or_else(|error| panic!("cannot read what should be {format}: {error}\n{text}"));
    let show = |value: &Value<'_>| format!("{:?}", String::from_utf8_lossy(&value.wire_bytes()));
    document
        .leaves()
        .filter(|leaf| leaf.value != Value::Empty)
        .map(|leaf| format!("{} {}", document.paths().display(leaf.path), show(&leaf.value)))
        .collect()
}

/// The words of all comments, without the marks that sops writes anew. What stands at
/// the end of an INI file is dropped by sops.
fn comments(format: Format, text: &str) -> Vec<String> {
    let document = Document::parse(text, format)
        .unwrap_or_else(|error| panic!("cannot read what should be {format}: {error}\n{text}"));
    let words = |text: &str| {
        text.split(['\n', ';', '#']).map(str::trim).collect::<Vec<_>>().join(" ").trim().to_owned()
    };
    let last = document.leaves().last().map_or(0, |leaf| leaf.at);
    document
        .parts()
        .iter()
        .filter_map(|part| match part {
            Part::Comment(comment) if format == Format::Dotenv || comment.span.start < last => {
                Some(words(&comment.text)).filter(|text| !text.is_empty())
            }
            _ => None,
        })
        .collect()
}

#[test]
fn sealed_by_bulla_opened_by_bulla() {
    for kind in &KINDS {
        for seed in 0..seeds() * 20 {
            let text = (kind.generate)(seed);
            let Some(sealed) = sealed(kind, seed, &text) else { continue };
            let opened = open(&sealed, kind.format, &keyring(), false)
                .unwrap_or_else(|error| panic!("seed {seed}: {error}\n{sealed}"));
            assert_eq!(*opened.text, text, "seed {seed}");
            assert_eq!(opened.readable_comments, Vec::<usize>::new(), "seed {seed}\n{sealed}");
        }
    }
}

#[test]
fn sealed_by_bulla_opened_by_every_sops() {
    let sops = peers::all_sops();
    for_each_seed(|sandbox, kind, seed| {
        let text = (kind.generate)(seed);
        let Some(sealed) = sealed(kind, seed, &text) else { return };
        sandbox.write(kind.file, sealed.as_bytes());
        let (version, sops) = &sops[seed as usize % sops.len()];
        let mut command = sandbox.command(sops);
        command.env("SOPS_AGE_KEY", keys::age_identity());
        // As JSON, because sops loses quotes when it writes INI.
        command.args(["decrypt", "--output-type", "json", kind.file]);
        let run = sandbox.run(&mut command).ok();
        let context = format!("seed {seed}, sops {version}\n{text}\n{sealed}\n{}", run.out());
        assert_eq!(json_leaves(run.out()), leaves(kind.format, &text), "{context}");
        assert!(!run.err().contains("unencrypted comment"), "{context}\n{}", run.err());
    });
}

#[test]
fn sealed_by_every_sops_opened_by_bulla() {
    let sops = peers::all_sops();
    for_each_seed(|sandbox, kind, seed| {
        let text = (kind.generate)(seed);
        sandbox.write(kind.file, text.as_bytes());
        let (version, sops) = &sops[seed as usize % sops.len()];
        let selector = selector(seed);
        let flag = format!("--{}", selector.kind().name().replace('_', "-"));
        let mut command = sandbox.command(sops);
        // Some flags are known to the old spelling only.
        command.args(["--encrypt", "--age", keys::age_recipient(), &flag, selector.text()]);
        if seed.is_multiple_of(3) {
            command.arg("--mac-only-encrypted");
        }
        let sealed = sandbox.run(command.arg(kind.file));
        if sealed.err().contains("panic: runtime error: index out of range") {
            // sops cannot write comments of which the first is empty.
            return;
        }
        let sealed = sealed.ok();
        sandbox.write(kind.file, &sealed.stdout);
        let mut again = sandbox.command(sops);
        again.env("SOPS_AGE_KEY", keys::age_identity()).args(["decrypt", kind.file]);
        let own = sandbox.run(&mut again);
        let context = format!("seed {seed}, sops {version}\n{text}\n{}", sealed.out());
        let opened = match open(sealed.out(), kind.format, &keyring(), false) {
            Ok(opened) => opened,
            Err(error) => {
                assert_ne!(own.code, 0, "{error}\n{context}");
                return;
            }
        };
        assert_eq!(leaves(kind.format, &opened.text), leaves(kind.format, &text), "{context}");
        let context = format!("{context}\n{}", *opened.text);
        assert_eq!(comments(kind.format, &opened.text), comments(kind.format, &text), "{context}");
        if kind.format == Format::Dotenv {
            assert_eq!(*opened.text, own.out(), "{context}");
        }
    });
}

/// The leaves of what sops wrote as JSON, as [`leaves`] shows them. Not through a map:
/// keys may come up twice.
fn json_leaves(json: &str) -> Vec<String> {
    fn walk(path: &str, json: &Json, leaves: &mut Vec<String>) {
        match json {
            Json::Text(text) => leaves.push(format!("{path} {text:?}")),
            Json::Entries(entries) => {
                for (key, value) in entries {
                    let key = serde_json::Value::from(key.as_str());
                    walk(&format!("{path}[{key}]"), value, leaves);
                }
            }
        }
    }
    let mut leaves = Vec::new();
    let json = serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}\n{json}"));
    walk("", &json, &mut leaves);
    leaves
}

/// What a text format becomes in JSON.
enum Json {
    Text(String),
    Entries(Vec<(String, Json)>),
}

impl<'de> serde::Deserialize<'de> for Json {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Json;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("texts and objects")
            }
            fn visit_str<E>(self, text: &str) -> Result<Json, E> {
                Ok(Json::Text(text.to_owned()))
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Json::Entries(entries))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
