//! Tokens that their provider gave a shape: the rules of gitleaks, read as data, and
//! a few of our own in the same format.
//!
//! Rules are used that know a token by its own prefix. Those that need the name of a
//! provider near by guess, and names are judged by [`crate::credential`]; those for
//! Secrets, armor and web tokens are done here by structure.

use std::sync::{LazyLock, OnceLock};

use regex::bytes::{Regex, RegexBuilder};
use serde::Deserialize;

use crate::finding::{Confidence, Rule};
use crate::found::Found;
use crate::placeholder::is_placeholder;
use crate::shape::entropy;

const GITLEAKS: &str = include_str!("../rules/gitleaks.toml");
const OWN: &str = include_str!("../rules/bulla.toml");

/// What marks a rule of gitleaks that looks for a provider's name before the token.
const NAME_BEFORE: [&str; 2] = [r"[ \t\w.-]{0,20}", r#"[\s'"]{0,3}"#];

/// Rules whose subject is judged by structure, by checksum or by name here.
const DONE_BETTER: [&str; 15] = [
    "age-secret-key",
    "curl-auth-header",
    "curl-auth-user",
    "facebook-access-token",
    "flutterwave-public-key",
    "freemius-secret-key",
    "jwt",
    "jwt-base64",
    "kubernetes-secret-yaml",
    "nuget-config-password",
    "pkcs12-file",
    "private-key",
    "sidekiq-sensitive-url",
    "sourcegraph-access-token",
    "vault-service-token",
];

/// Keywords that are shorter are in every text.
const SHORTEST_KEYWORD: usize = 3;

/// How much of a text around a keyword is looked at, before it and from it on.
const BEFORE: usize = 64;
const BEHIND: usize = 1024;

/// How large a compiled rule may become.
const COMPILED_LIMIT: usize = 8 << 20;

#[derive(Deserialize)]
struct RuleSet {
    rules: Vec<Entry>,
}

/// A rule as it is written down.
#[derive(Deserialize)]
struct Entry {
    id: String,
    regex: Option<String>,
    entropy: Option<f64>,
    #[serde(default)]
    keywords: Vec<String>,
    path: Option<String>,
    #[serde(default)]
    allowlists: Vec<Allowed>,
}

/// What a rule lets pass.
#[derive(Deserialize)]
struct Allowed {
    #[serde(default)]
    regexes: Vec<String>,
}

struct TokenRule {
    entry: Entry,
    /// Compiled when its keyword is seen for the first time: most never are.
    compiled: OnceLock<Option<(Regex, Vec<Regex>)>>,
}

static RULES: LazyLock<Vec<TokenRule>> = LazyLock::new(|| {
    // The texts are built in, and a test reads them.
    let parse = |text| toml::from_str::<RuleSet>(text).expect("a test reads the rule sets");
    let is_used = |entry: &Entry| {
        let pattern = entry.regex.as_deref().unwrap_or_default();
        !pattern.is_empty()
            && entry.path.is_none()
            && !DONE_BETTER.contains(&&*entry.id)
            && !NAME_BEFORE.iter().any(|mark| pattern.contains(mark))
            && entry.keywords.iter().all(|keyword| keyword.len() >= SHORTEST_KEYWORD)
    };
    let gitleaks = parse(GITLEAKS).rules.into_iter().filter(is_used);
    let all = gitleaks.chain(parse(OWN).rules);
    all.map(|entry| TokenRule { entry, compiled: OnceLock::new() }).collect()
});

/// Every keyword and the number of its rule.
pub(crate) fn keywords() -> impl Iterator<Item = (u16, &'static str)> {
    RULES.iter().enumerate().flat_map(|(index, rule)| {
        // There are some hundred rules.
        let index = u16::try_from(index).unwrap_or(u16::MAX);
        rule.entry.keywords.iter().map(move |keyword| (index, keyword.as_str()))
    })
}

/// The token of this rule, if there is one around the place of its keyword.
pub(crate) fn find(text: &str, rule: u16, at: usize) -> Option<Found> {
    let rule = RULES.get(usize::from(rule))?;
    let compiled = rule.compiled.get_or_init(|| compile(&rule.entry));
    let (regex, allowed) = compiled.as_ref()?;
    let start = text.floor_char_boundary(at.saturating_sub(BEFORE));
    let end = text.floor_char_boundary((at + BEHIND).min(text.len()));
    let window = &text.as_bytes()[start..end];
    let captures = regex
        .captures_iter(window)
        .find(|captures| captures.get(0).is_some_and(|whole| start + whole.end() > at))?;
    let secret = (1..captures.len()).find_map(|index| captures.get(index));
    let secret = secret.or_else(|| captures.get(0))?;
    let value = text.get(start + secret.start()..start + secret.end())?;
    let is_weak = rule.entry.entropy.is_some_and(|least| entropy(value.as_bytes()) <= least);
    if is_weak
        || is_example(value)
        || allowed.iter().any(|allowed| allowed.is_match(value.as_bytes()))
    {
        return None;
    }
    let (confidence, why) = match github_checksum(value) {
        Some(true) => (Confidence::Proof, "; its checksum holds"),
        Some(false) => return None,
        None => (Confidence::Structure, ""),
    };
    let why = format!("a token in the clear ({}): it has the shape of one{why}", rule.entry.id);
    let at = start + secret.start();
    Some(Found::new(at..at + value.len(), Rule::Token, confidence, &why))
}

fn compile(entry: &Entry) -> Option<(Regex, Vec<Regex>)> {
    // As in Go, letters are those of ASCII.
    let compile = |pattern: &String| {
        RegexBuilder::new(pattern).unicode(false).size_limit(COMPILED_LIMIT).build().ok()
    };
    let allowed = entry.allowlists.iter().flat_map(|allowed| &allowed.regexes);
    Some((compile(entry.regex.as_ref()?)?, allowed.filter_map(compile).collect()))
}

/// Whether a token was made by hand: the same or rising characters, or words.
fn is_example(token: &str) -> bool {
    let secret = token.rsplit(['_', '-', '.', '/', ':']).next().unwrap_or(token);
    let lower = token.to_ascii_lowercase();
    let runs = |step: u8| {
        let same = |pair: &[u8]| pair[1] == pair[0].wrapping_add(step);
        let mut longest = 0;
        let mut run = 0;
        for pair in lower.as_bytes().windows(2) {
            run = if same(pair) { run + 1 } else { 0 };
            longest = longest.max(run);
        }
        longest
    };
    is_placeholder(token)
        || (secret.len() >= 8 && is_placeholder(secret))
        || runs(0) >= 5
        || runs(1) >= 6
        || ["example", "placeholder", "xxxx", "your", "redacted", "dummy", "changeme"]
            .iter()
            .any(|word| lower.contains(word))
}

/// Whether the checksum of a GitHub token holds: its last six characters are the
/// CRC-32 of those before, behind the prefix, in base 62. `None` when it has none.
fn github_checksum(token: &str) -> Option<bool> {
    let (prefix, rest) = token.split_once('_')?;
    let (body, sum) = rest.split_at_checked(30)?;
    let holds = base62(crc32fast::hash(body.as_bytes())) == sum;
    match prefix {
        "ghp" | "gho" | "ghu" | "ghs" | "ghr" if rest.len() == 36 => Some(holds),
        // npm has taken the checksum over, but not from the first day on.
        "npm" if holds => Some(true),
        _ => None,
    }
}

fn base62(mut number: u32) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(number % 62) as usize];
        number /= 62;
    }
    digits.iter().map(|&digit| char::from(digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words;

    fn found(text: &str) -> Vec<(Confidence, usize)> {
        let mut found = Vec::new();
        words::scan(text.as_bytes(), |rule, at| found.extend(find(text, rule, at)));
        found.into_iter().map(|found| (found.confidence, found.span.start)).collect()
    }

    #[test]
    fn every_rule_that_is_used_compiles() {
        assert!(RULES.len() > 90, "{}", RULES.len());
        for rule in RULES.iter() {
            assert!(compile(&rule.entry).is_some(), "{}", rule.entry.id);
        }
    }

    /// No token stands in this file, so that nobody finds one here.
    fn github(prefix: &str, body: &str) -> String {
        format!("{prefix}_{body}{}", base62(crc32fast::hash(body.as_bytes())))
    }

    #[test]
    fn the_checksum_of_a_github_token_decides() {
        let body = "Zk3vQ9xR1mT7bN5cW2pL8sD4fG6hJ0";
        let token = github("ghp", body);
        assert_eq!(found(&format!("a: {token}\n")), [(Confidence::Proof, 3)]);
        let mut other = token.clone().into_bytes();
        other[10] ^= 1;
        assert_eq!(found(&String::from_utf8(other).unwrap()), []);
    }

    #[test]
    fn tokens_have_the_shape_of_their_provider() {
        let random = "Zk3vQ9xR1mT7bN5cW2pL8sD4fG6hJ0aXyE";
        for (start, length) in [("glpat-", 20), ("hvs.", 26), ("dckr_pat_", 27), ("GOCSPX-", 28)] {
            let token = format!("{start}{}", &random[..length]);
            assert_eq!(found(&token), [(Confidence::Structure, 0)], "{token}");
            assert_eq!(found(&token[..token.len() - 8]), [], "{token}");
            assert_eq!(found(&format!("{start}{}", "x".repeat(length))), []);
        }
        let telegram = format!("bot_token: '7312945608:AA{}'", &random[..33]);
        assert_eq!(found(&telegram), [(Confidence::Structure, 12)]);
    }
}
