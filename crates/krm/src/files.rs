//! Reading the files that a config names, and no others.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::error::{FileError, Problem};

/// The folder that paths begin in.
pub(crate) struct Root {
    /// Without symbolic links.
    folder: PathBuf,
    allow_outside: bool,
    /// The largest file that is read, in bytes.
    limit: u64,
}

impl Root {
    /// A root; `allow_outside` lets paths leave it, and no file is larger than
    /// `limit` bytes.
    pub(crate) fn new(folder: &Path, allow_outside: bool, limit: u64) -> Result<Self, Problem> {
        let folder = folder
            .canonicalize()
            .map_err(|error| Problem::Root { path: folder.to_path_buf(), error })?;
        Ok(Self { folder, allow_outside, limit })
    }

    /// Reads a file as text.
    ///
    /// The path is followed to where it really leads, and that is what has to lie
    /// below the root: a link in a pull request can point anywhere.
    pub(crate) fn read(&self, path: &str) -> Result<String, FileError> {
        let found =
            self.folder.join(path).canonicalize().map_err(|error| self.lost(path, error))?;
        if !self.allow_outside && !found.starts_with(&self.folder) {
            return Err(FileError::OutsideRoot { root: self.folder.clone() });
        }
        // Asked before opening too: opening a pipe waits for its other end.
        if !found.metadata().map_err(FileError::Io)?.is_file() {
            return Err(FileError::NotAFile);
        }
        let file = File::open(&found).map_err(FileError::Io)?;
        let metadata = file.metadata().map_err(FileError::Io)?;
        if !metadata.is_file() {
            return Err(FileError::NotAFile);
        }
        let too_large = FileError::TooLarge { limit: self.limit };
        if metadata.len() > self.limit {
            return Err(too_large);
        }
        // At most the limit, as was just seen, which fits.
        let mut bytes = Vec::with_capacity(metadata.len() as usize + 1);
        file.take(self.limit + 1).read_to_end(&mut bytes).map_err(FileError::Io)?;
        if bytes.len() as u64 > self.limit {
            return Err(too_large);
        }
        String::from_utf8(bytes).map_err(|_| FileError::NotUtf8)
    }

    fn lost(&self, path: &str, error: io::Error) -> FileError {
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => FileError::Missing {
                root: self.folder.clone(),
                relative: Path::new(path).is_relative(),
            },
            _ => FileError::Io(error),
        }
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    const LIMIT: u64 = 1 << 20;

    /// `tree/in/` with a file, beside a file that is out of reach.
    fn tree() -> (tempfile::TempDir, PathBuf) {
        let tree = tempfile::tempdir().unwrap();
        let inside = tree.path().join("in");
        fs::create_dir_all(inside.join("sub")).unwrap();
        fs::write(tree.path().join("out.yaml"), "out").unwrap();
        fs::write(inside.join("a.yaml"), "a").unwrap();
        (tree, inside)
    }

    #[test]
    fn links_count_as_where_they_lead() {
        let (_tree, inside) = tree();
        symlink("../out.yaml", inside.join("leaving.yaml")).unwrap();
        symlink("../a.yaml", inside.join("sub/staying.yaml")).unwrap();
        symlink("../..", inside.join("sub/up")).unwrap();
        let root = Root::new(&inside, false, LIMIT).unwrap();
        for outside in ["leaving.yaml", "../out.yaml", "sub/up/out.yaml", "/etc/passwd"] {
            let error = root.read(outside).unwrap_err();
            assert!(matches!(error, FileError::OutsideRoot { .. }), "{outside}: {error}");
        }
        assert_eq!(root.read("sub/staying.yaml").unwrap(), "a");
        assert_eq!(root.read(inside.join("a.yaml").to_str().unwrap()).unwrap(), "a");
        assert_eq!(root.read("sub/../a.yaml").unwrap(), "a");

        let anywhere = Root::new(&inside, true, LIMIT).unwrap();
        assert_eq!(anywhere.read("leaving.yaml").unwrap(), "out");
    }

    #[test]
    fn a_root_that_is_a_link_is_followed_too() {
        let (tree, inside) = tree();
        let link = tree.path().join("link");
        symlink(&inside, &link).unwrap();
        assert_eq!(Root::new(&link, false, LIMIT).unwrap().read("a.yaml").unwrap(), "a");
    }

    #[test]
    fn a_folder_with_the_same_beginning_is_outside() {
        let (tree, inside) = tree();
        fs::create_dir(tree.path().join("in-other")).unwrap();
        fs::write(tree.path().join("in-other/b.yaml"), "b").unwrap();
        let root = Root::new(&inside, false, LIMIT).unwrap();
        assert!(matches!(root.read("../in-other/b.yaml"), Err(FileError::OutsideRoot { .. })));
    }

    #[test]
    fn only_regular_files_of_a_reasonable_size_are_read() {
        let (_tree, inside) = tree();
        let root = Root::new(&inside, true, LIMIT).unwrap();
        assert!(matches!(root.read("sub"), Err(FileError::NotAFile)));
        assert!(matches!(root.read("/dev/zero"), Err(FileError::NotAFile)));
        let large = File::create(inside.join("large.yaml")).unwrap();
        large.set_len(LIMIT + 1).unwrap();
        assert!(matches!(root.read("large.yaml"), Err(FileError::TooLarge { .. })));
        fs::write(inside.join("binary.yaml"), [0xff, 0xfe]).unwrap();
        assert!(matches!(root.read("binary.yaml"), Err(FileError::NotUtf8)));
    }

    #[test]
    fn a_missing_file_names_the_folder_it_was_looked_for_in() {
        let (_tree, inside) = tree();
        let error =
            Root::new(&inside, false, LIMIT).unwrap().read("gone.yaml").unwrap_err().to_string();
        assert!(error.contains(&inside.canonicalize().unwrap().display().to_string()), "{error}");
    }
}
