//! What can come of installing a peer.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What became of one peer; its text is the line that `cargo xtask peers` prints.
#[derive(Debug)]
pub struct Outcome {
    /// The name, with the version where one is pinned.
    pub name: String,
    /// What was done.
    pub status: Status,
}

/// How a peer was come by.
#[derive(Debug)]
#[non_exhaustive]
pub enum Status {
    /// It was there already.
    Present(PathBuf),
    /// It was downloaded, checked and unpacked.
    Installed(PathBuf),
    /// This machine cannot install it, but has a program of that name.
    OnPath(PathBuf),
    /// It is not to be had, and tests that want it will look for another version.
    Skipped(InstallError),
    /// It is not to be had, and tests need it.
    Failed(InstallError),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match &self.status {
            Status::Present(path) => write!(f, "{name:<23} present    {}", path.display()),
            Status::Installed(path) => write!(f, "{name:<23} installed  {}", path.display()),
            Status::OnPath(path) => write!(f, "{name:<23} on PATH    {}", path.display()),
            Status::Skipped(reason) => write!(f, "{name:<23} skipped    {reason}"),
            Status::Failed(reason) => write!(f, "{name:<23} FAILED     {reason}"),
        }
    }
}

/// Why a peer could not be installed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InstallError {
    /// The directory of the peers cannot be read or written.
    #[error("cannot {action} {path}: {source}; is the directory writable and the disk not full?")]
    File {
        /// What was tried.
        action: &'static str,
        /// On which file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The machine lacks the registry's client.
    #[error("{client} is not on this machine: install it (Debian: apt-get install {package})")]
    NoClient {
        /// The program that is missing.
        client: &'static str,
        /// The Debian package that brings it.
        package: &'static str,
    },
    /// The machine knows no Debian mirror.
    #[error("apt knows no Debian archive here: add one to its sources, or put the program on PATH")]
    NoMirror,
    /// There is no build for this machine.
    #[error("there is no build for this platform: put the program on PATH")]
    Platform,
    /// A client ran and failed.
    #[error("{command} failed: {complaint}; is the network up, and is this version still there?")]
    Client {
        /// The command line.
        command: String,
        /// The last that it wrote to standard error.
        complaint: String,
    },
    /// The archive is not the one that was pinned.
    #[error(
        "the archive has SHA-256 {found}, but the table pins {pinned}; do not use it: find out \
         what changed, then change the pin"
    )]
    Digest {
        /// The digest of what was downloaded.
        found: String,
        /// The digest in the table.
        pinned: &'static str,
    },
    /// The archive is the right one, but the table is wrong about what is in it.
    #[error("the archive has no {path}: correct the peer's entries in the table")]
    Entry {
        /// The path that was expected.
        path: &'static str,
    },
    /// At least one peer that tests cannot do without is missing.
    #[error("missing: {names}; see the lines above, put it right and run cargo xtask peers again")]
    Missing {
        /// The peers, with commas between them.
        names: String,
    },
}

impl InstallError {
    /// An error of the file system while doing `action` to `path`.
    pub(super) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File { action, path: path.to_path_buf(), source }
    }

    /// Whether a program of the same name from `PATH` may stand in. Never for an archive that is
    /// not what it should be.
    pub(super) fn allows_path(&self) -> bool {
        matches!(self, Self::NoClient { .. } | Self::NoMirror | Self::Platform)
    }
}
