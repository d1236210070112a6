//! Writing results: all of a file, or nothing of it.
//!
//! A file is prepared beside its target, brought to the disk, and moved over it: a
//! process that is killed leaves the old file or the new one. What else it leaves is
//! removed by the next one that writes there.

use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

mod gather;
mod stage;

use crate::failure::{Failure, Result};
use gather::Gathered;
use stage::stage;

/// Links upon links, as in the kernel.
const LINKS: usize = 40;

/// What standard output is called where a file is expected. Opening the second by
/// its name may be forbidden, though the descriptor is open.
const STDOUT: [&str; 2] = ["-", "/dev/stdout"];

/// Where a result goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Output<'a> {
    /// Standard output.
    Stdout,
    /// A file, new or not.
    File(&'a Path),
}

/// Takes a text part by part.
pub(crate) type Sink<'s> = dyn FnMut(&str) -> io::Result<()> + 's;

/// What a file holds, which decides who may read it when it is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Its owner alone.
    Plaintext,
    /// Whoever the umask lets.
    Sealed,
}

impl<'a> Output<'a> {
    /// What `--output` and `--in-place` mean together.
    pub(crate) fn new(output: Option<&'a Path>, in_place: Option<&'a Path>) -> Self {
        match output.or(in_place) {
            Some(path) if !STDOUT.iter().any(|name| path == Path::new(name)) => Self::File(path),
            _ => Self::Stdout,
        }
    }

    /// What it is called in messages.
    pub(crate) fn path(self) -> &'a Path {
        match self {
            Self::Stdout => Path::new("stdout"),
            Self::File(path) => path,
        }
    }

    /// Writes the whole result. A file that is replaced keeps mode and owner, and
    /// links to it stay links.
    pub(crate) fn write(self, bytes: &[u8], content: Content) -> Result {
        match self {
            Self::Stdout => stdout(bytes),
            Self::File(path) => {
                replace(path, bytes, content).map_err(|error| Failure::unwritable(path, &error))
            }
        }
    }

    /// Writes a sealed text that `make` hands over part by part, of about `length` bytes.
    /// What cannot be taken back is written when all of it is there.
    pub(crate) fn write_parts<E: From<io::Error> + From<Failure>>(
        self,
        length: usize,
        make: impl FnOnce(&mut Sink<'_>) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        match self {
            Self::File(path) if !is_special(path) => {
                put(path, Content::Sealed, |file| make(&mut |part| file.write_all(part.as_bytes())))
            }
            _ => {
                let mut text = Gathered::new(length)?;
                make(&mut |part| text.push(part.as_bytes()))?;
                Ok(self.write(&text, Content::Sealed)?)
            }
        }
    }
}

/// Keeps other processes of ours from changing the files of a directory, until it is
/// dropped. A file itself cannot be locked: it is replaced, not written to.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "held until it is dropped")] Option<File>);

impl Lock {
    /// Waits for the lock of the directory that holds a file. Where there is none to
    /// be had, as on some network file systems, nobody waits.
    pub(crate) fn of(path: &Path) -> Self {
        let target = target(path).unwrap_or_else(|_| path.to_owned());
        let locked = File::open(directory(&target)).and_then(|opened| {
            opened.lock()?;
            Ok(opened)
        });
        Self(locked.ok())
    }
}

/// Writes to standard output, whose reader may have gone: that is its right.
pub(crate) fn stdout(bytes: &[u8]) -> Result {
    // Not `io::stdout()`: its buffer is never wiped.
    let stdout = io::stdout().as_fd().try_clone_to_owned().map(File::from);
    match stdout.and_then(|mut stdout| stdout.write_all(bytes)) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::unwritable(Path::new("stdout"), &error))
        }
        _ => Ok(()),
    }
}

/// Writes a file that is not there yet. What is there is left alone.
pub(crate) fn create(path: &Path, bytes: &[u8], content: Content) -> Result {
    let staged = stage(directory(path), mode_of_new(content), |file| file.write_all(bytes));
    staged
        .and_then(|staged| staged.persist_new(path))
        .map_err(|error| Failure::unwritable(path, &error))?;
    sync_directory(path);
    Ok(())
}

