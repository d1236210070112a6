//! Resources that stand in the kustomization, opened where they stand.

use bulla_testkit::{Run, Sandbox};

use crate::{
    PASSWORD, all_sealed, build, config, each_kustomize, failed_in_silence, plugin, sealed, secret,
};

const MORE: &str = "namespace: here\nnamePrefix: pre-\nlabels: [{pairs: {a: b}}]\n";

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n  volumes:\n  - name: v\n    secret:\n      secretName: s\n";

/// A folder with a resource, and one that opens what is in it.
fn tree(sandbox: &Sandbox, resource: &str, more: &str, options: &str) {
    sandbox.write("base/s.yaml", resource);
    sandbox.write("base/pod.yaml", POD);
    sandbox.write("base/kustomization.yaml", format!("resources: [s.yaml, pod.yaml]\n{more}"));
    sandbox.write(
        "opened/kustomization.yaml",
        format!("resources: [../base]\ntransformers: [open.yaml]\n{}", origin(more)),
    );
    sandbox.write("opened/open.yaml", config(options));
}

/// The part of a kustomization that has to be said at the top.
fn origin(more: &str) -> &str {
    if more.contains("buildMetadata") { "buildMetadata: [originAnnotations]\n" } else { "" }
}

/// As sops leaves a file that it writes.
fn without_record(sealed: &str) -> String {
    sealed.split_once("    bulla:\n").expect("a record").0.to_owned()
}

#[test]
fn what_is_sealed_in_resources_builds_to_what_its_plaintext_builds_to() {
    let plain = "# first\napiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n  labels: {z: y}\ntype: Opaque\nstringData:\n  z: hunter2 # why\n  a: |\n    one\n      two\n  number: \"1\"\n";
    for (version, kustomize) in each_kustomize() {
        let sandbox = Sandbox::new();
        tree(&sandbox, plain, MORE, "");
        let expected = sandbox.run(&mut build(&sandbox, &kustomize, "base")).ok();
        let sealed = sealed(plain);
        tree(&sandbox, &sealed, MORE, "");
        let opened = sandbox.run(&mut build(&sandbox, &kustomize, "opened")).ok();
        assert_eq!(opened.out(), expected.out(), "kustomize {version}");
        assert_eq!(opened.err(), "", "the integrity record holds: kustomize {version}");
        tree(&sandbox, &without_record(&sealed), MORE, "");
        let opened = sandbox.run(&mut build(&sandbox, &kustomize, "opened")).ok();
        assert_eq!(opened.out(), expected.out(), "kustomize {version}");
        assert!(opened.err().contains("opened without checking the MAC"), "{}", opened.err());
        assert_eq!(opened.err().lines().count(), 1, "{}", opened.err());
    }
}

#[test]
fn a_mac_that_cannot_be_checked_is_refused_where_it_is_required() {
    let sealed = without_record(&sealed(&secret("s")));
    for (version, kustomize) in each_kustomize() {
        let sandbox = Sandbox::new();
        tree(&sandbox, &sealed, "commonAnnotations: {a: b}\n", "mac: require\n");
        let run = sandbox.run(&mut build(&sandbox, &kustomize, "opened"));
        let run = failed_in_silence(run, &[PASSWORD]);
        assert!(run.err().contains("its MAC cannot be checked"), "{version}: {}", run.err());
    }
}

/// What kustomize cannot mean by a change: the code of the object covers it.
#[test]
fn a_sealed_value_that_was_taken_out_or_put_elsewhere_is_refused() {
    let sealed = sealed(&secret("s"));
    let replace = "- {op: replace, path: /kind, value: ConfigMap}";
    let remove =
        "- {op: remove, path: /stringData/password}\n    - {op: add, path: /data, value: {x: ''}}";
    for (version, kustomize) in each_kustomize() {
        for patch in [replace, remove] {
            let sandbox = Sandbox::new();
            let patch = format!("patches:\n- target: {{kind: Secret}}\n  patch: |-\n    {patch}\n");
            tree(&sandbox, &sealed, &patch, "");
            let run = sandbox.run(&mut build(&sandbox, &kustomize, "opened"));
            let run = failed_in_silence(run, &[PASSWORD]);
            let message = "the integrity record does not match";
            assert!(run.err().contains(message), "{version}: {}", run.err());
        }
    }
}

/// kustomize says where a resource was loaded from; the file's MAC holds for it.
#[test]
fn the_file_that_a_resource_came_from_vouches_for_it() {
    let sealed = without_record(&sealed(&secret("s")));
    let (_, kustomize) = each_kustomize().into_iter().next().expect("a kustomize");
    let sandbox = Sandbox::new();
    let more = "buildMetadata: [originAnnotations]\nnamePrefix: pre-\n";
    let options = "mac: require\nallowOutsideRoot: true\n";
    tree(&sandbox, &sealed, more, options);
    let run = sandbox.run(&mut build(&sandbox, &kustomize, "opened")).ok();
    assert!(run.out().contains(PASSWORD), "{}", run.out());
    assert_eq!(run.err(), "");

    // Not for another one, and not when it was changed itself.
    let other = sandbox.read_text("base/s.yaml").replace("kind: Secret", "kind: ConfigMap");
    tree(&sandbox, &other, more, options);
    let run = sandbox.run(&mut build(&sandbox, &kustomize, "opened"));
    assert!(failed_in_silence(run, &[PASSWORD]).err().contains("its MAC cannot be checked"));
}

