//! How the guard speaks, and how it ends.

use bulla_testkit::{Run, Sandbox};
use serde_json::Value;

use crate::repository;

/// Three findings, of which one is allowed; a value in none of the reports.
const SECRET: &str = "kind: Secret\nstringData:\n  a: hunter2\n  b: hunter3\n  c: hunter4 # bulla:allow made up for a test\n";

const LOCKED: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIBHDBOBgkqhkiG9w0BBQ0wQTApBgkqhkiG9w0BBQwwHAQIAAAAAAAAAAACAggA\nMAwGCCqGSIb3DQIJBQAwFAYIKoZIhvcNAwcECAAAAAAAAAAABIHIAAAAAAAAAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";

fn guard(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    sandbox.run(sandbox.bulla().arg("guard").args(arguments))
}

/// The report of a format on standard output, which is there whatever the exit code.
fn report(sandbox: &Sandbox, format: &str) -> String {
    let run = guard(sandbox, &["--format", format, "."]).exits(1);
    let said = format!("{}{}", run.out(), run.err());
    assert!(!said.contains("hunter"), "{said}");
    assert!(said.contains("1 file looked at") || format == "text", "{said}");
    run.out().to_owned()
}

fn with_findings() -> Sandbox {
    let sandbox = repository();
    sandbox.write("a/s,1:%.yaml", SECRET);
    sandbox
}

#[test]
fn json_is_what_it_was_promised_to_be() {
    let report = report(&with_findings(), "json");
    let report: Value = serde_json::from_str(&report).expect("it is JSON");
    let names = |value: &Value| -> Vec<String> {
        value.as_object().expect("a mapping").keys().cloned().collect()
    };
    assert_eq!(names(&report), ["scanned", "findings"]);
    assert_eq!(report["scanned"], 1);
    let findings = report["findings"].as_array().expect("a list");
    assert_eq!(findings.len(), 2);
    let first = &findings[0];
    let fields =
        ["path", "line", "end_line", "key_path", "rule", "confidence", "why", "fix", "fingerprint"];
    assert_eq!(names(first), fields);
    assert_eq!(first["path"], "./a/s,1:%.yaml");
    assert_eq!((&first["line"], &first["end_line"]), (&3.into(), &3.into()));
    assert_eq!(first["key_path"], "[\"stringData\"][\"a\"]");
    assert_eq!(
        (&first["rule"], &first["confidence"]),
        (&"readable-secret".into(), &"structure".into())
    );
    assert_ne!(first["fingerprint"], findings[1]["fingerprint"]);
}

#[test]
fn a_clean_report_has_every_form_too() {
    let sandbox = repository();
    sandbox.write("a.yaml", "a: b\n");
    for format in ["text", "json", "sarif", "github", "gitlab"] {
        let run = guard(&sandbox, &["--format", format, "."]).ok();
        let said = format!("{}{}", run.out(), run.err());
        assert!(said.contains("1 file looked at, 0 findings"), "{format}: {said}");
    }
    let json = guard(&sandbox, &["--format", "json", "."]).ok();
    let json: Value = serde_json::from_str(json.out()).expect("it is JSON");
    assert_eq!(json, serde_json::json!({ "scanned": 1, "findings": [] }));
}