/// The file that writing to a path would change: links are followed.
pub(crate) fn target(path: &Path) -> io::Result<PathBuf> {
    let mut target = path.to_owned();
    for _ in 0..LINKS {
        match fs::read_link(&target) {
            Ok(link) => target = directory(&target).join(link),
            Err(_) => return Ok(target),
        }
    }
    Err(io::Error::other("too many links"))
}

/// Whether this is a pipe, a terminal, `/dev/null`: something to write into.
pub(crate) fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

fn replace(path: &Path, bytes: &[u8], content: Content) -> io::Result<()> {
    if is_special(path) {
        return File::options().write(true).open(path)?.write_all(bytes);
    }
    let old = fs::metadata(path).ok().filter(|old| old.len() == bytes.len() as u64);
    // A file that is sealed again and did not change keeps its time as well.
    if old.is_some_and(|old| old.is_file()) && fs::read(path)? == bytes {
        return Ok(());
    }
    put(path, content, |file| file.write_all(bytes))
}

/// Puts a file that `fill` writes in the place of what is there.
fn put<E: From<io::Error>>(
    path: &Path,
    content: Content,
    fill: impl FnOnce(&mut File) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    let target = target(path)?;
    let directory = directory(&target);
    let staged = match fs::metadata(&target) {
        Ok(old) if old.is_dir() => return Err(io::Error::from(io::ErrorKind::IsADirectory).into()),
        // Moving a file over another asks nobody whether that may be written.
        Ok(_) if File::options().write(true).open(&target).is_err() => {
            return Err(io::Error::from(io::ErrorKind::PermissionDenied).into());
        }
        Ok(old) => stage(directory, 0o600, |file| {
            fill(file)?;
            Ok::<_, E>(keep_access(file, &old, content)?)
        })?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            stage(directory, mode_of_new(content), fill)?
        }
        Err(error) => return Err(error.into()),
    };
    staged.persist(&target)?;
    sync_directory(&target);
    Ok(())
}

fn mode_of_new(content: Content) -> u32 {
    match content {
        Content::Plaintext => 0o600,
        Content::Sealed => 0o666,
    }
}

/// Gives the new file the owner and the mode of the old one.
fn keep_access(file: &File, old: &Metadata, content: Content) -> io::Result<()> {
    let new = file.metadata()?;
    let (owner, group) = (new.uid() != old.uid(), new.gid() != old.gid());
    let kept = fchown(file, owner.then(|| old.uid()), group.then(|| old.gid())).is_ok();
    // What the old group might read is not for another one.
    let mode = if kept || content == Content::Sealed { 0o7777 } else { 0o700 };
    file.set_permissions(fs::Permissions::from_mode(old.mode() & mode))
}

/// Brings the new name to the disk. The file is complete either way.
fn sync_directory(path: &Path) {
    if let Ok(directory) = File::open(directory(path)) {
        let _ = directory.sync_all();
    }
}

/// The directory of a path; `x.yaml` is in `.`.
pub(crate) fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o7777
    }

    #[test]
    fn a_new_plaintext_is_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let (plain, sealed) = (dir.path().join("plain"), dir.path().join("sealed"));
        replace(&plain, b"x", Content::Plaintext).unwrap();
        replace(&sealed, b"x", Content::Sealed).unwrap();
        assert_eq!(mode(&plain), 0o600);
        assert_eq!(mode(&sealed) & 0o600, 0o600);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_file_that_is_replaced_keeps_its_mode_and_a_link_stays_one() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("file"), dir.path().join("link"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("file", &link).unwrap();
        replace(&link, b"new", Content::Plaintext).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(mode(&file), 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[test]
    fn links_in_a_circle_end_in_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let link = dir.path().join("link");
        symlink("link", &link).unwrap();
        assert!(replace(&link, b"new", Content::Sealed).is_err());
    }

    #[test]
    fn creating_leaves_what_is_there_alone() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        create(&file, b"first", Content::Plaintext).unwrap();
        assert!(create(&file, b"second", Content::Plaintext).is_err());
        assert_eq!(fs::read(&file).unwrap(), b"first");
        assert_eq!(mode(&file), 0o600);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