#[test]
fn a_value_that_a_patch_put_there_in_the_clear_is_refused_and_not_shown() {
    let sealed = sealed(&secret("s"));
    let patch = format!(
        "patches:\n- target: {{kind: Secret}}\n  patch: |-\n    - op: add\n      path: /stringData/more\n      value: {PASSWORD}\n"
    );
    for (version, kustomize) in each_kustomize() {
        let sandbox = Sandbox::new();
        tree(&sandbox, &sealed, &patch, "");
        let run = sandbox.run(&mut build(&sandbox, &kustomize, "opened"));
        let run = failed_in_silence(run, &[PASSWORD]);
        assert!(run.err().contains(r#"["stringData"]["more"]"#), "{version}: {}", run.err());
    }
}

/// kustomize takes a List apart and loses the metadata that stands beside its items.
#[test]
fn a_sealed_list_is_refused() {
    let list = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata:\n    name: s\n  stringData:\n    k: hunter2\n";
    let sealed = sealed(list);
    for (version, kustomize) in each_kustomize() {
        let sandbox = Sandbox::new();
        tree(&sandbox, &sealed, "", "");
        let run = sandbox.run(&mut build(&sandbox, &kustomize, "opened"));
        let run = failed_in_silence(run, &["hunter2"]);
        assert!(
            run.err().contains("Secret/s, [\"stringData\"][\"k\"]"),
            "{version}: {}",
            run.err()
        );
    }
}

/// As Flux opens them: the hash in the name is that of the plaintext.
#[test]
fn a_sealed_file_in_a_generated_secret() {
    let plain = format!("a: {PASSWORD}\nlong: {}\n", "x".repeat(200));
    let short = "k: v\n";
    for (version, kustomize) in each_kustomize() {
        let sandbox = Sandbox::new();
        let files = "secretGenerator:\n- name: s\n  files: [long.yaml, short.yaml]\nresources: [pod.yaml]\n";
        sandbox.write("plain/kustomization.yaml", files);
        sandbox.write("plain/pod.yaml", POD);
        sandbox.write("sealed/kustomization.yaml", format!("{files}transformers: [open.yaml]\n"));
        sandbox.write("sealed/pod.yaml", POD);
        sandbox.write("sealed/open.yaml", config("mac: require\n"));
        for (name, text) in [("long.yaml", plain.as_str()), ("short.yaml", short)] {
            sandbox.write(format!("plain/{name}"), text);
            sandbox.write(format!("sealed/{name}"), all_sealed(text));
        }
        let expected = sandbox.run(&mut build(&sandbox, &kustomize, "plain")).ok();
        let opened = sandbox.run(&mut build(&sandbox, &kustomize, "sealed")).ok();
        assert_eq!(opened.out(), expected.out(), "kustomize {version}");
        assert_eq!(opened.err(), "");

        let tampered = sandbox.read_text("sealed/long.yaml").replacen("long: ", "lung: ", 1);
        sandbox.write("sealed/long.yaml", tampered);
        let run = sandbox.run(&mut build(&sandbox, &kustomize, "sealed"));
        let run = failed_in_silence(run, &[PASSWORD]);
        assert!(run.err().contains(r#"["data"]["long.yaml"]"#), "{version}: {}", run.err());
    }
}

/// kpt keeps order, and adds annotations: without these the MAC is right.
fn from_kpt(options: &str) -> Run {
    let sandbox = Sandbox::new();
    let sealed = sealed(&secret("s"));
    let item = sealed.replacen(
        "  name: s\n",
        "  name: s\n  annotations:\n    config.kubernetes.io/index: '0'\n    config.kubernetes.io/path: s.yaml\n    internal.config.kubernetes.io/path: s.yaml\n",
        1,
    );
    let item: String = item.lines().map(|line| format!("  {line}\n")).collect();
    let input = format!(
        "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- {}functionConfig:\n  apiVersion: v1\n  kind: ConfigMap\n  metadata: {{name: function-input}}\n  data: {{{options}}}\n",
        item.trim_start()
    );
    plugin(&sandbox, "", &input)
}

#[test]
fn what_kpt_keeps_in_files_is_opened_only_when_it_is_allowed() {
    let run = failed_in_silence(from_kpt("mac: require"), &[PASSWORD]);
    assert!(run.err().contains("allowInPlace: true"), "{}", run.err());
    let run = from_kpt("mac: require, allowInPlace: 'true'").ok();
    assert!(run.out().contains(PASSWORD));
    assert!(run.out().contains("internal.config.kubernetes.io/path"), "{}", run.out());
    assert_eq!(run.err(), "");
}
