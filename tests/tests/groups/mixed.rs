//! Groups of keys of different kinds, each with a real server or program behind it.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use bulla_testkit::servers::{Bao, Clouds, Moto};
use bulla_testkit::{Run, Sandbox, keys, peers};

use crate::MANIFEST;

const REGION: &str = "eu-west-1";

/// Everything that holds a key, and a sandbox whose rules want some of it.
struct World {
    sandbox: Sandbox,
    bao: Bao,
    clouds: Clouds,
    moto: Moto,
    arn: String,
    fingerprint: String,
    nobody: PathBuf,
}

/// One key, and what it takes to have it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Age,
    Pgp,
    Aws,
    Gcp,
    Azure,
    Vault,
}

use Kind::{Age, Aws, Azure, Gcp, Pgp, Vault};

impl World {
    fn new() -> Self {
        let (sandbox, moto, bao) = (Sandbox::new(), Moto::start(), Bao::start());
        bao.post("sys/mounts/transit", r#"{"type":"transit"}"#);
        bao.post("transit/keys/k", "{}");
        let arn = moto.key(REGION);
        let [own, nobody] = [".gnupg", ".gnupg-of-nobody"].map(|name| sandbox.home().join(name));
        for home in [&own, &nobody] {
            std::fs::DirBuilder::new().mode(0o700).create(home).unwrap();
        }
        let fingerprint = gpg_key(&sandbox);
        sandbox.write("plain.yaml", MANIFEST);
        Self { sandbox, bao, clouds: Clouds::start(), moto, arn, fingerprint, nobody }
    }

    /// The key as a field of a key group.
    fn field(&self, kind: Kind) -> String {
        match kind {
            Age => format!("age: [{}]", keys::age_recipient()),
            Pgp => format!("pgp: [{}]", self.fingerprint),
            Aws => format!("kms: [{{arn: '{}'}}]", self.arn),
            Gcp => "gcp_kms: [{resource_id: projects/p/locations/global/keyRings/r/cryptoKeys/good}]".into(),
            Azure => "azure_keyvault: [{vaultUrl: 'https://mine.vault.azure.net', key: good, version: 0123456789abcdef0123456789abcdef}]".into(),
            Vault => format!("hc_vault: ['{}/v1/transit/keys/k']", self.bao.address()),
        }
    }

    /// Rules that split every data key over groups of these.
    fn split(&self, threshold: usize, groups: &[&[Kind]]) {
        let group = |kinds: &&[Kind]| {
            let fields: Vec<_> = kinds.iter().map(|kind| self.field(*kind)).collect();
            format!("      - {}\n", fields.join("\n        "))
        };
        let groups: String = groups.iter().map(group).collect();
        self.sandbox.write(
            ".sops.yaml",
            format!("creation_rules:\n  - encrypted_regex: ^stringData$\n    shamir_threshold: {threshold}\n    key_groups:\n{groups}"),
        );
    }

    /// Runs a program of somebody who has these keys and no others.
    fn run(&self, mut command: Command, has: &[Kind], args: &[&str]) -> Run {
        let if_has = |kind, good: &str, bad: &str| {
            if has.contains(&kind) { good.to_owned() } else { bad.to_owned() }
        };
        // Where everything is, which is no secret.
        command
            .env("AWS_ENDPOINT_URL", self.moto.address())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("HTTPS_PROXY", self.clouds.proxy())
            .env("SSL_CERT_FILE", self.clouds.ca())
            .env("SOPS_GCP_KMS_CLIENT_TYPE", "rest")
            .env("VAULT_ADDR", self.bao.address())
            .env("BULLA_AZURE_ALLOWLIST", "https://mine.vault.azure.net")
            .env("AZURE_TENANT_ID", "t1")
            .env("AZURE_CLIENT_ID", "00000000-0000-0000-0000-000000000001")
            .env("AZURE_CLIENT_SECRET", if_has(Azure, Clouds::AZURE_SECRET, "another"))
            .env("GOOGLE_OAUTH_ACCESS_TOKEN", if_has(Gcp, Clouds::GOOGLE_TOKEN, "ya29.expired"))
            .env("VAULT_TOKEN", if_has(Vault, self.bao.root_token(), "s.expired"));
        if has.contains(&Aws) {
            command.env("AWS_ACCESS_KEY_ID", "AKIATESTTESTTESTTEST");
            command.env("AWS_SECRET_ACCESS_KEY", "not-a-real-secret");
        }
        if has.contains(&Age) {
            command.env("SOPS_AGE_KEY", keys::age_identity());
        }
        if !has.contains(&Pgp) {
            command.env("GNUPGHOME", &self.nobody);
        }
        self.sandbox.run(command.args(args))
    }

    fn bulla(&self, has: &[Kind], args: &[&str]) -> Run {
        self.run(self.sandbox.bulla(), has, args)
    }

    fn sops(&self, program: &Path, has: &[Kind], args: &[&str]) -> Run {
        self.run(self.sandbox.command(program), has, args)
    }

    /// Every choice of `threshold` of these opens `sealed.yaml` with `open`, and one less
    /// does not.
    fn opens(&self, threshold: usize, kinds: &[Kind], by: &str, open: impl Fn(&[Kind]) -> Run) {
        for has in choices(kinds, threshold) {
            assert_eq!(open(&has).ok().out(), MANIFEST, "{by} with {has:?}");
        }
        for has in choices(kinds, threshold - 1) {
            let run = open(&has).exits(128);
            assert_eq!(run.out(), "", "{by} with {has:?}");
        }
    }

    /// Seals with each program, and opens with each choice of keys by the other.
    fn goes_both_ways(&self, threshold: usize, kinds: &[Kind]) {
        let decrypt = ["decrypt", "sealed.yaml"];
        let ours = self.bulla(kinds, &["encrypt", "plain.yaml"]).ok();
        for (version, program) in peers::all_sops() {
            self.sandbox.write("sealed.yaml", &ours.stdout);
            self.opens(threshold, kinds, &format!("sops {version}"), |has| {
                self.sops(&program, has, &decrypt)
            });
            let theirs = self.sops(&program, kinds, &["encrypt", "plain.yaml"]).ok();
            self.sandbox.write("sealed.yaml", &theirs.stdout);
            self.opens(threshold, kinds, &format!("bulla, after sops {version},"), |has| {
                self.bulla(has, &decrypt)
            });
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let kill = &mut self.sandbox.command(peers::system("gpgconf"));
        self.sandbox.run(kill.args(["--kill", "all"]));
    }
}

/// Makes a key that needs no passphrase, in the home of gpg that is found without being
/// named; its fingerprint.
fn gpg_key(sandbox: &Sandbox) -> String {
    let gpg = |args: &[&str]| {
        let mut command = sandbox.command(peers::gpg());
        sandbox.run(command.args(["--batch", "--passphrase", ""]).args(args)).ok()
    };
    let name = "bulla test key <groups@example.com>";
    gpg(&["--quick-generate-key", name, "future-default", "default", "never"]);
    let listed = gpg(&["--with-colons", "--list-keys"]);
    let line = listed.out().lines().find(|line| line.starts_with("fpr:"));
    line.and_then(|line| line.split(':').nth(9)).expect("the key has a fingerprint").to_owned()
}

/// Each choice of `count` of `kinds`.
fn choices(kinds: &[Kind], count: usize) -> Vec<Vec<Kind>> {
    (0_u32..1 << kinds.len())
        .filter(|choice| choice.count_ones() as usize == count)
        .map(|choice| {
            let chosen =
                |(index, kind): (usize, &Kind)| (choice >> index & 1 == 1).then_some(*kind);
            kinds.iter().enumerate().filter_map(chosen).collect()
        })
        .collect()
}

#[test]
fn two_of_three_kinds_go_both_ways() {
    let world = World::new();
    world.split(2, &[&[Age], &[Pgp], &[Aws]]);
    world.goes_both_ways(2, &[Age, Pgp, Aws]);
}

#[test]
fn three_of_five_kinds_go_both_ways() {
    let world = World::new();
    world.split(3, &[&[Age], &[Pgp], &[Aws], &[Gcp], &[Vault]]);
    world.goes_both_ways(3, &[Age, Pgp, Aws, Gcp, Vault]);
}

#[test]
fn a_group_opens_with_any_of_its_kinds_and_says_what_each_would_need() {
    let world = World::new();
    world.split(2, &[&[Age, Azure], &[Pgp, Vault]]);
    let decrypt = ["decrypt", "sealed.yaml"];
    let all = [Age, Azure, Pgp, Vault];
    let ours = world.bulla(&all, &["encrypt", "plain.yaml"]).ok();
    for (version, program) in peers::all_sops() {
        let theirs = world.sops(&program, &all, &["encrypt", "plain.yaml"]).ok();
        for has in [[Age, Vault], [Azure, Pgp], [Azure, Vault]] {
            world.sandbox.write("sealed.yaml", &theirs.stdout);
            let opened = world.bulla(&has, &decrypt).ok();
            assert_eq!(opened.out(), MANIFEST, "{has:?} after sops {version}");
            world.sandbox.write("sealed.yaml", &ours.stdout);
            let opened = world.sops(&program, &has, &decrypt).ok();
            assert_eq!(opened.out(), MANIFEST, "{has:?} by sops {version}");
        }
        // Both keys of one group are one share.
        world.sops(&program, &[Age, Azure], &decrypt).exits(128);
    }
    let run = world.bulla(&[Age, Azure], &decrypt).exits(128);
    assert_eq!(run.out(), "");
    for said in [
        "2 of the 2 key groups of this file are needed to open it, and only 1 could be opened",
        &world.fingerprint,
        "denies access with VAULT_TOKEN",
    ] {
        assert!(run.err().contains(said), "`{said}` is missing:\n{}", run.err());
    }
    assert!(!run.err().contains(keys::age_recipient()), "{}", run.err());
}
