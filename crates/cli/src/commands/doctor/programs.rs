//! kustomize, the plugin, and what the tree starts.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bulla_krm::kustomization::{Kustomization, is_kustomization, is_plugin, read_tree};

use super::Finding;
use crate::kustomize::{MISPLACED, TO_TRANSFORMERS};
use crate::program;
use crate::tree::Tree;

/// What a build has to be told so that it starts the plugin.
const FLAGS: &str = "--enable-alpha-plugins --enable-exec";

/// The first version whose functions start where their own kustomization is.
const GOOD: u32 = 5;

/// The first version that can start functions at all.
const FIRST: u32 = 4;

pub(super) fn look(tree: &Tree) -> Vec<Finding> {
    let mut findings = vec![kustomize()];
    findings.extend(plugins(tree));
    findings
}

fn kustomize() -> Finding {
    const CHECK: &str = "kustomize";
    let Some(kustomize) = program::find("kustomize") else {
        return match program::find("kubectl") {
            Some(_) => Finding::warning(
                CHECK,
                "only kubectl is on PATH, whose kustomize starts no KRM functions",
                "install kustomize, or the legacy plugin: bulla krm install --legacy",
            ),
            None => Finding::fault(CHECK, "it is not on PATH", "install it"),
        };
    };
    let at = kustomize.display();
    let Some(version) = version(&kustomize) else {
        return Finding::warning(CHECK, format!("{at} does not say its version"), "try it");
    };
    let number = version.trim_start_matches(|char: char| !char.is_ascii_digit());
    let major = number.split('.').next().and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if major < FIRST => {
            Finding::fault(CHECK, format!("{at} is {version}"), "install 5.0 or newer")
        }
        Some(major) if major < GOOD => Finding::warning(
            CHECK,
            format!(
                "{at} is {version}, which starts functions in the folder of the base that it loaded last; it needs {FLAGS}"
            ),
            "list generators in a kustomization without bases, or install 5.0 or newer",
        ),
        // Distributions build it without a number.
        _ => Finding::ok(CHECK, format!("{at} is {version}; it needs {FLAGS}")),
    }
}

fn version(kustomize: &Path) -> Option<String> {
    let mut command = Command::new(kustomize);
    for name in bulla_core::SECRET_VARIABLES {
        command.env_remove(name);
    }
    let output = command.arg("version").stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let line = text.lines().find(|line| !line.trim().is_empty())?.trim();
    // Older ones: {Version:4.5.4 GitCommit:...}
    let line = line.trim_start_matches("{Version:").split(' ').next()?;
    let line = line.trim_start_matches("kustomize/");
    (!line.is_empty()).then(|| line.to_owned())
}

fn plugins(tree: &Tree) -> Vec<Finding> {
    const CHECK: &str = "plugin";
    if !is_kustomization(&tree.top.join(&tree.folder)) {
        return vec![Finding::ok(CHECK, "there is no kustomization here that could start one")];
    }
    let kustomizations = match read_tree(&tree.top, &tree.folder) {
        Ok(kustomizations) => kustomizations,
        Err(error) => return vec![Finding::fault(CHECK, error.to_string(), "correct it")],
    };
    let mut findings: Vec<Finding> =
        kustomizations.iter().flat_map(|found| found.plugins.iter()).map(started).collect();
    if findings.is_empty() {
        findings.push(Finding::ok(CHECK, "the tree starts none"));
    }
    findings.extend(kustomizations.iter().filter_map(Kustomization::misplaced).map(|config| {
        let message = format!("{}: {MISPLACED}", config.display());
        Finding::fault(CHECK, message, TO_TRANSFORMERS)
    }));
    findings.extend(kustomizations.iter().flat_map(remote));
    findings
}

fn started((config, name): &(PathBuf, Option<String>)) -> Finding {
    const CHECK: &str = "plugin";
    let config = config.display();
    let Some(name) = name else {
        return Finding::warning(
            CHECK,
            format!("{config}: names no program"),
            "a legacy plugin is looked for below XDG_CONFIG_HOME/kustomize/plugin",
        );
    };
    // A name in a path may be given to any program.
    if !is_plugin(name) || name.contains('/') {
        let advice = format!(
            "whoever writes to the tree can have it started; write path: bulla-krm, or build with bulla krm render --allow-exec {name}"
        );
        return Finding::warning(CHECK, format!("{config}: starts {name}"), advice);
    }
    match program::find(name) {
        Some(found) => Finding::ok(CHECK, format!("{config}: starts {}", found.display())),
        None => Finding::fault(
            CHECK,
            format!("{config}: starts {name}, which is not on PATH"),
            "bulla krm install DIR puts it into a folder; bulla krm render brings it along",
        ),
    }
}

fn remote(kustomization: &Kustomization) -> Option<Finding> {
    let remote = kustomization.remote.first()?;
    Some(Finding::warning(
        "bases",
        format!("{}: builds on {remote}, which is not in this tree", kustomization.file.display()),
        "with --enable-exec it can start any program beside the keys; copy it here",
    ))
}
