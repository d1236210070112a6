//! `bulla flux build` and `bulla lint --flux`: trees that Flux would open, and trees that
//! it would not.
//!
//! The controller opens files of generators and patches, builds without plugins, and
//! then opens resources. What comes of it is what the tree builds to in the clear.

use std::path::Path;
use std::process::Command;

use bulla_testkit::{Run, Sandbox, binary, keys};

use crate::{PASSWORD, each_kustomize, failed_in_silence, trees};

const SECRET: &str = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: keys\nstringData:\n  password: hunter2-hunter2-hunter2\n";

/// A tree as those of the fixtures are written, with `SECRET` for a manifest.
fn write(sandbox: &Sandbox, tree: &str) {
    trees::write(sandbox, &tree.replace("SECRET\n", SECRET));
}

fn bulla(sandbox: &Sandbox, kustomize: &Path, args: &[&str]) -> Run {
    let _ = std::fs::create_dir_all(sandbox.path("bin"));
    let _ = std::os::unix::fs::symlink(kustomize, sandbox.path("bin/kustomize"));
    let mut command: Command = sandbox.command(binary("bulla"));
    let path = format!("{}:/usr/bin:/bin", sandbox.path("bin").display());
    command.env("PATH", path).env("SOPS_AGE_KEY_FILE", keys::age_identity_file());
    sandbox.run(command.args(args))
}

/// Text as kustomize orders and spells it.
fn normal(sandbox: &Sandbox, kustomize: &Path, text: &str) -> String {
    sandbox.write("normal/all.yaml", text);
    sandbox.write("normal/kustomization.yaml", "resources: [all.yaml]\n");
    sandbox.run(sandbox.command(kustomize).args(["build", "normal"])).ok().out().to_owned()
}

#[test]
fn what_the_controller_opens_is_what_the_tree_builds_to_in_the_clear() {
    let trees = [
        "Resources, with a prefix.
== app/kustomization.yaml
resources: [keys.yaml]
namePrefix: pre-
labels: [{pairs: {team: red}}]
== app/keys.yaml sealed
SECRET
",
        "Files of a generator, in every format.
== app/kustomization.yaml
secretGenerator:
- name: keys
  files: [a.yaml, b.json, c.env, d.ini, other=e]
== app/a.yaml whole
password: hunter2-hunter2-hunter2
== app/b.json whole
{
	\"password\": \"hunter2-hunter2-hunter2\"
}
== app/c.env whole
PASSWORD=hunter2-hunter2-hunter2
== app/d.ini whole
[server]
password = hunter2-hunter2-hunter2
== app/e whole
hunter2-hunter2-hunter2
",
        "Variables of a generator; a file without an end counts as one of them.
== app/kustomization.yaml
secretGenerator:
- name: keys
  envs: [keys.env]
== app/keys.env whole
PASSWORD=hunter2-hunter2-hunter2
USER=admin
",
        "A patch.
== app/kustomization.yaml
resources: [../base]
patches: [{path: patch.yaml}]
== base/kustomization.yaml
resources: [keys.yaml]
== base/keys.yaml
apiVersion: v1
kind: Secret
metadata:
  name: keys
stringData:
  password: placeholder
== app/patch.yaml sealed
SECRET
",
        "Components and bases of bases.
== app/kustomization.yaml
resources: [../base]
components: [../part]
== base/kustomization.yaml
resources: [deep]
nameSuffix: -base
== base/deep/kustomization.yaml
resources: [keys.yaml]
== base/deep/keys.yaml sealed
SECRET
== part/kustomization.yaml
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
secretGenerator:
- name: more
  files: [a.yaml]
== part/a.yaml whole
password: hunter2-hunter2-hunter2
",
        "A resource of any kind, with a value that is no text.
== app/kustomization.yaml
resources: [thing.yaml]
== app/thing.yaml sealed
apiVersion: example.com/v1
kind: Thing
metadata:
  name: thing
data:
  number: 12
  password: hunter2-hunter2-hunter2
",
    ];
    for (version, kustomize) in each_kustomize() {
        for tree in trees {
            let what = tree.lines().next().expect("a sentence");
            let sandbox = Sandbox::new();
            write(&sandbox, tree);
            let plain = sandbox.run(sandbox.command(&kustomize).args(["build", "plain/app"])).ok();
            let args = ["flux", "build", "--root", "sealed", "sealed/app"];
            let built = bulla(&sandbox, &kustomize, &args).ok();
            let expected = normal(&sandbox, &kustomize, plain.out());
            let found = normal(&sandbox, &kustomize, built.out());
            assert_eq!(found, expected, "{what} kustomize {version}");
            assert!(!built.err().contains("hunter2"), "{what} {}", built.err());
            let lint = ["lint", "--flux", "sealed/app", "--root", "sealed"];
            let lint = bulla(&sandbox, &kustomize, &lint).ok();
            assert!(!lint.out().contains("fault"), "{what} {}", lint.out());
        }
    }
}

