//! The user's editor, told to keep no copy of what it is shown.

use std::env;
use std::ffi::{OsStr, OsString};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::exit::Code;
use crate::failure::{Failure, Result, reason};
use crate::scratch::Scratch;
use crate::signals::{Watch, Worker};

/// What is looked for when no variable names an editor, as in sops.
const FALLBACKS: [&str; 3] = ["vim", "nano", "vi"];

/// Behind the files of the user's own settings, so that these do not win: no swap
/// file, undo file, backup, nor history. A modeline would let the file give orders.
const VIM: [&str; 8] = [
    "-n",
    "-i",
    "NONE",
    "--cmd",
    "set nomodeline",
    "-c",
    "set noswapfile noundofile nobackup nowritebackup viminfo= nomodeline",
    "--",
];

/// No settings, among which backups, histories and lock files are turned on.
const NANO: [&str; 1] = ["--ignorercfiles"];

/// Evaluated behind the user's settings, and before the file is visited.
const EMACS: [&str; 2] = [
    "--eval",
    "(setq make-backup-files nil backup-inhibited t auto-save-default nil \
     auto-save-list-file-prefix nil create-lockfiles nil \
     undo-tree-auto-save-history nil enable-local-variables nil)",
];

/// An editor, with the arguments that were typed for it.
#[derive(Debug)]
pub(crate) struct Editor {
    program: OsString,
    arguments: Vec<String>,
    family: Family,
}

/// Which arguments an editor understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Vim,
    Nano,
    Emacs,
    Code,
    /// Others run as they are.
    Unknown,
}

impl Editor {
    /// The editor of `SOPS_EDITOR`, of `EDITOR`, or the first that is there.
    pub(crate) fn find() -> Result<Self> {
        let named = ["SOPS_EDITOR", "EDITOR"].into_iter().find_map(|name| {
            let text = env::var_os(name).filter(|text| !text.is_empty())?;
            Some((name, text))
        });
        match named {
            Some((name, text)) => Self::parse(name, &text),
            None => FALLBACKS
                .into_iter()
                .find(|name| on_path(OsStr::new(name)).is_some())
                .map(|name| Self::new(name.to_owned(), Vec::new()))
                .ok_or_else(|| {
                    let [first, second, third] = FALLBACKS;
                    Failure::new(
                        Code::Editor,
                        format!("no editor found: not {first}, {second} or {third}; name yours in SOPS_EDITOR or EDITOR"),
                    )
                }),
        }
    }

    fn parse(name: &str, text: &OsStr) -> Result<Self> {
        let words = text.to_str().and_then(|text| shell_words::split(text).ok());
        let mut words = words.unwrap_or_default().into_iter();
        match words.next().filter(|program| !program.is_empty()) {
            Some(program) => Ok(Self::new(program, words.collect())),
            None => Err(Failure::new(
                Code::Editor,
                format!("{name}: this is no command; write it as a shell takes it"),
            )),
        }
    }

    fn new(program: String, arguments: Vec<String>) -> Self {
        let family = Family::of(OsStr::new(&program));
        Self { program: program.into(), arguments, family }
    }

    /// Lets the user edit a file, which is in `scratch`, until the editor ends.
    pub(crate) fn edit(&self, file: &Path, scratch: &Scratch, watch: &Watch) -> Result {
        let mut command = self.command(file, scratch)?;
        let program = self.program.display();
        let failed = |why: &str| {
            let message = format!("the editor {program} {why}; nothing was written");
            Failure::new(Code::Editor, message)
        };
        match watch.run(&mut command) {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(failed(&format!("ended with {status}"))),
            Err(error) => Err(failed(&format!("cannot be started: {}", reason(&error)))),
        }
    }

