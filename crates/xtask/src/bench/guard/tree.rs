//! A tree as GitOps repositories have it, from a seed: manifests, charts, dashboards, pages,
//! programs, lock files, images, and a few keys that nobody should have committed.

use std::fs;
use std::io;
use std::path::Path;

use fastrand::Rng;

use super::texts;

/// Makes the content of a file.
type Make = fn(&mut Rng) -> Vec<u8>;

/// How many bytes of a tree are what: shares of a hundred, what makes such a file, and how it is
/// called: `N` is a number of its own, `T` one that some share.
const MIX: [(u64, Make, &str); 16] = [
    (16, |rng| texts::workload(rng).into(), "apps/team-T/workload-N.yaml"),
    (5, |rng| texts::settings(rng).into(), "apps/team-T/configmap-N.yaml"),
    (4, |rng| texts::references(rng).into(), "apps/team-T/external-secret-N.yaml"),
    (3, |rng| texts::sealed(rng).into(), "apps/team-T/secret-N.enc.yaml"),
    (12, |rng| texts::definition(rng).into(), "crds/kind-N.yaml"),
    (13, |rng| texts::dashboard(rng).into(), "dashboards/board-N.json"),
    (6, |rng| texts::template(rng).into(), "charts/chart-T/templates/workload-N.yaml"),
    (4, |rng| texts::values(rng).into(), "charts/chart-T/values-N.yaml"),
    (7, |rng| texts::page(rng).into(), "docs/page-N.md"),
    (7, |rng| texts::program(rng).into(), "src/part-T/part-N.go"),
    (3, |rng| texts::script(rng).into(), "scripts/job-N.sh"),
    (3, |rng| texts::infrastructure(rng).into(), "terraform/module-N/main.tf"),
    (5, |rng| texts::go_sum(rng).into(), "src/module-N/go.sum"),
    (5, |rng| texts::package_lock(rng).into(), "web/app-N/package-lock.json"),
    (5, texts::image, "docs/images/image-N.png"),
    (2, texts::archive, "charts/chart-N.tgz"),
];

/// One file in so many holds a secret.
const ONE_IN: usize = 400;

/// How many files, of all kinds, share a number.
const FOLDER: usize = 40;

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    /// How many files.
    pub(super) files: usize,
    /// How many bytes in all of them.
    pub(super) bytes: u64,
    /// How many of them hold a secret.
    pub(super) secrets: usize,
}

/// Writes at least so many bytes of files below a folder. The same seed and size give the same
/// tree.
///
/// # Errors
///
/// When a file cannot be written.
pub(super) fn write(folder: &Path, seed: u64, bytes: u64) -> io::Result<Written> {
    let mut written = Written::default();
    files(seed, bytes, |path, content, is_secret| {
        written.files += 1;
        written.bytes += content.len() as u64;
        written.secrets += usize::from(is_secret);
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, content)
    })?;
    Ok(written)
}

/// Makes the files of a tree one by one: path, content, whether it holds a secret.
pub(super) fn files(
    seed: u64,
    bytes: u64,
    mut take: impl FnMut(&str, &[u8], bool) -> io::Result<()>,
) -> io::Result<()> {
    let mut rng = Rng::with_seed(seed);
    let mut left = bytes;
    let mut spent = [0; MIX.len()];
    let mut number = 0;
    while left > 0 {
        number += 1;
        let (path, content, is_secret) = if number % ONE_IN == 0 {
            let (path, content) = texts::secret(&mut rng, number / ONE_IN);
            (format!("leaks/team-{number}/{path}"), content.into_bytes(), true)
        } else {
            // The kind that has got least of its share.
            let behind = |index: &usize| spent[*index] * 1000 / MIX[*index].0;
            let index = (0..MIX.len()).min_by_key(behind).unwrap_or_default();
            let (_, make, path) = MIX[index];
            let content = make(&mut rng);
            spent[index] += content.len() as u64;
            let path = path.replace('T', &(number / FOLDER).to_string());
            (path.replace('N', &number.to_string()), content, false)
        };
        // Folders of a few hundred entries, as people have them.
        let path = format!("cluster-{}/{path}", number / 2000);
        take(&path, &content, is_secret)?;
        left = left.saturating_sub(content.len() as u64);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(seed: u64) -> Vec<(String, Vec<u8>)> {
        let mut all = Vec::new();
        files(seed, 8 << 20, |path, content, _| {
            all.push((path.to_owned(), content.to_vec()));
            Ok(())
        })
        .unwrap();
        all
    }

    #[test]
    fn a_seed_makes_one_tree() {
        assert!(tree(1) == tree(1));
        assert!(tree(1) != tree(2));
    }

    #[test]
    fn shares_make_a_whole_and_are_kept() {
        assert_eq!(MIX.iter().map(|(share, ..)| share).sum::<u64>(), 100);
        let tree = tree(1);
        let all: usize = tree.iter().map(|(_, content)| content.len()).sum();
        for (end, share) in [(".json", 18), (".png", 5), (".md", 7), (".go", 7)] {
            let files = tree.iter().filter(|(path, _)| path.ends_with(end));
            let bytes: usize = files.map(|(_, content)| content.len()).sum();
            let found = bytes * 100 / all;
            assert!((share - 3..=share + 4).contains(&found), "{end}: {found} %");
        }
    }

    #[test]
    fn no_path_is_there_twice() {
        let paths: std::collections::HashSet<_> =
            tree(1).into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths.len(), tree(1).len());
    }
}
