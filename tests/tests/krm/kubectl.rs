//! The legacy exec plugin, which is all that kubectl can start.

use std::path::Path;
use std::process::Command;

use bulla_testkit::{Run, Sandbox, binary, peers};

use crate::{PASSWORD, config, failed_in_silence, link, sealed, secret, with_plugin};

/// A config without the function annotation.
const CONFIG: &str = "apiVersion: bulla/v1\nkind: SealedFiles\nmetadata:\n  name: open\n";

/// `kubectl kustomize` with the plugin where `bulla krm install --legacy` puts it.
fn kustomize(sandbox: &Sandbox, kubectl: &Path, folder: &str) -> Command {
    link(sandbox, "config/kustomize/plugin/bulla/v1/sealedfiles/SealedFiles");
    let mut command = with_plugin(sandbox, kubectl);
    command.env("XDG_CONFIG_HOME", sandbox.path("config"));
    command.args(["kustomize", "--enable-alpha-plugins", folder]);
    command
}

fn tree(sandbox: &Sandbox, config: &str, field: &str) {
    sandbox.write("app/kustomization.yaml", format!("{field}namePrefix: pre-\n"));
    sandbox.write("app/open.yaml", config);
    sandbox.write("app/a.enc.yaml", sealed(&secret("a")));
}

#[test]
fn a_generator_opens_its_files() {
    for (version, kubectl) in peers::all_kubectl() {
        let sandbox = Sandbox::new();
        tree(&sandbox, &format!("{CONFIG}files: [a.enc.yaml]\n"), "generators: [open.yaml]\n");
        let run = sandbox.run(&mut kustomize(&sandbox, &kubectl, "app")).ok();
        let expected = secret("a").replace("name: a", "name: pre-a");
        assert_eq!(run.out(), expected, "kubectl {version}");
    }
}

#[test]
fn a_transformer_opens_what_is_there() {
    for (version, kubectl) in peers::all_kubectl() {
        let sandbox = Sandbox::new();
        tree(&sandbox, CONFIG, "resources: [a.enc.yaml]\ntransformers: [open.yaml]\n");
        let run = sandbox.run(&mut kustomize(&sandbox, &kubectl, "app")).ok();
        assert!(run.out().contains("name: pre-a"), "kubectl {version}: {}", run.out());
        assert!(run.out().contains(PASSWORD), "kubectl {version}");
    }
}

#[test]
fn what_fails_prints_nothing() {
    for (version, kubectl) in peers::all_kubectl() {
        let sandbox = Sandbox::new();
        tree(&sandbox, &format!("{CONFIG}files: [a.enc.yaml]\n"), "generators: [open.yaml]\n");
        let tampered = sandbox.read_text("app/a.enc.yaml").replace("name: a", "name: b");
        sandbox.write("app/a.enc.yaml", tampered);
        let run =
            failed_in_silence(sandbox.run(&mut kustomize(&sandbox, &kubectl, "app")), &[PASSWORD]);
        assert!(run.err().contains("the MAC does not match"), "kubectl {version}: {}", run.err());
    }
}

#[test]
fn install_puts_it_where_kubectl_looks() {
    let sandbox = Sandbox::new();
    let mut install = sandbox.command(binary("bulla"));
    sandbox.run(install.args(["krm", "install", "--legacy", "config/kustomize/plugin"])).ok();
    tree(&sandbox, &format!("{CONFIG}files: [a.enc.yaml]\n"), "generators: [open.yaml]\n");
    for (version, kubectl) in peers::all_kubectl() {
        let mut command = with_plugin(&sandbox, &kubectl);
        command.env("XDG_CONFIG_HOME", sandbox.path("config"));
        let run = sandbox.run(command.args(["kustomize", "--enable-alpha-plugins", "app"])).ok();
        assert!(run.out().contains(PASSWORD), "kubectl {version}");
    }
}

fn refuses_exec(kubectl: &Path) -> Run {
    let sandbox = Sandbox::new();
    tree(&sandbox, &config("files: [a.enc.yaml]\n"), "generators: [open.yaml]\n");
    let mut command = kustomize(&sandbox, kubectl, "app");
    sandbox.run(command.arg("--enable-exec"))
}

/// The traps: no flag for functions, and a config with the annotation that is passed over.
#[test]
fn a_function_is_not_started_and_kubectl_says_nothing() {
    for (version, kubectl) in peers::all_kubectl() {
        let run = refuses_exec(&kubectl).fails();
        assert!(run.err().contains("unknown flag: --enable-exec"), "kubectl {version}");

        let sandbox = Sandbox::new();
        tree(&sandbox, &config("files: [a.enc.yaml]\n"), "generators: [open.yaml]\n");
        let run = sandbox.run(&mut kustomize(&sandbox, &kubectl, "app")).ok();
        assert_eq!(run.out().trim(), "", "kubectl {version}");
    }
}
