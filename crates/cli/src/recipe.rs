//! How a file is to be sealed: what was typed, over what the rules say.

use std::path::Path;

use bulla_core::rules::{Indent, Rules};
use bulla_core::{Format, Recipe, Selector, SelectorKind};
use bulla_keys::Environment;
use clap::Args;

use crate::exit::Code;
use crate::failure::{Failure, Result, say};
use crate::governing::{Governing, nothing_found};
use crate::key_flags::KeyFlags;

/// What was typed about the part that is sealed.
#[derive(Args, Clone, Debug, Default)]
#[group(multiple = false)]
#[command(next_help_heading = "What is sealed (at most one)")]
pub(crate) struct SelectorFlags {
    /// What stands below keys that match
    #[arg(long, value_name = "REGEX")]
    encrypted_regex: Option<String>,
    /// All but what stands below keys that match
    #[arg(long, value_name = "REGEX")]
    unencrypted_regex: Option<String>,
    /// What stands below keys with this ending
    #[arg(long, value_name = "TEXT")]
    encrypted_suffix: Option<String>,
    /// All but what stands below keys with this ending
    #[arg(long, value_name = "TEXT")]
    unencrypted_suffix: Option<String>,
    /// What a comment that matches stands before
    #[arg(long, value_name = "REGEX")]
    encrypted_comment_regex: Option<String>,
    /// All but what a comment that matches stands before
    #[arg(long, value_name = "REGEX")]
    unencrypted_comment_regex: Option<String>,
}

/// Everything that was typed about sealing, apart from files.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wishes<'a> {
    /// For whom.
    pub(crate) keys: KeyFlags,
    /// The selector.
    pub(crate) selector: SelectorFlags,
    /// Hash only what is sealed.
    pub(crate) mac_only_encrypted: bool,
    /// How many key groups are needed.
    pub(crate) threshold: Option<usize>,
    /// The indentation of what is written anew.
    pub(crate) indent: Option<Indent>,
    /// The rules file to use.
    pub(crate) config: Option<&'a Path>,
}

impl SelectorFlags {
    /// A word about flags that mean nothing for a binary file.
    pub(crate) fn tell_of_binary(&self, format: Format) -> Result {
        if let (Format::Binary, Some(selector)) = (format, self.selector()?) {
            let flag = selector.kind().name().replace('_', "-");
            say(&format!(
                "bulla: warning: --{flag} has no effect: a binary file is one value, and all of it is sealed"
            ));
        }
        Ok(())
    }

    fn selector(&self) -> Result<Option<Selector>> {
        let typed = [
            (SelectorKind::EncryptedRegex, &self.encrypted_regex),
            (SelectorKind::UnencryptedRegex, &self.unencrypted_regex),
            (SelectorKind::EncryptedSuffix, &self.encrypted_suffix),
            (SelectorKind::UnencryptedSuffix, &self.unencrypted_suffix),
            (SelectorKind::EncryptedCommentRegex, &self.encrypted_comment_regex),
            (SelectorKind::UnencryptedCommentRegex, &self.unencrypted_comment_regex),
        ];
        let typed = typed.into_iter().find_map(|(kind, text)| Some((kind, text.as_deref()?)));
        typed
            .map(|(kind, text)| Selector::new(kind, text))
            .transpose()
            .map_err(|error| Failure::other(error.to_string()))
    }
}

impl Wishes<'_> {
    /// The recipe for the file at `path`; for a text that has no path, no rule
    /// counts.
    pub(crate) fn recipe(&self, path: Option<&Path>, environment: &Environment) -> Result<Recipe> {
        let config = self.config.or(environment.config.as_deref());
        let governing = path.map(|path| Governing::find(path, config)).transpose()?.flatten();
        let plan = governing.as_ref().and_then(Governing::plan);
        let mut recipe = plan.map(|plan| plan.recipe).unwrap_or_default();
        let rules = governing.as_ref().map(|governing| &governing.rules);
        let stores = rules.map(Rules::stores).unwrap_or_default();
        recipe.envelope = self.indent.or(stores.json_binary).unwrap_or_default();
        let keys = self.keys.typed_or_set(environment, rules)?;
        if !keys.is_empty() {
            // The rule's threshold is about the rule's groups.
            recipe.threshold = None;
            recipe.groups = vec![keys];
        }
        if recipe.groups.is_empty() {
            return Err(match (governing, path) {
                (Some(governing), _) => no_rule(&governing),
                (None, Some(path)) => nothing_found(path),
                (None, None) => {
                    let message = "a text without a name has no rule; name keys with --age, or a file with --output or --filename-override";
                    Failure::new(Code::Conflict, message)
                }
            });
        }
        recipe.threshold = self.threshold.or(recipe.threshold);
        recipe.selector = self.selector.selector()?.or(recipe.selector);
        recipe.mac_only_encrypted |= self.mac_only_encrypted;
        Ok(recipe)
    }
}

fn no_rule(governing: &Governing) -> Failure {
    Failure::other(format!(
        "{}: no creation rule is for {}; add one, or name a recipient with --age",
        governing.rules.file(),
        governing.path
    ))
}
