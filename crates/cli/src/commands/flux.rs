//! `bulla flux`

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};

use bulla_core::rules::Indent;
use bulla_core::{ConvertStyle, Format, SECRET_VARIABLES, open_bytes, rewrite};
use bulla_krm::flux::{Applied, Fate, Plan};
use clap::Subcommand;

use crate::args::Global;
use crate::failure::{Failure, Result, say};
use crate::input::read_text;
use crate::keyring::{environment, keyring};
use crate::scratch::Scratch;
use crate::signals::{Watch, Worker};
use crate::tree::Tree;
use crate::{kustomize, no_key, write};

/// Do here what Flux does in the cluster
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Build(Build),
}

/// Print what the controller would apply, opened
///
/// In the controller's own order: sealed files of generators and patches are opened, then
/// kustomize builds without plugins, then resources are opened. What the controller would fail at, or
/// apply as ciphertext, is an error.
#[derive(clap::Args, Debug)]
struct Build {
    /// Folder that a Kustomization of Flux applies
    #[arg(default_value = ".", hide_default_value = true)]
    dir: PathBuf,
    /// Root of Flux's source; that of the git repository without it
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, global: &Global) -> Result {
    let Command::Build(build) = &args.command;
    let tree = Tree::find(&build.dir, build.root.as_deref())?;
    let applied = Applied::read(&tree.top, &tree.folder);
    let applied = applied.map_err(|error| Failure::other(error.to_string()))?;
    refuse_faults(&applied)?;
    let plan = applied.plan();
    let keyring = keyring(&environment(global))?;
    // What is opened before the build has to be in files for kustomize: in memory.
    let scratch = Scratch::new()?;
    let _watch = Watch::new(Worker::Command, Some(scratch.path().to_owned()))?;
    let copy = scratch.path().join("tree");
    mirror(&tree, &plan, &copy).map_err(|error| Failure::unwritable(&copy, &error))?;
    for (path, format) in &plan.sources {
        let sealed = read_text(&tree.top.join(path))?;
        let opened = open_bytes(&sealed, *format, &keyring, true)
            .map_err(|error| no_key::failure(&path.display().to_string(), &error, None))?;
        let target = copy.join(path);
        let plain = rewrite(&opened.bytes, *format, ConvertStyle::default());
        replace(&target, &plain.unwrap_or(opened.bytes))
            .map_err(|error| Failure::unwritable(&target, &error))?;
    }
    // As the controller does: no plugins, and files from anywhere in the tree. It opens
    // nothing itself.
    let built = kustomize::build(|command| {
        for name in SECRET_VARIABLES {
            command.env_remove(name);
        }
        command.args(["--load-restrictor", "LoadRestrictionsNone"]).arg(copy.join(&tree.folder));
    })?;
    drop(scratch);
    let built = std::str::from_utf8(&built)
        .map_err(|_| Failure::other("the result of kustomize is not UTF-8"))?;
    let output = bulla_krm::run_legacy(CONFIG, built, &tree.top, &keyring)
        .map_err(|error| Failure::other(error.to_string()))?;
    for note in &output.notes {
        say(&format!("bulla: {note}"));
    }
    // One line of JSON is YAML, but not what people want to read.
    let text = rewrite(output.text.as_bytes(), Format::Yaml, YAML);
    let text = text.unwrap_or_else(|_| output.text.as_bytes().to_vec().into());
    write::stdout(&text)
}

/// As kustomize indents it.
const YAML: ConvertStyle = ConvertStyle { yaml: 2, json: Indent::Tab };

/// The config of a function that opens what is there.
const CONFIG: &str = "kind: Open\nmetadata: {name: flux}\n";

fn refuse_faults(applied: &Applied<'_>) -> Result {
    let verdicts = applied.verdicts();
    let faults: Vec<_> = verdicts
        .iter()
        .filter_map(|verdict| match &verdict.fate {
            Fate::Fault(reason) => Some(format!("{}: {reason}", verdict.path.display())),
            _ => None,
        })
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(Failure::other(faults.join("\n"))) }
}

/// The tree with links in the place of files: kustomize reads through them.
fn mirror(tree: &Tree, plan: &Plan, mirror: &Path) -> io::Result<()> {
    for path in &plan.files {
        let link = mirror.join(path);
        fs::create_dir_all(write::directory(&link))?;
        symlink(tree.top.join(path), link)?;
    }
    let folder = mirror.join(&tree.folder);
    fs::create_dir_all(&folder)?;
    let Some(manifests) = &plan.manifests else { return Ok(()) };
    let list = manifests.iter().map(|path| serde_json::json!(path));
    let made = serde_json::json!({ "resources": list.collect::<Vec<_>>() });
    fs::write(folder.join("kustomization.yaml"), made.to_string())
}

/// Puts a plaintext in the place of a link to what was sealed.
fn replace(link: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::remove_file(link)?;
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(link)?;
    file.write_all(bytes)
}
