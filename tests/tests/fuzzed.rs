//! What the fuzzer begins with and what it has found: every property holds of it, and sops
//! reads what was sealed. `BULLA_CORPUS=target/fuzz/corpus` takes what it has collected
//! besides.

#![forbid(unsafe_code)]

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Mutex;

use bulla_core::{Document, Format, Selector, open, seal};
use bulla_properties::PROPERTIES;
use bulla_testkit::{Sandbox, keys, peers};
use bulla_tests::agreement::sops_agrees;
use bulla_tests::sealing::{NOW, keyring, recipe_with};
use bulla_tests::seeds;

/// How many inputs of each format go to sops, spread over all.
const SAMPLE: usize = 150;

/// The inputs of a property.
fn inputs(property: &str, seeds: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let Some(corpus) = std::env::var_os("BULLA_CORPUS") else { return seeds };
    let folder = PathBuf::from(corpus).join(property);
    // A run over some of the targets collects nothing for the others.
    let Ok(entries) = fs::read_dir(&folder) else { return seeds };
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    seeds.into_iter().chain(paths.into_iter().filter_map(|path| fs::read(path).ok())).collect()
}

#[test]
fn every_property_holds_of_every_seed_and_of_what_was_found() {
    let mut failures = Vec::new();
    for (name, seeds) in seeds::all() {
        let check = bulla_properties::property(name);
        for bytes in inputs(name, seeds) {
            if catch_unwind(AssertUnwindSafe(|| check(&bytes))).is_err() {
                failures.push(format!("{name}: {:?}", String::from_utf8_lossy(&bytes)));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!(seeds::all().len(), PROPERTIES.len());
}

#[test]
fn what_is_sealed_is_read_by_sops() {
    for (name, format) in [
        ("yaml", Format::Yaml),
        ("json", Format::Json),
        ("dotenv", Format::Dotenv),
        ("ini", Format::Ini),
    ] {
        let seeds = seeds::all().into_iter().find(|(property, _)| *property == name);
        let inputs = inputs(name, seeds.expect("a property").1);
        let step = inputs.len().div_ceil(SAMPLE).max(1);
        let sample: Vec<_> = inputs.iter().step_by(step).collect();
        let waiting = Mutex::new(sample.into_iter());
        let failures = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
                scope.spawn(|| {
                    let sandbox = Sandbox::new();
                    loop {
                        let Some(input) = waiting.lock().expect("no panic").next() else { break };
                        if let Err(failure) = agrees(&sandbox, input, format) {
                            failures.lock().expect("no panic").push(failure);
                        }
                    }
                });
            }
        });
        let failures = failures.into_inner().expect("no panic");
        assert!(failures.is_empty(), "{name}: {}\n{}", failures.len(), failures.join("\n=====\n"));
    }
}

/// Whether sops reads a text that can be sealed as we do.
fn agrees(sandbox: &Sandbox, input: &[u8], format: Format) -> Result<(), String> {
    let Ok(text) = str::from_utf8(input) else { return Ok(()) };
    let recipe = recipe_with(Selector::sops_default());
    let Ok(sealed) = seal(text, format, &recipe, &keyring(), NOW) else { return Ok(()) };
    if format == Format::Yaml {
        return sops_agrees(sandbox, text, &sealed.text);
    }
    let context = |what: &str| format!("{what}\n{text:?}\n{}", sealed.text);
    let sops = sops_decrypts(sandbox, &sealed.text, format).map_err(|error| context(&error))?;
    let ours = open(&sealed.text, format, &keyring(), false).map_err(|error| error.to_string())?;
    match (values(&ours.text, format), values(&sops, format)) {
        (Ok(ours), Ok(theirs)) if ours == theirs => Ok(()),
        (ours, theirs) => Err(context(&format!("{ours:?}\n{theirs:?}\n{sops:?}"))),
    }
}

fn sops_decrypts(sandbox: &Sandbox, sealed: &str, format: Format) -> Result<String, String> {
    sandbox.write("sealed", sealed);
    let mut sops = sandbox.command(peers::sops());
    sops.args(["decrypt", "--input-type", format.name(), "--output-type", format.name()]);
    let run = sandbox.run(sops.arg("sealed").env("SOPS_AGE_KEY", keys::age_identity()));
    if run.code == 0 { Ok(run.out().to_owned()) } else { Err(run.err().to_owned()) }
}

/// Paths and the bytes that count in the MAC, in order.
fn values(text: &str, format: Format) -> Result<Vec<String>, String> {
    let document = Document::parse(text, format).map_err(|error| error.to_string())?;
    let leaf = |leaf: &bulla_core::Leaf<'_>| {
        let value = leaf.value.wire_bytes();
        format!("{} {:?}", document.paths().display(leaf.path), String::from_utf8_lossy(&value))
    };
    Ok(document.leaves().map(leaf).collect())
}
