//! The plugin without kustomize: what it reads, what it writes.

use bulla_testkit::{Run, Sandbox, binary};

use crate::{PASSWORD, failed_in_silence, plugin, sealed, secret, with_plugin};

const OPENED: &str = r#"- {"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"stringData":{"password":"hunter2-hunter2-hunter2"}}
"#;

const CONFIG: &str =
    "{apiVersion: any/v7, kind: Thing, metadata: {name: open}, files: [a.enc.yaml]}";

const ANNOTATED: &str = "{apiVersion: any/v7, kind: Thing, metadata: {name: open, annotations: {config.kubernetes.io/function: x}}, files: [a.enc.yaml]}";

const OTHER: &str = "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: '1'}}";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("a.enc.yaml", sealed(&secret("a")));
    sandbox
}

fn list(version: &str, rest: &str) -> String {
    format!("apiVersion: config.kubernetes.io/{version}\nkind: ResourceList\n{rest}")
}

fn run(input: &str) -> Run {
    plugin(&sandbox(), "", input)
}

fn output(items: &str) -> String {
    format!("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n{items}")
}

#[test]
fn every_version_of_a_resource_list() {
    for version in ["v1", "v1beta1", "v1alpha1"] {
        let input = list(version, &format!("items:\n- {CONFIG}\nfunctionConfig: {CONFIG}\n"));
        let run = run(&input).ok();
        assert_eq!((run.out(), run.err()), (output(OPENED).as_str(), ""), "{version}");
    }
    for version in ["v2", "v1alpha2"] {
        let run = failed_in_silence(run(&list(version, "items: []\n")), &[PASSWORD]);
        assert!(run.err().contains("a ResourceList of config.kubernetes.io/"), "{}", run.err());
    }
}

#[test]
fn json_is_read_too() {
    let input = r#"{"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": [], "functionConfig": {"apiVersion": "x/v1", "kind": "X", "metadata": {"name": "x"}, "files": ["./a.enc.yaml"]}}"#;
    assert_eq!(run(input).ok().out(), output(OPENED));
}

#[test]
fn the_config_may_be_among_the_items_only() {
    let input = list("v1", &format!("items:\n- {OTHER}\n- {ANNOTATED}\n"));
    let other = r#"- {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"1"}}
"#;
    assert_eq!(run(&input).ok().out(), output(&[other, OPENED].concat()));

    let input = list("v1", &format!("items:\n- {OTHER}\n"));
    assert!(failed_in_silence(run(&input), &[]).err().contains("neither a functionConfig nor"));
    let twice = list("v1", &format!("items:\n- {ANNOTATED}\n- {ANNOTATED}\n"));
    assert!(failed_in_silence(run(&twice), &[]).err().contains("neither a functionConfig nor"));
}

#[test]
fn other_items_pass_through_and_the_config_does_not() {
    let input = list(
        "v1",
        &format!("items:\n- {OTHER}\n- {CONFIG}\n- {OTHER}\nfunctionConfig: {CONFIG}\n"),
    );
    let run = run(&input).ok();
    assert_eq!(run.out().matches("\"kind\":\"ConfigMap\"").count(), 2);
    assert!(!run.out().contains("Thing"), "{}", run.out());
    assert!(run.out().ends_with(OPENED));
}

#[test]
fn items_that_are_still_sealed_are_refused() {
    let token = "ENC[AES256_GCM,data:YQ==,iv:YQ==,tag:YQ==,type:str]";
    for (item, part) in [
        (
            format!("{{kind: Secret, metadata: {{name: s}}, data: {{k: '{token}'}}}}"),
            "Secret/s, [\"data\"][\"k\"]: this still holds a sealed value",
        ),
        (
            "{kind: Secret, metadata: {name: s}, sops: {mac: x}}".to_owned(),
            "Secret/s: this still has a `sops` block",
        ),
    ] {
        let input = list("v1", &format!("items:\n- {item}\nfunctionConfig: {CONFIG}\n"));
        let run = failed_in_silence(run(&input), &[PASSWORD]);
        assert!(run.err().contains(part), "{}", run.err());
    }
}

