//! Brings the peers of the table into a directory, once.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::outcome::{InstallError, Outcome, Status};
use super::registry;
use super::table::{PEERS, Peer, Platform, SYSTEM};
use super::{MARKER, ON_PATH, find_on_path, home, is_installed};

/// What unfinished work is called; nothing looks inside, and the next run sweeps it away.
const STAGING: &str = ".staging-";

/// Installs every peer of the table into `dir` and calls `report` for each, as it goes.
///
/// What is there already is left alone, without asking any registry. Two runs at once take turns.
///
/// # Errors
///
/// When a peer that tests need is missing at the end, or an archive had the wrong digest. The other
/// peers are installed all the same.
pub fn install(dir: &Path, mut report: impl FnMut(&Outcome)) -> Result<(), InstallError> {
    fs::create_dir_all(dir).map_err(InstallError::file("make", dir))?;
    let _lock = lock(dir)?;
    sweep(dir)?;

    let mut missing = Vec::new();
    let pinned = PEERS.iter().map(|peer| Outcome {
        name: format!("{} {}", peer.name, peer.version),
        status: provide(peer, dir),
    });
    let system = SYSTEM.iter().map(|program| Outcome {
        name: program.name.to_owned(),
        status: match find_on_path(program.name) {
            Some(path) => Status::OnPath(path),
            None => Status::Failed(InstallError::NoClient {
                client: program.name,
                package: program.package,
            }),
        },
    });
    for outcome in pinned.chain(system) {
        report(&outcome);
        if let Status::Failed(_) = outcome.status {
            missing.push(outcome.name);
        }
    }
    if missing.is_empty() {
        Ok(())
    } else {
        Err(InstallError::Missing { names: missing.join(", ") })
    }
}

fn provide(peer: &Peer, dir: &Path) -> Status {
    if is_installed(peer, dir) {
        return Status::Present(home(peer, dir));
    }
    let fetched = if runs_here(peer.platform) {
        install_one(peer, dir, |into| registry::fetch(&peer.source, into))
    } else {
        Err(InstallError::Platform)
    };
    match fetched {
        Ok(()) => Status::Installed(home(peer, dir)),
        Err(error) if error.allows_path() => match note_from_path(peer, dir) {
            Ok(Some(path)) => Status::OnPath(path),
            Ok(None) if peer.optional => Status::Skipped(error),
            Ok(None) => Status::Failed(error),
            Err(error) => Status::Failed(error),
        },
        Err(error @ InstallError::Client { .. }) if peer.optional => Status::Skipped(error),
        Err(error) => Status::Failed(error),
    }
}

fn runs_here(platform: Platform) -> bool {
    match platform {
        Platform::Any => true,
        Platform::LinuxX64 => cfg!(all(target_os = "linux", target_arch = "x86_64")),
    }
}

/// Fetches, checks and unpacks one peer. It appears under its name in one step, whole, or not at
/// all.
fn install_one(
    peer: &Peer,
    dir: &Path,
    fetch: impl FnOnce(&Path) -> Result<PathBuf, InstallError>,
) -> Result<(), InstallError> {
    let download = staging(dir)?;
    let archive = fetch(download.path())?;
    check_digest(&archive, peer.sha256)?;

    let unpacked = staging(dir)?;
    registry::unpack(&peer.source, &archive, unpacked.path())?;
    for (_, path) in peer.entries {
        let entry = unpacked.path().join(path);
        let is_program = fs::metadata(&entry).map_err(|_| InstallError::Entry { path })?.is_file();
        if is_program {
            // Wheels are zip files, which lose the mode.
            make_executable(&entry).map_err(InstallError::file("make executable", &entry))?;
        }
    }
    let marker = unpacked.path().join(MARKER);
    fs::write(&marker, peer.sha256).map_err(InstallError::file("write", &marker))?;

    let home = home(peer, dir);
    if home.exists() {
        // An older pin of the same version: the lock is ours, and its marker says that nobody may
        // use it.
        fs::remove_dir_all(&home).map_err(InstallError::file("remove", &home))?;
    }
    fs::rename(unpacked.path(), &home).map_err(InstallError::file("make", &home))
}

fn check_digest(archive: &Path, pinned: &'static str) -> Result<(), InstallError> {
    let bytes = fs::read(archive).map_err(InstallError::file("read", archive))?;
    let found = hex::encode(Sha256::digest(&bytes));
    if found == pinned { Ok(()) } else { Err(InstallError::Digest { found, pinned }) }
}

