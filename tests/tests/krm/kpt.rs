//! kpt, where it is: it was not found in the registries that peers come from, so it is
//! asked when it is on `PATH`.

use std::path::Path;
use std::process::Command;

use bulla_testkit::{Sandbox, peers};

use crate::{PASSWORD, failed_in_silence, sealed, secret, with_plugin};

const KPTFILE: &str = "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: package\n";

/// A package with a sealed Secret, and kpt to be run on it.
fn package(test: impl FnOnce(&Sandbox, &dyn Fn(&[&str]) -> Command)) {
    let Some(kpt) = peers::kpt() else {
        eprintln!("kpt is not on PATH, and not in the registries that peers come from: not asked");
        return;
    };
    let sandbox = Sandbox::new();
    sandbox.write("package/Kptfile", KPTFILE);
    sandbox.write("package/a.yaml", sealed(&secret("a")));
    let command = |args: &[&str]| kpt_command(&sandbox, &kpt, args);
    test(&sandbox, &command);
}

fn kpt_command(sandbox: &Sandbox, kpt: &Path, args: &[&str]) -> Command {
    let mut command = with_plugin(sandbox, kpt);
    command.args(args);
    command
}

#[test]
fn eval_prints_what_was_sealed_when_it_is_told_to() {
    package(|sandbox, kpt| {
        let before = sandbox.read_text("package/a.yaml");
        let args = ["fn", "eval", "package", "--exec", "bulla-krm", "-o", "unwrap"];
        let with = |more: &[&'static str]| kpt(&[&args[..], more].concat());
        let run = failed_in_silence(sandbox.run(&mut with(&[])), &[PASSWORD]);
        assert!(run.err().contains("allowInPlace: true"), "{}", run.err());

        let mut command = with(&["--", "allowInPlace=true", "mac=require"]);
        let run = sandbox.run(&mut command).ok();
        assert!(run.out().contains(PASSWORD) && !run.out().contains("sops"), "{}", run.out());
        assert_eq!(sandbox.read_text("package/a.yaml"), before, "the package is as it was");
    });
}

#[test]
fn in_place_is_refused_and_leaves_the_package_as_it_was() {
    package(|sandbox, kpt| {
        let before = sandbox.read_text("package/a.yaml");
        let run = sandbox.run(&mut kpt(&["fn", "eval", "package", "--exec", "bulla-krm"]));
        failed_in_silence(run, &[PASSWORD]);
        assert_eq!(sandbox.read_text("package/a.yaml"), before);
    });
}

#[test]
fn render_runs_the_pipeline_of_the_package() {
    package(|sandbox, kpt| {
        let pipeline = "pipeline:\n  mutators:\n  - exec: bulla-krm\n    configMap: {mac: require, allowInPlace: 'true'}\n";
        sandbox.write("package/Kptfile", format!("{KPTFILE}{pipeline}"));
        let run = sandbox
            .run(&mut kpt(&["fn", "render", "package", "--allow-exec", "-o", "unwrap"]))
            .ok();
        assert!(run.out().contains(PASSWORD) && !run.out().contains("sops"), "{}", run.out());
    });
}

/// A value that was changed is found, by the code of the object too.
#[test]
fn the_mac_is_checked() {
    package(|sandbox, kpt| {
        let text = sandbox.read_text("package/a.yaml").replace("kind: Secret", "kind: ConfigMap");
        sandbox.write("package/a.yaml", text);
        let args = ["fn", "eval", "package", "--exec", "bulla-krm", "-o", "unwrap", "--"];
        let mut command = kpt(&[&args[..], &["allowInPlace=true", "mac=require"]].concat());
        let run = failed_in_silence(sandbox.run(&mut command), &[PASSWORD]);
        assert!(run.err().contains("the integrity record does not match"), "{}", run.err());
    });
}
