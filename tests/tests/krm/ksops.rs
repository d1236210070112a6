//! Configs that were written for KSOPS.

use std::os::unix::fs::symlink;
use std::path::Path;

use bulla_testkit::{Sandbox, binary, keys, peers};

use crate::{PASSWORD, all_sealed, each_kustomize, failed_in_silence, sealed, secret, with_plugin};

/// The config of a generator as KSOPS has it; its program is a link.
const KSOPS: &str = "apiVersion: viaduct.ai/v1\nkind: ksops\nmetadata:\n  name: generator\n  annotations:\n    config.kubernetes.io/function: |\n      exec:\n        path: ./ksops\n";

fn tree(sandbox: &Sandbox, config: &str) {
    sandbox.write("a.enc.yaml", sealed(&secret("a")));
    sandbox.write("conf.yaml", all_sealed(&format!("password: {PASSWORD}\n")));
    sandbox.write("gen.yaml", config);
    sandbox.write("kustomization.yaml", "generators: [gen.yaml]\n");
    symlink(binary("bulla-krm"), sandbox.path("ksops")).expect("a link");
}

#[test]
fn files_and_secrets_of_one_config() {
    let config = format!(
        "{KSOPS}files: [./a.enc.yaml]\nsecretFrom:\n- metadata:\n    name: b\n    namespace: ns\n    \
         labels: {{l: m}}\n    annotations: {{kustomize.config.k8s.io/needs-hash: 'false'}}\n  type: Opaque\n  \
         files: [conf.yaml, other=./conf.yaml]\n  binaryFiles: [binary=conf.yaml]\n"
    );
    for (version, kustomize) in each_kustomize() {
        let sandbox = Sandbox::new();
        tree(&sandbox, &config);
        let mut command = with_plugin(&sandbox, &kustomize);
        command.args(["build", "--enable-alpha-plugins", "--enable-exec", "."]);
        let run = sandbox.run(&mut command).ok();
        assert_eq!(
            run.out(),
            format!(
                "apiVersion: v1\ndata:\n  binary: cGFzc3dvcmQ6IGh1bnRlcjItaHVudGVyMi1odW50ZXIyCg==\nkind: Secret\n\
                 metadata:\n  labels:\n    l: m\n  name: b\n  namespace: ns\nstringData:\n  conf.yaml: |\n    password: {PASSWORD}\n  \
                 other: |\n    password: {PASSWORD}\ntype: Opaque\n---\n\
                 apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\nstringData:\n  password: {PASSWORD}\n"
            ),
            "kustomize {version}"
        );
        assert_eq!(run.err(), "");
    }
}

#[test]
fn a_secret_from_a_file_that_does_not_open_is_no_secret() {
    let config =
        format!("{KSOPS}secretFrom: [{{metadata: {{name: b}}, files: [conf.yaml, gone.yaml]}}]\n");
    for (_, kustomize) in each_kustomize() {
        let sandbox = Sandbox::new();
        tree(&sandbox, &config);
        let tampered = sandbox.read_text("conf.yaml").replacen("password", "passwort", 1);
        sandbox.write("conf.yaml", tampered);
        let mut command = with_plugin(&sandbox, &kustomize);
        command.args(["build", "--enable-alpha-plugins", "--enable-exec", "."]);
        let run = failed_in_silence(sandbox.run(&mut command), &[PASSWORD]);
        assert!(
            run.err().contains("bulla-krm: conf.yaml: line 1, [\"passwort\"]: "),
            "{}",
            run.err()
        );
        assert!(run.err().contains("bulla-krm: gone.yaml: there is no such file"), "{}", run.err());
    }
}

