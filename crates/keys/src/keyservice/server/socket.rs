//! Where a key service listens.

use std::fmt;
use std::fs::{self, Permissions};
use std::io::{self, ErrorKind};
use std::net::TcpListener;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// A place where connections are taken; it is given up when this is dropped.
pub struct Listening {
    pub(super) listener: Listener,
    place: Place,
}

pub(super) enum Listener {
    Unix(UnixListener),
    Tcp(TcpListener),
}

enum Place {
    Unix(PathBuf),
    Tcp(String),
}

impl Listening {
    /// A socket at `path` that only its owner can connect to, in the place of one that
    /// nobody serves any more.
    ///
    /// # Errors
    ///
    /// When something else is there, or somebody is listening already.
    pub fn unix(path: &Path) -> io::Result<Self> {
        refuse_taken(path)?;
        // A socket is made for everybody, so it is made where nobody else gets, and
        // moved when its mode is right.
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        let private = tempfile::Builder::new().prefix(".").tempdir_in(parent)?;
        let made = private.path().join("s");
        let listener = UnixListener::bind(&made)?;
        fs::set_permissions(&made, Permissions::from_mode(0o600))?;
        fs::rename(&made, path)?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener: Listener::Unix(listener), place: Place::Unix(path.to_owned()) })
    }

    /// A port, `HOST:PORT`; 0 is any that is free.
    ///
    /// # Errors
    ///
    /// When it is taken, or not of this machine.
    pub fn tcp(address: &str) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let place = Place::Tcp(listener.local_addr()?.to_string());
        Ok(Self { listener: Listener::Tcp(listener), place })
    }

    /// Whether other machines can connect.
    pub fn is_reachable(&self) -> bool {
        match &self.listener {
            Listener::Unix(_) => false,
            Listener::Tcp(listener) => {
                !listener.local_addr().is_ok_and(|address| address.ip().is_loopback())
            }
        }
    }
}

impl fmt::Display for Listening {
    /// Without a scheme: the one of TCP depends on whether there is TLS.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Unix(path) => path.display().fmt(f),
            Place::Tcp(address) => f.write_str(address),
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Place::Unix(path) = &self.place {
            // It may be gone already.
            let _ = fs::remove_file(path);
        }
    }
}

/// A server that was killed leaves its socket behind, which may be replaced.
fn refuse_taken(path: &Path) -> io::Result<()> {
    let kind = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata.file_type(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if !kind.is_socket() {
        return Err(io::Error::new(ErrorKind::AlreadyExists, "something else is there"));
    }
    match UnixStream::connect(path) {
        Ok(_) => Err(io::Error::new(ErrorKind::AddrInUse, "somebody is listening there")),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_for_its_owner_and_goes_with_its_server() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        let listening = Listening::unix(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(Listening::unix(&path).err().unwrap().kind(), ErrorKind::AddrInUse);
        drop(listening);
        assert!(!path.exists());
    }

    #[test]
    fn what_was_left_behind_is_replaced_and_other_files_are_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        drop(UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        drop(Listening::unix(&path).unwrap());

        fs::write(&path, "mine").unwrap();
        assert_eq!(Listening::unix(&path).err().unwrap().kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"mine");
    }

    #[test]
    fn only_loopback_is_out_of_reach() {
        assert!(!Listening::tcp("127.0.0.1:0").unwrap().is_reachable());
        assert!(Listening::tcp("0.0.0.0:0").unwrap().is_reachable());
    }
}
