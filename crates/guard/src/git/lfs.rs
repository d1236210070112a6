//! Files of which git has a pointer, and Git LFS the content: it goes to a server of its
//! own with the next push, in the clear.
//!
//! The form of a pointer and where the content lies are those of version 1 of Git LFS's
//! specification.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::{git, output, to_path};

/// A pointer has to be shorter, in bytes.
const LONGEST: usize = 1024;

const VERSION: &str = "version https://git-lfs.github.com/spec/v1";

/// The name of a content: its SHA-256, in hexadecimal.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pointer<'b> {
    oid: &'b str,
}

impl<'b> Pointer<'b> {
    /// A blob that is a pointer and nothing else.
    pub(super) fn parse(blob: &'b [u8]) -> Option<Self> {
        if blob.len() >= LONGEST || !blob.starts_with(VERSION.as_bytes()) {
            return None;
        }
        let mut lines = std::str::from_utf8(blob).ok()?.lines();
        if lines.next() != Some(VERSION) {
            return None;
        }
        let mut pointer = None;
        for line in lines {
            match line.split_once(' ')? {
                ("oid", oid) => pointer = Some(Self { oid: sha256(oid)? }),
                ("size", size) if size.bytes().all(|byte| byte.is_ascii_digit()) => (),
                // Filters that the content went through before.
                (name, oid) if name.starts_with("ext-") => {
                    sha256(oid)?;
                }
                // Whatever else stands there is to be looked at.
                _ => return None,
            }
        }
        pointer
    }

    /// The content, if this repository has it. Where it has not, it is on its server or
    /// lost: it does not leave from here.
    pub(super) fn open(&self, storage: &Path) -> Option<File> {
        let folder = storage.join("objects").join(&self.oid[..2]).join(&self.oid[2..4]);
        let file = folder.join(self.oid);
        // Never waits for somebody at the other end of a pipe.
        file.metadata().is_ok_and(|metadata| metadata.is_file()).then_some(())?;
        File::open(file).ok()
    }
}

fn sha256(oid: &str) -> Option<&str> {
    let oid = oid.strip_prefix("sha256:")?;
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    (oid.len() == 64 && oid.bytes().all(is_digit)).then_some(oid)
}

/// Where the contents of a repository lie: all of its worktrees share them.
pub(super) fn storage(repo: &Path) -> Option<PathBuf> {
    let mut folder = git(repo);
    folder.args(["rev-parse", "--path-format=absolute", "--git-common-dir"]);
    let folder = to_path(&output(&mut folder, "rev-parse").ok()?);
    let mut set = git(repo);
    set.args(["config", "--type=path", "--get", "lfs.storage"]);
    // Not set is a failure too. What is relative is so to git's folder.
    let set = output(&mut set, "config").unwrap_or_default();
    let set = Some(to_path(&set)).filter(|path| !path.as_os_str().is_empty());
    Some(folder.join(set.unwrap_or_else(|| "lfs".into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OID: &str = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393";

    #[test]
    fn pointers_are_known_by_all_of_their_lines() {
        let pointer = format!("{VERSION}\noid sha256:{OID}\nsize 12345\n");
        assert_eq!(Pointer::parse(pointer.as_bytes()), Some(Pointer { oid: OID }));
        let filtered = pointer.replace("oid ", &format!("ext-0-foo sha256:{OID}\noid "));
        assert_eq!(Pointer::parse(filtered.as_bytes()), Some(Pointer { oid: OID }));
        for other in [
            String::new(),
            format!("{VERSION}\nsize 12345\n"),
            pointer.replace("v1", "v2"),
            pointer.replace("4d7a", "4D7A"),
            pointer.replace("4d7a", "../."),
            pointer.replace("4d7a", "4d7"),
            pointer.replace("12345", "many"),
            pointer.clone() + "password: correct horse\n",
            pointer.clone() + &"\n".repeat(LONGEST),
        ] {
            assert_eq!(Pointer::parse(other.as_bytes()), None, "{other}");
        }
    }
}
