//! Where the workspace's own programs are.

use std::env;
use std::path::{Path, PathBuf};

/// The built program `name` of this workspace: in `BULLA_BIN_DIR` when that is set, else beside the
/// running test.
///
/// # Panics
///
/// When it has not been built. Cargo builds only the programs of the package under test, so a test
/// of another package finds them only after `cargo build --workspace`.
#[track_caller]
pub fn binary(name: &str) -> PathBuf {
    let dir = match env::var_os("BULLA_BIN_DIR") {
        Some(dir) => PathBuf::from(dir),
        None => profile_dir(&env::current_exe().expect("the running test has a path")),
    };
    let program = dir.join(format!("{name}{}", env::consts::EXE_SUFFIX));
    assert!(program.is_file(), "{} is not there: run cargo build --workspace", program.display());
    program
}

/// `target/debug/deps/some_test-1a2b` and `target/debug/some_program` both belong to
/// `target/debug`.
fn profile_dir(exe: &Path) -> PathBuf {
    let dir = exe.parent().unwrap_or(Path::new("."));
    match dir.file_name() {
        Some(name) if name == "deps" || name == "examples" => {
            dir.parent().unwrap_or(dir).to_path_buf()
        }
        _ => dir.to_path_buf(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_and_a_program_share_their_profile_directory() {
        assert_eq!(
            profile_dir(Path::new("target/debug/deps/seal-1a2b")),
            Path::new("target/debug")
        );
        assert_eq!(profile_dir(Path::new("target/release/xtask")), Path::new("target/release"));
    }

    #[test]
    #[should_panic(expected = "run cargo build --workspace")]
    fn a_missing_program_says_how_to_build_it() {
        binary("no-such-program");
    }
}
