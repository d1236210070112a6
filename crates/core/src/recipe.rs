//! How a file is to be sealed.

use crate::master_key::MasterKey;
use crate::rules::Indent;
use crate::selection::Selector;

/// The keys of one group; any of them opens it.
pub type KeyGroup = Vec<MasterKey>;

/// How many of some groups are needed to open a file: all, when no threshold says
/// otherwise.
pub(crate) fn needed(threshold: Option<usize>, groups: usize) -> usize {
    threshold.unwrap_or(groups)
}

/// Everything that sealing needs to know besides the text: made from rules and
/// from the command line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recipe {
    /// The key groups; one, unless the data key is split.
    pub groups: Vec<KeyGroup>,
    /// How many groups are needed to open the file; all, when absent.
    pub threshold: Option<usize>,
    /// Which leaves are sealed; decided by the document when absent.
    pub selector: Option<Selector>,
    /// Whether the file is treated as Kubernetes objects; looked at when absent.
    pub kubernetes: Option<bool>,
    /// Hash only what is sealed.
    pub mac_only_encrypted: bool,
    /// How the envelope of a new binary file is laid out.
    pub envelope: Indent,
}

impl Recipe {
    /// How many of the groups are needed to open the file.
    pub fn needed(&self) -> usize {
        needed(self.threshold, self.groups.len())
    }
}
