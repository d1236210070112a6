//! `bulla publish`

#[cfg(feature = "gcp")]
mod gcs;
#[cfg(feature = "aws")]
mod s3;
mod senders;
mod target;
#[cfg(feature = "vault")]
mod vault;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use bulla_core::rules::{DestinationRule, FILE_NAMES};
use bulla_core::{Document, Error, Recipe, as_object, check_sealed};
use zeroize::Zeroizing;

use crate::args::Global;
use crate::commands::updatekeys::{diff, search};
use crate::exit::Code;
use crate::failure::{Failure, Result, printable, say};
use crate::formats::InputFlags;
use crate::governing::{Governing, nothing_found, resolve};
use crate::keyring::environment;
use crate::question::confirmed;
use crate::sealed_file::SealedFile;
use crate::sealing::now;
use crate::write::stdout;
use senders::Senders;
use target::{Sent, Target, target};

/// Send sealed files where their destination rules say
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// What to publish
    path: PathBuf,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    /// Leave extensions out of the published names
    #[arg(long)]
    omit_extensions: bool,
    /// Publish every file below a directory that a rule is for
    #[arg(long)]
    recursive: bool,
    /// As for sops; what is done is said anyway
    #[arg(long, hide = true)]
    verbose: bool,
    #[command(flatten)]
    formats: InputFlags,
}

pub(crate) fn run(args: &Args, global: &Global) -> Result {
    let files = args.files()?;
    // All of them before the first is sent: half a folder may be worse than none.
    let (mut planned, mut failed) = (Vec::new(), 0);
    let mut taken = HashMap::new();
    for file in &files {
        let checked = Publication::plan(file, args, global).and_then(|publication| {
            let Some(publication) = publication else { return Ok(()) };
            if let Some(first) = taken.insert(publication.target.shown(), file) {
                return Err(publication.has_the_place_of(first));
            }
            planned.push(file);
            Ok(())
        });
        failed += count(checked, args)?;
    }
    if failed > 0 {
        let message = format!("nothing is published, as {failed} of the files cannot be");
        return Err(Failure::other(message));
    }
    let senders = Senders::new(environment(global));
    for file in &planned {
        let sent = match Publication::plan(file, args, global)? {
            Some(publication) => publication.publish(args, &senders),
            // Somebody else changed the rules just now.
            None => continue,
        };
        failed += count(sent, args)?;
    }
    if failed > 0 {
        let count = planned.len();
        return Err(Failure::other(format!("{failed} of {count} files could not be published")));
    }
    if planned.is_empty() {
        let path = args.path.display();
        say(&format!("bulla: {path}: no destination rule is for a file in it"));
    }
    Ok(())
}

/// One failure, said, among several files; with a single file, the failure.
fn count(done: Result, args: &Args) -> Result<usize> {
    match done {
        Ok(()) => Ok(0),
        Err(failure) if args.recursive => {
            failure.print();
            Ok(1)
        }
        Err(failure) => Err(failure),
    }
}

impl Args {
    /// The files with the names that they are published by.
    fn files(&self) -> Result<Vec<Named>> {
        let path = &self.path;
        if !path.is_dir() {
            let name = path.file_name().unwrap_or_default();
            return Ok(vec![Named { path: path.clone(), name: text(Path::new(name))? }]);
        }
        if !self.recursive {
            let message = format!("{}: this is a directory; say --recursive", path.display());
            return Err(Failure::other(message));
        }
        let is_rules =
            |path: &Path| FILE_NAMES.iter().any(|name| path.file_name() == Some(name.as_ref()));
        let found = search::below(path, |file| !is_rules(file))?;
        let named = found.into_iter().map(|file| {
            let name = text(file.strip_prefix(path).unwrap_or(&file))?;
            Ok(Named { path: file, name })
        });
        named.collect()
    }
}

/// A file, and the name that it is published by.
struct Named {
    path: PathBuf,
    name: String,
}

/// A name as it becomes a part of an address.
fn text(name: &Path) -> Result<String> {
    name.to_str().map(str::to_owned).ok_or_else(|| {
        Failure::other(format!("{}: this name is not UTF-8; rename the file", name.display()))
    })
}

/// A sealed file on its way to where its rule says.
struct Publication<'a> {
    file: SealedFile<'a>,
    path: &'a Path,
    governing: Governing,
    rule: DestinationRule,
    target: Box<dyn Target>,
}

