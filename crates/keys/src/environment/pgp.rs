//! What PGP is told by the environment.

use std::path::PathBuf;

use super::variable;

/// The variables of PGP. Those of gpg itself, its agent and pinentry reach them
/// untouched.
#[derive(Clone, Default)]
pub struct PgpVariables {
    /// `SOPS_GPG_EXEC`: the program to start in place of `gpg`.
    pub gpg_exec: Option<PathBuf>,
    /// `GNUPGHOME`: where gpg keeps its keys.
    pub gnupg_home: Option<PathBuf>,
}

impl PgpVariables {
    pub(super) fn read() -> Self {
        Self {
            gpg_exec: variable("SOPS_GPG_EXEC").map(PathBuf::from),
            gnupg_home: variable("GNUPGHOME").map(PathBuf::from),
        }
    }
}
