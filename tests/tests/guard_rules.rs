//! Every rule of the guard: something that it finds, something that is nearly the same
//! and must pass, and the first with one byte of its structure changed.

#[path = "guard_rules/table.rs"]
mod table;

use bulla_guard::{Around, Confidence, Rule, judge_in};
use fastrand::Rng;

use table::Proof;

/// Another seed draws other keys; what is proved is the same.
const SEEDS: [u64; 3] = [1, 20, 300];

/// What became of a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Still found by the same rule, this sure.
    Stays(Confidence),
    /// The rule does not find it any more.
    Goes,
}

impl Around for Proof {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        let mut others = self.others.iter();
        others.find(|(name, _)| *name == path).map(|(_, text)| text.clone().into_bytes())
    }

    fn before(&self, path: &str) -> Option<Vec<u8>> {
        let mut before = self.before.iter();
        before.find(|(name, _)| *name == path).map(|(_, text)| text.clone().into_bytes())
    }
}

impl Proof {
    /// How sure the rule itself is of something in a file of this path and text.
    fn found(&self, path: &str, text: &[u8]) -> Option<Confidence> {
        let findings = judge_in(path, text, self).findings;
        findings.iter().find(|found| found.rule == self.rule).map(|found| found.confidence)
    }

    /// Everything that is found, for messages.
    fn all(&self, path: &str, text: &[u8]) -> Vec<(Rule, Confidence)> {
        let findings = judge_in(path, text, self).findings;
        findings.iter().map(|found| (found.rule, found.confidence)).collect()
    }
}

#[test]
fn every_rule_has_a_row() {
    let rows = table::rows(&mut Rng::with_seed(1));
    for rule in Rule::ALL {
        assert!(rows.iter().any(|row| row.rule == *rule), "{rule} has no row in the table");
    }
}

#[test]
fn every_rule_finds_what_it_is_for() {
    for seed in SEEDS {
        for row in table::rows(&mut Rng::with_seed(seed)) {
            let found = row.all(row.path, &row.text);
            assert_eq!(found, [(row.rule, row.confidence)], "{}", row.shown(&row.text));
        }
    }
}

#[test]
fn every_rule_lets_pass_what_is_nearly_the_same() {
    for seed in SEEDS {
        for row in table::rows(&mut Rng::with_seed(seed)) {
            let (path, text) = &row.near;
            assert_eq!(row.all(path, text), [], "{}", row.shown(text));
        }
    }
}

#[test]
fn one_byte_of_the_structure_changed_is_what_the_page_says_it_is() {
    for seed in SEEDS {
        for row in table::rows(&mut Rng::with_seed(seed)) {
            let (at, byte) = row.mutation;
            let mut text = row.text.clone();
            assert_ne!(text[at], byte, "this changes nothing: {}", row.shown(&text));
            text[at] = byte;
            let fate = row.found(row.path, &text).map_or(Fate::Goes, Fate::Stays);
            assert_eq!(fate, row.fate, "{}", row.shown(&text));
        }
    }
}

/// docs/guard.md says for each rule how sure it is; the table here is what it rests on.
#[test]
fn the_page_names_every_rule_and_how_sure_it_is() {
    let page = include_str!("../../docs/guard.md");
    for row in table::rows(&mut Rng::with_seed(1)) {
        let start = format!("| `{}` |", row.rule);
        let line = page.lines().find(|line| line.starts_with(&start));
        let line = line.unwrap_or_else(|| panic!("{} is not in docs/guard.md", row.rule));
        let sure = line.rsplit('|').nth(1).unwrap_or_default();
        assert!(sure.contains(row.confidence.name()), "{}: {sure}", row.rule);
    }
}
