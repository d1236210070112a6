//! Data keys that are split over key groups, in the hands of both programs.

use std::path::Path;
use std::process::Command;

use bulla_keys::age::{AgeKey, generate};
use bulla_testkit::{Run, Sandbox, peers};
use secrecy::ExposeSecret;

#[path = "groups/mixed.rs"]
mod mixed;

const MANIFEST: &str = "\
apiVersion: v1
kind: Secret
metadata:
    name: groups
stringData:
    token: hunter2-correct-horse
    user: alice
";

/// A sandbox whose rules split every data key over groups of one age key each.
struct Split {
    sandbox: Sandbox,
    keys: Vec<AgeKey>,
    threshold: usize,
}

impl Split {
    fn new(threshold: usize, groups: usize) -> Self {
        let keys: Vec<AgeKey> = (0..groups).map(|_| generate()).collect();
        let lists: String =
            keys.iter().map(|key| format!("      - age: [{}]\n", key.recipient)).collect();
        let rules = format!(
            "creation_rules:\n  - encrypted_regex: ^stringData$\n    shamir_threshold: {threshold}\n    key_groups:\n{lists}"
        );
        let sandbox = Sandbox::new();
        sandbox.write(".sops.yaml", rules);
        sandbox.write("plain.yaml", MANIFEST);
        Self { sandbox, keys, threshold }
    }

    fn of_sops(threshold: usize, groups: usize, sops: &Path) -> Self {
        let split = Self::new(threshold, groups);
        let mut command = split.sandbox.command(sops);
        let sealed = split.sandbox.run(command.args(["encrypt", "plain.yaml"])).ok();
        split.sandbox.write("sealed.yaml", &sealed.stdout);
        split
    }

    fn of_bulla(threshold: usize, groups: usize) -> Self {
        let split = Self::new(threshold, groups);
        let mut command = split.sandbox.bulla();
        let sealed = split.sandbox.run(command.args(["encrypt", "plain.yaml"])).ok();
        split.sandbox.write("sealed.yaml", &sealed.stdout);
        split
    }

    /// The groups of each choice of `count`, from 0.
    fn choices(&self, count: usize) -> Vec<Vec<usize>> {
        let groups = self.keys.len();
        (0_u32..1 << groups)
            .filter(|choice| choice.count_ones() as usize == count)
            .map(|choice| (0..groups).filter(|group| choice >> group & 1 == 1).collect())
            .collect()
    }

    /// A program that has the keys of these groups.
    fn with(&self, mut command: Command, groups: &[usize], args: &[&str]) -> Run {
        let keys: Vec<&str> =
            groups.iter().map(|&group| self.keys[group].identity.expose_secret()).collect();
        // Up to 3.12, sops reads a single identity from SOPS_AGE_KEY when it is one line.
        self.sandbox.run(command.args(args).env("SOPS_AGE_KEY", keys.join("\n")))
    }

    fn bulla(&self, groups: &[usize], args: &[&str]) -> Run {
        self.with(self.sandbox.bulla(), groups, args)
    }
}

#[test]
fn as_many_groups_as_are_needed_open_what_sops_split() {
    for (version, sops) in peers::all_sops() {
        for (threshold, groups) in [(2, 3), (3, 5)] {
            let split = Split::of_sops(threshold, groups, &sops);
            for choice in split.choices(threshold) {
                let run = split.bulla(&choice, &["decrypt", "sealed.yaml"]).ok();
                assert_eq!(run.out(), MANIFEST, "sops {version}, {choice:?}");
            }
            for choice in split.choices(threshold - 1) {
                let run = split.bulla(&choice, &["decrypt", "sealed.yaml"]).exits(128);
                assert!(run.stdout.is_empty(), "sops {version}, {choice:?}");
            }
        }
    }
}

#[test]
fn sops_opens_what_we_split_and_only_with_enough_groups() {
    for (threshold, groups) in [(2, 3), (3, 5)] {
        let split = Split::of_bulla(threshold, groups);
        for (version, sops) in peers::all_sops() {
            let open = |choice: &[usize]| {
                split.with(split.sandbox.command(&sops), choice, &["decrypt", "sealed.yaml"])
            };
            for choice in split.choices(threshold) {
                assert_eq!(open(&choice).ok().out(), MANIFEST, "sops {version}, {choice:?}");
            }
            open(&split.choices(threshold - 1)[0]).exits(128);
        }
    }
}

