//! Generated JSON and random bytes, sealed by one and opened by the other, both ways,
//! with every sops. `BULLA_SEEDS=5000` makes it as many as that.

use bulla_core::{Document, Format, Recipe, Refusal, Selector, SelectorKind, Value};
use bulla_core::{Error, open, open_bytes, reseal, seal, seal_binary};
use bulla_testkit::{Sandbox, keys, peers};
use bulla_tests::generate::json::json;
use bulla_tests::sealing::{NOW, keyring, recipe, recipe_with};
use secrecy::zeroize::Zeroizing;

fn seeds() -> u64 {
    std::env::var("BULLA_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(120)
}

/// Splits the seeds over the cores; each runs `check` on its own sandbox.
fn for_each_seed(check: impl Fn(&Sandbox, u64) + Sync) {
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let check = &check;
            scope.spawn(move || {
                let sandbox = Sandbox::new();
                for seed in (thread..seeds()).step_by(threads as usize) {
                    check(&sandbox, seed);
                }
            });
        }
    });
}

fn selector(seed: u64) -> Selector {
    let (kind, text) = match seed % 8 {
        0 => (SelectorKind::EncryptedSuffix, "en"),
        1 => (SelectorKind::UnencryptedRegex, "clear$"),
        2 => (SelectorKind::EncryptedRegex, "^always$|é"),
        _ => (SelectorKind::UnencryptedSuffix, "_clear"),
    };
    // Every one of these compiles.
    Selector::new(kind, text).expect("a selector")
}

fn recipe_of(seed: u64) -> Recipe {
    Recipe { mac_only_encrypted: seed.is_multiple_of(3), ..recipe_with(selector(seed)) }
}

/// The text sealed with the seed's selector; `None` when that selects nothing, or leaves
/// a number readable that not every sops reads alike.
fn sealed(seed: u64, text: &str) -> Option<String> {
    match seal(text, Format::Json, &recipe_of(seed), &keyring(), NOW) {
        Ok(sealed) => Some(sealed.text),
        Err(Error::NothingSelected { .. }) if seed.is_multiple_of(8) => None,
        Err(Error::Refused { refusal: Refusal::DividedInteger, .. }) => None,
        Err(error) => panic!("seed {seed}: {error}\n{text}"),
    }
}

/// Every leaf as path and value; numbers by their worth, however they are written.
fn leaves(text: &str) -> Vec<String> {
    let document = Document::parse(text, Format::Json)
        .unwrap_or_else(|error| panic!("cannot read what should be JSON: {error}\n{text}"));
    let shown = |value: &Value<'_>| match value {
        Value::Int(_) | Value::Float(_) => {
            let number = String::from_utf8_lossy(&value.wire_bytes()).into_owned();
            // `-0.0` becomes `-0`, an integer to some.
            format!("number {}", if number == "-0" { "0" } else { &number })
        }
        value => format!("{value:?} {:?}", String::from_utf8_lossy(&value.wire_bytes())),
    };
    let leaves = document.leaves();
    leaves
        .map(|leaf| format!("{} {}", document.paths().display(leaf.path), shown(&leaf.value)))
        .collect()
}

#[test]
fn json_sealed_by_bulla_opened_by_bulla() {
    let mut count = 0;
    for seed in 0..seeds() * 20 {
        let text = json(seed, true);
        let Some(sealed) = sealed(seed, &text) else { continue };
        let opened = open(&sealed, Format::Json, &keyring(), false)
            .unwrap_or_else(|error| panic!("seed {seed}: {error}\n{sealed}"));
        assert_eq!(*opened.text, text, "seed {seed}\n{sealed}");
        count += 1;
    }
    assert!(count > seeds() * 10, "{count} files are not many");
}

#[test]
fn json_sealed_by_bulla_opened_by_sops() {
    let sops = peers::all_sops();
    for_each_seed(|sandbox, seed| {
        let text = json(seed, true);
        let Some(sealed) = sealed(seed, &text) else { return };
        sandbox.write("secret.json", sealed.as_bytes());
        for (version, sops) in &sops {
            let mut command = sandbox.command(sops);
            command.env("SOPS_AGE_KEY", keys::age_identity()).args(["decrypt", "secret.json"]);
            let run = sandbox.run(&mut command).ok();
            let context = format!("seed {seed}, sops {version}\n{text}\n{sealed}\n{}", run.out());
            assert_eq!(leaves(run.out()), leaves(&text), "{context}");
        }
    });
}

