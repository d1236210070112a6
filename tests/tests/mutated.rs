//! Generated documents with a few changes that make most of them odd, some of them
//! broken: whatever is sealed must open to what it was, here and in sops, and nothing
//! may panic. `BULLA_SEEDS=50000` makes it as many as that, and
//! `BULLA_FIRST_SEED` others.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use bulla_core::{Comment, Document, Format, Leaf, Part, Selector, Value, open, reseal, seal};
use bulla_testkit::Sandbox;
use bulla_tests::agreement::sops_agrees;
use bulla_tests::sealing::{NOW, keyring, recipe, recipe_with, selector};
use bulla_tests::{generate, mutate};
use bulla_yaml::{NodeKind, Stream};
use fastrand::Rng;

/// How many of the texts that can be sealed are given to sops: one in so many. No factor
/// of the number of selectors, or some would never be.
const SAMPLE: u64 = 7;

fn seeds() -> u64 {
    std::env::var("BULLA_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3000)
}

fn first_seed() -> u64 {
    std::env::var("BULLA_FIRST_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Runs `check` for each seed, on all cores; fails with the first few failures, panics
/// among them, and gives back how often `check` said `true`.
fn for_each_seed(check: impl Fn(&Sandbox, u64) -> Result<bool, String> + Sync) -> usize {
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let failures = Mutex::new(Vec::new());
    let passed = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (check, failures, passed) = (&check, &failures, &passed);
            scope.spawn(move || {
                let sandbox = Sandbox::new();
                let seeds = first_seed()..first_seed() + seeds();
                for seed in seeds.skip(thread as usize).step_by(threads as usize) {
                    let checked = catch_unwind(AssertUnwindSafe(|| check(&sandbox, seed)))
                        .unwrap_or_else(|_| Err("it panics".into()));
                    match checked {
                        Ok(true) => drop(passed.fetch_add(1, Ordering::Relaxed)),
                        Ok(false) => {}
                        Err(failure) => {
                            let mut failures =
                                failures.lock().unwrap_or_else(PoisonError::into_inner);
                            failures.push(format!("===== seed {seed}: {failure}\n"));
                        }
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap_or_else(PoisonError::into_inner);
    let shown: Vec<_> = failures.iter().take(20).map(String::as_str).collect();
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), shown.concat());
    passed.into_inner()
}

/// The text that a seed stands for.
fn mutated(seed: u64) -> String {
    let mut rng = Rng::with_seed(seed ^ 0x6d75_7461_7465);
    let text = generate::secrets(seed);
    let other = generate::secrets(seed + 1);
    mutate::mutate(&mut rng, &text, &other)
}

/// The parts of a text that are sealed in `sealed`. A part may have changed its place:
/// an absent value stands where the parser notices that it is absent.
fn sealed_parts<'d>(
    plain: &'d Document<'_>,
    sealed: &'d Document<'_>,
) -> impl Iterator<Item = &'d Part<'d>> {
    let is_comment = |part: &&Part<'_>| matches!(part, Part::Comment(_));
    let of = |document: &'d Document<'_>, comments: bool| {
        document.parts().iter().filter(move |part| is_comment(part) == comments)
    };
    let pairs =
        of(plain, false).zip(of(sealed, false)).chain(of(plain, true).zip(of(sealed, true)));
    let is_token = |part: &Part<'_>| match part {
        Part::Leaf(Leaf { value: Value::Str(text), .. }) | Part::Comment(Comment { text, .. }) => {
            text.starts_with("ENC[AES256_GCM,")
        }
        Part::Leaf(_) => false,
    };
    // What looks like a token from the beginning was not sealed by us.
    pairs.filter(move |(ours, theirs)| is_token(theirs) && !is_token(ours)).map(|(ours, _)| ours)
}

/// The first plaintext of a sealed value or comment that can still be read, though
/// nothing readable holds it.
fn leaked(text: &str, sealed_text: &str, selector: &Selector) -> Option<String> {
    let plain = Document::parse(text, Format::Yaml).ok()?;
    let sealed = Document::parse(sealed_text, Format::Yaml).ok()?;
    let stream = Stream::parse(text).ok()?;
    let mut secrets = Vec::new();
    let mut spans = Vec::new();
    for part in sealed_parts(&plain, &sealed) {
        match part {
            Part::Leaf(leaf) => {
                secrets.push(String::from_utf8_lossy(&leaf.value.wire_bytes()).into_owned());
                let nodes = (0..stream.len()).filter_map(|index| stream.nth(index));
                let node = nodes.map(|id| stream.node(id)).find(|node| {
                    let is_value =
                        matches!(node.kind, NodeKind::Scalar(_) | NodeKind::Alias { .. });
                    is_value && node.span.start == leaf.at
                });
                spans.extend(node.map(|node| node.span.start as usize..node.text_end() as usize));
            }
            Part::Comment(comment) => {
                secrets.push(comment.text.to_string());
                spans.push(comment.span.range());
            }
        }
    }
    spans.sort_by_key(|span| span.start);
    // The selector stands in the `sops` block.
    let mut public = format!("{}\n", selector.text());
    let mut from = 0;
    for span in spans {
        public.push_str(&text[from..span.start.max(from)]);
        public.push('\0');
        from = span.end.max(from);
    }
    public.push_str(&text[from..]);
    secrets.into_iter().find(|secret| {
        secret.len() >= 6 && sealed_text.contains(secret.as_str()) && !public.contains(secret)
    })
}

/// Seals and opens a text; whether it could be sealed.
fn check(text: &str, selector: Selector, sops: Option<&Sandbox>) -> Result<bool, String> {
    let recipe = recipe_with(selector.clone());
    let Ok(sealed) = seal(text, Format::Yaml, &recipe, &keyring(), NOW) else {
        return Ok(false);
    };
    let opened = open(&sealed.text, Format::Yaml, &keyring(), false)
        .map_err(|error| format!("{error}\n{text:?}\n{}", sealed.text))?;
    if *opened.text != text {
        return Err(format!("opens to another text\n{text:?}\n{:?}", *opened.text));
    }
    if !opened.readable_comments.is_empty() {
        return Err(format!("has readable comments\n{text:?}\n{}", sealed.text));
    }
    if let Some(secret) = leaked(text, &sealed.text, &selector) {
        return Err(format!("this can be read: {secret:?}\n{text:?}\n{}", sealed.text));
    }
    if let Some(sandbox) = sops {
        sops_agrees(sandbox, text, &sealed.text)?;
    }
    Ok(true)
}

#[test]
fn what_is_sealed_opens_to_what_it_was_here_and_in_sops() {
    let sealed = for_each_seed(|sandbox, seed| {
        // What a comment stands before is a guess of go-yaml's; of odd places, it makes others.
        let guesses = selector(seed).kind().name().contains("comment");
        let sops = (seed.is_multiple_of(SAMPLE) && !guesses).then_some(sandbox);
        check(&mutated(seed), selector(seed), sops)
    });
    assert!(sealed as u64 > seeds() / 10, "only {sealed} could be sealed");
}

#[test]
fn what_is_sealed_over_a_predecessor_opens_to_what_it_was() {
    for_each_seed(|_, seed| {
        let text = generate::secrets(seed);
        let recipe = recipe_with(Selector::kubernetes());
        let seal = |text: &str| seal(text, Format::Yaml, &recipe, &keyring(), NOW);
        let before = seal(&text).map_err(|error| format!("{error}\n{text}"))?;
        let later = "2027-01-01T00:00:00Z";
        let reseal = |text: &str, before: &str| {
            reseal(text, before, Format::Yaml, &recipe, &keyring(), later)
        };
        let same = reseal(&text, &before.text).map_err(|error| format!("{error}\n{text}"))?;
        if same.text != before.text {
            return Err(format!("an unchanged text is sealed anew\n{text:?}\n{}", before.text));
        }
        let text = mutated(seed);
        let Ok(after) = reseal(&text, &before.text) else { return Ok(false) };
        let opened = open(&after.text, Format::Yaml, &keyring(), false)
            .map_err(|error| format!("{error}\n{text:?}\n{}", after.text))?;
        if *opened.text != text {
            return Err(format!("opens to another text\n{text:?}\n{:?}", *opened.text));
        }
        Ok(true)
    });
}

/// The values of a text that are neither null nor empty, as the keys above each and what
/// counts in the MAC: first those below `data` and `stringData`, then the others. A value
/// is not sealed for its document or its place in a list.
fn secret_and_clear(text: &str) -> (Vec<String>, Vec<String>) {
    let document = Document::parse(text, Format::Yaml)
        .unwrap_or_else(|error| panic!("what was opened is not YAML: {error}\n{text}"));
    let leaves = document.leaves().filter(|leaf| !leaf.value.stays_readable());
    let (mut secret, mut clear) = (Vec::new(), Vec::new());
    for leaf in leaves {
        let keys = document.paths().aad(leaf.path);
        let bytes = leaf.value.wire_bytes();
        let value = String::from_utf8_lossy(&bytes);
        if keys.starts_with("data:") || keys.starts_with("stringData:") {
            secret.push(format!("{keys} {value:?}"));
        } else {
            clear.push(value.into_owned());
        }
    }
    (secret, clear)
}

#[test]
fn what_is_opened_after_tampering_holds_no_value_that_was_not_sealed() {
    for_each_seed(|_, seed| {
        let text = generate::secrets(seed);
        let recipe = recipe_with(Selector::kubernetes());
        let sealed = seal(&text, Format::Yaml, &recipe, &keyring(), NOW)
            .map_err(|error| format!("{error}\n{text}"))?;
        let mut rng = Rng::with_seed(seed);
        let tampered = mutate::mutate(&mut rng, &sealed.text, &sealed.text);
        let Ok(opened) = open(&tampered, Format::Yaml, &keyring(), false) else {
            return Ok(false);
        };
        let (ours, theirs) = (secret_and_clear(&text).0, secret_and_clear(&opened.text).0);
        if ours == theirs {
            return Ok(true);
        }
        Err(format!("{ours:#?}\n{theirs:#?}\n{tampered}\n-----\n{}", *opened.text))
    });
}

/// Every kind of value and comment, two documents, and a layout record.
const FIXTURE: &str = "\
# head
apiVersion: v1
kind: Secret # why
metadata:
  name: s
  labels: {app: x, n: 12}
stringData:
  # note
  a: one
  'b': \"two\"
  c: |
    three
  l: [4, five]
  t: !!str 12
  e: ''
---
apiVersion: v1
kind: Secret
data: {k: eA==}
";

#[test]
fn no_single_byte_changes_a_sealed_value() {
    let sealed = seal(FIXTURE, Format::Yaml, &recipe(), &keyring(), NOW).unwrap().text;
    let expected = secret_and_clear(FIXTURE);
    let bytes = sealed.as_bytes();
    let mut opened_texts = 0;
    let mut check = |tampered: &[u8], what: &str| {
        let Ok(tampered) = std::str::from_utf8(tampered) else { return };
        let Ok(opened) = open(tampered, Format::Yaml, &keyring(), false) else { return };
        opened_texts += 1;
        let context = format!("{what}\n{tampered}\n-----\n{}", *opened.text);
        assert_eq!(secret_and_clear(&opened.text), expected, "{context}");
    };
    for at in 0..bytes.len() {
        check(&bytes[..at], &format!("cut at {at}"));
        check(&[&bytes[..at], &bytes[at + 1..]].concat(), &format!("without {at}"));
        for flip in [0x01, 0x02, 0x04, 0x10, 0x20] {
            let mut tampered = bytes.to_vec();
            tampered[at] ^= flip;
            check(&tampered, &format!("{at} flipped by {flip}"));
        }
    }
    assert!(opened_texts > 50, "only {opened_texts}");
}