#[test]
fn sarif_has_places_and_words_and_no_snippet() {
    let text = report(&with_findings(), "sarif");
    assert!(!text.contains("snippet") && !text.contains("contents"));
    let report: Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(report["version"], "2.1.0");
    let run = &report["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("a list");
    let results = run["results"].as_array().expect("a list");
    assert_eq!(results.len(), 3, "what is allowed is in it, suppressed");
    for result in results {
        let index = result["ruleIndex"].as_u64().expect("a number") as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "a/s%2C1%3A%25.yaml");
        assert!(place["region"]["startLine"].as_u64() >= Some(1));
        assert_eq!(result["partialFingerprints"]["bullaGuard/v1"].as_str().map(str::len), Some(32));
    }
    assert!(results[0].get("suppressions").is_none());
    let suppressed = &results[2]["suppressions"][0];
    assert_eq!(suppressed["kind"], "inSource");
    assert_eq!(suppressed["justification"], "made up for a test");
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn annotations_of_github_are_escaped() {
    let report = report(&with_findings(), "github");
    let lines: Vec<&str> = report.lines().collect();
    assert_eq!(lines.len(), 3);
    let start =
        "::error file=./a/s%2C1%3A%25.yaml,line=3,endLine=3,title=readable-secret%2C structure::";
    assert!(lines[0].starts_with(start), "{}", lines[0]);
    assert!(lines[0].ends_with("bulla encrypt -i ./a/s,1:%25.yaml"), "{}", lines[0]);
    assert_eq!(lines[2], "1 file looked at, 2 findings, 1 allowed");
}

#[test]
fn a_name_cannot_give_orders_to_a_runner() {
    let sandbox = repository();
    sandbox.write("::add-mask::a", SECRET);
    sandbox.write("b\n::add-mask::b", SECRET);
    sandbox.git(&["add", "."]);
    for format in ["text", "json", "sarif", "github", "gitlab"] {
        let run = guard(&sandbox, &["--staged", "--format", format]).exits(1);
        let said = format!("{}\n{}", run.out(), run.err());
        let orders: Vec<&str> = said
            .lines()
            .filter(|line| line.starts_with("::") && !line.starts_with("::error file="))
            .collect();
        let orders: Vec<&&str> =
            orders.iter().filter(|line| !line.starts_with("::notice file=")).collect();
        assert!(orders.is_empty(), "{format}: {orders:?}");
    }
}

#[test]
fn the_report_for_gitlab_is_a_list_of_issues() {
    let report = report(&with_findings(), "gitlab");
    let issues: Value = serde_json::from_str(&report).expect("it is JSON");
    let issue = &issues[0];
    assert_eq!(issues.as_array().map(Vec::len), Some(2));
    assert_eq!(issue["check_name"], "readable-secret");
    assert_eq!(issue["severity"], "critical");
    assert_eq!(issue["location"]["path"], "a/s,1:%.yaml");
    assert_eq!(issue["location"]["lines"]["begin"], 3);
    assert!(issue["description"].as_str().is_some_and(|text| text.contains("in the clear")));
    assert_ne!(issue["fingerprint"], issues[1]["fingerprint"]);
}

/// Whatever form it has, and whether a finding counts, is allowed, or was until it expired.
#[test]
fn every_form_names_the_commit() {
    let sandbox = repository();
    let rules = "guard:\n  allow:\n    - path_glob: old.yaml\n      rule: readable-secret\n      reason: r\n      expires: 2020-01-01\n";
    sandbox.write(".sops-rules.yaml", rules);
    for name in ["old.yaml", "s.yaml"] {
        sandbox.write(name, SECRET);
    }
    let commit = crate::commits::commit(&sandbox, "one");
    for arguments in [["--range", &commit], ["--history", "--no-policy"]] {
        for (format, count) in
            [("text", 6), ("json", 4), ("sarif", 12), ("github", 6), ("gitlab", 4)]
        {
            let run = guard(&sandbox, &["--format", format, arguments[0], arguments[1]]).exits(1);
            let is_past = arguments[0] == "--history";
            // Nothing is new in the past; in SARIF a commit is in the words and a property.
            let allowed = match format {
                "text" | "github" if is_past => 2,
                _ => 0,
            };
            assert_eq!(
                run.out().matches(&commit).count(),
                count - allowed,
                "{format}: {}",
                run.out()
            );
        }
    }
}

#[test]
fn how_sure_a_finding_must_be_can_be_said() {
    let sandbox = repository();
    sandbox.write("a.yaml", SECRET);
    sandbox.write("b.env", "DB_PASSWORD=kmh7Gf3jq\n");
    sandbox.write("c.pem", LOCKED);
    let rules = |arguments: &[&str]| {
        let run = guard(&sandbox, &[&["--format", "json"], arguments, &["."]].concat());
        let report: Value = serde_json::from_str(run.out()).expect("it is JSON");
        let findings = report["findings"].as_array().expect("a list");
        let rules = findings.iter().filter_map(|finding| finding["rule"].as_str());
        (run.code, rules.map(str::to_owned).collect::<Vec<_>>().join(" "))
    };
    let all = "readable-secret readable-secret credential locked-key";
    assert_eq!(rules(&[]), (1, all.to_owned()));
    assert_eq!(rules(&["--min", "heuristic"]), (1, all.to_owned()));
    let sure = "readable-secret readable-secret locked-key";
    assert_eq!(rules(&["--min", "structure"]), (1, sure.to_owned()));
    assert_eq!(rules(&["--min", "proof"]), (1, "locked-key".to_owned()));
    assert_eq!(rules(&["--min", "proof", "--no-policy"]), (0, String::new()));
    let left_out = guard(&sandbox, &["--min", "proof", "--no-policy", "."]).ok();
    assert!(left_out.out().contains("4 left out"), "{}", left_out.out());
}

#[test]
fn one_means_findings_and_nothing_else() {
    let sandbox = repository();
    sandbox.write("a.yaml", "a: b\n");
    guard(&sandbox, &["a.yaml"]).ok();
    for line in [&["--nope"][..], &["--format", "xml"], &["--min", "sure"], &["--staged", "a.yaml"]]
    {
        guard(&sandbox, line).exits(2);
    }
    guard(&sandbox, &["not-there.yaml"]).exits(3);
    let outside = Sandbox::new();
    guard(&outside, &["--staged"]).exits(2);
}

#[test]
fn what_was_looked_at_in_part_is_not_clean() {
    let sandbox = repository();
    let mut large = "#\n".repeat(9 << 20);
    large.push_str("a: b\n");
    sandbox.write("large.yaml", large);
    let run = guard(&sandbox, &["large.yaml"]).exits(3);
    assert!(run.out().contains("large.yaml: looked at in part: it is too large"), "{}", run.out());
    assert!(run.out().contains("1 in part"), "{}", run.out());
}

#[test]
fn a_broken_rules_file_blocks_with_its_line_and_does_not_switch_the_guard_off() {
    let sandbox = repository();
    sandbox.write(".sops-rules.yaml", "guard:\n  allow:\n  - path_glob: '**'\n");
    sandbox.write("a.yaml", "a: b\n");
    sandbox.git(&["add", "."]);
    let run = guard(&sandbox, &["--staged"]).exits(2);
    assert!(
        run.out().contains(".sops-rules.yaml:3: an allow of the guard needs `rule`"),
        "{}",
        run.out()
    );
    sandbox.write("b.yaml", SECRET);
    sandbox.git(&["add", "."]);
    guard(&sandbox, &["--staged"]).exits(1);
}

#[test]
fn what_a_change_allows_itself_is_shown() {
    let sandbox = repository();
    sandbox.write(
        "a.yaml",
        "kind: Secret\nstringData:\n  c: hunter4 # bulla:allow made up for a test\n",
    );
    sandbox.git(&["add", "."]);
    let run = guard(&sandbox, &["--staged"]).ok();
    let line = "a.yaml:3: [\"stringData\"][\"c\"]: a value of a Secret in the clear [readable-secret, structure]; allowed by this change: made up for a test (a.yaml:3)";
    assert!(run.out().contains(line), "{}", run.out());
    assert!(run.out().contains("0 findings, 1 allowed, 1 of them by this change"), "{}", run.out());
    let run = guard(&sandbox, &["--staged", "--format", "github"]).ok();
    assert!(run.out().starts_with("::notice file=a.yaml,line=3,"), "{}", run.out());
    sandbox.git(&["commit", "--quiet", "--message", "allow it"]);
    sandbox.write(
        "a.yaml",
        "kind: Secret\n# more\nstringData:\n  c: hunter4 # bulla:allow made up for a test\n",
    );
    sandbox.git(&["add", "."]);
    let run = guard(&sandbox, &["--staged"]).ok();
    assert_eq!(run.out(), "1 file looked at, 0 findings, 1 allowed\n");
}

#[test]
fn an_allow_that_has_expired_allows_nothing() {
    let sandbox = repository();
    let rules = |day: &str| {
        format!(
            "guard:\n  allow:\n  - path_glob: '*.yaml'\n    rule: readable-secret\n    reason: a test\n    expires: {day}\n"
        )
    };
    sandbox.write("a.yaml", SECRET);
    sandbox.write(".sops-rules.yaml", rules("2999-12-31"));
    guard(&sandbox, &["."]).ok();
    sandbox.write(".sops-rules.yaml", rules("2001-12-31"));
    let run = guard(&sandbox, &["."]).exits(1);
    let said = "it was allowed until 2001-12-31 (.sops-rules.yaml:3)";
    assert_eq!(run.out().matches(said).count(), 2, "{}", run.out());
}

#[test]
fn there_are_colours_in_a_terminal_alone() {
    let plain = report(&with_findings(), "text");
    assert!(!plain.contains('\x1b'));
    let in_terminal = |no_color: &str| {
        let sandbox = with_findings();
        let mut command = sandbox.bulla();
        command.env("TERM", "xterm").env("NO_COLOR", no_color).args(["guard", "a"]);
        let (code, screen) = bulla_testkit::Terminal::start(command).ends();
        assert_eq!(code, 1);
        screen
    };
    assert!(in_terminal("").contains("\x1b[1m"));
    assert!(!in_terminal("1").contains('\x1b'));
}
