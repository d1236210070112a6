//! Sealed files of variables that kustomize's own `secretGenerator` took apart.
//!
//! Under `envs` each line of the file is a value of the Secret, the lines of the `sops`
//! block among them. kustomize sorts them and drops comments; the MAC covers the order,
//! so it holds only if the file was in that order. Each variable is authenticated under
//! its own name in any case.

use std::collections::HashSet;

use bulla_core::{Error, Format, Keyring, SEALED_MARK, open};
use bulla_yaml::NodeId;
use zeroize::Zeroizing;

use crate::data::Datum;

/// What every sealed file of variables has.
const MAC: &str = "sops_mac";

/// How the lines of the `sops` block begin.
const BLOCK: &str = "sops_";

/// How bulla's own part of the block begins. It counts lines that are no longer there.
const OWN: &str = "sops_bulla_";

/// A Secret that was such a file.
pub(super) struct Variables<'d> {
    data: &'d [Datum<'d>],
}

/// What was sealed in it.
pub(super) struct Opened {
    /// The values, by the nodes of those that they take the place of.
    pub(super) values: Vec<(NodeId, Zeroizing<Vec<u8>>)>,
    /// The nodes of the `sops` block.
    pub(super) block: HashSet<NodeId>,
    /// What is wrong with the MAC.
    pub(super) faults: Vec<Error>,
}

/// The variables of a Secret, if it was made out of a sealed file of them.
pub(super) fn variables<'d>(data: &'d [Datum<'d>]) -> Option<Variables<'d>> {
    let is_mac =
        |datum: &Datum<'_>| datum.key == MAC && datum.bytes.starts_with(SEALED_MARK.as_bytes());
    data.iter().any(is_mac).then_some(Variables { data })
}

impl Variables<'_> {
    /// Opens the file that the variables are of.
    ///
    /// # Errors
    ///
    /// As [`open`], whatever the MAC; what is readable and should be sealed is an error.
    pub(super) fn open(&self, keyring: &Keyring<'_>) -> Result<Opened, Error> {
        let (block, variables): (Vec<_>, Vec<_>) =
            self.data.iter().partition(|datum| datum.key.starts_with(BLOCK));
        let kept = block.iter().filter(|datum| !datum.key.starts_with(OWN));
        let mut file = Zeroizing::new(String::new());
        for datum in variables.iter().chain(kept) {
            // What is no text is not sealed either, and fails as such.
            let value = String::from_utf8_lossy(&datum.bytes);
            let value = Zeroizing::new(value.replace('\n', "\\n"));
            file.extend([datum.key, "=", &value, "\n"]);
        }
        let opened = open(&file, Format::Dotenv, keyring, true)?;
        let lines = opened.text.lines().filter_map(|line| line.split_once('='));
        let values = variables.iter().zip(lines).map(|(datum, (name, value))| {
            debug_assert_eq!(datum.key, name, "a line for each variable");
            (datum.node, Zeroizing::new(value.as_bytes().to_vec()))
        });
        Ok(Opened {
            values: values.collect(),
            block: block.iter().map(|datum| datum.node).collect(),
            faults: opened.ignored,
        })
    }
}