#[test]
fn json_sealed_by_sops_opened_by_bulla() {
    let sops = peers::all_sops();
    for_each_seed(|sandbox, seed| {
        let text = json(seed, false);
        sandbox.write("secret.json", text.as_bytes());
        let selector = selector(seed);
        let flag = format!("--{}", selector.kind().name().replace('_', "-"));
        for (version, sops) in &sops {
            let mut command = sandbox.command(sops);
            command.args(["--encrypt", "--age", keys::age_recipient(), &flag, selector.text()]);
            if seed.is_multiple_of(3) {
                command.arg("--mac-only-encrypted");
            }
            let by_sops = sandbox.run(command.arg("secret.json")).ok();
            let opened = open(by_sops.out(), Format::Json, &keyring(), false)
                .unwrap_or_else(|error| panic!("seed {seed}, sops {version}: {error}\n{text}"));
            let context = format!("seed {seed}, sops {version}\n{text}\n{}", by_sops.out());
            assert_eq!(leaves(&opened.text), leaves(&text), "{context}");
            let (text, before, recipe) = (&opened.text, by_sops.out(), recipe_of(seed));
            match reseal(text, before, Format::Json, &recipe, &keyring(), NOW) {
                Ok(again) => {
                    // The integrity record is new, and nothing else.
                    let mut with_record: serde_json::Value =
                        serde_json::from_str(&again.text).unwrap();
                    let block = with_record["sops"].as_object_mut().unwrap();
                    assert!(block.remove("bulla").is_some(), "{context}");
                    let before_json: serde_json::Value = serde_json::from_str(before).unwrap();
                    assert_eq!(with_record, before_json, "{context}");
                    let same = reseal(text, &again.text, Format::Json, &recipe, &keyring(), NOW);
                    assert_eq!(same.unwrap().text, again.text, "{context}");
                    let edited = text.replace("\"always\": \"sealed\"", "\"always\": \"other\"");
                    let after = reseal(&edited, before, Format::Json, &recipe, &keyring(), NOW);
                    let (before, after) = (leaves(before), leaves(&after.unwrap().text));
                    assert_ne!(before[0], after[0], "{context}");
                    // All other tokens are as they were, whatever type their number has.
                    assert_eq!(before[1..], after[1..], "{context}");
                }
                // sops writes that in the clear, or has rounded a readable `-0.0`.
                Err(error) => assert!(
                    matches!(
                        error,
                        Error::NothingSelected { .. }
                            | Error::Refused { refusal: Refusal::DividedInteger, .. }
                    ),
                    "{error}\n{context}"
                ),
            }
        }
    });
}

/// A readable integer that is another float counts as that float for the versions of
/// sops that are here, and as itself for newer ones.
#[test]
fn readable_integers_of_older_versions_are_accepted() {
    let sandbox = Sandbox::new();
    sandbox.write("secret.json", "{\"a\": \"x\", \"b_clear\": [9007199254740993, -0, 1.0]}");
    for (version, sops) in peers::all_sops() {
        let mut command = sandbox.command(&sops);
        command.args(["encrypt", "--age", keys::age_recipient(), "--unencrypted-suffix", "_clear"]);
        let sealed = sandbox.run(command.arg("secret.json")).ok();
        let rounded = sealed.out();
        assert!(rounded.contains("9007199254740992"), "sops {version} keeps the digits\n{rounded}");
        open(rounded, Format::Json, &keyring(), false)
            .unwrap_or_else(|error| panic!("sops {version}: {error}\n{rounded}"));
        let exact = rounded.replace("9007199254740992", "9007199254740993");
        sandbox.write("exact.json", &exact);
        let mut command = sandbox.command(&sops);
        command.env("SOPS_AGE_KEY", keys::age_identity()).args(["decrypt", "exact.json"]);
        sandbox.run(&mut command).ok();
        open(&exact, Format::Json, &keyring(), false)
            .unwrap_or_else(|error| panic!("sops {version}: {error}\n{exact}"));
        let other = rounded.replace("9007199254740992", "9007199254740990");
        let error = open(&other, Format::Json, &keyring(), false).err();
        assert_eq!(error, Some(Error::MacMismatch), "sops {version}");
    }
}

/// Odd bytes: none, all of them, text, what looks like JSON, and random ones.
fn bytes(seed: u64) -> Vec<u8> {
    let mut rng = fastrand::Rng::with_seed(seed);
    match seed {
        0 => Vec::new(),
        1 => (0..=255).collect(),
        2 => b"text without an end".to_vec(),
        3 => "\u{feff}p\u{e4}\u{df}\r\n".into(),
        4 => b"{\"data\": \"ENC[\", \"sops\": null}".to_vec(),
        5 => vec![0; 100_000],
        _ => (0..rng.usize(..100)).map(|_| rng.u8(..)).collect(),
    }
}

#[test]
fn bytes_go_both_ways() {
    let sops = peers::all_sops();
    for_each_seed(|sandbox, seed| {
        if seed > 30 {
            return;
        }
        let plain = bytes(seed);
        let sealed = seal_binary(Zeroizing::new(plain.clone()), &recipe(), &keyring(), NOW);
        let sealed = sealed.unwrap().text;
        sandbox.write("plain", &plain);
        sandbox.write("sealed", &sealed);
        for (version, sops) in &sops {
            let mut command = sandbox.command(sops);
            command.env("SOPS_AGE_KEY", keys::age_identity()).args(["decrypt", "sealed"]);
            let run = sandbox.run(&mut command).ok();
            assert_eq!(run.stdout, plain, "seed {seed}, sops {version}");
            let mut command = sandbox.command(sops);
            let by_sops = command.args(["encrypt", "--age", keys::age_recipient(), "plain"]);
            let by_sops = sandbox.run(by_sops).ok();
            let opened = open_bytes(by_sops.out(), Format::Binary, &keyring(), false)
                .unwrap_or_else(|error| panic!("seed {seed}, sops {version}: {error}"));
            assert_eq!(*opened.bytes, plain, "seed {seed}, sops {version}");
            let head = "{\n\t\"data\": \"";
            assert!(sealed.starts_with(head) && by_sops.out().starts_with(head));
        }
    });
}
