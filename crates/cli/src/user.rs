//! Becoming another user, for good, before a command is started.

use std::ffi::CString;
use std::process::Command;

use nix::unistd::{Gid, User, getgrouplist, setgid, setgroups, setuid};

use crate::failure::{Failure, Result};

/// The user that a command is to run as.
#[derive(Debug)]
pub(crate) struct Target {
    user: User,
    groups: Vec<Gid>,
}

impl Target {
    /// The user of this name, with all of the user's groups.
    pub(crate) fn find(name: &str) -> Result<Self> {
        let unknown = |why: &str| Failure::other(format!("--user {name}: {why}"));
        let found = User::from_name(name).map_err(|error| unknown(error.desc()))?;
        let user = found.ok_or_else(|| unknown("there is no such user"))?;
        let name = CString::new(user.name.as_str()).map_err(|_| unknown("this is no name"))?;
        let groups = getgrouplist(&name, user.gid).map_err(|error| unknown(error.desc()))?;
        Ok(Self { user, groups })
    }

    /// Becomes the user. There is no way back, so keys have to be used before.
    pub(crate) fn switch(&self) -> Result {
        let switched = setgroups(&self.groups)
            .and_then(|()| setgid(self.user.gid))
            .and_then(|()| setuid(self.user.uid));
        switched.map_err(|error| {
            let (name, reason) = (&self.user.name, error.desc().to_lowercase());
            Failure::other(format!("--user {name}: cannot become this user: {reason}"))
        })
    }

    /// What programs know their user by, as sops sets it since 3.13.2.
    pub(crate) fn tell(&self, command: &mut Command) {
        command.env("HOME", &self.user.dir);
        command.env("USER", &self.user.name).env("LOGNAME", &self.user.name);
    }
}
