//! A labelled corpus for the guard, made afresh from a seed: small repositories with
//! one secret each, and others that have none.
//!
//! The classes and the layouts are those on which the scanners that exist were
//! measured. No key in it is anybody's: all are drawn when a test runs.

use fastrand::Rng;

pub mod afresh;
pub mod clean;
pub mod clean_elsewhere;
pub mod clean_further;
pub mod draw;
pub mod elsewhere;
pub mod further;
pub mod key_files;
pub mod layouts;
pub mod sealing;
pub mod settings;

/// What should become of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// It must be blocked.
    Must,
    /// It must be blocked as a key file that a password protects.
    Policy,
    /// It must pass.
    Clean,
}

/// A small repository, one file of which is judged.
#[derive(Clone, Debug)]
pub struct Case {
    /// What is in it.
    pub class: &'static str,
    /// How that is wrapped.
    pub layout: &'static str,
    /// What should become of it.
    pub label: Label,
    /// The file's path.
    pub path: String,
    /// The file.
    pub bytes: Vec<u8>,
    /// Other files of the repository.
    pub others: Vec<(String, String)>,
    /// The line that has to be named, give or take one; 0 when any will do.
    pub line: usize,
}

impl Case {
    /// A case whose secret stands where `needle` does.
    ///
    /// # Panics
    ///
    /// When it does not stand there: the generator is wrong.
    pub fn new(
        class: &'static str,
        layout: &'static str,
        path: &str,
        text: &str,
        needle: &str,
    ) -> Self {
        let at = text
            .find(needle)
            .unwrap_or_else(|| panic!("{class}, {layout}: no {needle} in\n{text}"));
        let line = text[..at].matches('\n').count() + 1;
        let (path, bytes) = (path.to_owned(), text.as_bytes().to_vec());
        Self { class, layout, label: Label::Must, path, bytes, others: Vec::new(), line }
    }

    /// A case that must pass.
    pub fn clean(class: &'static str, path: &str, text: &str) -> Self {
        Self { label: Label::Clean, line: 0, ..Self::new(class, "as it is", path, text, "") }
    }
}

/// A key file, or anything else that is a file of its own.
#[derive(Clone, Debug)]
pub struct Item {
    /// What it is.
    pub class: &'static str,
    /// Whether a password protects it.
    pub label: Label,
    /// What it is called, with the folders that matter.
    pub name: String,
    /// What is in it.
    pub text: String,
    /// The secret, as it stands there.
    pub needle: String,
}

/// A name and a value.
#[derive(Clone, Debug)]
pub struct Setting {
    /// What it is.
    pub class: &'static str,
    /// The name, in capitals and underscores.
    pub name: String,
    /// The value.
    pub value: String,
}

/// All cases of a seed in the layouts that the notes measured.
pub fn cases(seed: u64) -> Vec<Case> {
    let mut rng = Rng::with_seed(seed);
    let mut cases = Vec::new();
    for item in key_files::all(&mut rng) {
        cases.extend(layouts::of_file(&mut rng, &item));
    }
    for setting in settings::all(&mut rng) {
        cases.extend(layouts::of_setting(&mut rng, &setting));
    }
    cases.extend(layouts::others(&mut rng));
    cases.extend(sealing::all(&mut rng));
    cases.extend(clean::all(&mut rng));
    cases
}

/// All cases of a seed in other layouts.
pub fn cases_elsewhere(seed: u64) -> Vec<Case> {
    let mut rng = Rng::with_seed(seed ^ 0x5bd1_e995);
    let mut cases = Vec::new();
    for item in key_files::all(&mut rng) {
        cases.extend(elsewhere::of_file(&mut rng, &item));
    }
    for setting in settings::all(&mut rng) {
        cases.extend(elsewhere::of_setting(&mut rng, &setting));
    }
    cases.extend(elsewhere::others(&mut rng));
    cases.extend(clean_elsewhere::all(&mut rng));
    cases
}

/// All cases of a seed in a third set of layouts.
pub fn cases_further(seed: u64) -> Vec<Case> {
    let mut rng = Rng::with_seed(seed ^ 0x7f4a_7c15);
    let mut cases = Vec::new();
    for item in key_files::all(&mut rng) {
        cases.extend(further::of_file(&item));
    }
    for setting in settings::all(&mut rng) {
        cases.extend(further::of_setting(&setting));
    }
    cases.extend(further::others(&mut rng));
    cases.extend(clean_further::all(&mut rng));
    cases
}

/// All cases of a seed in hosts and places that are templates.
pub fn cases_afresh(seed: u64) -> Vec<Case> {
    let mut rng = Rng::with_seed(seed ^ 0x2c1b_3c6d);
    let items = key_files::all(&mut rng);
    afresh::all(&mut rng, &items)
}
