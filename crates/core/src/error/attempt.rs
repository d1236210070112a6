//! Why no key opens a file.

use std::fmt;

use crate::master_key::{KeyError, MasterKey, WrappedKey};

/// What happened when one of a file's keys was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The key, as in metadata.
    pub key: Box<MasterKey>,
    /// Its key group, from 0.
    pub group: usize,
    /// What was looked at, a place each; empty when no service opens such keys.
    pub tried: Vec<String>,
    /// Why that failed, service by service; empty when nothing fitted.
    pub errors: Vec<KeyError>,
}

impl Attempt {
    /// Nothing happened yet.
    pub(crate) fn new(wrapped: &WrappedKey) -> Self {
        let key = Box::new(wrapped.key.clone());
        Self { key, group: 0, tried: Vec::new(), errors: Vec::new() }
    }

    /// This happened.
    pub(crate) fn failed(wrapped: &WrappedKey, error: KeyError) -> Self {
        Self { errors: vec![error], ..Self::new(wrapped) }
    }
}

/// How far the groups of a file were opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// How many groups are needed.
    pub needed: usize,
    /// Whether it was opened, for each group.
    pub open: Vec<bool>,
}

impl Missing {
    /// How many groups were opened.
    pub fn opened(&self) -> usize {
        self.open.iter().filter(|&&open| open).count()
    }

    /// The groups that were not opened, from 0.
    pub fn groups(&self) -> impl Iterator<Item = usize> {
        self.open.iter().enumerate().filter(|&(_, &open)| !open).map(|(group, _)| group)
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (needed, opened) = (self.needed, self.opened());
        write!(
            f,
            "{needed} of the {} key groups of this file are needed to open it, ",
            self.open.len()
        )?;
        match opened {
            0 => f.write_str("and none could be opened"),
            1 => f.write_str("and only 1 could be opened"),
            _ => write!(f, "and only {opened} could be opened"),
        }
    }
}
