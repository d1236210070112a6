//! How programs call sops, line by line as they do it.

use bulla_testkit::{Run, Sandbox, peers};

use crate::common::{SECRET, command, link, repository};

#[track_caller]
fn both(sandbox: &Sandbox, args: &[&str], input: &str) -> [Run; 2] {
    [peers::sops(), link(sandbox)]
        .map(|program| sandbox.run_with(command(sandbox, &program).args(args), input).ok())
}

/// helm-secrets, scripts/lib/backends/sops.sh: it takes standard error along, so there
/// must be nothing on it.
#[test]
fn helm_secrets() {
    let sandbox = repository();
    let types = ["--input-type", "yaml", "--output-type", "yaml"];
    let decrypt = [&["--decrypt"], &types[..], &["sealed.yaml"]].concat();
    let [theirs, ours] = both(&sandbox, &decrypt, "");
    assert!(theirs.out().contains(SECRET) && theirs.stderr.is_empty());
    assert!(ours.out().contains(SECRET) && ours.stderr.is_empty());

    let to_file =
        [&["--decrypt"], &types[..], &["--output", "values.dec.yaml", "sealed.yaml"]].concat();
    for program in [peers::sops(), link(&sandbox)] {
        let run = sandbox.run(command(&sandbox, &program).args(&to_file)).ok();
        assert!(run.stdout.is_empty() && run.stderr.is_empty());
        assert!(sandbox.read_text("values.dec.yaml").contains(SECRET));
        std::fs::remove_file(sandbox.path("values.dec.yaml")).unwrap();
    }

    let encrypt = [&["--encrypt"], &types[..], &["plain.yaml"]].concat();
    for run in both(&sandbox, &encrypt, "") {
        // What it takes for a sealed file.
        let is_sealed = |line: &str| line.contains("mac") && line.contains(",type:str]");
        assert!(run.out().lines().any(is_sealed) && run.out().lines().any(|line| line == "sops:"));
        assert!(run.stderr.is_empty());
    }
    let in_place = [&["--encrypt"], &types[..], &["--in-place", "plain.yaml"]].concat();
    sandbox.run(command(&sandbox, &link(&sandbox)).args(in_place)).ok();
    let [theirs, _] = both(&sandbox, &["--decrypt", "plain.yaml"], "");
    assert!(theirs.out().contains(SECRET));
}

/// community.sops, plugins/module_utils/sops.py: by a file's name, and by a device for
/// what it has in memory; rules are those of the working directory.
#[test]
fn ansible() {
    let sandbox = repository();
    let sealed = sandbox.read_text("sealed.yaml");
    let local = "--enable-local-keyservice";
    let types = ["--input-type", "yaml", "--output-type", "yaml"];
    let from_file = [&[local], &types[..], &["--decrypt", "sealed.yaml"]].concat();
    let from_memory = [&[local], &types[..], &["--decrypt", "/dev/stdin"]].concat();
    for (args, input) in [(&from_file, ""), (&from_memory, &sealed)] {
        for run in both(&sandbox, args, input) {
            assert!(run.out().contains(SECRET), "{args:?}");
        }
    }
    let encrypt = [&["--config", ".sops.yaml"], &types[..], &["--encrypt", "/dev/stdin"]].concat();
    let without_config = [&types[..], &["--encrypt", "/dev/stdin"]].concat();
    for args in [encrypt, without_config] {
        for run in both(&sandbox, &args, "token: from-ansible\n") {
            let [theirs, ours] = both(&sandbox, &from_memory, run.out());
            assert_eq!(theirs.out(), "token: from-ansible\n");
            assert_eq!(ours.out(), "token: from-ansible\n");
        }
    }
    // Newer ones ask whether there is anything to open.
    for (file, answer) in
        [("sealed.yaml", "{\"encrypted\":true}\n"), ("plain.yaml", "{\"encrypted\":false}\n")]
    {
        for run in both(&sandbox, &["filestatus", file], "") {
            assert_eq!(run.out(), answer, "{file}");
        }
    }
    // Which flags it may use, it takes from here.
    for run in both(&sandbox, &["--version", "--disable-version-check"], "") {
        let version = run.out().split_whitespace().nth(1).expect("a second word");
        let parts: Vec<u32> = version.split('.').map(|part| part.parse().unwrap()).collect();
        assert!(parts >= vec![3, 9, 0], "{version}");
    }
}

/// The provider carlpett/sops has the library inside and starts nothing; this is what
/// people write who let Terraform start sops, in `data "external"`.
#[test]
fn terraform() {
    let sandbox = repository();
    let [theirs, ours] = both(&sandbox, &["-d", "--output-type", "json", "sealed.yaml"], "{}");
    assert_eq!(theirs.out(), ours.out());
    assert!(ours.out().contains(SECRET) && ours.stderr.is_empty());
    let [theirs, ours] = both(&sandbox, &["-d", "--extract", "[\"a\"]", "sealed.yaml"], "{}");
    assert_eq!(theirs.out(), ours.out());
    assert_eq!(ours.out(), SECRET);
}

/// helm-secrets again: its edit is sops without a verb.
#[test]
fn helm_secrets_edits() {
    for theirs in [true, false] {
        let sandbox = repository();
        let program = if theirs { peers::sops() } else { link(&sandbox) };
        let mut sops = command(&sandbox, &program);
        sops.args(["--input-type", "yaml", "--output-type", "yaml", "sealed.yaml"]);
        sops.env("EDITOR", "sed -i s/hunter2/hunter3/");
        assert!(sandbox.run(&mut sops).ok().stdout.is_empty());
        let run = sandbox.run(command(&sandbox, &peers::sops()).args(["-d", "sealed.yaml"])).ok();
        assert!(run.out().contains("hunter3"));
        // Once more changes nothing.
        sandbox.run(&mut sops).exits(200);
    }
}