    fn command(&self, file: &Path, scratch: &Scratch) -> Result<Command> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        match self.family {
            Family::Vim => {
                command.args(VIM);
            }
            Family::Nano => {
                command.args(NANO);
            }
            Family::Emacs => {
                command.args(EMACS);
            }
            Family::Code => self.keep_in(scratch, &mut command)?,
            Family::Unknown => {}
        }
        if matches!(self.family, Family::Vim | Family::Nano) {
            // What is piped through a filter or a spell checker.
            for name in ["TMPDIR", "TMP", "TEMP"] {
                command.env(name, scratch.path());
            }
        }
        for name in bulla_core::SECRET_VARIABLES {
            command.env_remove(name);
        }
        command.arg(file);
        Ok(command)
    }

    /// VS Code copies what is not saved yet, and every version that was. So it gets a
    /// place of its own for all of that, and none of the extensions, which may send
    /// the text elsewhere. Without waiting it would return at once.
    fn keep_in(&self, scratch: &Scratch, command: &mut Command) -> Result {
        if !self.arguments.iter().any(|argument| matches!(argument.as_str(), "--wait" | "-w")) {
            command.arg("--wait");
        }
        let folder = scratch.folder(OsStr::new(CODE_FOLDER));
        let path = match folder {
            Ok(path) => path,
            // The second time it is there.
            Err(_) if scratch.path().join(CODE_FOLDER).is_dir() => scratch.path().join(CODE_FOLDER),
            Err(failure) => return Err(failure),
        };
        command.args(["--new-window", "--disable-extensions", "--user-data-dir"]).arg(path);
        Ok(())
    }
}

const CODE_FOLDER: &str = "code";

impl Family {
    /// By the program's name, or by that of the program which it is a link to: `vi`
    /// is often vim.
    fn of(program: &OsStr) -> Self {
        let by_name = |path: &Path| {
            let name = path.file_stem()?.to_str()?;
            let name = name.split('.').next().unwrap_or(name);
            Some(match name {
                "vim" | "nvim" | "vimx" | "gvim" | "mvim" => Self::Vim,
                "nano" => Self::Nano,
                "emacs" => Self::Emacs,
                "code" | "code-insiders" | "codium" | "vscodium" => Self::Code,
                _ if name.starts_with("emacs-") => Self::Emacs,
                _ => return None,
            })
        };
        let typed = by_name(Path::new(program));
        let resolved = || by_name(&on_path(program)?.canonicalize().ok()?);
        typed.or_else(resolved).unwrap_or(Self::Unknown)
    }
}

/// The file that a program's name stands for.
fn on_path(program: &OsStr) -> Option<PathBuf> {
    let is_program = |path: &PathBuf| {
        path.metadata()
            .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
    };
    if Path::new(program).components().count() > 1 {
        return Some(PathBuf::from(program)).filter(is_program);
    }
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(is_program)
}

/// Looks after signals while an editor runs.
pub(crate) fn watch(scratch: &Scratch) -> Result<Watch> {
    Watch::new(Worker::Editor, Some(scratch.path().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(editor: &str) -> Vec<String> {
        let scratch = Scratch::new().unwrap();
        let editor = Editor::parse("EDITOR", OsStr::new(editor)).unwrap();
        let command = editor.command(Path::new("/x/db.yaml"), &scratch).unwrap();
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        let words = words.map(|word| word.to_string_lossy().into_owned());
        let own = scratch.path().display().to_string();
        words.map(|word| word.replace(&own, "[SCRATCH]")).collect()
    }

    #[test]
    fn editors_are_told_to_keep_nothing_and_get_the_file_last() {
        let vim = arguments("/usr/bin/nvim -u 'my rc'");
        assert_eq!(vim[..3], ["/usr/bin/nvim", "-u", "my rc"]);
        assert!(vim.contains(&"-n".into()) && vim.contains(&"NONE".into()));
        assert_eq!(vim[vim.len() - 2..], ["--", "/x/db.yaml"]);
        assert_eq!(arguments("nano"), ["nano", "--ignorercfiles", "/x/db.yaml"]);
        assert_eq!(arguments("emacs -nw")[1..3], ["-nw", "--eval"]);
        let code = ["code", "--wait", "--new-window", "--disable-extensions"];
        let own = ["--user-data-dir", "[SCRATCH]/code", "/x/db.yaml"];
        assert_eq!(arguments("code"), [&code[..], &own].concat());
        assert_eq!(arguments("code --wait"), [&code[..], &own].concat());
        assert_eq!(arguments("ed -s"), ["ed", "-s", "/x/db.yaml"]);
    }

    #[test]
    fn a_variable_that_is_no_command_is_refused() {
        for text in [" ", "''", "vim 'open"] {
            let failure = Editor::parse("EDITOR", OsStr::new(text)).unwrap_err();
            assert_eq!(failure.code, Code::Editor, "{text}");
        }
    }
}