impl<'a> Publication<'a> {
    /// Everything that can be refused without a key and without a network. `None` for a
    /// file in a directory that no rule is for.
    fn plan(named: &'a Named, args: &Args, global: &'a Global) -> Result<Option<Self>> {
        let path = named.path.as_path();
        let environment = environment(global);
        let config = global.config.as_deref().or(environment.config.as_deref());
        let governing = Governing::find(path, config)?;
        let governing = governing.ok_or_else(|| nothing_found(path))?;
        let rule = match governing.rules.destination(&governing.path) {
            Some(rule) => rule.clone(),
            None if args.recursive => return Ok(None),
            None => {
                let (rules, file) = (governing.rules.file(), &governing.path);
                let message = format!("{rules}: no destination rule is for {file}");
                return Err(Failure::other(message));
            }
        };
        let formats = args.formats.with_same_output();
        // sops has this code for whatever it finds here.
        let file = SealedFile::read(path, None, &formats, global)
            .map_err(|failure| failure.with_code(Code::Failure))?;
        let checked = check_sealed(file.text(), file.format());
        let failed = |error| file.failed(&error).with_code(Code::Failure);
        checked.map_err(failed)?;
        let name = match args.omit_extensions || rule.omit_extensions {
            true => without_extension(&named.name),
            false => &named.name,
        };
        let target = target(&rule.destination, name, &environment).map_err(|why| {
            let (rules, line) = (governing.rules.file(), rule.line);
            Failure::other(format!("{rules}:{line}: {}: {why}", path.display()))
        })?;
        // As it is, it opens where it arrives as it does here.
        if target.is_plaintext() || rule.recreation.is_some() {
            let document = Document::parse(file.text(), file.format()).map_err(failed)?;
            let count = document.files().len();
            if count > 1 {
                return Err(failed(Error::PutTogether { count }));
            }
        }
        Ok(Some(Self { file, path, governing, rule, target }))
    }

    /// Two files of one name: the second would take the first one's place.
    fn has_the_place_of(&self, first: &Named) -> Failure {
        let (path, target, first) = (self.path.display(), self.target.shown(), &first.path);
        Failure::other(format!("{path}: {target} is where {} goes", first.display()))
    }

    /// Asks, opens what has to be opened, and sends it.
    fn publish(&self, args: &Args, senders: &Senders) -> Result {
        let path = self.path.display();
        let recreation = self.rule.recreation.as_ref().map(|rule| &rule.recipe);
        let recreation = recreation.filter(|_| !self.target.is_plaintext());
        if let Some(recipe) = recreation {
            self.show_changes(recipe)?;
        }
        // Asked before any key is: one may want to be touched.
        if !args.yes {
            let whole =
                resolve(self.path).map_err(|error| Failure::unreadable(self.path, &error))?;
            let target = self.target.shown();
            let question = format!("uploading {} to {target} ? (y/n): ", whole.display());
            if !confirmed(&printable(&question), "use --yes to publish without asking")? {
                let message = format!("{path}: not published");
                if args.recursive {
                    say(&format!("bulla: {message}"));
                    return Ok(());
                }
                return Err(Failure::other(message));
            }
        }
        let sent = self.target.send(senders, self.content(recreation)?);
        let sent = sent.map_err(|error| {
            let hint = error.hint.map(|hint| format!("; {hint}")).unwrap_or_default();
            Failure::other(format!("{path}: {}{hint}", error.reason))
        })?;
        let target = self.target.shown();
        say(&match sent {
            Sent::Written => format!("bulla: {path}: published to {target}"),
            Sent::Same => format!("bulla: {path}: {target} is up to date"),
        });
        Ok(())
    }

    /// What is sent: the file as it is, sealed for others, or its values.
    fn content(&self, recreation: Option<&Recipe>) -> Result<Zeroizing<Vec<u8>>> {
        let failed = |error| self.file.failed(&error).with_code(Code::Failure);
        if recreation.is_none() && !self.target.is_plaintext() {
            return Ok(Zeroizing::new(self.file.text().as_bytes().to_vec()));
        }
        let keyring = self.file.keyring()?;
        let revision = self.file.revision(&keyring, false);
        let revision = revision.map_err(|failure| failure.with_code(Code::Failure))?;
        match recreation {
            Some(recipe) => {
                let sealed = revision.recreate(recipe, &keyring, &now()?).map_err(failed)?;
                Ok(Zeroizing::new(sealed.text.into_bytes()))
            }
            None => as_object(revision.bytes(), self.file.format()).map_err(failed),
        }
    }

    /// Says for whom the published file is sealed, if not for the same.
    fn show_changes(&self, recipe: &Recipe) -> Result {
        let failed = |error| self.file.failed(&error);
        let document = Document::parse(self.file.text(), self.file.format()).map_err(failed)?;
        let metadata = document.sealed_metadata().map_err(failed)?;
        if metadata.is_for(&recipe.groups, recipe.threshold) {
            return Ok(());
        }
        let changes = diff::describe(metadata, recipe, &self.governing.rules);
        let text = "these changes will be made to its key groups in the published file";
        stdout(format!("{}: {text}:\n{changes}", self.path.display()).as_bytes())
    }
}

/// The name without what stands behind the last dot of its last part, as in sops.
fn without_extension(name: &str) -> &str {
    let last = name.rfind('/').map_or(0, |slash| slash + 1);
    match name[last..].rfind('.') {
        Some(dot) => &name[..last + dot],
        None => name,
    }
}
