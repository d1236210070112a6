//! The installed peers are what the table says, and they work in a sandbox.

#![forbid(unsafe_code)]

use std::fs;

use bulla_testkit::{Sandbox, keys, peers};

#[test]
fn every_sops_says_its_version_and_opens_what_the_others_sealed() {
    let sandbox = Sandbox::new();
    sandbox.write("plain.yaml", "password: hunter2\n");
    let all = peers::all_sops();
    for (sealer, sops) in &all {
        let shown = sandbox.run(sandbox.command(sops).arg("--version")).ok();
        assert!(shown.out().contains(sealer) || *sealer == "on-path", "{sealer}: {}", shown.out());

        let mut seal = sandbox.command(sops);
        seal.args(["encrypt", "--age", keys::age_recipient(), "plain.yaml"]);
        let sealed = sandbox.run(&mut seal).ok();
        assert!(!sealed.out().contains("hunter2"));
        sandbox.write("sealed.yaml", &sealed.stdout);
        for (opener, sops) in &all {
            let mut open = sandbox.command(sops);
            open.args(["decrypt", "sealed.yaml"]).env("SOPS_AGE_KEY", keys::age_identity());
            let opened = sandbox.run(&mut open).ok();
            assert_eq!(opened.out(), "password: hunter2\n", "{sealer} to {opener}");
        }
    }
}

#[test]
fn the_other_key_opens_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("plain.yaml", "password: hunter2\n");
    let mut seal = sandbox.command(peers::sops());
    seal.args(["encrypt", "--in-place", "--age", keys::age_recipient(), "plain.yaml"]);
    sandbox.run(&mut seal).ok();
    let mut open = sandbox.command(peers::sops());
    open.args(["decrypt", "plain.yaml"]).env("SOPS_AGE_KEY", keys::age_other_identity());
    assert_eq!(sandbox.run(&mut open).fails().out(), "");
}

#[test]
fn the_recipients_belong_to_the_identities() {
    let sandbox = Sandbox::new();
    for (file, recipient) in [
        (keys::age_identity_file(), keys::age_recipient()),
        (keys::age_other_identity_file(), keys::age_other_recipient()),
    ] {
        let shown = sandbox.run(sandbox.command(peers::age_keygen()).arg("-y").arg(file)).ok();
        assert_eq!(shown.out().trim(), recipient);
    }
}

#[test]
fn every_kustomize_builds_a_configmap() {
    let sandbox = Sandbox::new();
    sandbox.write("kustomization.yaml", "configMapGenerator:\n- name: one\n  literals: [a=b]\n");
    for (version, kustomize) in peers::all_kustomize() {
        let built = sandbox.run(sandbox.command(kustomize).args(["build", "."])).ok();
        assert!(built.out().contains("kind: ConfigMap"), "kustomize {version}: {}", built.out());
    }
}

#[test]
fn the_conformance_suite_is_whole() {
    let files = fs::read_dir(peers::yaml_test_suite()).expect("the suite is a directory").flatten();
    let names = files.map(|file| file.file_name().to_string_lossy().into_owned());
    let cases = names.filter(|name| name.ends_with(".js") && name != "index.js");
    assert_eq!(cases.count(), 350);
}
