//! `bulla demo`: the whole story in a scratch folder.

mod keys;
mod process;
mod scene;
mod texts;

use std::fs;

use crate::exit::Code;
use crate::failure::{Failure, Result};
use keys::Validator;
use scene::Scene;
use texts::secret_manifest;

/// Show what bulla does, in a scratch folder
///
/// Makes a git repository, an age key and rules; seals a validator's keys; shows what
/// changed; stops a commit of a key in the clear; opens the keys again as kustomize
/// does. Needs no network and nothing installed; uses git and kustomize where they are.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Keep the scratch folder
    #[arg(long)]
    keep: bool,
}

/// Where the sealed Secret goes, in the repository.
const SEALED: &str = "overlays/pocket-core-1/secrets.enc.yaml";
/// What was committed in the clear one day, in a repository like this one.
const FORGOTTEN: &str = "overlays/pocket-core-1/node_key.json";

pub(crate) fn run(args: &Args) -> Result {
    let mut scene = Scene::new(args.keep)?;
    let validator = Validator::generate()?;
    prepare(&mut scene)?;
    seal(&mut scene, &validator)?;
    seal_again(&mut scene, &validator)?;
    search(&mut scene, &validator)?;
    guard(&mut scene, &validator)?;
    open(&mut scene, &validator)?;
    scene.end();
    Ok(())
}

fn prepare(scene: &mut Scene) -> Result {
    let root = scene.repository().display().to_string();
    if scene.git(&["init", "--quiet", "--initial-branch=main"])?.is_some() {
        scene.say(format!("made a git repository: {root}"));
    } else {
        scene.say(format!("git is not installed; this folder stands in for a repository: {root}"));
    }
    scene.bulla(&["keygen", "--output", "../keys.txt"])?.success()?;
    let recipient = scene.recipient()?;
    scene.say(format!("made an age key outside of it, for {recipient}"));
    let rules = format!(
        "recipients:\n  operator: {recipient}\ncreation_rules:\n  - path_glob: \"**/*.enc.yaml\"\n    age: operator\n"
    );
    scene.write(".sops-rules.yaml", &rules)?;
    scene.say("wrote rules: every *.enc.yaml is sealed for \"operator\"");
    Ok(())
}

fn seal(scene: &mut Scene, validator: &Validator) -> Result {
    let manifest = secret_manifest(validator, "first-token");
    let sealed = scene.seal(SEALED, &manifest)?;
    scene.say(format!(
        "sealed a Secret with a CometBFT node_key.json and a Pocket priv_val_key.json: {SEALED}"
    ));
    let (values, block) = sealed.split_at(sealed.find("\nsops:").map_or(0, |at| at + 1));
    scene.show_difference(&manifest, values);
    let lines = block.lines().count();
    scene.show(&format!("+ sops:   ({lines} lines: who can open it, and the MAC)"));
    scene.commit("Seal the validator's keys")
}

fn seal_again(scene: &mut Scene, validator: &Validator) -> Result {
    let before = fs::read_to_string(scene.repository().join(SEALED)).unwrap_or_default();
    let after = scene.seal(SEALED, &secret_manifest(validator, "second-token"))?;
    let changed = before.lines().zip(after.lines()).filter(|(before, after)| before != after);
    scene.say(format!(
        "changed the API token and sealed again: {} of {} lines differ",
        changed.count(),
        after.lines().count()
    ));
    scene.show_difference(&before, &after);
    scene.commit("Rotate the API token")
}

fn search(scene: &mut Scene, validator: &Validator) -> Result {
    let searched = scene.search(&validator.secrets())?;
    scene.say(format!(
        "searched the repository for the keys, as they are and in base64: {searched}"
    ));
    Ok(())
}

fn guard(scene: &mut Scene, validator: &Validator) -> Result {
    scene.write(FORGOTTEN, &validator.node_key())?;
    let outcome = if scene.has_git() {
        scene.bulla(&["guard", "install"])?.success()?;
        scene.git(&["add", "--force", FORGOTTEN])?;
        scene.try_commit("Add the node key")?
    } else {
        scene.bulla(&["guard", FORGOTTEN])?
    };
    outcome.failure("the guard let a key in the clear pass")?;
    scene.say(format!("tried to commit {FORGOTTEN} in the clear: the guard refused"));
    for line in outcome.text().lines().take(4) {
        scene.show(line);
    }
    scene.git(&["rm", "--quiet", "--cached", FORGOTTEN])?;
    scene.remove(FORGOTTEN)
}

fn open(scene: &mut Scene, validator: &Validator) -> Result {
    let built = match scene.kustomize(SEALED)? {
        Some(built) => {
            scene.say("built the overlay with kustomize, which opened the Secret in memory:");
            built
        }
        None => {
            let built = scene.plugin(SEALED)?;
            scene.say("kustomize is not installed; ran its plugin on a ResourceList instead:");
            built
        }
    };
    let opened = built.success()?.text();
    let all_there = validator.secrets().iter().all(|secret| opened.contains(secret.as_str()));
    if !all_there {
        return Err(broken("the opened Secret does not hold the keys"));
    }
    for line in
        opened.lines().filter(|line| line.contains("kind: Secret") || line.contains("name:"))
    {
        scene.show(line.trim());
    }
    scene.show(&format!("… with both keys and the token in it ({} bytes)", opened.len()));
    Ok(())
}

fn broken(what: &str) -> Failure {
    Failure::new(Code::Failure, format!("the demonstration failed: {what}"))
}
