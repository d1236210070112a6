//! `bulla flux`

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};

use bulla_core::rules::Indent;
use bulla_core::{ConvertStyle, Format, open_bytes, rewrite};
use bulla_krm::flux::{Fate, Plan, lint, plan};
use clap::Subcommand;

use crate::args::Global;
use crate::failure::{Failure, Result, reason, say};
use crate::input::{read_all, read_text};
use crate::keyring::{environment, keyring};
use crate::scratch::Scratch;
use crate::signals::{Watch, Worker};
use crate::{git, no_key, program, write};

/// The largest result of kustomize, in bytes.
const LIMIT: u64 = 1 << 30;

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
    tree.refuse_faults()?;
    let plan = plan(&tree.top, &tree.folder).map_err(|error| Failure::other(error.to_string()))?;
    let keyring = keyring(&environment(global))?;
    // What is opened before the build has to be in files for kustomize: in memory.
    let scratch = Scratch::new()?;
    let _watch = Watch::new(Worker::Command, Some(scratch.path().to_owned()))?;
    let mirror = scratch.path().join("tree");
    tree.mirror(&plan, &mirror).map_err(|error| Failure::unwritable(&mirror, &error))?;
    for (path, format) in &plan.sources {
        let sealed = read_text(&tree.top.join(path))?;
        let opened = open_bytes(&sealed, *format, &keyring, true)
            .map_err(|error| no_key::failure(&path.display().to_string(), &error, None))?;
        let target = mirror.join(path);
        let plain = rewrite(&opened.bytes, *format, ConvertStyle::default());
        replace(&target, &plain.unwrap_or(opened.bytes))
            .map_err(|error| Failure::unwritable(&target, &error))?;
    }
    let built = kustomize(&mirror.join(&tree.folder))?;
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

/// A folder and the source that it is in.
pub(crate) struct Tree {
    /// The root of the source, without links.
    pub(crate) top: PathBuf,
    /// The folder, relative to it.
    pub(crate) folder: PathBuf,
}

impl Tree {
    /// The folder in its source: `root`, or the git repository around it, or nothing
    /// but itself.
    pub(crate) fn find(dir: &Path, root: Option<&Path>) -> Result<Self> {
        let real =
            |path: &Path| path.canonicalize().map_err(|error| Failure::unreadable(path, &error));
        let folder = real(dir)?;
        let top = match root {
            Some(root) => real(root)?,
            None => git::top_of(&folder).unwrap_or_else(|| folder.clone()),
        };
        match folder.strip_prefix(&top) {
            Ok(below) => Ok(Self { folder: below.to_owned(), top }),
            Err(_) => {
                let (dir, top) = (dir.display(), top.display());
                Err(Failure::other(format!("{dir}: this is not below {top}")))
            }
        }
    }

    fn refuse_faults(&self) -> Result {
        let verdicts =
            lint(&self.top, &self.folder).map_err(|error| Failure::other(error.to_string()))?;
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
    fn mirror(&self, plan: &Plan, mirror: &Path) -> io::Result<()> {
        for path in &plan.files {
            let link = mirror.join(path);
            fs::create_dir_all(write::directory(&link))?;
            symlink(self.top.join(path), link)?;
        }
        let folder = mirror.join(&self.folder);
        fs::create_dir_all(&folder)?;
        let Some(manifests) = &plan.manifests else { return Ok(()) };
        let list = manifests.iter().map(|path| serde_json::json!(path));
        let made = serde_json::json!({ "resources": list.collect::<Vec<_>>() });
        fs::write(folder.join("kustomization.yaml"), made.to_string())
    }
}

/// Puts a plaintext in the place of a link to what was sealed.
fn replace(link: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::remove_file(link)?;
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(link)?;
    file.write_all(bytes)
}

/// kustomize as the controller uses it: no plugins, and files from anywhere in the tree.
fn kustomize(folder: &Path) -> Result<zeroize::Zeroizing<Vec<u8>>> {
    let kustomize = program::find("kustomize")
        .ok_or_else(|| Failure::other("kustomize is not on PATH; install it"))?;
    let failed = |error: io::Error| {
        Failure::other(format!("{}: cannot be run: {}", kustomize.display(), reason(&error)))
    };
    let mut command = Process::new(&kustomize);
    command.args(["build", "--load-restrictor", "LoadRestrictionsNone"]).arg(folder);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(failed)?;
    let output = child.stdout.take().map(|stdout| read_all(stdout, 0, LIMIT)).transpose();
    let status = child.wait().map_err(failed)?;
    match status.success() {
        true => Ok(output.map_err(failed)?.unwrap_or_default()),
        false => Err(Failure::other("kustomize failed: see above")),
    }
}
