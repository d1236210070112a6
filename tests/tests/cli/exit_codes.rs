//! Exit codes, compared with those of the real sops, line by line.

use bulla_testkit::{Sandbox, keys, peers};

use crate::common::bulla;

#[test]
fn the_codes_are_those_of_sops() {
    let sandbox = Sandbox::new();
    let age = keys::age_recipient();
    sandbox.write("plain.yaml", "a: b\nc: 5\n");
    sandbox.write("list.yaml", "- a\n");
    sandbox.write("broken.yaml", "a: [\n");
    sandbox.write("empty.yaml", "");
    sandbox.write("twice.yaml", "a: 1\na: 2\n");
    sandbox.write("dir/x", "");
    bulla(&sandbox, &["encrypt", "--age", age, "plain.yaml", "--output", "sealed.yaml"]).ok();
    let other = keys::age_other_recipient();
    bulla(&sandbox, &["encrypt", "--age", other, "plain.yaml", "--output", "other.yaml"]).ok();
    let sealed = sandbox.read_text("sealed.yaml");
    let rest = sealed.split_once('\n').expect("more than one line").1;
    sandbox.write("moved.yaml", format!("z: {}", sealed.strip_prefix("a: ").unwrap()));
    sandbox.write("emptied.yaml", format!("a: \"\"\n{rest}"));
    sandbox.write("plain-value.yaml", format!("a: b\n{rest}"));
    let mac = sealed.lines().find(|line| line.trim_start().starts_with("mac:")).unwrap();
    sandbox.write("no-mac.yaml", sealed.replace(mac, "    mac: \"\""));

    let encrypt: &[&[&str]] = &[
        &["plain.yaml"],
        &["sealed.yaml"],
        &["missing.yaml"],
        &["dir"],
        &["list.yaml"],
        &["broken.yaml"],
        &["empty.yaml"],
        &["twice.yaml"],
        &["-i", "--output", "out.yaml", "plain.yaml"],
        &["--encrypted-regex", "a", "--unencrypted-regex", "b", "plain.yaml"],
        &["--output", "nowhere/out.yaml", "plain.yaml"],
        &["--nope", "plain.yaml"],
        &["--encryption-context", "a", "plain.yaml"],
        &[],
        &["-i", "--filename-override", "x.yaml"],
    ];
    let decrypt: &[&[&str]] = &[
        &["sealed.yaml"],
        &["plain.yaml"],
        &["missing.yaml"],
        &["dir"],
        &["other.yaml"],
        &["moved.yaml"],
        &["plain-value.yaml"],
        &["emptied.yaml"],
        &["--ignore-mac", "emptied.yaml"],
        &["no-mac.yaml"],
        &["--extract", "a", "sealed.yaml"],
        &["--extract", "[\"z\"]", "sealed.yaml"],
        &["--extract", "[\"a\"]", "sealed.yaml"],
        &["--output", "nowhere/out.yaml", "sealed.yaml"],
        &["-i"],
    ];
    let with_key = ["encrypt", "--age", age];
    let cases = encrypt.iter().map(|args| [&with_key, *args].concat());
    let cases = cases.chain(decrypt.iter().map(|args| [&["decrypt"], *args].concat()));
    let mut different = Vec::new();
    for args in cases {
        let mut sops = sandbox.command(peers::sops());
        sops.args(&args).env("SOPS_AGE_KEY_FILE", keys::age_identity_file());
        let (theirs, ours) = (sandbox.run(&mut sops), bulla(&sandbox, &args));
        if theirs.code != ours.code {
            different.push(format!("{args:?}: sops {}, bulla {}", theirs.code, ours.code));
        }
        if ours.code != 0 {
            assert!(ours.stdout.is_empty() && !ours.stderr.is_empty(), "{args:?}");
        }
    }
    assert!(different.is_empty(), "{different:#?}");
}
