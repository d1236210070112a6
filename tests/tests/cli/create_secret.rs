//! Secrets that are sealed from the start.

use bulla_testkit::{Run, Sandbox, keys, peers};

use crate::common::{SECRET, bulla, bulla_with, repository, says_nothing_of, snapshot};

#[track_caller]
fn create(sandbox: &Sandbox, args: &[&str]) -> Run {
    bulla(sandbox, &[&["create", "secret"], args].concat())
}

#[track_caller]
fn opened(sandbox: &Sandbox, file: &str) -> String {
    bulla(sandbox, &["decrypt", file]).ok().out().to_owned()
}

#[test]
fn the_manifest_of_kubectl_comes_out_sealed() {
    let sandbox = repository();
    sandbox.write("dir/a", "A");
    sandbox.write("dir/b.txt", [0, 159, 146, 150]);
    sandbox.write("dir/below/c", "C");
    let literal = format!("--from-literal=password={SECRET}");
    let args = ["generic", "db", "-n", "prod", "--type", "Opaque", "-l", "app=web", &literal];
    let files = ["--from-file=dir", "--from-file=other=dir/a", "-o", "db.enc.yaml"];
    let run = create(&sandbox, &[&args[..], &files].concat()).ok();
    assert!(run.stdout.is_empty() && run.stderr.is_empty());
    let sealed = sandbox.read_text("db.enc.yaml");
    assert!(!sealed.contains(SECRET) && !sealed.contains("aHVudGVyMi1jb3JyZWN0LWhvcnNl"));
    let expected = "\
apiVersion: v1
data:
  a: QQ==
  b.txt: AJ+Slg==
  other: QQ==
  password: aHVudGVyMi1jb3JyZWN0LWhvcnNl
kind: Secret
metadata:
  labels:
    app: web
  name: db
  namespace: prod
type: Opaque
";
    assert_eq!(opened(&sandbox, "db.enc.yaml"), expected);
}

#[test]
fn a_secret_that_is_made_again_keeps_what_did_not_change() {
    let sandbox = repository();
    let make = |user: &str| {
        let user = format!("--from-literal=user={user}");
        let args = ["generic", "db", "--from-literal=password=x", &user, "-o", "db.enc.yaml"];
        create(&sandbox, &args).ok();
        sandbox.read_text("db.enc.yaml")
    };
    let (first, second, third) = (make("alice"), make("bob"), make("bob"));
    let line = |text: &str| text.lines().find(|l| l.contains("password:")).unwrap().to_owned();
    assert_eq!(line(&first), line(&second));
    assert_ne!(first, second);
    assert_eq!(second, third);
}

#[test]
fn env_files_are_read_as_kubectl_reads_them() {
    let sandbox = repository();
    sandbox.write("x.env", "\u{feff}# c\n\nA= x y \nD=\nE=\"q\"\r\n F=a=b\n");
    let args = ["generic", "x", "--from-env-file", "x.env", "-o", "x.enc.yaml"];
    create(&sandbox, &args).ok();
    let data = "data:\n  A: IHggeSA=\n  D: \"\"\n  E: InEi\n  F: YT1i\nkind:";
    assert!(opened(&sandbox, "x.enc.yaml").contains(data), "{}", opened(&sandbox, "x.enc.yaml"));
}

#[test]
fn a_registrys_login_is_that_of_kubectl() {
    let sandbox = repository();
    let login = ["--docker-username=u", "--docker-password=p", "--docker-email=e@x"];
    let rest = ["--docker-server=s.io", "-o", "r.enc.yaml"];
    create(&sandbox, &[&["docker-registry", "x"], &login[..], &rest].concat()).ok();
    let expected = "\
apiVersion: v1
data:
  .dockerconfigjson: eyJhdXRocyI6eyJzLmlvIjp7InVzZXJuYW1lIjoidSIsInBhc3N3b3JkIjoicCIsImVtYWlsIjoiZUB4IiwiYXV0aCI6ImRUcHcifX19
kind: Secret
metadata:
  name: x
type: kubernetes.io/dockerconfigjson
";
    assert_eq!(opened(&sandbox, "r.enc.yaml"), expected);
    sandbox.write("config.json", "{\"auths\":{}}");
    create(&sandbox, &["docker-registry", "x", "--from-file=config.json", "-o", "f.enc.yaml"]).ok();
    assert!(opened(&sandbox, "f.enc.yaml").contains("  .dockerconfigjson: eyJhdXRocyI6e319\n"));
}