#[test]
fn one_share_short_is_explained_group_by_group_and_nothing_is_written() {
    let split = Split::of_bulla(2, 3);
    let before = split.sandbox.read("sealed.yaml");
    for way in [&[][..], &["--output", "out.yaml"], &["--in-place"]] {
        let args = [&["decrypt", "sealed.yaml"], way].concat();
        let run = split.bulla(&[1], &args).exits(128);
        assert!(run.stdout.is_empty());
        assert_eq!(split.sandbox.read("sealed.yaml"), before);
        assert!(!split.sandbox.path("out.yaml").exists());
        let record = |group: usize| {
            format!(
                "
group {}

  age       {}
  tried     SOPS_AGE_KEY: 1 identity, which does not fit
",
                group + 1,
                split.keys[group].recipient
            )
        };
        let said = run.err();
        let head = "bulla: sealed.yaml: 2 of the 3 key groups of this file are needed to open it, and only 1 could be opened\n";
        assert!(said.starts_with(&format!("{head}{}", record(0))), "{said}");
        assert!(said.contains(&record(2)), "{said}");
        assert!(!said.contains(&split.keys[1].recipient), "{said}");
    }
}

#[test]
fn sealing_over_what_sops_split_keeps_the_shares_and_sops_opens_it() {
    for (version, sops) in peers::all_sops() {
        let split = Split::of_sops(2, 3, &sops);
        let sandbox = &split.sandbox;
        let edited = MANIFEST.replace("alice", "bob");
        sandbox.write("plain.yaml", &edited);
        let sealed = sandbox.read_text("sealed.yaml");
        split.bulla(&[0, 2], &["encrypt", "plain.yaml", "--output", "sealed.yaml"]).ok();
        let again = sandbox.read_text("sealed.yaml");
        let pairs = sealed.lines().zip(again.lines());
        let differing = pairs.filter(|(old, new)| old != new && !old.contains("lastmodified"));
        assert_eq!(differing.count(), 2, "the value and the MAC: sops {version}\n{again}");
        // And the integrity record, with the key that it stands under.
        assert_eq!(sealed.lines().count() + 2, again.lines().count());
        let read = split.with(sandbox.command(&sops), &[0, 1], &["decrypt", "sealed.yaml"]).ok();
        assert_eq!(read.out(), edited);

        // And back: sops makes a new data key, and so new shares.
        split.with(sandbox.command(&sops), &[1, 2], &["rotate", "-i", "sealed.yaml"]).ok();
        for choice in split.choices(split.threshold) {
            let read = split.bulla(&choice, &["decrypt", "sealed.yaml"]).ok();
            assert_eq!(read.out(), edited, "sops {version}, {choice:?}");
        }
    }
}

#[test]
fn one_key_in_two_groups_counts_twice_as_in_sops() {
    let split = Split::new(2, 2);
    let (twice, other) = (&split.keys[0].recipient, &split.keys[1].recipient);
    let rules = format!(
        "creation_rules:\n  - shamir_threshold: 2\n    encrypted_regex: ^stringData$\n    key_groups: [{{age: [{twice}]}}, {{age: [{twice}, {other}]}}]\n"
    );
    split.sandbox.write(".sops.yaml", rules);
    for (version, sops) in peers::all_sops() {
        let theirs = split.with(split.sandbox.command(&sops), &[], &["encrypt", "plain.yaml"]).ok();
        let ours = split.bulla(&[], &["encrypt", "plain.yaml"]).ok();
        for sealed in [theirs, ours] {
            split.sandbox.write("sealed.yaml", &sealed.stdout);
            let args = ["decrypt", "sealed.yaml"];
            let read = split.with(split.sandbox.command(&sops), &[0], &args).ok();
            assert_eq!(read.out(), MANIFEST, "sops {version}");
            assert_eq!(split.bulla(&[0], &args).ok().out(), MANIFEST, "sops {version}");
            split.bulla(&[1], &args).exits(128);
        }
    }
}
