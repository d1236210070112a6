//! The one folder in which a plaintext is put for another program: for its owner
//! alone, in memory where the system has such file systems, and gone afterwards.
//!
//! The folder is locked for as long as its process lives. The system takes the lock
//! away from a process that is killed, so that a later one knows what to remove.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};

use rustix::fs::{CWD, FileType, FlockOperation, Mode, OFlags, flock, mknodat, open};
use tempfile::Builder;

use crate::exit::Code;
use crate::failure::{Failure, Result, reason, say};
use crate::git;

/// What our folders begin with.
const PREFIX: &str = "bulla-plaintext-";

/// A cleaner may hold a folder for a moment, and take it for a dead one's.
const ATTEMPTS: usize = 16;

/// A folder for plaintext; removed with everything in it when dropped.
#[derive(Debug)]
pub(crate) struct Scratch {
    path: PathBuf,
    // Held until the folder is gone.
    _lock: File,
}

impl Scratch {
    /// A fresh folder of mode 0700, and none left of those that died.
    pub(crate) fn new() -> Result<Self> {
        let temporary = std::env::temp_dir();
        let in_memory: Vec<_> = places_in_memory().filter(|place| is_in_memory(place)).collect();
        for place in in_memory.iter().chain([&temporary]) {
            sweep(place);
        }
        if let Some(scratch) = in_memory.iter().find_map(|place| Self::below(place).ok()) {
            return Ok(scratch);
        }
        Self::on_disk(&temporary)
    }

    /// The nearest that a system has which keeps no files in memory, or lets us
    /// write none there.
    fn on_disk(place: &Path) -> Result<Self> {
        if git::is_in_repository(place) {
            let message = format!(
                "{}: this folder for temporary files is in a git repository, where no plaintext goes; set TMPDIR to another one",
                place.display()
            );
            return Err(Failure::new(Code::Unwritable, message));
        }
        let scratch = Self::below(place).map_err(|error| Failure::unwritable(place, &error))?;
        if !is_in_memory(place) {
            say(&format!(
                "bulla: warning: there is no file system in memory, so the plaintext goes to the disk for now, below {}",
                place.display()
            ));
        }
        Ok(scratch)
    }