#[test]
fn without_a_file_the_secret_goes_to_standard_output() {
    let sandbox = repository();
    let secret = ["generic", "x", "--from-literal=a=b"];
    let by_rule = ["--filename-override", "x.enc.yaml"];
    let by_key = ["--age", keys::age_recipient()];
    for keys in [by_rule, by_key] {
        let sealed = create(&sandbox, &[&secret[..], &keys].concat()).ok();
        let opened = bulla_with(&sandbox, &["decrypt"], &sealed.stdout).ok();
        assert!(opened.out().contains("\n  a: Yg==\n"));
    }
    assert!(create(&sandbox, &secret).exits(8).stdout.is_empty());
}

#[test]
fn what_is_wrong_makes_no_file_and_is_not_shown() {
    let sandbox = repository();
    sandbox.write("good", "x");
    sandbox.write("bad name", SECRET);
    sandbox.write("dir/a", SECRET);
    sandbox.write("plain.enc.yaml", "mine: yes\n");
    sandbox.write("bad.env", format!("{SECRET}\n"));
    sandbox.write("bad.json", format!("{{\"a\": \"{SECRET}\""));
    sandbox.write("key.pem", format!("-----BEGIN PRIVATE KEY-----\n{SECRET}\n"));
    let before = snapshot(&sandbox);
    let out = ["-o", "x.enc.yaml"];
    let cases: [(&[&str], i32, &str); 17] = [
        (&["generic", "x"], 1, "no value to seal"),
        (&["generic", "x", "--from-literal", SECRET], 1, "this has no key"),
        (&["generic", "x", "--from-literal=a b=c"], 1, "`a b` cannot be a key"),
        (&["generic", "x", "--from-literal=a=1", "--from-literal=a=2"], 1, "given twice"),
        (&["generic", "x", "--from-file=bad name"], 1, "`bad name` cannot be a key"),
        (&["generic", "x", "--from-file=k=dir"], 1, "a directory has no key"),
        (&["generic", "x", "--from-file=nope"], 100, "nope: cannot be read"),
        (&["generic", "x", "--from-env-file=bad.env"], 1, "bad.env: line 1: there is no ="),
        (&["generic", "X_y", "--from-literal=a=b"], 1, "cannot be a name"),
        (&["generic", "x", "-n", "Prod", "--from-literal=a=b"], 1, "--namespace Prod"),
        (&["generic", "x", "--label", "a", "--from-literal=a=b"], 1, "this is no label"),
        (&["tls", "x", "--cert=good", "--key=good"], 1, "there is no certificate in it"),
        (&["tls", "x", "--cert=key.pem", "--key=good"], 1, "key.pem: "),
        (&["docker-registry", "x", "--docker-username=u"], 1, "are both needed"),
        (&["docker-registry", "x", "--from-file=bad.json"], 1, "this is not JSON"),
        (&["docker-registry", "x", "--from-file=k=bad.json"], 1, "the key must be"),
        (&["generic", "x", "--from-env-file=bad.env", "--from-literal=a=b"], 8, "cannot be used"),
    ];
    for (args, code, expected) in cases {
        let run = create(&sandbox, &[args, &out].concat()).exits(code);
        assert!(run.stdout.is_empty());
        assert!(run.err().contains(expected), "{expected} is not in: {}", run.err());
        says_nothing_of(&sandbox, &run, &[SECRET]);
        assert_eq!(snapshot(&sandbox), before, "{}", run.command);
    }
    for (output, code) in [("yaml", 8), ("plain.enc.yaml", 3), ("no-rule.yaml", 1), ("x.txt", 1)] {
        let args = ["generic", "x", "--from-literal=a=b", "-o", output];
        assert!(create(&sandbox, &args).exits(code).stdout.is_empty());
        assert_eq!(snapshot(&sandbox), before, "{output}");
    }
}

#[test]
fn a_secret_made_here_is_opened_by_sops() {
    let sandbox = Sandbox::new();
    let args = ["create", "secret", "generic", "x", "--from-literal=a=b", "-o", "x.yaml"];
    bulla(&sandbox, &[&args[..], &["--age", keys::age_recipient()]].concat()).ok();
    let mut sops = sandbox.command(peers::sops());
    sops.args(["decrypt", "x.yaml"]).env("SOPS_AGE_KEY_FILE", keys::age_identity_file());
    assert!(sandbox.run(&mut sops).ok().out().contains("    a: Yg==\n"));
}
