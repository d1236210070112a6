//! The plugin, under every real kustomize and alone.

#[path = "krm/alone.rs"]
mod alone;
#[path = "krm/command.rs"]
mod command;
#[path = "krm/doctor.rs"]
mod doctor;
#[path = "krm/failing.rs"]
mod failing;
#[path = "krm/flux.rs"]
mod flux;
#[path = "krm/flux_v1.rs"]
mod flux_v1;
#[path = "krm/kpt.rs"]
mod kpt;
#[path = "krm/ksops.rs"]
mod ksops;
#[path = "krm/ksops_cases.rs"]
mod ksops_cases;
#[path = "krm/kubectl.rs"]
mod kubectl;
#[path = "krm/limits.rs"]
mod limits;
#[path = "krm/pocket.rs"]
mod pocket;
#[path = "krm/recipients.rs"]
mod recipients;
#[path = "krm/same_as_plain.rs"]
mod same_as_plain;
#[path = "krm/transformer.rs"]
mod transformer;
#[path = "krm/traps.rs"]
mod traps;
#[path = "krm/trees.rs"]
mod trees;
#[path = "krm/validator_keys.rs"]
mod validator_keys;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use bulla_core::{Format, Recipe, Selector, seal};
use bulla_testkit::{Run, Sandbox, binary, keys, peers};
use bulla_tests::sealing::{NOW, keyring, recipe};
use sha2::{Digest, Sha256, Sha512};

/// What no test may find where it does not belong.
const PASSWORD: &str = "hunter2-hunter2-hunter2";

/// A Secret with [`PASSWORD`] in it.
fn secret(name: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {name}\nstringData:\n  password: {PASSWORD}\n"
    )
}

/// Seals for the test key, `data` and `stringData` only.
#[track_caller]
fn sealed(text: &str) -> String {
    let recipe = Recipe { selector: Some(Selector::kubernetes()), ..recipe() };
    match seal(text, Format::Yaml, &recipe, &keyring(), NOW) {
        Ok(sealed) => sealed.text,
        Err(error) => panic!("cannot seal: {error}\n{text}"),
    }
}

/// Seals for the test key, everything.
#[track_caller]
fn all_sealed(text: &str) -> String {
    match seal(text, Format::Yaml, &recipe(), &keyring(), NOW) {
        Ok(sealed) => sealed.text,
        Err(error) => panic!("cannot seal: {error}\n{text}"),
    }
}

/// A config for `bulla-krm` from `PATH`, with more lines of its own.
fn config(more: &str) -> String {
    format!(
        "apiVersion: bulla/v1\nkind: SealedFiles\nmetadata:\n  name: open\n  annotations:\n    \
         config.kubernetes.io/function: 'exec: {{path: bulla-krm}}'\n{more}"
    )
}

/// Every kustomize with its version.
fn each_kustomize() -> Vec<(&'static str, PathBuf)> {
    peers::all_kustomize()
}

/// A command with `bulla-krm` on its `PATH` and the test key at hand.
fn with_plugin(sandbox: &Sandbox, program: impl AsRef<Path>) -> Command {
    let plugin = binary("bulla-krm");
    let folder = plugin.parent().expect("a program is in a folder");
    let mut path = folder.as_os_str().to_owned();
    if let Some(rest) = std::env::var_os("PATH") {
        path.push(":");
        path.push(rest);
    }
    let mut command = sandbox.command(program.as_ref());
    command.env("PATH", path).env("SOPS_AGE_KEY_FILE", keys::age_identity_file());
    command
}

/// The plugin under another name: kustomize calls it as a config writes it.
fn link(sandbox: &Sandbox, path: &str) {
    let link = sandbox.path(path);
    let folder = link.parent().expect("a program is in a folder");
    fs::create_dir_all(folder).expect("folders");
    std::os::unix::fs::symlink(binary("bulla-krm"), link).expect("a link");
}

/// `kustomize build` with the plugin allowed.
fn build(sandbox: &Sandbox, kustomize: &Path, folder: &str) -> Command {
    let mut command = with_plugin(sandbox, kustomize);
    command.args(["build", "--enable-alpha-plugins", "--enable-exec", folder]);
    command
}

/// The plugin alone, in a folder of the sandbox.
fn plugin(sandbox: &Sandbox, folder: &str, input: &str) -> Run {
    let mut command = with_plugin(sandbox, binary("bulla-krm"));
    sandbox.run_with(command.current_dir(sandbox.path(folder)), input)
}

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy(&entry.path(), &target)?,
            false => fs::copy(entry.path(), target).map(drop)?,
        }
    }
    Ok(())
}

/// Checks that a run failed, printed no result, and shows nothing of `secrets`:
/// not a part, not a digest.
#[track_caller]
fn failed_in_silence(run: Run, secrets: &[&str]) -> Run {
    let run = run.fails();
    assert_eq!(run.out(), "", "{} printed a result", run.command);
    let shown = String::from_utf8_lossy(&run.stderr).into_owned();
    for secret in secrets {
        let digests = [hex(&Sha256::digest(secret)), hex(&Sha512::digest(secret))];
        let parts = secret.as_bytes().windows(8).map(String::from_utf8_lossy);
        for part in parts.chain(digests.iter().map(|digest| digest.as_str()[..16].into())) {
            assert!(!shown.contains(&*part), "{} shows part of a secret:\n{shown}", run.command);
        }
    }
    run
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