/// The older kind of plugin, which is all that `kubectl kustomize` can start.
#[test]
fn the_legacy_exec_plugin() {
    let config = "apiVersion: viaduct.ai/v1\nkind: ksops\nmetadata:\n  name: generator\nfiles: [./a.enc.yaml]\n";
    for (version, kustomize) in each_kustomize() {
        let sandbox = Sandbox::new();
        tree(&sandbox, config);
        let run = sandbox.run(&mut legacy(&sandbox, &kustomize)).ok();
        assert_eq!(
            run.out(),
            format!(
                "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\nstringData:\n  password: {PASSWORD}\n"
            ),
            "kustomize {version}"
        );

        sandbox.write("a.enc.yaml", "a: b\n");
        let run = failed_in_silence(sandbox.run(&mut legacy(&sandbox, &kustomize)), &[]);
        assert!(run.err().contains("a.enc.yaml: "), "{version}: {}", run.err());
    }
}

#[test]
fn the_legacy_exec_plugin_as_a_transformer() {
    let config = "apiVersion: viaduct.ai/v1\nkind: ksops\nmetadata:\n  name: open\n";
    for (version, kustomize) in each_kustomize() {
        let sandbox = Sandbox::new();
        tree(&sandbox, config);
        sandbox.write("kustomization.yaml", "resources: [a.enc.yaml]\ntransformers: [gen.yaml]\n");
        let run = sandbox.run(&mut legacy(&sandbox, &kustomize)).ok();
        assert_eq!(
            run.out(),
            format!(
                "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\nstringData:\n  password: {PASSWORD}\n"
            ),
            "kustomize {version}"
        );
    }
}

fn legacy(sandbox: &Sandbox, kustomize: &Path) -> std::process::Command {
    let plugin = sandbox.path("home/kustomize/plugin/viaduct.ai/v1/ksops/ksops");
    std::fs::create_dir_all(plugin.parent().expect("a folder")).expect("folders");
    // A link there may be from the last call.
    let _ = symlink(binary("bulla-krm"), &plugin);
    let mut command = with_plugin(sandbox, kustomize);
    command.env("XDG_CONFIG_HOME", sandbox.path("home"));
    command.args(["build", "--enable-alpha-plugins", "."]);
    command
}

/// A file of each format as sops prints it: what KSOPS would put into the Secret.
#[test]
fn the_values_are_what_sops_prints() {
    let files = [
        ("a.yaml", "# head\nlist:\n- x # why\n- {y: 1}\ndeep:\n  er: 'v'\n"),
        ("b.json", "{\"b\": {\"c\": [1, 2.50, true]}, \"a\": \"\\u00e9\"}"),
        ("c.env", "# c\nTOKEN=a b\nOTHER=x\n"),
        ("d.ini", "[s]\nk = v\n"),
        ("e.conf", "any\ttext\n"),
    ];
    let (_, sops) = peers::all_sops().into_iter().next().expect("a sops");
    let sandbox = Sandbox::new();
    let mut printed = Vec::new();
    for (name, text) in files {
        sandbox.write(name, text);
        let mut seal = sandbox.command(binary("bulla"));
        sandbox.run(seal.args(["encrypt", "-i", "--age", keys::age_recipient(), name])).ok();
        let mut open = sandbox.command(&sops);
        open.env("SOPS_AGE_KEY_FILE", keys::age_identity_file()).args(["decrypt", name]);
        printed.push((name, sandbox.run(&mut open).ok().out().to_owned()));
    }
    let names = files.map(|(name, _)| name).join(", ");
    let config = format!(
        "kind: ksops\nmetadata: {{name: g}}\nsecretFrom: [{{metadata: {{name: s}}, files: [{names}], envs: [c.env], binaryFiles: [bytes=e.conf]}}]\n"
    );
    let input = format!(
        "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig:\n{}",
        config.lines().map(|line| format!("  {line}\n")).collect::<String>()
    );
    let run = crate::plugin(&sandbox, "", &input).ok();
    let list: serde_json::Value = {
        let line = run.out().lines().last().expect("an item").trim_start_matches("- ");
        serde_json::from_str(line).expect("a line of JSON")
    };
    for (name, text) in printed {
        assert_eq!(list["stringData"][name], text.as_str(), "{name}");
    }
    assert_eq!(list["stringData"]["TOKEN"], "a b");
    assert_eq!(list["data"]["bytes"], "YW55CXRleHQK");
}
