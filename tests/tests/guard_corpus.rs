//! The guard on a labelled corpus: what it must block, with the line, and what it must
//! let pass.

use std::collections::BTreeMap;

use bulla_guard::{Around, judge_in};
use bulla_tests::corpus::{Case, Label, cases, cases_afresh, cases_elsewhere, cases_further};

/// The other files of a case.
struct Others<'c>(&'c Case);

impl Around for Others<'_> {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        let mut others = self.0.others.iter();
        others.find(|(name, _)| name == path).map(|(_, text)| text.clone().into_bytes())
    }

    fn before(&self, _: &str) -> Option<Vec<u8>> {
        None
    }
}

/// What became of the cases of a label.
#[derive(Default)]
struct Score {
    cases: usize,
    blocked: usize,
    named: usize,
    failures: BTreeMap<String, usize>,
}

fn score(cases: &[Case], label: Label) -> Score {
    let mut score = Score::default();
    for case in cases.iter().filter(|case| case.label == label) {
        score.cases += 1;
        let findings = judge_in(&case.path, &case.bytes, &Others(case)).findings;
        let mut counted = findings.iter().peekable();
        let is_blocked = counted.peek().is_some();
        let near = |line: usize, end: usize| (line..=end + 2).contains(&(case.line + 1));
        let is_named = counted.any(|finding| near(finding.line, finding.end_line));
        score.blocked += usize::from(is_blocked);
        score.named += usize::from(is_named);
        let is_wrong = match label {
            Label::Must | Label::Policy => !is_named,
            Label::Clean => is_blocked,
        };
        if is_wrong {
            let what = if is_blocked { "the wrong line" } else { "missed" };
            let mut failure = format!("{} | {} | {what}", case.class, case.layout);
            if label == Label::Clean {
                failure = format!("{} | {}: {:?}", case.class, case.path, findings.first());
            }
            if std::env::var_os("CORPUS_SHOW").is_some() {
                println!("--- {failure} {}\n{}", case.path, String::from_utf8_lossy(&case.bytes));
            }
            *score.failures.entry(failure).or_default() += 1;
        }
    }
    score
}

#[track_caller]
fn check(seeds: std::ops::Range<u64>, make: fn(u64) -> Vec<Case>) {
    let cases: Vec<Case> = seeds.flat_map(make).collect();
    let [must, policy, clean] =
        [Label::Must, Label::Policy, Label::Clean].map(|label| score(&cases, label));
    for (name, score) in [("must", &must), ("policy", &policy), ("clean", &clean)] {
        println!(
            "{name}: {} cases, {} blocked, {} lines named",
            score.cases, score.blocked, score.named
        );
        for (failure, count) in &score.failures {
            println!("  {count} x {failure}");
        }
    }
    assert!(must.cases > 500 && policy.cases > 50 && clean.cases > 100);
    assert!(must.blocked * 100 >= must.cases * 99, "files blocked");
    assert!(must.named * 100 >= must.cases * 97, "lines named");
    assert_eq!(policy.blocked, policy.cases, "locked keys");
    assert_eq!(clean.blocked, 0, "false alarms");
}

#[test]
fn in_the_layouts_that_were_measured() {
    check(0..4, cases);
}

#[test]
fn in_other_layouts() {
    check(0..4, cases_elsewhere);
}

#[test]
fn in_hosts_that_neither_of_these_has() {
    check(0..4, cases_further);
}

#[test]
fn in_templates_of_files_and_places() {
    check(0..4, cases_afresh);
}
