//! The guard under the managers of hooks that people have, each the real one: a key is
//! stopped, everything else goes through, and the canary is caught.

use bulla_testkit::{Run, Sandbox, binary, peers};

use crate::{NODE_KEY, path_with};

/// A repository whose git finds bulla and the manager.
struct Repository {
    sandbox: Sandbox,
    path: std::ffi::OsString,
}

impl Repository {
    fn new(manager: &std::path::Path) -> Self {
        let repository =
            Self { sandbox: Sandbox::new(), path: path_with(&[&binary("bulla"), manager]) };
        repository.git(&["init", "--quiet"]).ok();
        repository
    }

    fn run(&self, program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> Run {
        let mut command = self.sandbox.command(program);
        self.sandbox.run(command.env("PATH", &self.path).args(arguments))
    }

    fn git(&self, arguments: &[&str]) -> Run {
        self.run("git", arguments)
    }

    /// Whether keys are stopped on every way into the repository, and nothing else is.
    fn is_guarded(&self) {
        self.sandbox.write("readme", "no key\n");
        self.git(&["add", "."]).ok();
        self.git(&["commit", "--quiet", "--message", "one"]).ok();
        self.sandbox.write("odd name --.json", NODE_KEY);
        self.git(&["add", "."]).ok();
        let refused = self.git(&["commit", "--message", "two"]).fails();
        let said = format!("{}{}", refused.out(), refused.err());
        assert!(said.contains("odd name --.json:1:"), "{said}");
        self.git(&["rev-parse", "--verify", "--quiet", "HEAD^"]).fails();
        // A message.
        self.git(&["rm", "--quiet", "--force", "odd name --.json"]).ok();
        let refused = self.git(&["commit", "--allow-empty", "--message", NODE_KEY]).fails();
        let said = format!("{}{}", refused.out(), refused.err());
        assert!(said.contains("commit message"), "{said}");
        // A push, of what no hook has seen.
        self.git(&["init", "--quiet", "--bare", "../remote.git"]).ok();
        self.git(&["remote", "add", "origin", "../remote.git"]).ok();
        self.git(&["push", "--quiet", "origin", "HEAD:refs/heads/main"]).ok();
        self.sandbox.write("late.json", NODE_KEY);
        self.git(&["add", "."]).ok();
        self.git(&["commit", "--quiet", "--no-verify", "--message", "three"]).ok();
        let refused = self.git(&["push", "origin", "HEAD:refs/heads/main"]).fails();
        let said = format!("{}{}", refused.out(), refused.err());
        assert!(said.contains("late.json:1:"), "{said}");
        let doctor = self.run(binary("bulla"), &["guard", "doctor"]).ok();
        assert_eq!(doctor.out().matches("caught the canary").count(), 4, "{}", doctor.out());
    }
}

#[test]
fn husky() {
    let husky = peers::husky();
    let repository = Repository::new(&peers::system("node"));
    repository.run("node", &[&husky.to_string_lossy()]).ok();
    // Its `init` writes such a file.
    repository.sandbox.write(".husky/pre-commit", "true\n");
    repository.run(binary("bulla"), &["guard", "install"]).ok();
    repository.is_guarded();
}

/// lefthook has a file of its own, for which `install` prints the lines.
#[test]
fn lefthook() {
    let lefthook = peers::lefthook();
    let repository = Repository::new(&lefthook);
    repository.sandbox.write("lefthook.yml", "# nothing yet\n");
    let told = repository.run(binary("bulla"), &["guard", "install"]).exits(1);
    let lines = told.err().split("\n\n").nth(1).expect("lines between empty ones").to_owned();
    repository.sandbox.write("lefthook.yml", lines + "\n");
    repository.run(&lefthook, &["install"]).ok();
    repository.is_guarded();
}
