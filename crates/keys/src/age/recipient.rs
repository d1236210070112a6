//! Recipients: what a data key is sealed for.

use std::str::FromStr;

use age::{tag, tagpq, x25519};
use bulla_core::KeyError;

use super::hybrid;
#[cfg(feature = "plugin")]
use super::plugin;
#[cfg(feature = "ssh")]
use super::ssh;

/// Reads a recipient that age itself knows. `None`: it is one of another kind, or none.
pub(super) fn native(text: &str) -> Option<Box<dyn age::Recipient>> {
    fn boxed<R: age::Recipient + FromStr + 'static>(text: &str) -> Option<Box<dyn age::Recipient>> {
        Some(Box::new(R::from_str(text).ok()?))
    }
    boxed::<x25519::Recipient>(text)
        .or_else(|| boxed::<hybrid::Recipient>(text))
        // For keys in tokens, which it takes a plugin to open.
        .or_else(|| boxed::<tag::Recipient>(text))
        .or_else(|| boxed::<tagpq::Recipient>(text))
}

/// Reads a public SSH key; `None` when this is nothing like one.
pub(super) fn ssh(text: &str) -> Option<Result<Box<dyn age::Recipient>, KeyError>> {
    if !text.starts_with("ssh-") {
        return None;
    }
    #[cfg(feature = "ssh")]
    return Some(ssh::recipient(text).map(|recipient| Box::new(recipient) as _));
    #[cfg(not(feature = "ssh"))]
    Some(Err(left_out("SSH keys", "ssh")))
}

/// The plugin behind a recipient; `None` when it has the form of none.
#[cfg(feature = "plugin")]
pub(super) fn of_plugin(
    text: &str,
    is_allowed: impl Fn(&str) -> bool,
    path: Option<&std::ffi::OsStr>,
) -> Option<Result<Box<dyn age::Recipient>, KeyError>> {
    let recipient = plugin::recipient(text)?;
    Some(plugin::for_sealing(recipient, is_allowed, path))
}

/// What is wrong with a text that is no recipient.
pub(super) fn refusal(text: &str) -> KeyError {
    if text.starts_with("AGE-") {
        return KeyError::new("this is an identity, which must stay secret, not a recipient")
            .with_hint("name the public key, age1…, and replace the identity if it was shared");
    }
    #[cfg(not(feature = "plugin"))]
    if text.strip_prefix("age1").is_some_and(|rest| rest.contains('1')) {
        return left_out("plugins of age", "plugin");
    }
    KeyError::new("this is not an age recipient")
        .with_hint("recipients look like age1… or ssh-ed25519 …; check that it is complete")
}

/// What is said of a part that was not compiled in.
#[cfg(not(all(feature = "ssh", feature = "plugin")))]
pub(super) fn left_out(what: &str, feature: &str) -> KeyError {
    KeyError::new(format!("this build of bulla leaves out {what}"))
        .with_hint(format!("use a build that has the feature {feature}"))
}
