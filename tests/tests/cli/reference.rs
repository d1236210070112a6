//! docs/cli.md is the help of every command, word for word, so that a flag that
//! changes is seen in review.

use std::fmt::Write;
use std::fs;

use bulla_testkit::{Sandbox, peers};

const HEAD: &str = "\
# Command line

What `--help` says, for every command. A test compares this page with the program;
`BULLA_BLESS=1 cargo test -p bulla-tests --test cli reference` writes it anew.
";

#[test]
fn the_reference_is_what_the_program_says() {
    let sandbox = Sandbox::new();
    let mut page = HEAD.to_owned();
    for path in paths(&bulla::command(), &[]) {
        let help = sandbox.run(sandbox.bulla().args(&path[1..]).arg("--help")).ok();
        let help: String =
            help.out().lines().map(|line| line.trim_end().to_owned() + "\n").collect();
        write!(page, "\n## {}\n\n```text\n{help}```\n", path.join(" ")).expect("a text grows");
    }
    let file = peers::workspace_root().join("docs/cli.md");
    if std::env::var_os("BULLA_BLESS").is_some() {
        fs::write(&file, &page).expect("the page can be written");
    }
    let written = fs::read_to_string(&file).unwrap_or_default();
    assert!(written == page, "docs/cli.md is not what the program says: see its first lines");
}

#[test]
fn every_help_fits_a_screen() {
    let sandbox = Sandbox::new();
    for path in paths(&bulla::command(), &[]) {
        let help = sandbox.run(sandbox.bulla().args(&path[1..]).arg("--help")).ok();
        let lines = help.out().lines().count();
        assert!(lines <= 44, "{path:?}: {lines} lines");
        let longest = help.out().lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(100), "{path:?}: {longest:?} columns");
    }
}

#[test]
fn the_version_is_one_line() {
    let sandbox = Sandbox::new();
    let version = sandbox.run(sandbox.bulla().arg("--version")).ok();
    assert_eq!(sandbox.normalise(version.out()), "bulla [VERSION]\n");
}

#[test]
fn every_shell_gets_its_completions() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = sandbox.run(sandbox.bulla().args(["completion", shell])).ok();
        assert!(script.out().contains("filename-override"), "{shell}");
    }
    sandbox.run(sandbox.bulla().args(["completion", "sh"])).exits(1);
}

/// The names of a command and of all below it.
fn paths(command: &clap::Command, above: &[String]) -> Vec<Vec<String>> {
    let mut path = above.to_vec();
    path.push(command.get_name().to_owned());
    let mut all = vec![path.clone()];
    for command in command.get_subcommands() {
        all.extend(paths(command, &path));
    }
    all
}
