//! The `.flux.yaml` of the example repository: one command in the place of a loop that
//! decrypts files beside their sealed copies, builds, and removes them.

use std::fs;
use std::path::Path;
use std::process::Command;

use bulla_testkit::{Run, Sandbox, binary, keys, peers};
use bulla_yaml::Stream;

use crate::{copy, each_kustomize, failed_in_silence};

/// What such a `.flux.yaml` had before.
const LOOP: &str = "for file in $(find . -name '*.enc.yaml'); do sops decrypt $file > ${file%.enc.yaml}.yaml; done && kustomize build . ; status=$?; find . -name secrets.yaml -delete; exit $status";

/// The one command of the file, as Flux reads it.
fn command() -> String {
    let file = peers::workspace_root().join("fixtures/clusters/pocket/.flux.yaml");
    let text = fs::read_to_string(file).expect("the fixture");
    let stream = Stream::parse(&text).expect("YAML");
    let root = stream.documents()[0].root.expect("a document");
    let updated = stream.get(root, "commandUpdated").expect("commandUpdated");
    let generators = stream.get(updated, "generators").expect("generators");
    let mut generators = stream.children(generators);
    let generator = generators.next().expect("a generator");
    assert!(generators.next().is_none(), "one command");
    let command = stream.get(generator, "command").expect("a command");
    stream.node(command).scalar().expect("a text").value.to_string()
}

/// Runs a command as fluxd does: by a shell, in the folder that is applied.
fn run(sandbox: &Sandbox, kustomize: &Path, folder: &str, line: &str) -> Run {
    let _ = fs::create_dir_all(sandbox.path("bin"));
    for (name, program) in
        [("kustomize", kustomize.to_owned()), ("bulla", binary("bulla")), ("sops", peers::sops())]
    {
        let _ = std::os::unix::fs::symlink(program, sandbox.path("bin").join(name));
    }
    let mut command: Command = sandbox.command("/bin/sh");
    let path = format!("{}:/usr/bin:/bin", sandbox.path("bin").display());
    command.env("PATH", path).env("SOPS_AGE_KEY_FILE", keys::age_identity_file());
    sandbox.run(command.args(["-c", line]).current_dir(sandbox.path(folder)))
}

/// Every file below a folder, with what is in it.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push((path.display().to_string(), fs::read(&path).expect("a file"))),
        }
    }
    found.sort();
    found
}

fn tree(sandbox: &Sandbox) {
    let fixture = peers::workspace_root().join("fixtures/clusters/pocket");
    copy(&fixture, &sandbox.path("tree")).expect("a copy");
    copy(&fixture, &sandbox.path("loop")).expect("a copy");
    // Flux works in a clone.
    sandbox.git(&["init", "--quiet", "tree"]);
    for overlay in ["pocket-core-1", "pocket-core-2"] {
        let folder = format!("loop/overlays/{overlay}/secrets");
        sandbox.write(format!("{folder}/kustomization.yaml"), "resources: [secrets.yaml]\n");
    }
}

#[test]
fn the_command_gives_what_the_loop_gave() {
    let command = command();
    for (version, kustomize) in each_kustomize() {
        for overlay in ["pocket-core-1", "pocket-core-2"] {
            let sandbox = Sandbox::new();
            tree(&sandbox);
            let before = files(&sandbox.path("tree"));
            let folder = |tree: &str| format!("{tree}/overlays/{overlay}");
            let expected = run(&sandbox, &kustomize, &folder("loop"), LOOP).ok();
            let built = run(&sandbox, &kustomize, &folder("tree"), &command).ok();
            assert_eq!(built.out(), expected.out(), "{overlay}, kustomize {version}");
            assert!(built.out().contains("node_key.json: "), "{overlay}, kustomize {version}");
            assert_eq!(files(&sandbox.path("tree")), before, "nothing was written");
            assert_eq!(fs::read_dir(sandbox.tmp()).expect("a folder").count(), 0);
        }
    }
}

/// Flux puts standard error into its log, and applies nothing.
#[test]
fn what_fails_prints_nothing() {
    let (_, kustomize) = each_kustomize().into_iter().next().expect("a kustomize");
    let sandbox = Sandbox::new();
    tree(&sandbox);
    let file = "tree/overlays/pocket-core-1/secrets/secrets.enc.yaml";
    let changed = sandbox.read_text(file).replace("type: Opaque", "type: Other");
    sandbox.write(file, changed);
    let run = run(&sandbox, &kustomize, "tree/overlays/pocket-core-1", &command());
    let run = failed_in_silence(run, &[]);
    assert!(run.err().contains("the MAC does not match"), "{}", run.err());
}
