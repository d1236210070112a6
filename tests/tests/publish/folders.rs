//! Questions, folders, names, and what is refused before anything is sent.

use std::path::PathBuf;

use bulla_testkit::servers::Moto;
use bulla_testkit::{Sandbox, binary, keys, peers};

use crate::common::{fails, publish, sandbox, seal, with};

const RULES: &str = "  - path_regex: \\.yaml$\n    s3_bucket: sealed\n    s3_prefix: pre/\n";

fn login(address: &str) -> [(&str, &str); 4] {
    [
        ("AWS_ENDPOINT_URL", address),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "AKIATESTTESTTESTTEST"),
        ("AWS_SECRET_ACCESS_KEY", "not-a-real-secret"),
    ]
}

fn bucket() -> Moto {
    let moto = Moto::start();
    moto.bucket("sealed");
    moto
}

#[test]
fn both_ask_the_same_and_take_the_same_answers() {
    let (moto, sandbox) = (bucket(), sandbox(RULES, &[("a.yaml", "a: b\n")]));
    let address = moto.address();
    for (input, code) in [("", 1), ("n\n", 1), ("what\nn\n", 1), ("what\ny\n", 0), ("y\n", 0)] {
        let run = |program: PathBuf| {
            with(&sandbox, &program, &login(&address), &["a.yaml"], input).exits(code)
        };
        let (theirs, ours) = (run(peers::sops()), run(binary("bulla")));
        assert_eq!(ours.out(), theirs.out(), "{input:?}");
        assert!(ours.out().starts_with("uploading /"), "{}", ours.out());
        assert!(ours.out().contains("to s3://sealed/pre/a.yaml ? (y/n): "), "{}", ours.out());
    }
}

#[test]
fn codes_are_those_of_sops() {
    let sandbox = sandbox(RULES, &[("a.yaml", "a: b\n"), ("b.json", "{\"a\": \"b\"}\n")]);
    sandbox.write("plain.yaml", "a: b\n");
    std::fs::create_dir(sandbox.path("folder")).unwrap();
    let login = login("http://127.0.0.1:1");
    for args in [&["-y"][..], &["-y", "nope.yaml"], &["-y", "b.json"], &["-y", "plain.yaml"]] {
        let run = |program: PathBuf| with(&sandbox, &program, &login, args, "").code;
        assert_eq!(run(binary("bulla")), run(peers::sops()), "{args:?}");
    }
    let run = |program: PathBuf| with(&sandbox, &program, &login, &["-y", "folder"], "").code;
    assert_eq!((run(binary("bulla")), run(peers::sops())), (1, 1));
    fails(&sandbox, &login, "b.json", &[".sops.yaml: no destination rule is for b.json"]);
    fails(&sandbox, &login, "plain.yaml", &["plain.yaml: ", "not sealed"]);
    fails(&sandbox, &login, "folder", &["this is a directory; say --recursive"]);
    let alone = Sandbox::new();
    seal(&alone, "a.yaml", "a: b\n", &[]);
    fails(&alone, &login, "a.yaml", &["there is no .sops-rules.yaml or .sops.yaml above it"]);
}

#[test]
fn a_folder_keeps_its_names_and_other_files_are_left_alone() {
    let (ours, theirs) = (bucket(), bucket());
    let sandbox = sandbox(RULES, &[]);
    std::fs::create_dir_all(sandbox.path("top/sub.d")).unwrap();
    for name in ["top/a.yaml", "top/sub.d/b.yaml"] {
        seal(&sandbox, name, "a: b\n", &[]);
    }
    let args = ["--yes", "--recursive", "--omit-extensions", "top"];
    with(&sandbox, &peers::sops(), &login(&theirs.address()), &args, "").ok();
    // sops stops at a file that no rule is for, and reads links.
    sandbox.write("top/README.md", "not sealed, and no rule is for it");
    std::os::unix::fs::symlink("/etc/hostname", sandbox.path("top/link.yaml")).unwrap();
    sandbox.write("top/.sops.yaml", format!("destination_rules:\n{RULES}"));
    publish(&sandbox, &login(&ours.address()), &args).ok();
    for (place, file) in [("pre/a", "top/a.yaml"), ("pre/sub.d/b", "top/sub.d/b.yaml")] {
        for moto in [&ours, &theirs] {
            assert_eq!(moto.object("sealed", place).body, sandbox.read_text(file), "{place}");
        }
    }
    assert_eq!(ours.object("sealed", "pre/link").status, 404);
    let run = publish(&sandbox, &login(&ours.address()), &["--recursive", "top"]).exits(1);
    assert!(run.err().contains("nobody answers"), "{}", run.err());
    let run = with(
        &sandbox,
        &binary("bulla"),
        &login(&ours.address()),
        &["--recursive", "top"],
        "n\nn\n",
    );
    assert_eq!(run.ok().err().matches("not published").count(), 2);
}

#[test]
fn one_file_that_cannot_be_published_keeps_the_others_back() {
    let moto = bucket();
    let address = moto.address();
    let sandbox = sandbox(RULES, &[]);
    std::fs::create_dir(sandbox.path("top")).unwrap();
    seal(&sandbox, "top/a.yaml", "a: b\n", &[]);
    let published = || moto.object("sealed", "pre/a.yaml").status == 200;
    let refused = |word: &str| {
        let run = publish(&sandbox, &login(&address), &["--yes", "--recursive", "top"]).exits(1);
        assert!(run.err().contains(word), "{}", run.err());
        assert!(run.err().contains("nothing is published, as 1 of the files cannot be"));
        assert!(!published());
    };
    sandbox.write("top/z.yaml", "password: readable\n");
    refused("top/z.yaml: ");
    // Sealed, and then edited without sops.
    seal(&sandbox, "top/z.yaml", "password: hunter2\n", &[]);
    let text = sandbox.read_text("top/z.yaml");
    let line = text.lines().next().unwrap();
    sandbox.write("top/z.yaml", text.replace(line, "password: readable"));
    refused("top/z.yaml: line 1, [\"password\"]: this value is not sealed");
    std::fs::remove_file(sandbox.path("top/z.yaml")).unwrap();
    // Two that would become one.
    let rules = "  - path_regex: \\.(yaml|json)$\n    s3_bucket: sealed\n    s3_prefix: pre/\n    omit_extensions: true\n";
    sandbox.write(".sops.yaml", format!("destination_rules:\n{rules}"));
    seal(&sandbox, "top/a.json", "{\"a\": \"b\"}\n", &[]);
    refused("s3://sealed/pre/a is where top/a.json goes");
}

#[test]
fn a_link_named_sops_publishes() {
    let (moto, sandbox) = (bucket(), sandbox(RULES, &[("a.yaml", "a: b\n")]));
    let link = sandbox.home().join("sops");
    std::os::unix::fs::symlink(binary("bulla"), &link).unwrap();
    let mut sops = sandbox.command(&link);
    let address = moto.address();
    sops.env("SOPS_AGE_KEY", keys::age_identity()).envs(login(&address));
    let run = sandbox.run(sops.args(["publish", "--yes", "--verbose", "a.yaml"])).ok();
    assert_eq!(run.out(), "");
    assert_eq!(moto.object("sealed", "pre/a.yaml").status, 200);
}
