//! What this process could write. The plugin reads its files and writes none, so where
//! it runs by itself it needs no such right, and whoever gets into it has no use of one.

use std::path::{Path, PathBuf};

use bulla_keys::Environment;
use bulla_keys::age::default_keys_file;
use bulla_krm::PROGRAM_NAMES;
use rustix::fs::{Access, access};

use super::Finding;
use crate::program;
use crate::tree::Tree;

const CHECK: &str = "access";

pub(super) fn look(tree: &Tree, environment: &Environment) -> Vec<Finding> {
    let keys = environment.age.key_file.clone().or_else(|| default_keys_file(environment));
    let keys = keys.into_iter().chain(environment.age.ssh_private_key_file.clone());
    let programs = PROGRAM_NAMES.into_iter().chain(["kustomize"]).filter_map(program::find);
    let things = Things {
        // Without the slash that an empty folder leaves behind.
        tree: tree.top.join(&tree.folder).components().collect(),
        keys: keys.filter(|file| file.exists()).collect(),
        programs: programs.collect(),
    };
    findings(&things, &|path| access(path, Access::WRITE_OK).is_ok())
}

/// What the plugin reads, and what is started.
struct Things {
    tree: PathBuf,
    keys: Vec<PathBuf>,
    programs: Vec<PathBuf>,
}

fn findings(things: &Things, can_write: &dyn Fn(&Path) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut warn = |path: &Path, what: &str, advice: &str| {
        let message = format!("this process can write {what} {}", path.display());
        findings.push(Finding::warning(CHECK, message, advice));
    };
    for file in things.keys.iter().filter(|file| can_write(file)) {
        warn(file, "the keys in", "where kustomize runs by itself, mount them read-only");
    }
    // To put another file in its place takes the right to write its folder.
    let replaceable = |file: &&PathBuf| can_write(file) || file.parent().is_some_and(can_write);
    for program in things.programs.iter().filter(replaceable) {
        let advice = "whoever can change it starts beside the keys; install it as another user";
        warn(program, "the program", advice);
    }
    if can_write(&things.tree) {
        let advice = "where kustomize runs by itself, a read-only checkout is enough";
        warn(&things.tree, "the tree", advice);
    }
    if findings.is_empty() {
        findings.push(Finding::ok(CHECK, "nothing that is read or started can be written here"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    fn found(writable: &[&str]) -> Vec<(State, String)> {
        let things = Things {
            tree: "/tree".into(),
            keys: vec!["/keys/keys.txt".into()],
            programs: vec!["/bin/bulla-krm".into(), "/opt/kustomize".into()],
        };
        let can_write = |path: &Path| writable.iter().any(|other| path == Path::new(other));
        let findings = findings(&things, &can_write).into_iter();
        findings.map(|finding| (finding.state, finding.message)).collect()
    }

    #[test]
    fn what_can_be_written_is_a_warning_each() {
        let warning = |text: &str| (State::Warning, format!("this process can write {text}"));
        assert_eq!(found(&["/tree"]), [warning("the tree /tree")]);
        assert_eq!(
            found(&["/keys/keys.txt", "/opt", "/bin/bulla-krm"]),
            [
                warning("the keys in /keys/keys.txt"),
                warning("the program /bin/bulla-krm"),
                warning("the program /opt/kustomize"),
            ]
        );
    }

    #[test]
    fn where_nothing_can_be_written_all_is_well() {
        assert!(matches!(found(&[]).as_slice(), [(State::Ok, _)]));
    }
}
