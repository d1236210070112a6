//! Which of the user's identities is that of a recipient, as far as that shows without
//! asking anybody.

use super::sources::{Found, Source, at_hand};
use crate::environment::Environment;
use crate::holdings::Holding;

/// The identities at hand.
pub(crate) struct Identities {
    sources: Vec<Source>,
    #[cfg(feature = "ssh")]
    ssh_keys: Vec<Source>,
}

impl Identities {
    /// Reads variables and files; starts nothing.
    pub(crate) fn read(environment: &Environment) -> Self {
        Self {
            sources: at_hand(environment),
            #[cfg(feature = "ssh")]
            ssh_keys: super::sources::ssh_at_hand(environment),
        }
    }

    pub(crate) fn holding(&self, recipient: &str, environment: &Environment) -> Holding {
        let absent = || Holding::Absent("no identity for it is at hand".into());
        if recipient.starts_with("ssh-") {
            return self.ssh_key(recipient, environment).unwrap_or_else(absent);
        }
        let holdings = || self.sources.iter().filter_map(|source| held(source, recipient));
        // What is sure comes before what may be.
        let sure = holdings().find(|holding| matches!(holding, Holding::Held(_)));
        let command = || {
            environment.age.key_cmd.as_ref()?;
            Some(Holding::Perhaps("SOPS_AGE_KEY_CMD, which was not started".into()))
        };
        sure.or_else(|| holdings().next()).or_else(command).unwrap_or_else(absent)
    }

    #[cfg(feature = "ssh")]
    fn ssh_key(&self, recipient: &str, environment: &Environment) -> Option<Holding> {
        let own = self.ssh_keys.iter().find_map(|source| match &source.found {
            Ok(Found::Ssh(key)) if key.is_of(recipient) => {
                let locked = if key.is_locked() { ", with its passphrase" } else { "" };
                Some(Holding::Held(format!("{}{locked}", source.name)))
            }
            _ => None,
        });
        own.or_else(|| {
            environment.age.ssh_private_key_cmd.as_ref()?;
            let command = "SOPS_AGE_SSH_PRIVATE_KEY_CMD, which was not started";
            Some(Holding::Perhaps(command.into()))
        })
    }

    #[cfg(not(feature = "ssh"))]
    fn ssh_key(&self, _: &str, _: &Environment) -> Option<Holding> {
        Some(Holding::Absent("this build of bulla leaves out SSH keys".into()))
    }
}

/// What a source has for a recipient.
fn held(source: &Source, recipient: &str) -> Option<Holding> {
    let name = &source.name;
    match source.found.as_ref().ok()? {
        Found::Identities(identities) if identities.have(recipient) => {
            Some(Holding::Held(name.clone()))
        }
        #[cfg(feature = "plugin")]
        Found::Identities(identities) => {
            let plugin = identities.plugins.iter().find(|own| own.may_open(recipient))?;
            Some(Holding::Perhaps(format!("age-plugin-{}, named in {name}", plugin.name())))
        }
        Found::Protected(_) => Some(Holding::Perhaps(format!("{name}, behind its passphrase"))),
        #[allow(unreachable_patterns, reason = "without SSH keys and plugins")]
        _ => None,
    }
}