    fn below(place: &Path) -> io::Result<Self> {
        for _ in 0..ATTEMPTS {
            let mut builder = Builder::new();
            builder.prefix(PREFIX).permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
            // From here on the value below removes it.
            let path = builder.tempdir_in(place)?.keep();
            let lock = open_folder(&path).and_then(|lock| {
                flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
                Ok(lock)
            });
            match lock {
                Ok(lock) if is_at(&lock, &path) => return Ok(Self { path, _lock: lock }),
                // A cleaner was there between the making and the locking.
                _ => fs::remove_dir(&path).unwrap_or_default(),
            }
        }
        Err(io::Error::other("a folder of our own cannot be locked there"))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file of mode 0600.
    pub(crate) fn write(&self, name: &OsStr, bytes: &[u8]) -> Result<PathBuf> {
        let path = self.inside(name)?;
        let mut options = File::options();
        options.write(true).create_new(true).mode(0o600);
        options
            .open(&path)
            .and_then(|mut file| file.write_all(bytes))
            .map_err(|error| Failure::unwritable(&path, &error))?;
        Ok(path)
    }

    /// Makes a FIFO of mode 0600.
    pub(crate) fn fifo(&self, name: &OsStr) -> Result<PathBuf> {
        let path = self.inside(name)?;
        mknodat(CWD, &path, FileType::Fifo, Mode::from_raw_mode(0o600), 0)
            .map_err(|error| Failure::unwritable(&path, &error.into()))?;
        Ok(path)
    }

    /// A folder for what a program wants to keep beside its file.
    pub(crate) fn folder(&self, name: &OsStr) -> Result<PathBuf> {
        let path = self.inside(name)?;
        fs::create_dir(&path).map_err(|error| Failure::unwritable(&path, &error))?;
        Ok(path)
    }

    fn inside(&self, name: &OsStr) -> Result<PathBuf> {
        let mut parts = Path::new(name).components();
        match (parts.next(), parts.next()) {
            (Some(Component::Normal(only)), None) if only == name => Ok(self.path.join(name)),
            _ => Err(Failure::other(format!(
                "{}: this is not the name of a file alone; leave out what is around it",
                name.display()
            ))),
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

/// Removes a folder with everything in it. What cannot be removed is said.
pub(crate) fn remove(path: &Path) {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            let (path, reason) = (path.display(), reason(&error));
            say(&format!("bulla: {path}: this holds plaintext and cannot be removed: {reason}"));
        }
        _ => {}
    }
}

/// Removes the folders of this user whose processes died without doing so.
fn sweep(place: &Path) {
    let Ok(entries) = fs::read_dir(place) else { return };
    let ours = rustix::process::geteuid().as_raw();
    for entry in entries.flatten() {
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let path = entry.path();
        // No link is followed: what is locked and looked at is the folder itself.
        let Ok(folder) = open_folder(&path) else { continue };
        if folder.metadata().is_ok_and(|metadata| metadata.uid() == ours)
            && flock(&folder, FlockOperation::NonBlockingLockExclusive).is_ok()
            && is_at(&folder, &path)
        {
            remove(&path);
        }
    }
}

fn open_folder(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(File::from(open(path, flags, Mode::empty())?))
}

/// Whether the open folder is still the one at this path.
fn is_at(folder: &File, path: &Path) -> bool {
    let (Ok(open), Ok(there)) = (folder.metadata(), fs::symlink_metadata(path)) else {
        return false;
    };
    (open.dev(), open.ino()) == (there.dev(), there.ino())
}

/// The folders that are in memory on the systems that have them: the user's own
/// before the one for all.
fn places_in_memory() -> impl Iterator<Item = PathBuf> {
    let own = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    own.filter(|path| path.is_absolute()).into_iter().chain([PathBuf::from("/dev/shm")])
}

/// Whether files in a folder are on no disk.
#[cfg(target_os = "linux")]
fn is_in_memory(folder: &Path) -> bool {
    const TMPFS: u32 = 0x0102_1994;
    const RAMFS: u32 = 0x8584_58f6;
    // The field's width and sign differ between architectures, its 32 bits do not.
    rustix::fs::statfs(folder).is_ok_and(|stat| [TMPFS, RAMFS].contains(&(stat.f_type as u32)))
}

#[cfg(not(target_os = "linux"))]
fn is_in_memory(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn the_folder_and_its_files_are_for_their_owner_alone_and_go_with_the_value() {
        let scratch = Scratch::new().unwrap();
        let path = scratch.path().to_owned();
        let file = scratch.write(OsStr::new("db.yaml"), b"x").unwrap();
        let fifo = scratch.fifo(OsStr::new("fifo")).unwrap();
        assert_eq!((mode(&path), mode(&file), mode(&fifo)), (0o700, 0o600, 0o600));
        assert!(fs::symlink_metadata(&fifo).unwrap().file_type().is_fifo());
        drop(scratch);
        assert!(!path.exists());
    }

    #[test]
    fn a_name_cannot_lead_out() {
        let scratch = Scratch::new().unwrap();
        for name in ["../x", "a/b", "/x", "..", ".", "", "a/"] {
            assert!(scratch.write(OsStr::new(name), b"x").is_err(), "{name}");
        }
    }

    #[test]
    fn only_the_folders_of_the_dead_are_swept() {
        let place = tempfile::tempdir().unwrap();
        let living = Scratch::below(place.path()).unwrap();
        living.write(OsStr::new("a"), b"x").unwrap();
        let dead = place.path().join(format!("{PREFIX}dead"));
        fs::create_dir(&dead).unwrap();
        fs::write(dead.join("a"), "x").unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        fs::write(elsewhere.path().join("a"), "x").unwrap();
        let link = place.path().join(format!("{PREFIX}link"));
        symlink(elsewhere.path(), &link).unwrap();
        let foreign = place.path().join("other");
        fs::create_dir(&foreign).unwrap();
        sweep(place.path());
        assert!(living.path().join("a").exists() && foreign.exists() && !dead.exists());
        assert!(elsewhere.path().join("a").exists());
    }
}
