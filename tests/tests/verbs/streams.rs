//! Documents of a stream, and sealed files that were put together.

use bulla_testkit::{Sandbox, keys};

use crate::common::{Both, bulla, opened_by_sops};

const STREAM: &str = "\
apiVersion: v1
kind: Secret
metadata:
  name: one
stringData:
  p: first
---
apiVersion: v1
kind: Secret
metadata:
  name: two
  namespace: web
stringData:
  p: second
  cert: |
    x
    y
";

fn stream() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("s.yaml", STREAM);
    bulla(&sandbox, &["encrypt", "-i", "--age", keys::age_recipient(), "s.yaml"]).ok();
    sandbox
}

#[test]
fn any_document_can_be_looked_into_and_changed() {
    let sandbox = stream();
    let path = r#"["stringData"]["p"]"#;
    let extract = |args: &[&str]| {
        let run = bulla(&sandbox, &[&["decrypt", "s.yaml"], args].concat()).ok();
        run.out().to_owned()
    };
    assert_eq!(extract(&["--extract", path]), "first");
    assert_eq!(extract(&["--extract", &format!("[1]{path}")]), "second");
    assert_eq!(extract(&["--document", "1", "--extract", path]), "second");
    assert_eq!(extract(&["--document", "secret/two", "--extract", path]), "second");
    assert_eq!(extract(&["--document", "Secret/web/two", "--extract", path]), "second");
    let (first, second) = STREAM.split_once("---\n").expect("two documents");
    assert_eq!(extract(&["--document", "0"]), first);
    assert_eq!(extract(&["--extract", "[1]"]), second);
    bulla(&sandbox, &["set", "s.yaml", &format!("[1]{path}"), r#""new""#]).ok();
    bulla(&sandbox, &["unset", "--document", "secret/one", "s.yaml", r#"["metadata"]"#]).ok();
    let expected = STREAM.replace("p: second", "p: new").replace("metadata:\n  name: one\n", "");
    assert_eq!(extract(&[]), expected);
    opened_by_sops(&sandbox, "s.yaml");
}

#[test]
fn a_document_that_is_not_there_is_named() {
    let sandbox = stream();
    let path = r#"["stringData"]["p"]"#;
    let before = sandbox.read_text("s.yaml");
    for (args, code) in [
        (&["set", "s.yaml", "--document", "2", path, "1"][..], 1),
        (&["set", "s.yaml", "--document", "ConfigMap/one", path, "1"], 1),
        (&["set", "s.yaml", "--document", "one", path, "1"], 1),
        (&["set", "s.yaml", "--document", "1", r#"[0]["a"]"#, "1"], 8),
        (&["set", "s.yaml", "[1]", "1"], 1),
        (&["unset", "s.yaml", r#"[2]["a"]"#], 1),
        (&["decrypt", "s.yaml", "--document", "7"], 1),
    ] {
        let run = bulla(&sandbox, args).exits(code);
        assert!(run.stdout.is_empty() && !run.err().is_empty(), "{args:?}");
        assert_eq!(sandbox.read_text("s.yaml"), before, "{args:?}");
    }
}

#[test]
fn sealed_files_that_were_put_together_open_and_are_not_changed() {
    let both = Both::new();
    let (first, second) = ("a: one\n", "b: two\n");
    let together = format!("{}---\n{}", both.seal(first), both.seal(second));
    both.write("sealed.yaml", &together);
    let runs = both.run(&["decrypt", "sealed.yaml"]);
    assert_ne!(runs.sops.code, 0);
    assert_eq!(runs.bulla.ok().out(), format!("{first}---\n{second}"));
    let part = bulla(&both.bulla, &["decrypt", "--extract", r#"[1]["b"]"#, "sealed.yaml"]).ok();
    assert_eq!(part.out(), "two");
    assert_eq!(
        bulla(&both.bulla, &["filestatus", "sealed.yaml"]).ok().out(),
        "{\"encrypted\":true}\n"
    );
    let other = keys::age_other_recipient();
    both.write(".sops.yaml", &format!("creation_rules:\n  - age: {other}\n"));
    for args in [
        &["set", "sealed.yaml", r#"["a"]"#, "1"][..],
        &["unset", "sealed.yaml", r#"["a"]"#],
        &["rotate", "-i", "sealed.yaml"],
        &["updatekeys", "-y", "sealed.yaml"],
        &["groups", "add", "-i", "-f", "sealed.yaml", "--age", other],
    ] {
        let run = bulla(&both.bulla, args).exits(1);
        assert!(run.err().contains("put together from 2 sealed files"), "{}", run.err());
        assert_eq!(both.bulla.read_text("sealed.yaml"), together);
    }
    // A readable one among them was sealed by nobody.
    both.write(
        "sealed.yaml",
        &format!("{}---\nc: plain\n---\n{}", both.seal(first), both.seal(second)),
    );
    let run = bulla(&both.bulla, &["decrypt", "sealed.yaml"]).exits(1);
    assert!(run.err().contains("this document is not sealed"), "{}", run.err());
}
