//! S3: the moto server, which checks signatures and policies when it is told to.

use bulla_testkit::servers::{Listener, Moto};
use bulla_testkit::{Sandbox, keys, peers};

use crate::common::{SECRET, fails, publish, sandbox, seal, sops};

const RULES: &str = "  - path_regex: ^bare\\.\n    s3_bucket: sealed\n    omit_extensions: true\n  \
                     - s3_bucket: sealed\n    s3_prefix: pre/\n";

/// A login that moto believes, and the way to it.
fn login(address: &str) -> [(&str, &str); 4] {
    [
        ("AWS_ENDPOINT_URL", address),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "AKIATESTTESTTESTTEST"),
        ("AWS_SECRET_ACCESS_KEY", "not-a-real-secret"),
    ]
}

#[test]
fn the_same_object_is_at_the_same_place() {
    let files = [
        ("a.yaml", "a: hunter2-correct-horse\n"),
        ("bare.tar.json", "{\"a\": 1}\n"),
        ("two words+é.env", "A=1\n"),
        ("noextension", "any bytes"),
    ];
    let sandbox = sandbox(RULES, &files);
    for (name, _) in files {
        let (ours, theirs) = (Moto::start(), Moto::start());
        for moto in [&ours, &theirs] {
            moto.bucket("sealed");
        }
        sops(&sandbox, &login(&theirs.address()), &["--yes", name]).ok();
        let run = publish(&sandbox, &login(&ours.address()), &["--yes", name]).ok();
        assert!(run.err().contains("published to s3://sealed/"), "{}", run.err());
        let place = match name {
            "a.yaml" => "pre/a.yaml",
            "bare.tar.json" => "bare.tar",
            "two words+é.env" => "pre/two%20words%2B%C3%A9.env",
            name => &format!("pre/{name}"),
        };
        let [ours, theirs] = [ours, theirs].map(|moto| moto.object("sealed", place));
        assert_eq!((ours.status, theirs.status), (200, 200), "{name}");
        assert_eq!(ours.body, sandbox.read_text(name), "as it is");
        assert_eq!(ours.body, theirs.body, "{name}");
    }
}

#[test]
fn a_recreation_rule_seals_for_others_and_keeps_what_is_readable() {
    let moto = Moto::start();
    moto.bucket("sealed");
    let address = moto.address();
    let other = keys::age_other_recipient();
    let rules = format!("  - s3_bucket: sealed\n    recreation_rule:\n      age: {other}\n");
    let sandbox = sandbox(&rules, &[]);
    let text = "clear: as it was # note\nsecret: hunter2-correct-horse\n";
    seal(&sandbox, "a.yaml", text, &["--encrypted-regex", "^secret$", "--mac-only-encrypted"]);
    let run = publish(&sandbox, &login(&address), &["--yes", "a.yaml"]).ok();
    assert!(run.out().contains(&format!("+++ {other}")), "{}", run.out());
    let body = moto.object("sealed", "a.yaml").body;
    assert!(body.contains("clear: as it was # note\n"), "{body}");
    assert!(
        body.contains("encrypted_regex: ^secret$") && body.contains("mac_only_encrypted: true")
    );
    assert!(!body.contains(keys::age_recipient()) && !body.contains(SECRET));
    sandbox.write("published.yaml", &body);
    let mut opened = sandbox.command(peers::sops());
    opened.env("SOPS_AGE_KEY", keys::age_other_identity()).args(["decrypt", "published.yaml"]);
    assert_eq!(sandbox.run(&mut opened).ok().out(), text);

    // sops would seal everything, whatever the rule says.
    let rule = format!("{rules}      encrypted_suffix: r\n");
    sandbox.write(".sops.yaml", format!("destination_rules:\n{rule}"));
    publish(&sandbox, &login(&address), &["--yes", "a.yaml"]).ok();
    let body = moto.object("sealed", "a.yaml").body;
    assert!(body.contains("encrypted_suffix: r") && body.contains("clear: ENC["), "{body}");
    // A rule that leaves everything readable.
    let rule = format!("{rules}      encrypted_regex: ^nothing$\n");
    sandbox.write(".sops.yaml", format!("destination_rules:\n{rule}"));
    fails_with_changes(
        &sandbox,
        &address,
        "nothing in this file is selected by encrypted_regex: ^nothing$",
    );

    // A binary file has no selector to keep.
    sandbox.write(".sops.yaml", format!("destination_rules:\n{rules}"));
    seal(&sandbox, "a.bin", "any \u{1} bytes", &[]);
    publish(&sandbox, &login(&address), &["--yes", "a.bin"]).ok();
    sandbox.write("published.bin", moto.object("sealed", "a.bin").body);
    let mut opened = sandbox.command(peers::sops());
    opened.env("SOPS_AGE_KEY", keys::age_other_identity()).args(["decrypt", "published.bin"]);
    assert_eq!(sandbox.run(&mut opened).ok().out(), "any \u{1} bytes");
}

