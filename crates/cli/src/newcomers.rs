//! Recipients that nobody has added.
//!
//! Whoever can write to a repository can append a recipient to a sealed file. Nothing is
//! wrapped for it, but the next `rotate` would do that. A file with an integrity record is
//! not opened then; for the others, rules and git are asked who is known.

use std::path::Path;

use bulla_core::{Document, Format, MasterKey, Metadata};

use crate::exit::Code;
use crate::failure::{Failure, Result};
use crate::git;
use crate::governing::Governing;

/// What was typed about recipients that are known to whoever types.
#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct AcceptFlags {
    /// Recipients of the file that neither its rule nor git know, and that may stay
    #[arg(long, value_name = "KEY,…", value_delimiter = ',')]
    accept_recipient: Vec<String>,
}

/// A sealed file, as far as it takes to ask who its recipients are.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    pub(crate) path: &'a Path,
    /// The name that rules know it by.
    pub(crate) name: &'a Path,
    pub(crate) format: Format,
    /// The rules file that was named.
    pub(crate) config: Option<&'a Path>,
}

impl Known<'_> {
    /// Refuses a file that is sealed for somebody who is neither in its rule, nor a
    /// recipient of the file that git has at HEAD, nor named on the command line.
    ///
    /// An integrity record that holds covers the recipients. Where there is neither a rule
    /// nor a committed file, there is nothing to compare with.
    pub(crate) fn refuse_others(
        &self,
        metadata: &Metadata,
        record_holds: bool,
        flags: &AcceptFlags,
        named: &[MasterKey],
    ) -> Result {
        if record_holds {
            return Ok(());
        }
        let governing = Governing::find(self.name, self.config).ok().flatten();
        let rule = governing.as_ref().and_then(Governing::plan).map(|plan| plan.recipe.groups);
        let head = self.keys_at_head();
        if rule.is_none() && head.is_none() {
            return Ok(());
        }
        let accepted = |key: &MasterKey| {
            let has_name = |text: &String| {
                let keys = governing.as_ref().and_then(|found| found.rules.keys_of(text));
                *text == key.to_string() || keys.is_some_and(|keys| keys.contains(key))
            };
            flags.accept_recipient.iter().any(has_name)
                || named.iter().any(|named| named.to_string() == key.to_string())
        };
        let is_known = |key: &MasterKey| {
            rule.iter().flatten().flatten().any(|known| known.is_same(key))
                || head.iter().flatten().any(|known| known == key)
                || accepted(key)
        };
        match metadata.keys().find(|wrapped| !is_known(&wrapped.key)) {
            None => Ok(()),
            Some(newcomer) => Err(Failure::new(
                Code::Newcomer,
                format!(
                    "{}: {} is a recipient of this file and nobody knows why: neither its rule nor the file that git has at HEAD names it; take it out with bulla updatekeys, or accept it with --accept-recipient",
                    self.path.display(),
                    newcomer.key
                ),
            )),
        }
    }

    /// The recipients of the sealed file that was committed last.
    fn keys_at_head(&self) -> Option<Vec<MasterKey>> {
        let bytes = git::at_head(self.path)?;
        let text = str::from_utf8(&bytes).ok()?;
        let document = Document::parse(text, self.format).ok()?;
        Some(document.metadata()?.keys().map(|wrapped| wrapped.key.clone()).collect())
    }
}