/// Leaves a note about every program of the peer that `PATH` has; `None` when it has not all of
/// them.
fn note_from_path(peer: &Peer, dir: &Path) -> Result<Option<PathBuf>, InstallError> {
    let notes = dir.join(ON_PATH);
    fs::create_dir_all(&notes).map_err(InstallError::file("make", &notes))?;
    let mut first = None;
    for (name, _) in peer.entries {
        let Some(path) = find_on_path(name) else {
            return Ok(None);
        };
        let note = notes.join(name);
        fs::write(&note, path.to_string_lossy().as_bytes())
            .map_err(InstallError::file("write", &note))?;
        first.get_or_insert(path);
    }
    Ok(first)
}

fn lock(dir: &Path) -> Result<File, InstallError> {
    let path = dir.join(".lock");
    let file = File::create(&path).map_err(InstallError::file("make", &path))?;
    file.lock().map_err(InstallError::file("lock", &path))?;
    Ok(file)
}

/// Removes what a run that was killed left behind. Only the holder of the lock may.
fn sweep(dir: &Path) -> Result<(), InstallError> {
    for entry in fs::read_dir(dir).map_err(InstallError::file("read", dir))?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(STAGING) {
            fs::remove_dir_all(entry.path())
                .map_err(InstallError::file("remove", &entry.path()))?;
        }
    }
    Ok(())
}

fn staging(dir: &Path) -> Result<TempDir, InstallError> {
    TempDir::with_prefix_in(STAGING, dir).map_err(InstallError::file("make a directory in", dir))
}

#[cfg(unix)]
fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::peers::table::Source;

    fn peer(sha256: &'static str) -> Peer {
        Peer {
            name: "tool",
            version: "1.0.0",
            source: Source::Npm { package: "tool", version: "1.0.0" },
            sha256,
            platform: Platform::Any,
            entries: &[("tool", "package/bin/tool")],
            optional: false,
        }
    }

    /// A package as `npm pack` would leave it, and its digest.
    fn package(into: &Path) -> (PathBuf, &'static str) {
        let bin = into.join("package/bin");
        fs::create_dir_all(&bin).expect("the package's directory");
        fs::write(bin.join("tool"), "pretend").expect("the package's program");
        let tar =
            Command::new("tar").args(["-czf", "tool.tgz", "package"]).current_dir(into).status();
        assert!(tar.expect("tar runs").success());
        let archive = into.join("tool.tgz");
        let digest = hex::encode(Sha256::digest(fs::read(&archive).expect("the archive")));
        (archive, digest.leak())
    }

    fn names(dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(dir).expect("the directory of the peers");
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn the_pinned_archive_is_unpacked_and_marked() {
        let (dir, from) = (staging_root(), staging_root());
        let (archive, digest) = package(from.path());
        let peer = peer(digest);
        install_one(&peer, dir.path(), |_| Ok(archive)).expect("it installs");
        assert!(is_installed(&peer, dir.path()));
        assert_eq!(names(dir.path()), ["tool-1.0.0"]);
        let program = home(&peer, dir.path()).join("package/bin/tool");
        assert_eq!(fs::read_to_string(program).expect("the program"), "pretend");
    }

    #[test]
    fn another_archive_is_refused_and_leaves_nothing() {
        let (dir, from) = (staging_root(), staging_root());
        let (archive, _) = package(from.path());
        let peer = peer("0000000000000000000000000000000000000000000000000000000000000000");
        let error =
            install_one(&peer, dir.path(), |_| Ok(archive)).expect_err("the digest is wrong");
        assert!(matches!(error, InstallError::Digest { .. }), "{error}");
        assert!(error.to_string().contains("do not use it"));
        assert!(!error.allows_path());
        assert_eq!(names(dir.path()), Vec::<String>::new());
    }

    #[test]
    fn a_wrong_entry_is_refused_and_leaves_nothing() {
        let (dir, from) = (staging_root(), staging_root());
        let (archive, digest) = package(from.path());
        let peer = Peer { entries: &[("tool", "elsewhere/tool")], ..peer(digest) };
        let error =
            install_one(&peer, dir.path(), |_| Ok(archive)).expect_err("the entry is wrong");
        assert!(matches!(error, InstallError::Entry { path: "elsewhere/tool" }), "{error}");
        assert_eq!(names(dir.path()), Vec::<String>::new());
    }

    #[test]
    fn what_a_killed_run_left_is_swept_away() {
        let dir = staging_root();
        fs::create_dir(dir.path().join(".staging-killed")).expect("a left-over");
        fs::create_dir(dir.path().join("sops-3.13.1")).expect("a peer");
        sweep(dir.path()).expect("it sweeps");
        assert_eq!(names(dir.path()), ["sops-3.13.1"]);
    }

    fn staging_root() -> TempDir {
        tempfile::tempdir().expect("a temporary directory")
    }
}
