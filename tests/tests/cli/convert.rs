//! `--output-type`: what scripts read from a pipe is what they read from sops.

use bulla_testkit::{Run, Sandbox, keys, peers};

use crate::common::{bulla, bulla_with, repository, says_nothing_of};

const YAML: &str = "# head\ndb:\n  user: alice\n  port: 5432 # usual\n  pass: \"p:#&<w>\"\n";

fn sops(sandbox: &Sandbox, program: &std::path::Path, args: &[&str]) -> Run {
    let mut command = sandbox.command(program);
    sandbox.run(command.args(args).env("SOPS_AGE_KEY_FILE", keys::age_identity_file()))
}

#[test]
fn what_is_opened_in_another_format_is_what_sops_writes() {
    for (version, program) in peers::all_sops() {
        let sandbox = repository();
        sandbox.write("a.enc.yaml", YAML);
        bulla(&sandbox, &["encrypt", "-i", "a.enc.yaml"]).ok();
        let to = |to| ["decrypt", "--output-type", to, "a.enc.yaml"];
        let theirs = sops(&sandbox, &program, &to("json")).ok();
        let ours = bulla(&sandbox, &to("json")).ok();
        assert_eq!(ours.out(), theirs.out(), "{version}");
        // Terraform's and Ansible's way: one part, as JSON.
        let part = ["--extract", r#"["db"]["port"]"#];
        let theirs = sops(&sandbox, &program, &[&to("json")[..], &part].concat()).ok();
        let ours = bulla(&sandbox, &[&to("json")[..], &part].concat()).ok();
        assert_eq!(ours.out().trim_end(), theirs.out().trim_end(), "{version}");
        // What does not fit is the same code in both, and nothing on standard output.
        for to in [to("dotenv"), to("binary")] {
            let theirs = sops(&sandbox, &program, &to);
            let ours = bulla(&sandbox, &to);
            assert_eq!((ours.code, ours.out()), (theirs.code, ""), "{version}: {to:?}");
            says_nothing_of(&sandbox, &ours, &["alice", "p:#&<w>"]);
        }
    }
}

#[test]
fn what_is_sealed_in_another_format_is_opened_by_sops() {
    let dotenv = "# note\nUSER=alice\nPASS=two\\nlines\n";
    for (version, program) in peers::all_sops() {
        let sandbox = repository();
        sandbox.write("a.enc.env", dotenv);
        for to in ["yaml", "json"] {
            let file = format!("out.{to}");
            let args = ["encrypt", "--age", keys::age_recipient(), "--output-type", to];
            bulla(&sandbox, &[&args[..], &["--output", &file, "a.enc.env"]].concat()).ok();
            let back = ["decrypt", "--output-type", "dotenv", &file];
            let theirs = sops(&sandbox, &program, &back).ok();
            let ours = bulla(&sandbox, &back).ok();
            assert_eq!(ours.out(), theirs.out(), "{version}: {to}");
            assert!(ours.out().contains("\nPASS=two\\nlines\n") || to == "json", "{}", ours.out());
        }
    }
}

#[test]
fn the_layout_is_that_of_the_flag_the_rules_or_sops() {
    let sandbox = repository();
    let rules = sandbox.work().join(".sops-rules.yaml");
    let rules = std::fs::read_to_string(rules).unwrap();
    sandbox.write(
        ".sops-rules.yaml",
        format!("{rules}stores:\n  yaml: {{indent: 2}}\n  json: {{indent: 3}}\n"),
    );
    sandbox.write("a.enc.yaml", YAML);
    bulla(&sandbox, &["encrypt", "-i", "a.enc.yaml"]).ok();
    let json = |more: &[&str]| {
        let args = ["decrypt", "--output-type", "json", "a.enc.yaml"];
        bulla(&sandbox, &[&args, more].concat()).ok().out().to_owned()
    };
    assert!(json(&[]).starts_with("{\n   \"db\": {\n      \"user\""));
    assert!(json(&["--indent", "1"]).starts_with("{\n \"db\": {\n  \"user\""));
    sandbox.write(".sops-rules.yaml", "broken: [");
    assert!(json(&[]).starts_with("{\n\t\"db\": {\n\t\t\"user\""));
}

#[test]
fn streams_of_helm_secrets_stay_as_they_are() {
    // helm-secrets names both types, whatever the file is called.
    let sandbox = repository();
    let args = ["encrypt", "--filename-override", "values.enc.yaml"];
    let sealed = bulla_with(&sandbox, &args, YAML).ok();
    let args = ["decrypt", "--input-type", "yaml", "--output-type", "yaml"];
    let opened = bulla_with(&sandbox, &args, &sealed.stdout).ok();
    assert_eq!(opened.out(), YAML);
}
