//! Debian packages of any suite, without touching the machine's own apt.
//!
//! The machine's sources name a mirror that works here; a private state directory asks that mirror
//! for another suite. apt checks the suite's signature as always.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{APT, output, run};
use crate::peers::outcome::InstallError;

/// The archive's public keys, where the package debian-archive-keyring puts them.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Downloads one version of one package into `into`.
pub(super) fn download(
    package: &str,
    version: &str,
    suite: &str,
    into: &Path,
) -> Result<(), InstallError> {
    let mirror = mirror(&index_targets()?).ok_or(InstallError::NoMirror)?;
    for dir in ["state/lists/partial", "cache/archives/partial", "sources"] {
        let dir = into.join(dir);
        fs::create_dir_all(&dir).map_err(InstallError::file("make", &dir))?;
    }
    let sources = into.join("sources/debian.sources");
    fs::write(&sources, source(&mirror, suite)).map_err(InstallError::file("write", &sources))?;

    run(private(into).arg("update"), APT)?;
    run(private(into).arg("download").arg(format!("{package}={version}")), APT)
}

/// An apt-get that keeps its state in `dir` and knows only the sources written there.
fn private(dir: &Path) -> Command {
    let mut apt = Command::new("apt-get");
    apt.current_dir(dir).arg("--quiet");
    let mut option = |name: &str, value: String| {
        apt.arg("-o").arg(format!("{name}={value}"));
    };
    for (name, path) in [
        ("Dir::State", "state"),
        ("Dir::Cache", "cache"),
        ("Dir::Etc::sourceparts", "sources"),
        // Neither of these exists: the machine's own files must not be read.
        ("Dir::Etc::sourcelist", "no-sources.list"),
        ("Dir::Etc::preferences", "no-preferences"),
        ("Dir::Etc::preferencesparts", "no-preferences.d"),
    ] {
        option(name, dir.join(path).display().to_string());
    }
    option("Acquire::Languages", "none".to_owned());
    option("Acquire::Retries", "3".to_owned());
    // As root, apt would download as another user, who cannot write here.
    option("APT::Sandbox::User", "root".to_owned());
    // A source that does not answer is otherwise only a warning, and the package then merely
    // unknown.
    option("APT::Update::Error-Mode", "any".to_owned());
    apt
}

/// What the machine's sources point at: one line `<uri> <component>` for each package index.
fn index_targets() -> Result<String, InstallError> {
    let mut apt = Command::new("apt-get");
    // Without the release files, so that it works before the machine's first `apt-get update`.
    apt.args([
        "indextargets",
        "--no-release-info",
        "--format",
        "$(REPO_URI) $(COMPONENT)",
        "Created-By: Packages",
    ]);
    output(&mut apt, APT)
}

/// The first Debian archive of the list; not its security or third-party neighbours.
fn mirror(index_targets: &str) -> Option<String> {
    let uris = index_targets.lines().filter_map(|line| line.strip_suffix(" main"));
    uris.map(|uri| uri.trim_end_matches('/'))
        .find(|uri| uri.ends_with("/debian"))
        .map(str::to_owned)
}

fn source(mirror: &str, suite: &str) -> String {
    let mut source = format!("Types: deb\nURIs: {mirror}\nSuites: {suite}\nComponents: main\n");
    if Path::new(KEYRING).exists() {
        source.push_str(&format!("Signed-By: {KEYRING}\n"));
    }
    source
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirror_is_the_main_archive() {
        let targets = "https://packages.example.com/apt main\n\
                       https://mirror.example.org/debian-security/ main\n\
                       https://mirror.example.org/debian/ contrib\n\
                       https://mirror.example.org/debian/ main\n";
        assert_eq!(mirror(targets).as_deref(), Some("https://mirror.example.org/debian"));
        assert_eq!(mirror("https://archive.example.org/ubuntu/ main\n"), None);
        assert_eq!(mirror(""), None);
    }

    #[test]
    fn the_suite_is_not_the_machines_own() {
        let source = source("https://mirror.example.org/debian", "sid");
        assert!(
            source
                .starts_with("Types: deb\nURIs: https://mirror.example.org/debian\nSuites: sid\n")
        );
    }
}
