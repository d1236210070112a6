//! Trees that build to the same whether their Secrets are sealed or not.

use bulla_testkit::{Sandbox, keys, peers};

use crate::{build, config, each_kustomize, sealed};

/// Builds `manifests` from sealed files and from plain ones, with more lines in the
/// kustomization, and compares.
#[track_caller]
fn same(manifests: &[&str], more: &str) {
    for (version, kustomize) in each_kustomize() {
        let sandbox = Sandbox::new();
        let mut files = Vec::new();
        for (number, manifest) in manifests.iter().enumerate() {
            files.push(format!("{number}.yaml"));
            sandbox.write(format!("plain/{number}.yaml"), manifest);
            sandbox.write(format!("sealed/{number}.yaml"), sealed(manifest));
        }
        let files = files.join(", ");
        let plain = format!("resources: [{files}]\n{more}");
        sandbox.write("plain/kustomization.yaml", plain);
        let opening = format!("generators: [open.yaml]\n{more}");
        sandbox.write("sealed/kustomization.yaml", opening);
        sandbox.write("sealed/open.yaml", config(&format!("files: [{files}]\n")));

        let plain = sandbox.run(&mut build(&sandbox, &kustomize, "plain")).ok();
        let opened = sandbox.run(&mut build(&sandbox, &kustomize, "sealed")).ok();
        assert_eq!(opened.out(), plain.out(), "kustomize {version}");
        assert_eq!(opened.err(), "", "kustomize {version}");
    }
}

const SCALARS: &str = r#"
apiVersion: v1
kind: Secret
metadata:
  name: scalars
  annotations: {flow: "yes", 'number': "1"}
type: Opaque
stringData:
  plain: hunter2
  single: 'it''s'
  double: "tab\tbreak\nescape\u001b bell\a \U0001F600 \u00e9 \u2028"
  empty: ""
  blank: " "
  yes: "yes"
  'null': "null"
  looks-like-int: "0123"
  looks-like-float: '1e3'
  looks-like-date: '2001-12-14'
  literal: |
    one
      two

    ---
    # not a comment
    {{ not a template }}
  stripped: |-
    no break at the end
  kept: |+
    breaks

  indented: |2
      four
  folded: >
    one line
    in two

    and another
  folded-stripped: >-
    a
    b
  over-two-lines: "a
    b"
  binary: !!binary aGVsbG8=
  tagged: !!str 12
  umlaut: Bärenstark
data:
  b64: aHVudGVyMg==
  folded: >-
    aHVudGVy
    Mg==
"#;

const SHARED: &str = "
apiVersion: v1
kind: Secret
metadata:
  name: shared
  labels: &labels
    app: web
    tier: back
  annotations:
    <<: *labels
    tier: front
stringData:
  a: &password hunter2
  b: other
";

#[test]
fn every_style_of_scalar() {
    same(&[SCALARS], "");
}

#[test]
fn anchors_and_merge_keys() {
    same(&[SHARED], "");
}

#[test]
fn streams_and_lists() {
    let secret = |name: &str| {
        format!("apiVersion: v1\nkind: Secret\nmetadata:\n  name: {name}\nstringData:\n  k: v\n")
    };
    let stream = format!("# first\n---\n{}---\n# nothing\n---\n{}...\n", secret("b"), secret("a"));
    let list = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata:\n    name: c\n  stringData:\n    k: v\n";
    same(&[&stream, list], "");
}

#[test]
fn what_the_kustomization_does_to_them() {
    let manifest = SCALARS.replace("name: scalars", "name: scalars\n  namespace: elsewhere");
    same(
        &[&manifest],
        "namespace: here\nnamePrefix: pre-\nnameSuffix: -suf\nlabels: [{pairs: {a: b}}]\n\
         patches:\n- target: {kind: Secret}\n  patch: |-\n    - op: add\n      path: /metadata/annotations/patched\n      value: \"true\"\n",
    );
}

#[test]
fn many_files() {
    let manifests: Vec<_> = (0..40)
        .map(|number| {
            format!("apiVersion: v1\nkind: Secret\nmetadata:\n  name: s{number}\nstringData:\n  k: v{number}\n")
        })
        .collect();
    let manifests: Vec<_> = manifests.iter().map(String::as_str).collect();
    same(&manifests, "");
}

/// A hash in the name, and a reference to it.
#[test]
fn a_secret_that_wants_a_hash_gets_the_one_of_its_plaintext() {
    for (version, kustomize) in each_kustomize() {
        let mut built = Vec::new();
        for kind in ["stringData:\n  k: hunter2\n", "data:\n  k: aHVudGVyMg==\n"] {
            let sandbox = Sandbox::new();
            let manifest = format!(
                "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n  annotations:\n    kustomize.config.k8s.io/needs-hash: \"true\"\n{kind}"
            );
            sandbox.write("a.enc.yaml", sealed(&manifest));
            sandbox.write("open.yaml", config("files: [a.enc.yaml]\n"));
            sandbox.write("kustomization.yaml", "generators: [open.yaml]\nresources: [pod.yaml]\n");
            sandbox.write("pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n  volumes:\n  - name: v\n    secret:\n      secretName: s\n");
            let run = sandbox.run(&mut build(&sandbox, &kustomize, ".")).ok();
            let name = run.out().lines().find_map(|line| line.trim().strip_prefix("name: s-"));
            let name = name.unwrap_or_else(|| panic!("kustomize {version}: {}", run.out()));
            assert!(run.out().contains(&format!("secretName: s-{name}\n")), "kustomize {version}");
            built.push(name.to_owned());
        }
        assert_ne!(built[0], built[1], "data and stringData stay what they are");
    }
}

/// What each real sops sealed.
#[test]
fn files_that_sops_sealed() {
    for (sops_version, sops) in peers::all_sops() {
        let sandbox = Sandbox::new();
        sandbox.write("plain/a.yaml", SCALARS);
        sandbox.write("plain/kustomization.yaml", "resources: [a.yaml]\n");
        let mut command = sandbox.command(&sops);
        command.args(["encrypt", "--age", keys::age_recipient()]);
        command.args(["--encrypted-regex", "^(data|stringData)$", "plain/a.yaml"]);
        sandbox.write("sealed/a.yaml", sandbox.run(&mut command).ok().stdout);
        sandbox.write("sealed/kustomization.yaml", "generators: [open.yaml]\n");
        sandbox.write("sealed/open.yaml", config("files: [./a.yaml]\n"));
        for (version, kustomize) in each_kustomize() {
            let plain = sandbox.run(&mut build(&sandbox, &kustomize, "plain")).ok();
            let opened = sandbox.run(&mut build(&sandbox, &kustomize, "sealed")).ok();
            assert_eq!(opened.out(), plain.out(), "kustomize {version}, sops {sops_version}");
        }
    }
}
