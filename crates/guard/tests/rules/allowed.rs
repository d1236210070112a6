//! What is let pass: by a comment, by the rules, by the baseline; and what a change
//! allows itself.

use std::collections::HashMap;

use bulla_guard::{
    AllowSource, Around, BASELINE_FILE, Baseline, FileFinding, Judgement, Rule, judge, judge_in,
};

use crate::{node_key, pair};

/// A change from one tree to another.
#[derive(Default)]
struct Change {
    now: HashMap<&'static str, String>,
    before: HashMap<&'static str, String>,
}

impl Around for Change {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.now.get(path).map(|text| text.clone().into_bytes())
    }

    fn before(&self, path: &str) -> Option<Vec<u8>> {
        self.before.get(path).map(|text| text.clone().into_bytes())
    }

    fn is_change(&self) -> bool {
        true
    }
}

fn change<const N: usize, const M: usize>(
    now: [(&'static str, &str); N],
    before: [(&'static str, &str); M],
) -> Change {
    Change {
        now: now.map(|(path, text)| (path, text.to_owned())).into(),
        before: before.map(|(path, text)| (path, text.to_owned())).into(),
    }
}

/// Rule, line of what allows it, and whether the change brought that in.
fn allowed(judgement: &Judgement) -> Vec<(Rule, usize, bool)> {
    let allowed = judgement.allowed.iter();
    allowed
        .map(|(finding, by)| match by.source {
            AllowSource::Line(line)
            | AllowSource::Rules { line, .. }
            | AllowSource::Baseline { line } => (finding.rule, line, by.is_new),
            _ => unreachable!("there are three"),
        })
        .collect()
}

fn rules(judgement: &Judgement) -> Vec<Rule> {
    judgement.findings.iter().map(|finding| finding.rule).collect()
}

const SECRET: &str = "kind: Secret\nstringData:\n  a: hunter2 # bulla:allow made up for a test\n";

#[test]
fn a_comment_on_the_line_lets_pass_what_is_on_it_and_no_more() {
    let text = format!("{SECRET}  b: hunter3\n");
    let judgement = judge_in("s.yaml", text.as_bytes(), &change([], []));
    assert_eq!(rules(&judgement), [Rule::ReadableSecret]);
    assert_eq!(judgement.findings[0].line, 4);
    assert_eq!(allowed(&judgement), [(Rule::ReadableSecret, 3, true)]);
    assert_eq!(judgement.allowed[0].1.reason, "made up for a test");
    assert_eq!(judgement.allowed[0].1.place("s.yaml"), "s.yaml:3");
}

#[test]
fn a_comment_without_a_reason_allows_nothing_and_is_told_so() {
    let text = "kind: Secret\nstringData:\n  a: hunter2 # bulla:allow\n";
    let findings = judge("s.yaml", text.as_bytes());
    assert!(
        findings[0].fix.ends_with("; the bulla:allow there has no reason, so it does not count")
    );
}

#[test]
fn comments_stand_on_lines_above_and_behind_heads_of_blocks() {
    let key = node_key(1);
    for text in [
        format!("# bulla:allow a test\nA='{key}'\n"),
        format!("a: | # bulla:allow a test\n  {key}\n"),
        format!("// bulla:allow a test\nlet a = r#\"{key}\"#;\n"),
        "DB_PASSWORD=hunter2 # bulla:allow a test\n".to_owned(),
        "; bulla:allow a test\ndb_password = hunter2\n".to_owned(),
        "variable \"db_password\" {\n  default = \"hunter2\" // bulla:allow a test\n}\n".to_owned(),
        format!("```json\n{key} <!-- bulla:allow a test -->\n```\n"),
    ] {
        for path in ["a.tf", "a.sh", "a.md"] {
            let judgement = judge_in(path, text.as_bytes(), &change([], []));
            assert_eq!(rules(&judgement), [], "{path}: {text}");
        }
    }
    // Two lines further it is for something else.
    let far = format!("# bulla:allow a test\n\nA='{key}'\n");
    assert_eq!(judge("a.sh", far.as_bytes()).len(), 1);
    let judgement = judge_in("a.sh", far.as_bytes(), &change([], []));
    assert_eq!(judgement.idle, [1]);
}

#[test]
fn a_comment_that_was_there_before_is_not_news() {
    let around = change([], [("s.yaml", SECRET)]);
    let judgement = judge_in("s.yaml", SECRET.as_bytes(), &around);
    assert_eq!(allowed(&judgement), [(Rule::ReadableSecret, 3, false)]);
    let moved = format!("# more\n{SECRET}");
    let judgement = judge_in("s.yaml", moved.as_bytes(), &around);
    assert_eq!(allowed(&judgement), [(Rule::ReadableSecret, 4, false)]);
    let other = SECRET.replace("hunter2", "hunter3");
    let judgement = judge_in("s.yaml", other.as_bytes(), &around);
    assert_eq!(allowed(&judgement), [(Rule::ReadableSecret, 3, true)], "another value");
}

const RULES: &str = "guard:\n  allow:\n    - path_glob: a/**/*.yaml\n      rule: [credential, readable-secret]\n      reason: made up for a test\n      expires: 2026-12-31\n";

const OPEN: &str = "kind: Secret\nstringData:\n  a: hunter2\n";

#[test]
fn the_rules_above_allow_by_path_and_rule() {
    let around = change([(".sops-rules.yaml", RULES)], [(".sops-rules.yaml", RULES)]);
    let judgement = judge_in("a/b/s.yaml", OPEN.as_bytes(), &around);
    assert_eq!(allowed(&judgement), [(Rule::ReadableSecret, 3, false)]);
    let by = &judgement.allowed[0].1;
    assert_eq!(by.place("a/b/s.yaml"), ".sops-rules.yaml:3");
    assert_eq!(by.expires.map(|day| day.to_string()).as_deref(), Some("2026-12-31"));
    assert_eq!(rules(&judge_in("b/s.yaml", OPEN.as_bytes(), &around)), [Rule::ReadableSecret]);
    let key = node_key(1);
    assert_eq!(rules(&judge_in("a/s.yaml", key.as_bytes(), &around)), [Rule::ValidatorKey]);
}

#[test]
fn rules_further_up_still_allow_when_a_nearer_file_says_nothing_of_it() {
    let around = change([(".sops-rules.yaml", RULES), ("a/.sops.yaml", "stores: {ini: {}}\n")], []);
    let judgement = judge_in("a/b/s.yaml", OPEN.as_bytes(), &around);
    assert_eq!(allowed(&judgement), [(Rule::ReadableSecret, 3, true)]);
    // And a nearer one sees paths from its own folder.
    let around = change([("x/.sops-rules.yaml", RULES)], []);
    assert_eq!(rules(&judge_in("x/a/b/s.yaml", OPEN.as_bytes(), &around)), []);
}

#[test]
fn an_allow_that_was_changed_is_news_and_one_that_was_moved_is_not() {
    let moved = format!("# more\n{RULES}");
    let around = change([(".sops-rules.yaml", &moved)], [(".sops-rules.yaml", RULES)]);
    let judgement = judge_in("a/s.yaml", OPEN.as_bytes(), &around);
    assert_eq!(allowed(&judgement), [(Rule::ReadableSecret, 4, false)]);
    let longer = RULES.replace("2026", "2036");
    let around = change([(".sops-rules.yaml", &longer)], [(".sops-rules.yaml", RULES)]);
    let judgement = judge_in("a/s.yaml", OPEN.as_bytes(), &around);
    assert_eq!(allowed(&judgement), [(Rule::ReadableSecret, 3, true)]);
}

#[test]
fn rules_that_are_broken_allow_nothing_and_are_named_with_their_line() {
    for (broken, problem) in [
        (RULES.replace("reason:", "raeson:"), ".sops-rules.yaml:5: unknown field `raeson`"),
        (
            RULES.replace("credential", "credentials"),
            ".sops-rules.yaml:3: the guard has no rule `credentials`",
        ),
        (RULES.replace("allow:", "allow: ["), ".sops-rules.yaml:"),
    ] {
        let around = change([(".sops-rules.yaml", &broken)], [(".sops-rules.yaml", RULES)]);
        let judgement = judge_in("a/s.yaml", OPEN.as_bytes(), &around);
        assert_eq!(rules(&judgement), [Rule::ReadableSecret]);
        let [said] = judgement.misconfigured.as_slice() else { panic!("{judgement:?}") };
        assert!(said.starts_with(problem), "{said}");
        // A clean file below is no reason to be calm.
        let judgement = judge_in("a/t.yaml", b"a: b\n", &around);
        assert_eq!(judgement.misconfigured.len(), 1);
    }
}

/// The baseline of what is in a file.
fn baseline(path: &str, text: &str) -> String {
    let findings = judge(path, text.as_bytes()).into_iter();
    let findings: Vec<_> =
        findings.map(|finding| FileFinding::new(path.to_owned(), finding)).collect();
    Baseline::new([7; 32]).write(&findings)
}

#[test]
fn a_baseline_lets_pass_what_was_there_and_nothing_else() {
    let text = baseline("s.yaml", OPEN);
    assert!(!text.contains("hunter2"));
    let at = [(BASELINE_FILE, text.as_str()), ("s.yaml", OPEN)];
    let around = change(at, at);
    let judgement = judge_in("s.yaml", OPEN.as_bytes(), &around);
    assert_eq!(allowed(&judgement), [(Rule::ReadableSecret, 4, false)]);
    // Lines may move, and other files have other entries.
    let moved = format!("# more\n{OPEN}");
    assert_eq!(rules(&judge_in("s.yaml", moved.as_bytes(), &around)), []);
    assert_eq!(rules(&judge_in("t.yaml", OPEN.as_bytes(), &around)), [Rule::ReadableSecret]);
    // A password that was changed is another one, though the baseline does not know it.
    let other = OPEN.replace("hunter2", "hunter3");
    assert_eq!(rules(&judge_in("s.yaml", other.as_bytes(), &around)), [Rule::ReadableSecret]);
    // One more beside it.
    let more = format!("{OPEN}  b: hunter3\n");
    let judgement = judge_in("s.yaml", more.as_bytes(), &around);
    assert_eq!(judgement.findings.len(), 1);
    assert_eq!(judgement.findings[0].line, 4);
}

#[test]
fn a_baseline_knows_a_whole_key_again_without_any_history() {
    let key = node_key(1);
    let text = baseline("k.json", &key);
    let around = change([(BASELINE_FILE, &text)], [(BASELINE_FILE, &text)]);
    assert_eq!(rules(&judge_in("k.json", key.as_bytes(), &around)), []);
    let other = node_key(2);
    assert_eq!(rules(&judge_in("k.json", other.as_bytes(), &around)), [Rule::ValidatorKey]);
    // Laid out in another way it is the same.
    let wide = key.replace(':', ": ").replace(',', ", ");
    assert_eq!(rules(&judge_in("k.json", wide.as_bytes(), &around)), []);
}

#[test]
fn a_password_can_not_be_tried_against_a_baseline() {
    // Both are at the same place; were the value in it, the entries would differ.
    let (one, other) = (OPEN, OPEN.replace("hunter2", "hunter3"));
    assert_eq!(baseline("s.yaml", one), baseline("s.yaml", &other));
    let (one, other) = (node_key(1), node_key(2));
    assert_ne!(baseline("k.json", &one), baseline("k.json", &other));
    // Nor is it the digest of anything that could be looked up.
    let findings = judge("k.json", one.as_bytes());
    let findings = [FileFinding::new("k.json".to_owned(), findings[0].clone())];
    let (here, there) = (Baseline::new([1; 32]), Baseline::new([2; 32]));
    assert_ne!(
        here.write(&findings).lines().last(),
        there.write(&findings).lines().last(),
        "another baseline has another key"
    );
    assert!(!here.write(&findings).contains(&pair(1)[..8]));
}

#[test]
fn a_baseline_that_the_change_adds_to_is_news() {
    let text = baseline("s.yaml", OPEN);
    let around = change([(BASELINE_FILE, text.as_str())], [("s.yaml", OPEN)]);
    let judgement = judge_in("s.yaml", OPEN.as_bytes(), &around);
    assert_eq!(allowed(&judgement), [(Rule::ReadableSecret, 4, true)]);
    // With the secret itself in the same change it allows nothing.
    let around = change([(BASELINE_FILE, text.as_str())], []);
    assert_eq!(rules(&judge_in("s.yaml", OPEN.as_bytes(), &around)), [Rule::ReadableSecret]);
}

#[test]
fn two_branches_baselines_put_together_are_one() {
    let (one, other) = (baseline("s.yaml", OPEN), baseline("t.yaml", OPEN));
    let both = format!("{one}{other}");
    let around = change([(BASELINE_FILE, &both)], [("s.yaml", OPEN), ("t.yaml", OPEN)]);
    for path in ["s.yaml", "t.yaml"] {
        assert_eq!(rules(&judge_in(path, OPEN.as_bytes(), &around)), [], "{path}");
    }
    let read = Baseline::parse(both.as_bytes()).expect("it is one");
    let entries: Vec<_> = read.entries().into_iter().map(|(_, what)| what).collect();
    assert_eq!(entries, ["readable-secret s.yaml", "readable-secret t.yaml"]);
}

#[test]
fn a_line_that_is_no_entry_breaks_a_baseline() {
    for line in ["key 12", "0123 credential a", "<<<<<<< HEAD", "word"] {
        let text = format!("{}{line}\n", baseline("s.yaml", OPEN));
        let around = change([(BASELINE_FILE, &text)], [("s.yaml", OPEN)]);
        let judgement = judge_in("s.yaml", OPEN.as_bytes(), &around);
        assert_eq!(rules(&judgement), [Rule::ReadableSecret]);
        let [said] = judgement.misconfigured.as_slice() else { panic!("{judgement:?}") };
        assert!(said.starts_with(".bulla-baseline:5: this is no entry"), "{said}");
        assert!(!said.contains(line));
    }
}

#[test]
fn the_guards_own_files_are_clean() {
    let text = baseline("s.yaml", &format!("{OPEN}  b: {}\n", pair(1)));
    assert_eq!(judge(BASELINE_FILE, text.as_bytes()), []);
    assert_eq!(judge(".sops-rules.yaml", RULES.as_bytes()), []);
}
