//! A look across: what one seals, the other opens. The differential test goes deep.

use bulla_testkit::{keys, peers};

use crate::common::{MANIFEST, bulla, repository};

#[test]
fn sops_opens_what_bulla_sealed_and_the_other_way_round() {
    for (version, program) in peers::all_sops() {
        let sandbox = repository();
        sandbox.write("ours.enc.yaml", MANIFEST);
        bulla(&sandbox, &["encrypt", "-i", "ours.enc.yaml"]).ok();
        let sops = |args: &[&str]| {
            let mut command = sandbox.command(&program);
            command.args(args).env("SOPS_AGE_KEY_FILE", keys::age_identity_file());
            sandbox.run(&mut command).ok()
        };
        let part = r#"["stringData"]["password"]"#;
        let opened = sops(&["decrypt", "--extract", part, "ours.enc.yaml"]);
        let ours = bulla(&sandbox, &["decrypt", "--extract", part, "ours.enc.yaml"]).ok();
        assert_eq!(opened.out(), ours.out(), "{version}");

        sandbox.write("theirs.yaml", MANIFEST);
        let seal = ["encrypt", "--age", keys::age_recipient(), "-i", "theirs.yaml"];
        sops(&[&seal[..4], &["--encrypted-regex", "^stringData$"], &seal[4..]].concat());
        let opened = bulla(&sandbox, &["decrypt", "theirs.yaml"]).ok();
        assert!(opened.out().contains("  password: hunter2-correct-horse"), "{version}");
    }
}
