//! `bulla init`

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use bulla_core::rules::{FILE_NAMES, Rules};
use bulla_keys::Environment;
use bulla_keys::age::{default_keys_file, generate};

use crate::commands::keygen::{key_file, recipients};
use crate::exit::Code;
use crate::failure::{Failure, Result, printable};
use crate::input::read_text;
use crate::write::{self, Content, directory};

/// Sealed files are exact to the byte, and git may be set to rewrite line ends.
const ATTRIBUTES: &str = "\
# Sealed files are exact to the byte: git must not change their line ends.
*.enc.yaml -text
*.enc.yml -text
";

/// Set a repository up: an age key, rules, .gitattributes
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Top of the repository
    #[arg(default_value = ".", hide_default_value = true)]
    dir: PathBuf,
    /// Name of the key's owner in the rules
    #[arg(long, default_value = "owner")]
    name: String,
}

pub(crate) fn run(args: &Args) -> Result {
    let rules_file = below(&args.dir, FILE_NAMES[0]);
    for name in FILE_NAMES {
        let file = below(&args.dir, name);
        if file.symlink_metadata().is_ok() {
            let message = format!("{}: there are rules already; edit them", file.display());
            return Err(Failure::new(Code::Unwritable, message));
        }
    }
    if !args.dir.is_dir() {
        let message = format!("{}: there is no such directory; make it first", args.dir.display());
        return Err(Failure::new(Code::NoFile, message));
    }
    let (recipient, key_step) = key(&Environment::read())?;
    let rules = rules_text(&args.name, &recipient)?;
    write::create(&rules_file, rules.as_bytes(), Content::Sealed)?;
    let steps = [
        key_step,
        format!("rules  wrote {}: *.enc.yaml is sealed for {}", rules_file.display(), args.name),
        attributes(&args.dir)?,
        "next   bulla encrypt --in-place secret.enc.yaml".to_owned(),
        "       bulla guard install: git refuses what is not sealed".to_owned(),
    ];
    write::stdout(printable(&(steps.join("\n") + "\n")).as_bytes())
}

/// As it is shown: without a dot in front.
fn below(dir: &Path, name: &str) -> PathBuf {
    if dir == Path::new(".") { PathBuf::from(name) } else { dir.join(name) }
}

/// The recipient of the key that is there, or else of a new one, and what was done.
fn key(environment: &Environment) -> Result<(String, String)> {
    let file = environment.age.key_file.clone().or_else(|| default_keys_file(environment));
    let file = file.ok_or_else(|| {
        Failure::other("there is no home directory for a key; name a file in SOPS_AGE_KEY_FILE")
    })?;
    let shown = file.display();
    if file.exists() {
        let text = read_text(&file)?;
        let recipient = recipients(&text).next().ok_or_else(|| {
            let hint = "put one there, or name another file in SOPS_AGE_KEY_FILE";
            Failure::other(format!("{shown}: there is no age identity in this file; {hint}"))
        })?;
        let step = format!("key    found {recipient} in {shown}");
        return Ok((recipient, step));
    }
    let key = generate();
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory(&file))
        .map_err(|error| Failure::unwritable(directory(&file), &error))?;
    write::create(&file, key_file(&key)?.as_bytes(), Content::Plaintext)?;
    let step =
        format!("key    made {} in {shown}; keep a copy, nothing opens without it", key.recipient);
    Ok((key.recipient, step))
}

fn rules_text(name: &str, recipient: &str) -> Result<String> {
    let text = format!(
        "\
# Which files are sealed, how, and for whom. The first rule that matches counts.

# Names for keys; add the recipients of colleagues and clusters here.
recipients:
  {name}: {recipient}

creation_rules:
  # Of Kubernetes objects, data and stringData are sealed; of other files, every value.
  - path_glob: '**/*.enc.{{yaml,yml}}'
    age: {name}
"
    );
    // The name was typed, and may be none.
    match Rules::parse(&text, FILE_NAMES[0]) {
        Ok(rules) if rules.keys_of(name).is_some() => Ok(text),
        _ => Err(Failure::other(format!(
            "--name {name}: this cannot be a name; use letters, digits, `.`, `_` and `-`"
        ))),
    }
}

fn attributes(dir: &Path) -> Result<String> {
    let file = below(dir, ".gitattributes");
    let shown = file.display();
    if file.symlink_metadata().is_ok() {
        let step = "add these lines to it:";
        let lines = ATTRIBUTES.lines().filter(|line| !line.starts_with('#'));
        let lines: Vec<_> = lines.map(|line| format!("         {line}")).collect();
        return Ok(format!("git    left {shown} alone; {step}\n{}", lines.join("\n")));
    }
    write::create(&file, ATTRIBUTES.as_bytes(), Content::Sealed)?;
    Ok(format!("git    wrote {shown}: sealed files keep their line ends"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_are_for_sealed_files_at_any_depth_and_for_nothing_else() {
        let recipient = generate().recipient;
        let text = rules_text("alice", &recipient).unwrap();
        let rules = Rules::parse(&text, ".sops-rules.yaml").unwrap();
        for path in ["a.enc.yaml", "clusters/a/b.enc.yml"] {
            let plan = rules.plan(path).unwrap();
            assert_eq!(plan.recipients().next().unwrap().name, Some("alice"));
        }
        for path in ["a.yaml", "enc.yaml", ".sops-rules.yaml", "a.enc.json"] {
            assert!(rules.plan(path).is_none(), "{path}");
        }
    }

    #[test]
    fn a_name_that_is_none_is_refused() {
        let recipient = generate().recipient;
        for name in ["", "a b", "a: b", "x\n  y", "#", "null", &recipient] {
            assert!(rules_text(name, &recipient).is_err(), "{name}");
        }
    }
}
