//! The example repository `fixtures/clusters/pocket`, built by every kustomize.

use std::fs;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bulla_core::rules::Rules;
use bulla_core::{Format, open};
use bulla_testkit::{Sandbox, keys, peers};
use bulla_tests::sealing::{keyring, leaves};

use crate::validator_keys::{node_key, priv_val_key, private_value};
use crate::{build, copy, each_kustomize, failed_in_silence, sealed, validator_keys};

const OVERLAYS: [&str; 2] = ["pocket-core-1", "pocket-core-2"];

fn fixture() -> PathBuf {
    peers::workspace_root().join("fixtures/clusters/pocket")
}

fn sealed_file(overlay: &str) -> PathBuf {
    fixture().join("overlays").join(overlay).join("secrets/secrets.enc.yaml")
}

/// How both manifests begin.
const HEAD: &str = "\
# Test keys: worth nothing, on no network.
apiVersion: v1
kind: Secret
metadata:
  name: pocket-core-keys
  labels:
    app.kubernetes.io/name: pocket-core
type: Opaque
";

/// The manifest that is sealed in an overlay.
fn manifest(overlay: &str) -> String {
    let node_key = node_key(&format!("{overlay} node"));
    let priv_val_key = priv_val_key(&format!("{overlay} validator"));
    if overlay == "pocket-core-2" {
        let [node_key, priv_val_key] = [node_key, priv_val_key].map(|file| STANDARD.encode(file));
        return format!(
            "{HEAD}data:\n  node_key.json: {node_key}\n  priv_val_key.json: {priv_val_key}\n"
        );
    }
    let priv_val_key = priv_val_key.replace('\n', "\n    ");
    format!(
        "{HEAD}stringData:\n  # Who this node is among its peers.\n  node_key.json: '{node_key}'\n  \
         # What it signs blocks with.\n  priv_val_key.json: |\n    {priv_val_key}\n"
    )
}

/// Everything in the overlays that must stay secret.
fn secrets() -> Vec<String> {
    let mut secrets = Vec::new();
    for overlay in OVERLAYS {
        for role in ["node", "validator"] {
            let key = validator_keys::key(&format!("{overlay} {role}"));
            // Half of the bytes are the seed; the public key may be shown.
            secrets.push(private_value(&key)[..40].to_owned());
            secrets.push(STANDARD.encode(private_value(&key))[..52].to_owned());
        }
    }
    secrets
}

/// With `BULLA_SEAL_FIXTURES`, seals the manifests anew.
#[test]
fn the_sealed_files_hold_the_manifests_of_this_file() {
    for overlay in OVERLAYS {
        let manifest = manifest(overlay);
        let file = sealed_file(overlay);
        if std::env::var_os("BULLA_SEAL_FIXTURES").is_some() {
            let text = match overlay {
                "pocket-core-1" => sealed_by_sops(&manifest),
                _ => sealed(&manifest),
            };
            fs::write(&file, text).unwrap();
        }
        let text = fs::read_to_string(&file).unwrap();
        let opened = open(&text, Format::Yaml, &keyring(), false).unwrap();
        assert_eq!(leaves(&opened.text), leaves(&manifest));
        if overlay == "pocket-core-2" {
            assert_eq!(*opened.text, manifest, "what bulla sealed comes back as it was");
        }
        for secret in secrets() {
            assert!(!text.contains(&secret));
        }
    }
}

#[test]
fn the_rules_of_the_example_seal_the_files_that_are_sealed() {
    let text = fs::read_to_string(fixture().join(".sops-rules.yaml")).unwrap();
    let rules = Rules::parse(&text, ".sops-rules.yaml").unwrap();
    for overlay in OVERLAYS {
        let path = format!("overlays/{overlay}/secrets/secrets.enc.yaml");
        let plan = rules.plan(&path).expect("the rule matches");
        let names: Vec<_> = plan.recipients().map(|recipient| recipient.name).collect();
        assert_eq!(names, [Some("operator")]);
        let sealed = fs::read_to_string(fixture().join(path)).unwrap();
        assert!(sealed.contains(keys::age_recipient()));
        assert!(text.contains(keys::age_recipient()));
    }
    assert!(rules.plan("base/statefulset.yaml").is_none());
}

fn sealed_by_sops(manifest: &str) -> String {
    let sandbox = Sandbox::new();
    sandbox.write("secrets.yaml", manifest);
    let mut sops = sandbox.command(peers::sops());
    sops.args(["encrypt", "--age", keys::age_recipient()]);
    sops.args(["--encrypted-regex", "^(data|stringData)$", "secrets.yaml"]);
    sandbox.run(&mut sops).ok().out().to_owned()
}

#[test]
fn every_overlay_builds_to_what_its_plaintext_builds_to() {
    for (version, kustomize) in each_kustomize() {
        for overlay in OVERLAYS {
            let sandbox = Sandbox::new();
            copy(&fixture(), &sandbox.path("sealed")).unwrap();
            copy(&fixture(), &sandbox.path("plain")).unwrap();
            let folder = format!("plain/overlays/{overlay}/secrets");
            sandbox.write(format!("{folder}/secrets.yaml"), manifest(overlay));
            sandbox.write(format!("{folder}/kustomization.yaml"), "resources: [secrets.yaml]\n");

            let sealed = format!("sealed/overlays/{overlay}");
            let opened = sandbox.run(&mut build(&sandbox, &kustomize, &sealed)).ok();
            let plain = format!("plain/overlays/{overlay}");
            let plain = sandbox.run(&mut build(&sandbox, &kustomize, &plain)).ok();
            assert_eq!(opened.out(), plain.out(), "kustomize {version}, {overlay}");
            assert_eq!(opened.err(), "", "kustomize {version}, {overlay}");

            // The reference in the StatefulSet follows the Secret's new name.
            let number = overlay.trim_start_matches("pocket-core-");
            let name = format!("secretName: pocket-core-keys-{number}\n");
            assert!(opened.out().contains(&name), "kustomize {version}");
            assert!(opened.out().contains("node_key.json: "), "kustomize {version}");
            assert_eq!(fs::read_dir(sandbox.tmp()).unwrap().count(), 0, "plaintext in a file");
        }
    }
}

#[test]
fn the_wrong_key_opens_nothing() {
    let secrets = secrets();
    let secrets: Vec<_> = secrets.iter().map(String::as_str).collect();
    for (version, kustomize) in each_kustomize() {
        for overlay in OVERLAYS {
            let sandbox = Sandbox::new();
            copy(&fixture(), &sandbox.path("sealed")).unwrap();
            let mut command = build(&sandbox, &kustomize, &format!("sealed/overlays/{overlay}"));
            command.env("SOPS_AGE_KEY_FILE", keys::age_other_identity_file());
            let run = failed_in_silence(sandbox.run(&mut command), &secrets);
            let shown = run.err();
            for part in [
                "secrets.enc.yaml: the one key of this file",
                keys::age_recipient(),
                "SOPS_AGE_KEY_FILE",
            ] {
                assert!(shown.contains(part), "kustomize {version}: {part} is not in\n{shown}");
            }
        }
    }
}
