//! husky's hooks: scripts in the tree, which a program in between runs.

use std::fs;
use std::path::{Path, PathBuf};

use super::script::{has_line, line};
use super::{Hook, Installed};
use crate::error::GuardError;

/// What a hook of husky 8 and older begins with; newer ones are lines alone.
const OLD_START: &str = "#!/usr/bin/env sh\n. \"$(dirname -- \"$0\")/_/husky.sh\"\n\n";

/// Adds our line to a hook, or makes one. Where the lines of a push are read, we come
/// first, because they can be read once; elsewhere last, because others may change what is
/// staged.
pub(super) fn install(folder: &Path, hook: Hook, is_old: bool) -> Result<Installed, GuardError> {
    let file = folder.join(hook.name());
    let present = read(&file)?;
    let changed = !present.as_ref().is_some_and(|text| has_line(text, hook));
    if changed {
        let text = match present {
            None if is_old => format!("{OLD_START}{}\n", line(hook)),
            None => format!("{}\n", line(hook)),
            Some(text) => added(&text, hook),
        };
        write(&file, &text)?;
    }
    Ok(Installed { hook, file, chained: None, changed })
}

/// Takes our line out; an empty hook goes with it.
pub(super) fn uninstall(folder: &Path, hook: Hook) -> Result<Option<PathBuf>, GuardError> {
    let file = folder.join(hook.name());
    let ours = line(hook);
    let Some(text) = read(&file)? else { return Ok(None) };
    let left: String = text.split_inclusive('\n').filter(|line| line.trim() != ours).collect();
    if left == text {
        return Ok(None);
    }
    if left.trim().is_empty() || left.trim() == OLD_START.trim() {
        fs::remove_file(&file).map_err(|error| failed(&file, error))?;
    } else {
        write(&file, &left)?;
    }
    Ok(Some(file))
}

/// Whether husky would run our line.
pub(super) fn is_installed(folder: &Path, hook: Hook) -> bool {
    read(&folder.join(hook.name())).is_ok_and(|text| text.is_some_and(|t| has_line(&t, hook)))
}

fn added(text: &str, hook: Hook) -> String {
    let ours = line(hook);
    if hook != Hook::PrePush {
        let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        return format!("{text}{end}{ours}\n");
    }
    // husky 8 starts the script a second time from the line that names it.
    let lines = text.split_inclusive('\n');
    let start: usize = lines
        .clone()
        .scan(0, |at, line| {
            *at += line.len();
            Some((*at, line))
        })
        .filter(|(at, line)| {
            line.contains("husky.sh") || (*at == line.len() && line.starts_with("#!"))
        })
        .map(|(at, _)| at)
        .last()
        .unwrap_or(0);
    format!("{}{ours}\n{}", &text[..start], &text[start..])
}

/// A hook, if there is one. The tree is anybody's: a link in it leads where somebody
/// wants us to write.
fn read(file: &Path) -> Result<Option<String>, GuardError> {
    match fs::symlink_metadata(file) {
        Ok(metadata) if metadata.is_file() => {
            fs::read_to_string(file).map(Some).map_err(|error| failed(file, error))
        }
        Ok(_) => Err(failed(file, std::io::Error::other("this is no file"))),
        Err(_) => Ok(None),
    }
}

fn write(file: &Path, text: &str) -> Result<(), GuardError> {
    fs::write(file, text).map_err(|error| failed(file, error))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(file, fs::Permissions::from_mode(0o755))
            .map_err(|error| failed(file, error))?;
    }
    Ok(())
}

fn failed(file: &Path, error: std::io::Error) -> GuardError {
    GuardError::Io { path: file.to_owned(), error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_line_stands_where_it_works() {
        let ours = line(Hook::PreCommit);
        assert_eq!(added("npx lint-staged", Hook::PreCommit), format!("npx lint-staged\n{ours}\n"));
        let ours = line(Hook::PrePush);
        assert_eq!(added("npm test\n", Hook::PrePush), format!("{ours}\nnpm test\n"));
        let old = format!("{OLD_START}npm test\n");
        let expected = format!("{}{ours}\n\nnpm test\n", OLD_START.trim_end().to_owned() + "\n");
        assert_eq!(added(&old, Hook::PrePush), expected);
    }

    #[test]
    fn a_comment_is_no_command() {
        assert!(!has_line("# bulla guard hook pre-push \"$@\"\n", Hook::PrePush));
        assert!(has_line("x && bulla guard --staged\n", Hook::PreCommit));
        assert!(!has_line("bulla guard --staged\n", Hook::PrePush));
    }
}
