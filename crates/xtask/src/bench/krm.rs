//! The plugin: under kustomize beside one that only prints, and beside sops called for each file.

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use bulla_testkit::{Sandbox, keys, peers};

use super::cases::{REGEX, SLOWER, value};
use super::measure::Sample;
use super::report::medians;
use super::{measured, with_key};
use crate::Result;

/// How many Secrets many are.
const MANY: u32 = 1000;

/// The values of each.
const VALUES: u32 = 4;

/// One comparison.
pub(super) struct Row {
    /// What is done, and what the other does.
    pub(super) label: &'static str,
    /// The plugin, or kustomize with it.
    pub(super) bulla: Sample,
    /// The other.
    pub(super) other: Sample,
}

/// A program with its arguments, and the folder that it is started in.
struct Side {
    program: PathBuf,
    args: Vec<String>,
    folder: &'static str,
}

/// Every comparison, each run `runs` times, the slow ones less often.
pub(super) fn run(sandbox: &Sandbox, krm: &Path, sops: &Path, runs: usize) -> Result<Vec<Row>> {
    prepare(sandbox, krm, sops);
    let kustomize = |folder| Side {
        program: peers::kustomize(),
        args: ["build", "--enable-alpha-plugins", "--enable-exec", "."].map(str::to_owned).into(),
        folder,
    };
    // As the older kind of plugin: it takes its config from a file, and needs no kustomize.
    let plugin = |folder| Side { program: krm.into(), args: vec!["open.yaml".into()], folder };
    let each = |folder| Side {
        program: peers::system("sh"),
        args: vec![
            "-c".into(),
            format!("for file in *.enc.yaml; do {} decrypt $file || exit; done", sops.display()),
        ],
        folder,
    };
    let cases = [
        (
            "kustomize, 1,000 Secrets; a plugin that prints them in the clear",
            kustomize("many"),
            kustomize("many-clear"),
            false,
        ),
        (
            "kustomize, one Secret; a plugin that prints it in the clear",
            kustomize("one"),
            kustomize("one-clear"),
            false,
        ),
        ("the plugin alone, one Secret; sops", plugin("one"), each("one"), false),
        ("the plugin alone, 1,000 Secrets; sops for each", plugin("many"), each("many"), true),
    ];
    let mut rows = Vec::new();
    for (label, ours, theirs, is_slow) in cases {
        let runs = if is_slow { runs.div_ceil(SLOWER) } else { runs };
        eprintln!("{label}: {runs} runs of each");
        check(sandbox, &ours)?;
        check(sandbox, &theirs)?;
        let (mut bulla, mut other) = (Vec::new(), Vec::new());
        for _ in 0..runs {
            bulla.push(sample(sandbox, &ours)?);
            other.push(sample(sandbox, &theirs)?);
        }
        rows.push(Row { label, bulla: medians(&bulla), other: medians(&other) });
    }
    Ok(rows)
}

/// Folders with one and with many Secrets, sealed by sops and in the clear.
fn prepare(sandbox: &Sandbox, krm: &Path, sops: &Path) {
    for (folder, count) in [("one", 1), ("many", MANY)] {
        let clear = format!("{folder}-clear");
        let mut names = Vec::new();
        let mut all = String::new();
        for number in 0..count {
            let text = secret(number);
            write!(all, "---\n{text}").expect("writing to a String cannot fail");
            names.push(format!("{number:04}.enc.yaml"));
            sandbox.write(format!("{folder}/{number:04}.enc.yaml"), text);
        }
        let mut seal = sandbox.command(peers::system("sh"));
        let each = format!(
            "for file in *.enc.yaml; do {} encrypt -i --age {} --encrypted-regex '{REGEX}' $file || exit; done",
            sops.display(),
            keys::age_recipient()
        );
        sandbox.run(seal.args(["-c", &each]).current_dir(sandbox.path(folder))).ok();
        for (folder, program) in [(folder, krm.display().to_string()), (&clear, "./print".into())] {
            sandbox.write(format!("{folder}/kustomization.yaml"), "generators: [open.yaml]\n");
            let config = format!(
                "apiVersion: bulla/v1\nkind: SealedFiles\nmetadata:\n  name: open\n  annotations:\n    \
                 config.kubernetes.io/function: 'exec: {{path: {program}}}'\nfiles: [{}]\n",
                names.join(", ")
            );
            sandbox.write(format!("{folder}/open.yaml"), config);
        }
        sandbox.write(format!("{clear}/all.yaml"), all);
        let print = sandbox.write(format!("{clear}/print"), "#!/bin/sh\nexec cat all.yaml\n");
        fs::set_permissions(print, fs::Permissions::from_mode(0o755))
            .expect("a file that was just written");
    }
}

fn secret(number: u32) -> String {
    let mut text = format!(
        "apiVersion: v1\nkind: Secret\nmetadata:\n    name: bench-{number:04}\nstringData:\n"
    );
    for index in 0..VALUES {
        writeln!(text, "    key-{index}: {}", value(VALUES * number + index))
            .expect("writing to a String cannot fail");
    }
    text
}

fn command(sandbox: &Sandbox, side: &Side) -> Command {
    let mut command = sandbox.command(&side.program);
    with_key(command.args(&side.args)).current_dir(sandbox.path(side.folder));
    command
}

/// One run that shows that the work is done at all.
fn check(sandbox: &Sandbox, side: &Side) -> Result {
    let run = sandbox.run(&mut command(sandbox, side)).ok();
    let is_open = run.out().contains(&value(0)) && !run.out().contains("ENC[AES256_GCM,");
    if is_open { Ok(()) } else { Err(format!("{} did not open the files", run.command).into()) }
}

fn sample(sandbox: &Sandbox, side: &Side) -> Result<Sample> {
    measured(sandbox, &command(sandbox, side))
}
