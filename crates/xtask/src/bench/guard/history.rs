//! A repository with a long history, written as a stream for `git fast-import`.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::Stdio;

use bulla_testkit::{Sandbox, peers};
use fastrand::Rng;

use super::texts;
use crate::Result;

/// How many files the repository has.
const FILES: usize = 400;

/// One commit in so many brings something back that was there before.
const BACK: usize = 3;

/// Makes the content of a file.
type Make = fn(&mut Rng) -> String;

/// What is kept in such a repository.
const KINDS: [(Make, &str); 5] = [
    (texts::workload, "deployment.yaml"),
    (texts::settings, "configmap.yaml"),
    (texts::values, "values.yaml"),
    (texts::sealed, "secret.enc.yaml"),
    (texts::script, "install.sh"),
];

/// Makes a repository with so many commits on one branch.
///
/// # Errors
///
/// When git does not do its part.
pub(super) fn write(sandbox: &Sandbox, repo: &Path, seed: u64, commits: usize) -> Result {
    fs::create_dir_all(repo)?;
    let git = peers::system("git");
    sandbox.run(sandbox.command(&git).current_dir(repo).args(["init", "--quiet"])).ok();
    let mut import = sandbox.command(&git);
    import.current_dir(repo).args(["fast-import", "--quiet"]).stdin(Stdio::piped());
    let mut import = import.spawn()?;
    if let Some(input) = import.stdin.take() {
        stream(&mut BufWriter::new(input), seed, commits)?;
    }
    if !import.wait()?.success() {
        return Err("git fast-import did not take the history".into());
    }
    sandbox.run(sandbox.command(&git).current_dir(repo).args(["reset", "--hard", "main"])).ok();
    Ok(())
}

fn stream(out: &mut impl Write, seed: u64, commits: usize) -> io::Result<()> {
    let mut rng = Rng::with_seed(seed);
    // What each file was, by the marks of its blobs.
    let mut past: Vec<Vec<usize>> = vec![Vec::new(); FILES];
    let mut marks = 0;
    for number in 0..commits {
        let file = rng.usize(..FILES);
        let (make, name) = KINDS[file % KINDS.len()];
        let mark = if !past[file].is_empty() && rng.usize(..BACK) == 0 {
            past[file][rng.usize(..past[file].len())]
        } else {
            marks += 1;
            let content = make(&mut rng);
            writeln!(out, "blob\nmark :{marks}\ndata {}\n{content}", content.len())?;
            past[file].push(marks);
            marks
        };
        let message = format!("Change {name} {number}");
        writeln!(
            out,
            "commit refs/heads/main\ncommitter bench <bench@example.org> {} +0000\ndata {}\n{message}\n\
             M 100644 :{mark} apps/team-{file}/{name}",
            1_700_000_000 + number,
            message.len(),
        )?;
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_is_written_once_and_comes_back() {
        let mut out = Vec::new();
        stream(&mut out, 1, 1000).unwrap();
        let text = String::from_utf8(out).unwrap();
        let count = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
        assert_eq!(count("commit refs/"), 1000);
        let blobs = count("mark :");
        assert!((600..900).contains(&blobs), "{blobs}");
    }
}
