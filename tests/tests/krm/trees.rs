//! The trees of `fixtures/trees`, each built as it is and in the clear.
//!
//! A tree is one file: a sentence, then its files, each behind a line `== PATH`. What
//! follows the path says what the file is:
//!
//! * `sealed`: a manifest, whose values are sealed; `whole`: a file sealed as a whole;
//! * `opens FILE ...`: the config of a generator for these files;
//! * `transforms`: the config of a transformer.
//!
//! In the clear, sealed files are what they say, a generator prints its files, and a
//! transformer changes nothing. The folder `app` is built.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use bulla_core::{Format, Recipe, Selector, seal, seal_binary};
use bulla_testkit::{Sandbox, peers};
use bulla_tests::sealing::{NOW, keyring, recipe};

use crate::{build, config, each_kustomize};

/// What a tree says that 4.x cannot build: it starts functions in the wrong folder.
const FROM_5: &str = "From kustomize 5.";

/// A tree of the fixtures, in the folders `plain` and `sealed` of a sandbox.
pub(crate) fn write(sandbox: &Sandbox, tree: &str) {
    let (_, files) = tree.split_once("== ").expect("a tree has files");
    for file in files.split("\n== ") {
        let (head, text) = file.split_once('\n').unwrap_or((file, ""));
        let mut head = head.split(' ');
        let path = head.next().expect("a file has a path");
        // Splitting took the last line break of all files but the last.
        let text = format!("{}\n", text.trim_end_matches('\n'));
        let (sealed, plain) = match head.next() {
            None => (text.clone(), text),
            Some("sealed") => (seal_file(path, &text, Some(Selector::kubernetes())), text),
            Some("whole") => (seal_file(path, &text, None), text),
            Some("transforms") => (config(""), config("").replace("bulla-krm", "cat")),
            Some("opens") => {
                let files: Vec<_> = head.collect();
                print_files(sandbox, path, &files);
                let opens = config(&format!("files: [{}]\n", files.join(", ")));
                (opens, config("").replace("bulla-krm", "./print"))
            }
            Some(other) => panic!("{path}: what is {other}?"),
        };
        sandbox.write(format!("sealed/{path}"), sealed);
        sandbox.write(format!("plain/{path}"), plain);
    }
}

/// A plugin that prints what is in the clear: where the config is, kustomize starts it.
fn print_files(sandbox: &Sandbox, config: &str, files: &[&str]) {
    let folder = Path::new(config).parent().expect("a config is in a folder");
    let script =
        format!("#!/bin/sh\nfor file in {}; do echo ---; cat $file; done\n", files.join(" "));
    let path = sandbox.write(format!("plain/{}/print", folder.display()), script);
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a file of ours");
}

fn seal_file(path: &str, text: &str, selector: Option<Selector>) -> String {
    // Without a selector all of it is sealed, a manifest too.
    let kubernetes = selector.is_none().then_some(false);
    let recipe = Recipe { selector, kubernetes, ..recipe() };
    let sealed = match Format::from_path(path) {
        Format::Binary => {
            let mut bytes = text.as_bytes().to_vec().into();
            seal_binary(std::mem::take(&mut bytes), &recipe, &keyring(), NOW)
        }
        format => seal(text, format, &recipe, &keyring(), NOW),
    };
    sealed.unwrap_or_else(|error| panic!("{path}: {error}")).text
}

#[track_caller]
fn same(name: &str) {
    let file = peers::workspace_root().join("fixtures/trees").join(name).with_extension("txt");
    let tree = fs::read_to_string(file).expect("a tree");
    for (version, kustomize) in each_kustomize() {
        if version.starts_with("4.") && tree.contains(FROM_5) {
            continue;
        }
        let sandbox = Sandbox::new();
        write(&sandbox, &tree);
        let plain = sandbox.run(&mut build(&sandbox, &kustomize, "plain/app")).ok();
        let opened = sandbox.run(&mut build(&sandbox, &kustomize, "sealed/app")).ok();
        assert_eq!(opened.out(), plain.out(), "{name}, kustomize {version}");
        assert!(plain.out().contains("kind: Secret"), "{name}: {}", plain.out());
        // What is said is that a MAC could not be checked, never a value.
        assert!(!opened.err().contains("hunter2"), "{name}: {}", opened.err());
    }
}

macro_rules! trees {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            same(stringify!($name));
        })*

        /// No tree lies about that nobody builds.
        #[test]
        fn every_tree_is_built() {
            let built = [$(stringify!($name)),*];
            for entry in fs::read_dir(peers::workspace_root().join("fixtures/trees")).expect("trees") {
                let path = entry.expect("an entry").path();
                let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
                assert!(built.contains(&name.as_str()), "{name} is not in the list");
            }
        }
    };
}

trees!(
    component,
    documents,
    files_of_a_secret,
    generator,
    hash,
    json,
    lists,
    merge,
    nested,
    overlays,
    patches,
    replace,
    replacements,
    transformer,
    variables_of_a_secret,
);