#[track_caller]
fn fails_with_changes(sandbox: &Sandbox, address: &str, word: &str) {
    let run = publish(sandbox, &login(address), &["--yes", "a.yaml"]).exits(1);
    assert!(run.err().contains(word), "{}", run.err());
}

#[test]
fn a_file_that_was_tampered_with_is_not_sealed_for_others() {
    let moto = Moto::start();
    moto.bucket("sealed");
    let address = moto.address();
    let recipient = keys::age_other_recipient();
    let rules = format!("  - s3_bucket: sealed\n    recreation_rule:\n      age: {recipient}\n");
    let sandbox = sandbox(&rules, &[("a.yaml", "a: one\nb: two\n")]);
    let text = sandbox.read_text("a.yaml");
    let line = text.lines().find(|line| line.starts_with("b: ")).unwrap();
    sandbox.write("a.yaml", text.replace(&format!("{line}\n"), ""));
    fails_with_changes(&sandbox, &address, "MAC");
    assert_eq!(moto.object("sealed", "a.yaml").status, 404);
}

#[test]
fn a_real_signature_is_believed_and_no_other() {
    // The user, its key and policy, and the bucket.
    let moto = Moto::strict_after(4);
    let address = moto.address();
    moto.iam("Action=CreateUser&UserName=may");
    let made = moto.iam("Action=CreateAccessKey&UserName=may");
    let part = |tag: &str| {
        let rest = made.split_once(&format!("<{tag}>")).unwrap().1;
        rest.split_once('<').unwrap().0.to_owned()
    };
    let (id, secret) = (part("AccessKeyId"), part("SecretAccessKey"));
    let policy = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s3%3A%2A%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D";
    moto.iam(&format!("Action=PutUserPolicy&UserName=may&PolicyName=p&PolicyDocument={policy}"));
    moto.bucket("sealed");
    let sandbox = sandbox(RULES, &[("a b+c.yaml", "a: b\n")]);
    let with = |secret: &str| {
        let variables = [
            ("AWS_ENDPOINT_URL_S3", address.as_str()),
            ("AWS_DEFAULT_REGION", "eu-west-1"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", &id),
            ("AWS_SECRET_ACCESS_KEY", secret),
        ];
        publish(&sandbox, &variables, &["-y", "a b+c.yaml"])
    };
    let run = with(&secret).ok();
    assert!(run.err().contains("published to s3://sealed/pre/a b+c.yaml"), "{}", run.err());
    let run = with(&"x".repeat(40)).exits(1);
    assert!(run.err().contains("S3 denies it; ask for s3:PutObject"), "{}", run.err());
}

#[test]
fn what_goes_wrong_is_one_line() {
    let moto = Moto::start();
    let address = moto.address();
    let sandbox = sandbox(RULES, &[("a.yaml", "a: b\n")]);
    let login = login(&address);
    fails(&sandbox, &login, "a.yaml", &["S3 has no bucket sealed; check s3_bucket"]);
    fails(&sandbox, &[login[0], login[2], login[3]], "a.yaml", &["no region", "set AWS_REGION"]);
    fails(
        &sandbox,
        &[login[0], login[1], ("AWS_EC2_METADATA_DISABLED", "true")],
        "a.yaml",
        &["no credentials for AWS were found"],
    );
    let nobody = [("AWS_ENDPOINT_URL", "http://127.0.0.1:1"), login[1], login[2], login[3]];
    fails(&sandbox, &nobody, "a.yaml", &["127.0.0.1:1 cannot be reached"]);
    let elsewhere = Listener::answering(
        "HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
    );
    let moved = elsewhere.address();
    let moved = [("AWS_ENDPOINT_URL", moved.as_str()), login[1], login[2], login[3]];
    fails(&sandbox, &moved, "a.yaml", &["the bucket may be in another region; set AWS_REGION"]);
    let body = "<Error><Message>a message</Message></Error>";
    for (status, word) in [("500 Oops", "failed with the status 500"), ("503 Slow", "status 503")] {
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let broken = Listener::answering(answer);
        let address = broken.address();
        let broken = [("AWS_ENDPOINT_URL", address.as_str()), login[1], login[2], login[3]];
        fails(&sandbox, &broken, "a.yaml", &[word]);
    }
}

#[test]
fn no_rule_names_another_host() {
    let login = login("http://127.0.0.1:1");
    for bucket in ["127.0.0.1:2/x", "a@b.example", "arn:aws:s3:us-east-1:1:accesspoint/x"] {
        let sandbox = sandbox(&format!("  - s3_bucket: {bucket}\n"), &[("a.yaml", "a: b\n")]);
        fails(&sandbox, &login, "a.yaml", &[".sops.yaml:2: a.yaml", "is not the name of a bucket"]);
    }
    let sandbox =
        sandbox("  - s3_bucket: abc\n    s3_prefix: ../other/\n", &[("a.yaml", "a: b\n")]);
    fails(&sandbox, &login, "a.yaml", &["does not lead through `..`"]);
}
