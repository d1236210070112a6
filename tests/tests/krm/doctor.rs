//! `bulla doctor`, run where the plugin would run.

use bulla_testkit::{Run, Sandbox, binary, keys};

use crate::{PASSWORD, config, each_kustomize, sealed, secret};

/// `bulla doctor` with these folders on its `PATH`.
fn doctor(sandbox: &Sandbox, path: &str, arguments: &[&str]) -> Run {
    let mut command = sandbox.command(binary("bulla"));
    command.env("PATH", path).arg("doctor").args(arguments);
    sandbox.run(command.env("SOPS_AGE_KEY_FILE", keys::age_identity_file()))
}

fn tree() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("tree/kustomization.yaml", "generators: [open.yaml]\n");
    sandbox.write("tree/open.yaml", config("files: [a.enc.yaml]\n"));
    sandbox.write("tree/a.enc.yaml", sealed(&secret("a")));
    sandbox
}

#[test]
fn all_is_well() {
    for (version, kustomize) in each_kustomize() {
        let sandbox = tree();
        sandbox.run(sandbox.command(binary("bulla")).args(["krm", "install", "bin"])).ok();
        std::os::unix::fs::symlink(kustomize, sandbox.path("bin/kustomize")).expect("a link");
        let run = doctor(&sandbox, sandbox.path("bin").to_str().expect("UTF-8"), &["tree"]).ok();
        let first = run.out().lines().next().unwrap_or_default();
        assert!(first.contains("--enable-alpha-plugins --enable-exec"), "{first}");
        // Debian's builds do not say a number.
        assert!(first.contains(version) || first.contains("(devel)"), "{version}: {first}");
        assert!(run.out().contains("open.yaml: starts "), "{}", run.out());
        assert!(run.out().contains("1 of 1 sealed files open"), "{}", run.out());
        // The test's own folder can be written, and the key of the repository.
        let tree = sandbox.path("tree").display().to_string();
        assert!(run.out().contains(&format!("can write the tree {tree};")), "{}", run.out());
        assert!(!run.out().contains("fault"), "{}", run.out());
        assert!(!run.out().contains(PASSWORD));
    }
}

#[test]
fn each_thing_that_will_fail_is_a_line_with_advice() {
    let sandbox = tree();
    let other = secret("b");
    let key =
        sandbox.run(sandbox.command(binary("bulla")).args(["keygen", "--output", "other.txt"]));
    let key = String::from_utf8_lossy(&[key.stdout, key.stderr].concat()).into_owned();
    let recipient = key.split_whitespace().find(|word| word.starts_with("age1")).expect("a key");
    sandbox.write("tree/b.yaml", other);
    let mut command = sandbox.command(binary("bulla"));
    sandbox.run(command.args(["encrypt", "-i", "--age", recipient, "tree/b.yaml"])).ok();
    let run = doctor(&sandbox, "/nowhere", &["tree"]).exits(1);
    let faults: Vec<_> = run.out().lines().filter(|line| line.starts_with("fault")).collect();
    assert_eq!(faults.len(), 3, "{}", run.out());
    assert!(faults[0].ends_with("it is not on PATH; install it"), "{}", faults[0]);
    assert!(faults[1].contains("starts bulla-krm, which is not on PATH"), "{}", faults[1]);
    assert!(
        faults[2].contains(&format!("b.yaml does not open; it is sealed for {recipient}")),
        "{}",
        faults[2]
    );
    assert!(run.out().contains("1 of 2 sealed files open"), "{}", run.out());

    let run = doctor(&sandbox, "/nowhere", &["tree", "--json"]).exits(1);
    let found: serde_json::Value = serde_json::from_str(run.out()).expect("JSON");
    let states = found.as_array().expect("a list").iter().map(|one| &one["state"]);
    assert_eq!(states.filter(|state| *state == "fault").count(), 3);
    for one in found.as_array().expect("a list") {
        for name in ["check", "state", "message"] {
            assert!(one[name].is_string(), "{one}");
        }
        assert_eq!(one["advice"].is_string(), one["state"] != "ok", "{one}");
    }
}
