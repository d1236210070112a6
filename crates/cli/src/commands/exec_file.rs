//! `bulla exec-file`

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;

use memchr::memmem;
use zeroize::Zeroizing;

use crate::args::Global;
use crate::commands::exec_env::{ExecFlags, not_started, shell, start, warn_of_background};
use crate::failure::{Failure, Result, reason, say};
use crate::scratch::Scratch;
use crate::signals::{Watch, Worker, exit_code};

/// What stands for the plaintext's file in the command.
const PLACEHOLDER: &[u8] = b"{}";

/// The file's name when none is given, as in sops.
const NAME: &str = "tmp-file";

/// Run a command with a sealed file's plaintext as a file
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// What to open
    file: PathBuf,
    /// What /bin/sh is to run; {} is the plaintext's file
    command: OsString,
    /// Make a file that can be read more than once, and not a FIFO
    #[arg(long)]
    no_fifo: bool,
    /// Name of the plaintext's file
    #[arg(long, value_name = "NAME")]
    filename: Option<OsString>,
    /// Give the command no variables
    #[arg(long)]
    pristine: bool,
    #[command(flatten)]
    exec: ExecFlags,
}

pub(crate) fn run(args: &Args, global: &Global) -> Result<ExitCode> {
    if args.exec.background {
        warn_of_background("exec-file");
    }
    let (plain, _) = args.exec.plaintext(&args.file, global)?;
    let target = args.exec.target()?;
    if let Some(target) = &target {
        target.switch()?;
    }
    let command = |path: &Path| {
        let mut command = shell(&fill_in(&args.command, path));
        if args.pristine {
            command.env_clear();
        }
        if let Some(target) = &target {
            target.tell(&mut command);
        }
        command
    };
    if args.exec.background {
        let (_file, path) = in_memory(&plain)?;
        return start(&mut command(&path));
    }
    let scratch = Scratch::new()?;
    let watch = Watch::new(Worker::Command, Some(scratch.path().to_owned()))?;
    let name = args.filename.as_deref().unwrap_or(OsStr::new(NAME));
    let path = if args.no_fifo {
        scratch.write(name, &plain)?
    } else {
        let fifo = scratch.fifo(name)?;
        feed(fifo.clone(), plain);
        fifo
    };
    let status = watch.run(&mut command(&path)).map_err(|error| not_started(&error))?;
    Ok(ExitCode::from(exit_code(status)))
}

/// Feeds whoever opens the FIFO first, as sops does. If nobody does, this waits as
/// long as the process lives, and nobody waits for it.
fn feed(fifo: PathBuf, plain: Zeroizing<Vec<u8>>) {
    thread::spawn(move || {
        let fed = File::options().write(true).open(&fifo).and_then(|mut to| to.write_all(&plain));
        match fed {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                say(&format!("bulla: warning: {}: {}", fifo.display(), reason(&error)));
            }
            // To stop reading is the reader's right.
            _ => {}
        }
    });
}

/// The command with the file's path in the place of every `{}`.
fn fill_in(command: &OsStr, path: &Path) -> OsString {
    let (command, path) = (command.as_bytes(), path.as_os_str().as_bytes());
    let mut filled = Vec::with_capacity(command.len() + path.len());
    let mut rest = 0;
    for at in memmem::find_iter(command, PLACEHOLDER) {
        filled.extend_from_slice(&command[rest..at]);
        filled.extend_from_slice(path);
        rest = at + PLACEHOLDER.len();
    }
    filled.extend_from_slice(&command[rest..]);
    OsString::from_vec(filled)
}

/// A file in memory that the command inherits, and that is gone when the command
/// is: nobody stays behind to remove anything. sops removes the file at once, most
/// often before it is read.
#[cfg(target_os = "linux")]
fn in_memory(plain: &[u8]) -> Result<(File, PathBuf)> {
    use rustix::fs::{MemfdFlags, memfd_create};
    use std::os::fd::AsRawFd;

    let path = |file: &File| PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
    let make = || {
        // Not closed when the command is started.
        let mut file = File::from(memfd_create(NAME, MemfdFlags::empty())?);
        file.write_all(plain)?;
        Ok(file)
    };
    let file = make().map_err(|error| Failure::unwritable(Path::new(NAME), &error))?;
    let path = path(&file);
    Ok((file, path))
}

#[cfg(not(target_os = "linux"))]
fn in_memory(_: &[u8]) -> Result<(File, PathBuf)> {
    let message = "exec-file --background: the plaintext would be gone before the command reads it; let the shell do it with &";
    Err(Failure::new(crate::exit::Code::Conflict, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_placeholder_is_filled_in() {
        let filled = |command| fill_in(OsStr::new(command), Path::new("/x y"));
        assert_eq!(filled("cat {} <{}"), "cat /x y </x y");
        assert_eq!(filled("{}{"), "/x y{");
        assert_eq!(filled("true"), "true");
    }
}
