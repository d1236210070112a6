//! Two age identities for tests, kept in `fixtures/keys`. They are public: they protect nothing.

use std::path::PathBuf;

use crate::peers;

const TEST: &str = include_str!("../../../fixtures/keys/age-test.txt");
const OTHER: &str = include_str!("../../../fixtures/keys/age-other.txt");

/// The identity (`AGE-SECRET-KEY-1...`) that tests seal to and open with.
pub fn age_identity() -> &'static str {
    identity(TEST)
}

/// The recipient (`age1...`) of [`age_identity`].
pub fn age_recipient() -> &'static str {
    recipient(TEST)
}

/// The file that holds [`age_identity`], for `SOPS_AGE_KEY_FILE` and `age -i`.
pub fn age_identity_file() -> PathBuf {
    peers::workspace_root().join("fixtures/keys/age-test.txt")
}

/// A second identity: the one that must not open what was sealed to the first.
pub fn age_other_identity() -> &'static str {
    identity(OTHER)
}

/// The recipient of [`age_other_identity`].
pub fn age_other_recipient() -> &'static str {
    recipient(OTHER)
}

/// The file that holds [`age_other_identity`].
pub fn age_other_identity_file() -> PathBuf {
    peers::workspace_root().join("fixtures/keys/age-other.txt")
}

fn identity(file: &'static str) -> &'static str {
    file.lines()
        .find(|line| line.starts_with("AGE-SECRET-KEY-1"))
        .expect("the key file holds an identity")
}

fn recipient(file: &'static str) -> &'static str {
    file.lines()
        .find_map(|line| line.strip_prefix("# public key: "))
        .expect("the key file names its recipient")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_keys_are_not_the_same() {
        assert_ne!(age_identity(), age_other_identity());
        assert_ne!(age_recipient(), age_other_recipient());
        assert!(age_recipient().starts_with("age1"));
    }

    #[test]
    fn the_files_are_where_the_functions_say() {
        assert!(age_identity_file().is_file());
        assert!(age_other_identity_file().is_file());
    }
}
