//! What is asked of a sealed file besides that it opens.

use std::fmt::Display;
use std::path::Path;

use bulla_core::Error;

use crate::failure::{Failure, Result, say};
use crate::governing::Governing;

/// Where it is said whether a file has to have an integrity record.
#[derive(Clone, Copy)]
pub(crate) struct Demand<'a> {
    /// `--require-integrity`
    pub(crate) typed: bool,
    /// The name that rules know the file by.
    pub(crate) name: Option<&'a Path>,
    /// The rules file that was named.
    pub(crate) config: Option<&'a Path>,
}

impl Demand<'_> {
    /// Refuses a file without the record that it has to have, and says what of a file was
    /// opened although it does not hold.
    ///
    /// Rules are read only when there is something to ask them about, and as far as they
    /// can be: whoever could break them could as well take the demand out.
    pub(crate) fn check(&self, file: impl Display, has_record: bool, ignored: &[Error]) -> Result {
        let broken = ignored.iter().find(|error| is_about_record(error));
        if (!has_record || broken.is_some()) && self.is_made() {
            return Err(Failure::of(file, broken.unwrap_or(&Error::IntegrityMissing)));
        }
        for error in ignored {
            let what = match error {
                Error::MacMissing => "there is no MAC",
                Error::MacUnreadable => "the MAC cannot be opened",
                Error::IntegrityUnknown => "the integrity record cannot be read",
                Error::IntegrityMismatch => "the integrity record does not match",
                _ => "the MAC does not match",
            };
            say(&format!("bulla: {file}: {what}; opened all the same, as --ignore-mac says"));
        }
        Ok(())
    }

    fn is_made(&self) -> bool {
        let by_rule = |name| {
            let governing = Governing::find(name, self.config).ok().flatten();
            let plan = governing.as_ref().and_then(Governing::plan);
            plan.is_some_and(|plan| plan.rule.require_integrity)
        };
        self.typed || self.name.is_some_and(by_rule)
    }
}

fn is_about_record(error: &Error) -> bool {
    matches!(error, Error::IntegrityMismatch | Error::IntegrityUnknown)
}