/// A file of another format than its key says is opened after the build: the controller
/// writes it in the key's format, and its name keeps the hash of the ciphertext.
#[test]
fn a_value_is_written_in_the_format_of_its_key() {
    let tree = "== app/kustomization.yaml
secretGenerator:
- name: keys
  files: [key.json=a.yaml]
== app/a.yaml whole
password: hunter2-hunter2-hunter2
";
    for (version, kustomize) in each_kustomize() {
        let sandbox = Sandbox::new();
        write(&sandbox, tree);
        let built =
            bulla(&sandbox, &kustomize, &["flux", "build", "--root", "sealed", "sealed/app"]);
        let sealed = sandbox.run(sandbox.command(&kustomize).args(["build", "sealed/app"])).ok();
        let name = |text: &str| {
            text.lines().find(|line| line.starts_with("  name: keys-")).map(str::to_owned)
        };
        assert_eq!(name(built.out()), name(sealed.out()), "kustomize {version}");
        // {"password": ...} as sops writes it.
        let json = "ewoJInBhc3N3b3JkIjogImh1bnRlcjItaHVudGVyMi1odW50ZXIyIgp9Cg==";
        let folded: String = built.ok().out().split_whitespace().collect();
        assert!(folded.contains(json), "kustomize {version}: {folded}");
    }
}

