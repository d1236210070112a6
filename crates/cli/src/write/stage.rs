//! Files that are prepared beside the one they will replace.
//!
//! Such a file is locked for as long as its process lives. The system takes the lock away
//! from a process that is killed, so that a later one knows what to remove.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::io::{self, Seek};
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rustix::fs::{Mode, OFlags, open};
use tempfile::{Builder, TempPath};

/// What the names of our files begin with, and how many characters follow.
const PREFIX: &str = ".bulla-";
const RANDOM: usize = 6;

/// A complete file, on the disk, under a name that goes with the value.
#[derive(Debug)]
pub(super) struct Staged {
    path: TempPath,
    // Locked until it has its place.
    _file: File,
}

impl Staged {
    /// Puts it in the place of what is there.
    pub(super) fn persist(self, target: &Path) -> io::Result<()> {
        Ok(self.path.persist(target)?)
    }

    /// Puts it where nothing is.
    pub(super) fn persist_new(self, target: &Path) -> io::Result<()> {
        Ok(self.path.persist_noclobber(target)?)
    }
}

/// Prepares a file in this directory, and removes those of the dead.
///
/// `fill` writes to it once: what it writes may come from where it is read once.
pub(super) fn stage<E: From<io::Error>>(
    directory: &Path,
    mode: u32,
    fill: impl FnOnce(&mut File) -> Result<(), E>,
) -> Result<Staged, E> {
    sweep_once(directory);
    let mut builder = Builder::new();
    builder.prefix(PREFIX).rand_bytes(RANDOM);
    let Some(mut unnamed) = unnamed(directory, mode) else {
        return named(directory, mode, &mut builder, fill);
    };
    lock(&unnamed);
    fill(&mut unnamed)?;
    unnamed.sync_all()?;
    if let Some(path) = name(&unnamed, directory, &builder) {
        return Ok(Staged { path, _file: unnamed });
    }
    copied(&mut unnamed, directory, mode, &mut builder)
}

/// Prepares a copy of a file that cannot be given a name.
fn copied<E: From<io::Error>>(
    unnamed: &mut File,
    directory: &Path,
    mode: u32,
    builder: &mut Builder<'_, '_>,
) -> Result<Staged, E> {
    named(directory, mode, builder, |file| {
        unnamed.rewind()?;
        io::copy(unnamed, file)?;
        // Owner and mode are part of what was filled.
        let filled = unnamed.metadata()?;
        let _ = fchown(&*file, Some(filled.uid()), Some(filled.gid()));
        Ok(file.set_permissions(filled.permissions())?)
    })
}

/// Prepares a file that has a name from the beginning.
fn named<E: From<io::Error>>(
    directory: &Path,
    mode: u32,
    builder: &mut Builder<'_, '_>,
    fill: impl FnOnce(&mut File) -> Result<(), E>,
) -> Result<Staged, E> {
    let named = builder.permissions(Permissions::from_mode(mode)).tempfile_in(directory)?;
    let (mut file, path) = named.into_parts();
    lock(&file);
    fill(&mut file)?;
    file.sync_all()?;
    Ok(Staged { path, _file: file })
}

/// A file that has no name before it is complete, so that a process which is killed
/// leaves no part of a plaintext. `None` where that cannot be had.
#[cfg(target_os = "linux")]
fn unnamed(directory: &Path, mode: u32) -> Option<File> {
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    open(directory, flags, Mode::from_raw_mode(mode)).ok().map(File::from)
}

#[cfg(not(target_os = "linux"))]
fn unnamed(_: &Path, _: u32) -> Option<File> {
    None
}

/// Gives such a file a name. `None` where that cannot be done: without /proc there is no
/// way from a descriptor to a name.
#[cfg(target_os = "linux")]
fn name(file: &File, directory: &Path, builder: &Builder<'_, '_>) -> Option<TempPath> {
    use rustix::fs::{AtFlags, CWD, linkat};
    use std::os::fd::AsRawFd;

    let unnamed = format!("/proc/self/fd/{}", file.as_raw_fd());
    let link = |name: &Path| {
        linkat(CWD, &unnamed, CWD, name, AtFlags::SYMLINK_FOLLOW).map_err(io::Error::from)
    };
    builder.make_in(directory, link).ok().map(|named| named.into_temp_path())
}

#[cfg(not(target_os = "linux"))]
fn name(_: &File, _: &Path, _: &Builder<'_, '_>) -> Option<TempPath> {
    None
}

/// Where nothing can be locked nothing is taken for dead either: see [`is_dead`].
fn lock(file: &File) {
    let _ = file.try_lock();
}

/// Removes what the dead have left in a directory. Once for each: a run over many files
/// of one directory would list it as often as it has files.
fn sweep_once(directory: &Path) {
    static SWEPT: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    let mut swept = SWEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if swept.insert(directory.to_owned()) {
        sweep(directory);
    }
}

fn sweep(directory: &Path) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten().filter(|entry| is_ours(&entry.file_name())) {
        if is_dead(&entry.path()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether a name is one of those that are given here.
fn is_ours(name: &OsStr) -> bool {
    let random = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
    random.is_some_and(|random| {
        random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// Whether this is a file of this user that nobody holds.
fn is_dead(path: &Path) -> bool {
    // Neither through a link, nor waiting for what is no file.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let Ok(file) = open(path, flags, Mode::empty()).map(File::from) else { return false };
    let ours = rustix::process::geteuid().as_raw();
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.uid() == ours)
        && file.try_lock().is_ok()
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_file_without_a_name_is_staged_under_one() {
        let dir = tempfile::tempdir().unwrap();
        // File systems without such files take the other way.
        if let Some(mut file) = unnamed(dir.path(), 0o600) {
            file.write_all(b"x").unwrap();
            let path = name(&file, dir.path(), &Builder::new()).unwrap();
            assert_eq!(fs::read(path).unwrap(), b"x");
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_cannot_be_given_a_name_is_copied_to_one_with_its_mode() {
        let dir = tempfile::tempdir().unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"all of it").unwrap();
        file.set_permissions(Permissions::from_mode(0o640)).unwrap();
        let mut builder = Builder::new();
        let builder = builder.prefix(PREFIX).rand_bytes(RANDOM);
        let staged = copied::<io::Error>(&mut file, dir.path(), 0o600, builder).unwrap();
        assert_eq!(fs::read(&staged.path).unwrap(), b"all of it");
        assert_eq!(fs::metadata(&staged.path).unwrap().mode() & 0o777, 0o640);
        let target = dir.path().join("target");
        staged.persist(&target).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn only_what_the_dead_have_left_is_swept() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let living = stage(dir.path(), 0o600, |file| file.write_all(b"x")).unwrap();
        let kept = [".bulla-short", ".bulla-longer7", ".bulla-a.yaml", "bulla-abcdef"];
        for name in kept.iter().chain(&[".bulla-abc123"]) {
            fs::write(at(name), "x").unwrap();
        }
        fs::create_dir(at(".bulla-folder")).unwrap();
        symlink(at("bulla-abcdef"), at(".bulla-linked")).unwrap();
        sweep(dir.path());
        assert!(living.path.exists());
        assert!(!at(".bulla-abc123").exists());
        for name in kept.iter().chain(&[".bulla-folder", ".bulla-linked"]) {
            assert!(at(name).symlink_metadata().is_ok(), "{name}");
        }
    }
}
