//! What is sealed passes; what was sealed and is not any more does not.

use std::fs;

use bulla_core::{Format, open, seal};
use bulla_guard::{Rule, check_paths, judge};
use bulla_testkit::{Sandbox, keys, peers};
use bulla_tests::generate;
use bulla_tests::sealing::{NOW, keyring, recipe};

use crate::validator_keys::node_key;
use crate::{found, repository, staged};

#[test]
fn what_bulla_seals_passes_and_what_it_opens_does_not() {
    for seed in 0..1000 {
        let text = generate::secrets(seed);
        let sealed = seal(&text, Format::Yaml, &recipe(), &keyring(), NOW).unwrap().text;
        assert_eq!(judge("a.yaml", sealed.as_bytes()), [], "seed {seed}\n{sealed}");
        let findings = judge("a.yaml", text.as_bytes());
        assert!(!findings.is_empty(), "seed {seed}\n{text}");
        for finding in findings {
            assert_ne!(finding.rule, Rule::DamagedSeal, "seed {seed}\n{text}");
        }
    }
}

#[test]
fn what_every_sops_seals_passes() {
    let manifest = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\nstringData:\n  # a comment\n  a: hunter2\n  n: 5\n  e: ''\n---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: b\ndata:\n  b: aHVudGVyMg==\n";
    for (version, sops) in peers::all_sops() {
        for arguments in [
            &[][..],
            &["--encrypted-regex", "^(data|stringData)$"],
            &["--unencrypted-regex", "^(apiVersion|metadata|kind|type)$"],
            &["--encrypted-suffix", "ata"],
        ] {
            let sandbox = Sandbox::new();
            sandbox.write("a.yaml", manifest);
            let mut command = sandbox.command(&sops);
            command.args(["encrypt", "--age", keys::age_recipient()]).args(arguments).arg("a.yaml");
            let sealed = sandbox.run(&mut command).ok().stdout;
            assert_eq!(judge("a.yaml", &sealed), [], "sops {version} {arguments:?}");
        }
    }
}

/// sops writes this without a word.
#[test]
fn what_sops_left_in_the_clear_does_not_pass() {
    let manifest = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\nstringData:\n  password: hunter2\n  dbPassword: hunter2\n";
    for (version, sops) in peers::all_sops() {
        let sandbox = Sandbox::new();
        sandbox.write("a.yaml", manifest);
        let mut command = sandbox.command(&sops);
        command.args(["encrypt", "--age", keys::age_recipient()]);
        let sealed = sandbox.run(command.args(["--encrypted-regex", "^password$", "a.yaml"])).ok();
        let findings = judge("a.yaml", &sealed.stdout);
        let [finding] = findings.as_slice() else { panic!("sops {version}: {findings:?}") };
        assert_eq!(finding.rule, Rule::NotCovered);
        assert_eq!(finding.key_path, "[\"stringData\"][\"dbPassword\"]");
    }
}

#[test]
fn a_key_that_is_sealed_may_be_committed() {
    let sandbox = repository();
    let manifest = format!(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: keys\nstringData:\n  node_key.json: '{}'\n",
        node_key("a")
    );
    sandbox.write("keys.yaml", &manifest);
    sandbox.git(&["add", "."]);
    assert_eq!(found(&staged(&sandbox)), [("keys.yaml", 6, Rule::ValidatorKey)]);

    let sealed = seal(&manifest, Format::Yaml, &recipe(), &keyring(), NOW).unwrap().text;
    sandbox.write("keys.yaml", &sealed);
    sandbox.git(&["add", "."]);
    assert!(staged(&sandbox).is_clean());

    // Somebody pastes the value back.
    let line = sealed.lines().find(|line| line.contains("node_key.json: ")).unwrap();
    let pasted = sealed.replace(line, &format!("  node_key.json: '{}'", node_key("a")));
    sandbox.write("keys.yaml", pasted);
    sandbox.git(&["add", "."]);
    let report = staged(&sandbox);
    let rules: Vec<_> = found(&report).into_iter().map(|(_, _, rule)| rule).collect();
    assert_eq!(rules, [Rule::NotSealed, Rule::ValidatorKey]);
}

#[test]
fn the_example_cluster_passes_and_its_plaintext_does_not() {
    let cluster = peers::workspace_root().join("fixtures/clusters/pocket");
    let report = check_paths([&cluster]);
    assert!(report.is_clean(), "{report}");
    assert!(report.scanned >= 10);
    for overlay in ["pocket-core-1", "pocket-core-2"] {
        let file = cluster.join(format!("overlays/{overlay}/secrets/secrets.enc.yaml"));
        let text = fs::read_to_string(file).unwrap();
        let opened = open(&text, Format::Yaml, &keyring(), false).unwrap();
        let findings = judge("secrets.yaml", opened.text.as_bytes());
        let rules: Vec<_> = findings.iter().map(|finding| finding.rule).collect();
        assert_eq!(rules, [Rule::ValidatorKey, Rule::ValidatorKey], "{overlay}");
    }
}