/// What the controller fails at, or would apply as ciphertext: the reason that lint
/// gives, and that build refuses with.
#[test]
fn what_the_controller_does_not_open_is_refused() {
    let large = format!("a: {}\n", "x".repeat(5 << 20));
    let cases = [
        (
            "== app/kustomization.yaml\ngenerators: [open.yaml]\n== app/open.yaml opens keys.yaml\n== app/keys.yaml sealed\nSECRET\n",
            "app/open.yaml: app/kustomization.yaml starts a plugin (bulla-krm), and the controller runs none",
        ),
        (
            "== app/kustomization.yaml\nresources: [keys.yaml]\n== app/keys.yaml sealed\napiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {name: keys}\n  stringData: {password: hunter2-hunter2-hunter2}\n",
            "app/keys.yaml: it is a List",
        ),
        (
            "== app/kustomization.yaml\nresources: [keys.yaml]\n== app/keys.yaml whole\nSECRET\n",
            "is sealed, which the controller needs to read",
        ),
        (
            "== app/kustomization.yaml\nconfigMapGenerator: [{name: c, files: [a.yaml]}]\n== app/a.yaml whole\npassword: hunter2-hunter2-hunter2\n",
            "app/a.yaml: configMapGenerator names it",
        ),
        (
            "== app/kustomization.yaml\nsecretGenerator: [{name: c, env: a.env}]\n== app/a.env whole\nPASSWORD=hunter2-hunter2-hunter2\n",
            "app/a.env: env names it",
        ),
        (
            "== app/kustomization.yaml\nsecretGenerator: [{name: c, files: [key=a.yaml]}]\n== app/a.yaml whole\npassword: hunter2-hunter2-hunter2\n",
            "the key \"key\", which says binary, and it is yaml",
        ),
        (
            "== app/kustomization.yaml\nresources: [base.yaml]\npatchesStrategicMerge: [patch.yaml]\n== app/base.yaml\napiVersion: v1\nkind: Secret\nmetadata: {name: keys}\n== app/patch.yaml sealed\nSECRET\n",
            "app/patch.yaml: patchesStrategicMerge names it",
        ),
        (
            "== app/kustomization.yaml\nresources: [keys.yaml]\n== app/keys.yaml sealed\napiVersion: v1\nkind: Secret\nmetadata:\n  name: keys\n  annotations: {kustomize.toolkit.fluxcd.io/decrypt: Disabled}\nstringData:\n  password: hunter2-hunter2-hunter2\n",
            "keeps the controller away",
        ),
        (
            "== app/kustomization.yaml\nresources: [keys.yaml]\n== app/keys.yaml sealed\nSECRET\n== clusters/app.yaml\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: app}\nspec: {path: ./app}\n",
            "clusters/app.yaml: this Kustomization applies app without spec.decryption",
        ),
        (
            &format!(
                "== app/kustomization.yaml\nsecretGenerator: [{{name: c, files: [a.yaml]}}]\n== app/a.yaml\n{large}"
            ),
            "app/a.yaml: it is larger than 5 MiB",
        ),
    ];
    let (_, kustomize) = each_kustomize().into_iter().next().expect("a kustomize");
    for (tree, part) in cases {
        let sandbox = Sandbox::new();
        write(&sandbox, tree);
        let args = ["flux", "build", "--root", "sealed", "sealed/app"];
        let run = failed_in_silence(bulla(&sandbox, &kustomize, &args), &[PASSWORD]).exits(1);
        assert!(run.err().contains(part), "{part} is not in\n{}", run.err());
        let lint = ["lint", "--flux", "sealed/app", "--root", "sealed"];
        let run = bulla(&sandbox, &kustomize, &lint).exits(1);
        assert!(run.out().contains(part), "{part} is not in\n{}", run.out());
    }
}

/// A value that was put back in the clear: the controller fails at it, and we do not
/// show it.
#[test]
fn a_readable_value_where_a_sealed_one_should_be_is_refused() {
    let (_, kustomize) = each_kustomize().into_iter().next().expect("a kustomize");
    let sandbox = Sandbox::new();
    write(
        &sandbox,
        "== app/kustomization.yaml\nresources: [keys.yaml]\n== app/keys.yaml sealed\nSECRET\n",
    );
    let text = sandbox.read_text("sealed/app/keys.yaml");
    let line = text.lines().find(|line| line.contains("password: ENC[")).expect("a value");
    let text = text.replace(line, &format!("  password: {PASSWORD}"));
    sandbox.write("sealed/app/keys.yaml", text);
    let args = ["flux", "build", "--root", "sealed", "sealed/app"];
    let run = failed_in_silence(bulla(&sandbox, &kustomize, &args), &[PASSWORD]);
    assert!(run.err().contains("[\"stringData\"][\"password\"] is readable"), "{}", run.err());
}

/// What kustomize does by itself, which the verdicts rest on.
#[test]
fn kustomize_alone_fails_or_lets_ciphertext_through() {
    for (version, kustomize) in each_kustomize() {
        let sandbox = Sandbox::new();
        let build = |tree: &str| {
            write(&sandbox, tree);
            sandbox.run(sandbox.command(&kustomize).args(["build", "sealed/app"]))
        };
        let run =
            build("== app/kustomization.yaml\ngenerators: [open.yaml]\n== app/open.yaml opens a\n");
        assert!(run.fails().err().contains("plugin"), "kustomize {version}");
        let run = build("== app/kustomization.yaml\nresources: [keys.yaml]\n== app/keys.yaml sealed\napiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {name: keys}\n  stringData: {password: hunter2}\n").ok();
        assert!(run.out().contains("ENC[") && !run.out().contains("sops"), "kustomize {version}");
    }
}
