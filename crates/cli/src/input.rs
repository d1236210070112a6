//! Reading what is to be sealed or opened.

use std::fmt;
use std::fs::{self, File, FileType, Metadata};
use std::io::{self, IsTerminal, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::exit::Code;
use crate::failure::{Failure, Result};

/// Offsets are 32 bits wide, so there is no use in reading more.
const LIMIT: u64 = u32::MAX as u64;

/// Where a text comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf),
}

impl Input {
    /// What a FILE argument means: none, or `-`, is standard input.
    pub(crate) fn new(file: Option<&Path>) -> Result<Self> {
        match file {
            Some(file) if file != Path::new("-") => Ok(Self::File(file.to_owned())),
            // Somebody forgot the file, and would wait for ever.
            None if io::stdin().is_terminal() => {
                Err(Failure::new(Code::NoFile, "no file specified; name one, or give - for stdin"))
            }
            _ => Ok(Self::Stdin),
        }
    }

    /// The file, for what can be done with files only.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::Stdin => None,
            Self::File(path) => Some(path),
        }
    }

    /// All of its bytes; wiped when dropped.
    pub(crate) fn read(&self) -> Result<Zeroizing<Vec<u8>>> {
        match self {
            Self::File(path) => read_bytes(path, LIMIT),
            Self::Stdin => stdin()
                .and_then(|stdin| read_all(stdin, 0, LIMIT))
                .map_err(|error| Failure::unreadable(Path::new("stdin"), &error)),
        }
    }

    /// The whole text, when it is one; wiped when dropped.
    pub(crate) fn read_text(&self) -> Result<Zeroizing<String>> {
        into_text(self.read()?, self)
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("stdin"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// A file that is too large to be had in memory without need.
#[derive(Debug)]
pub(crate) struct LargeFile {
    pub(crate) path: PathBuf,
    file: File,
    /// In bytes.
    pub(crate) length: usize,
}

/// From this size on, in bytes.
const LARGE: u64 = 1 << 20;

impl LargeFile {
    /// The file, if it is as large as that. What can be said against it is said when it is
    /// read.
    pub(crate) fn open(input: &Input) -> Option<Self> {
        let path = input.file()?;
        // A pipe is opened once, by who reads it.
        let metadata = fs::metadata(path).ok().filter(Metadata::is_file)?;
        if !(LARGE..=LIMIT).contains(&metadata.len()) {
            return None;
        }
        let length = usize::try_from(metadata.len()).ok()?;
        Some(Self { path: path.to_owned(), file: File::open(path).ok()?, length })
    }

    /// Reads on.
    pub(crate) fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.file.read(room) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }
}

/// The whole text of a file; wiped when dropped.
pub(crate) fn read_text(path: &Path) -> Result<Zeroizing<String>> {
    into_text(read_bytes(path, LIMIT)?, path.display())
}

/// All bytes of a file; wiped when dropped.
pub(crate) fn read_whole(path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    read_bytes(path, LIMIT)
}

/// The bytes of a file, up to a limit that is an error; wiped when dropped.
pub(crate) fn read_bytes(path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>> {
    let read = || {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if is_device(&file, metadata.file_type()) {
            return read_nothing(file);
        }
        read_all(file, metadata.len(), limit)
    };
    read().map_err(|error| Failure::unreadable(path, &error))
}

/// Whether a file is a device that may never end. Pipes end, whatever their name (`/dev/stdin`,
/// `<(...)`), and so do terminals.
fn is_device(file: &File, kind: FileType) -> bool {
    kind.is_block_device() || (kind.is_char_device() && !file.is_terminal())
}

/// What a device may give: nothing, as `/dev/null` does.
fn read_nothing(mut device: File) -> io::Result<Zeroizing<Vec<u8>>> {
    match device.read(&mut [0])? {
        0 => Ok(Zeroizing::default()),
        _ => Err(io::Error::other("it is a device; name a file or a pipe")),
    }
}

/// The text that bytes are, for formats that are text. `name` is for the message.
pub(crate) fn into_text(
    bytes: Zeroizing<Vec<u8>>,
    name: impl fmt::Display,
) -> Result<Zeroizing<String>> {
    let mut bytes = bytes;
    String::from_utf8(std::mem::take(&mut *bytes)).map(Zeroizing::new).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + good.iter().filter(|&&byte| byte == b'\n').count();
        drop(Zeroizing::new(error.into_bytes()));
        let message = format!(
            "{name}: line {line}: this is not UTF-8; convert the file, for instance with iconv"
        );
        Failure::new(Code::Unreadable, message)
    })
}

/// Not `io::stdin()`: its buffer is never wiped.
fn stdin() -> io::Result<File> {
    io::stdin().as_fd().try_clone_to_owned().map(File::from)
}

/// Reads to the end, and leaves no copy behind as a vector that grows does.
pub(crate) fn read_all(
    mut from: impl Read,
    expected: u64,
    limit: u64,
) -> io::Result<Zeroizing<Vec<u8>>> {
    // One more byte than a file is said to have shows that it has no more.
    let capacity = expected.max(4095).min(limit) as usize + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
    loop {
        let room = bytes.capacity() - bytes.len();
        let read = from.by_ref().take(room as u64).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            return Err(io::Error::other(format!("it is larger than {limit} bytes")));
        }
        if read < room {
            return Ok(bytes);
        }
        let mut larger = Zeroizing::new(Vec::with_capacity(bytes.capacity() * 2));
        larger.extend_from_slice(&bytes);
        bytes = larger;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_read_whatever_size_was_expected() {
        let text: Vec<u8> = (0..20_000_u32).map(|n| n as u8).collect();
        for expected in [0, 1, 4095, 4096, 19_999, 20_000, 20_001, 40_000] {
            let read = read_all(text.as_slice(), expected, LIMIT).unwrap();
            assert_eq!(*read, text, "{expected}");
        }
    }

    #[test]
    fn an_endless_input_ends_in_an_error() {
        assert!(read_all(io::repeat(b'a'), 0, 100_000).is_err());
        assert!(read_all(io::repeat(b'a'), 0, 10).is_err());
        assert_eq!(read_all([7; 10].as_slice(), 10, 10).unwrap().len(), 10);
    }

    #[test]
    fn bytes_that_are_no_text_are_named_by_line_and_not_shown() {
        let bytes = Zeroizing::new(b"a: secret\nb: \xff\n".to_vec());
        let failure = into_text(bytes, "x.yaml").unwrap_err();
        assert_eq!(failure.code, Code::Unreadable);
        assert!(!format!("{failure:?}").contains("secret"));
        assert!(format!("{failure:?}").contains("x.yaml: line 2"));
    }
}