#[test]
fn an_orchestrator_that_keeps_items_in_files_is_refused() {
    for annotation in ["config.kubernetes.io/path", "internal.config.kubernetes.io/path"] {
        let item = format!(
            "{{kind: ConfigMap, metadata: {{name: c, annotations: {{{annotation}: c.yaml}}}}}}"
        );
        let input = list("v1", &format!("items:\n- {item}\nfunctionConfig: {CONFIG}\n"));
        let run = failed_in_silence(run(&input), &[PASSWORD]);
        assert!(run.err().contains(&format!("ConfigMap/c carries the annotation {annotation}")));
    }
}

#[test]
fn files_outside_of_the_root_when_the_config_allows_it() {
    let sandbox = Sandbox::new();
    sandbox.write("a.enc.yaml", sealed(&secret("a")));
    sandbox.write("deep/er/keep", "");
    let config = CONFIG.replace("[a.enc.yaml]", "[../../a.enc.yaml]");
    let input = |more: &str| {
        list("v1", &format!("functionConfig: {}{more}}}\n", &config[..config.len() - 1]))
    };
    failed_in_silence(plugin(&sandbox, "deep/er", &input("")), &[PASSWORD]);
    failed_in_silence(
        plugin(&sandbox, "deep/er", &input(", allowOutsideRoot: false")),
        &[PASSWORD],
    );
    let run = plugin(&sandbox, "deep/er", &input(", allowOutsideRoot: true")).ok();
    assert_eq!(run.out(), output(OPENED));
}

#[test]
fn what_is_no_resource_list_is_refused() {
    let cases = [
        ("kind: Secret\n", "this is no ResourceList but a Secret"),
        ("hunter2-hunter2\n", "this is no ResourceList;"),
        ("a: [\n", "standard input: "),
        ("a: b\n---\nc: d\n", "there is more than one document"),
        (
            "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: {}\n",
            "its `items` are not a list",
        ),
        (
            "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n",
            "neither a functionConfig nor",
        ),
    ];
    for (input, part) in cases {
        let run = failed_in_silence(run(input), &["hunter2-hunter2"]);
        assert!(run.err().contains(part), "{part} is not in\n{}", run.err());
    }
    let sandbox = sandbox();
    let mut command = with_plugin(&sandbox, binary("bulla-krm"));
    let run = sandbox.run_with(&mut command, [0xff, 0xfe, 0x00]);
    assert!(failed_in_silence(run, &[]).err().contains("standard input: this is not UTF-8"));
}

#[test]
fn several_bad_files_are_several_lines() {
    let config = CONFIG.replace("[a.enc.yaml]", "[x.yaml, a.enc.yaml, y.yaml, z.txt]");
    let run = run(&list("v1", &format!("functionConfig: {config}\n")));
    let run = failed_in_silence(run, &[PASSWORD]);
    let starts: Vec<_> = run.err().lines().map(|line| line.split(": ").nth(1)).collect();
    assert_eq!(starts, [Some("x.yaml"), Some("y.yaml"), Some("z.txt")], "{}", run.err());
}

#[test]
fn a_path_cannot_write_on_the_terminal() {
    let config = CONFIG.replace("[a.enc.yaml]", r#"["a\nb\u001b[2J.yaml"]"#);
    let run = failed_in_silence(run(&list("v1", &format!("functionConfig: {config}\n"))), &[]);
    assert!(
        run.err().starts_with(r"bulla-krm: a\nb\u{1b}[2J.yaml: there is no such file"),
        "{}",
        run.err()
    );
    assert_eq!(run.err().lines().count(), 1);
}

#[test]
fn help_and_version_are_answers_and_anything_else_is_not() {
    let sandbox = sandbox();
    let plugin = || with_plugin(&sandbox, binary("bulla-krm"));
    for argument in ["--help", "-h"] {
        let run = sandbox.run(plugin().arg(argument)).ok();
        assert!(run.out().starts_with("Opens sealed manifests"));
        assert!(run.out().lines().all(|line| line.len() <= 80), "it fits a terminal");
    }
    let run = sandbox.run(plugin().arg("--version")).ok();
    assert_eq!(run.out(), concat!("bulla-krm ", env!("CARGO_PKG_VERSION"), "\n"));
    // Nothing on standard input.
    for arguments in [&[][..], &["--frob"], &["--help", "--help"]] {
        let run = failed_in_silence(sandbox.run(plugin().args(arguments)), &[]).exits(2);
        assert!(run.err().contains("kustomize build --enable-alpha-plugins --enable-exec"));
    }
}
