//! What was seen in a text, before it is a finding.

use std::ops::Range;

use bulla_yaml::line_of;

use crate::advice::{fix, is_mended_by_sealing};
use crate::finding::{Confidence, Finding, Rule};
use crate::mark::Mark;
use crate::text::Text;

/// Something in a text, before it is a [`Finding`].
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// Where it stands.
    pub(crate) span: Range<usize>,
    /// The value it is in, when it is in a structure: where that begins and its path.
    pub(crate) value: Option<(usize, String)>,
    /// Whether that value is one of a Kubernetes Secret.
    pub(crate) in_secret: bool,
    pub(crate) rule: Rule,
    pub(crate) confidence: Confidence,
    pub(crate) why: String,
}

impl Found {
    pub(crate) fn new(span: Range<usize>, rule: Rule, confidence: Confidence, why: &str) -> Self {
        Self { span, value: None, in_secret: false, rule, confidence, why: why.to_owned() }
    }

    pub(crate) fn into_finding(self, path: &str, text: &Text<'_>) -> Finding {
        let line = |at: usize| match text {
            // Offsets beyond 4 GiB count as that.
            Text::Whole(text) => line_of(text, u32::try_from(at).unwrap_or(u32::MAX)),
            Text::TooLarge(bytes) | Text::Binary(bytes) => {
                memchr::memchr_iter(b'\n', &bytes[..at.min(bytes.len())]).count() + 1
            }
        };
        let first = line(self.span.start);
        let last = line(self.span.end.saturating_sub(1).max(self.span.start));
        let fix = fix(self.rule, self.in_secret, path);
        let bytes = match text {
            Text::Whole(text) => text.as_bytes(),
            Text::TooLarge(bytes) | Text::Binary(bytes) => bytes,
        };
        let value = bytes.get(self.span).unwrap_or_default();
        let mark = Mark::of(self.rule, self.confidence, value);
        Finding {
            line: first,
            end_line: last,
            key_path: self.value.map(|(_, path)| path).unwrap_or_default(),
            rule: self.rule,
            confidence: self.confidence,
            why: self.why,
            fix,
            fingerprint: String::new(),
            is_mended_by_sealing: is_mended_by_sealing(self.rule, self.in_secret),
            mark,
        }
    }
}

/// Of several findings in one value, those that say most; in the order of the text.
pub(crate) fn best_of_each_value(mut found: Vec<Found>) -> Vec<Found> {
    found.sort_by_key(|found| {
        let value = found.value.as_ref().map_or(found.span.start, |(start, _)| *start);
        (value, found.span.start, std::cmp::Reverse((found.rule, found.confidence)))
    });
    let mut best: Vec<Found> = Vec::new();
    let value = |found: &Found| found.value.as_ref().map(|(start, _)| *start);
    for group in found.chunk_by(|one, other| value(one) == value(other) && value(one).is_some()) {
        let top = group.iter().map(|found| found.rule).max();
        // A text can hold several keys; that it is readable is then no news, nor is
        // the key pair inside of a key file.
        let says_nothing_new = |found: &Found| match found.rule {
            Rule::Credential | Rule::ReadableSecret | Rule::GeneratorLiteral => {
                top > Some(found.rule)
            }
            Rule::Ed25519Key => group.iter().any(|found| is_key_file(found.rule)),
            Rule::NotCovered => top >= Some(Rule::NotSealed),
            _ => false,
        };
        best.extend(group.iter().filter(|found| !says_nothing_new(found)).cloned());
    }
    // The same place, seen by two: the one that says more.
    best.sort_by_key(|found| (found.span.start, std::cmp::Reverse((found.rule, found.confidence))));
    let mut end = 0;
    best.retain(|found| {
        let is_guess = found.rule <= Rule::RawKey;
        let is_news = found.span.start >= end || !is_guess;
        if is_news {
            end = end.max(found.span.end);
        }
        is_news
    });
    // Lines that are gone have no place of their own any more.
    let is_same = |one: &Found, other: &Found| {
        one.span.start == other.span.start
            && one.rule == other.rule
            && (one.rule != Rule::UnignoredKeys || one.why == other.why)
    };
    best.dedup_by(|one, other| is_same(one, other));
    best
}

/// Rules that see a whole key file.
fn is_key_file(rule: Rule) -> bool {
    matches!(rule, Rule::KeyShare | Rule::ValidatorKey)
}
