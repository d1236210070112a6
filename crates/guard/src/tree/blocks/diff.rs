//! Patches: what they add to each file is a text of its own, whose lines begin with a
//! sign.

use std::ops::Range;

/// What a patch adds to a file.
pub(in crate::tree) struct Added<'t> {
    /// The lines of it, from the first to the last.
    pub(in crate::tree) range: Range<usize>,
    /// Those lines, the signs made blank and what is not added too: as long as the
    /// range, byte for byte.
    pub(in crate::tree) painted: String,
    /// The file, by its path.
    pub(in crate::tree) path: &'t str,
}

/// How many files of one patch are looked at.
const FILE_LIMIT: usize = 10_000;

/// What a patch adds to each file; nothing, when the text is no patch.
pub(in crate::tree) fn added(text: &str) -> Vec<Added<'_>> {
    let mut files: Vec<Added<'_>> = Vec::new();
    if !text.starts_with("+++ ") && !text.contains("\n+++ ") {
        return files;
    }
    let mut start = 0;
    // Lines of a hunk that are still to come; in the head of a file, none.
    let mut left = 0_usize;
    let mut path = None;
    for line in text.split_inclusive('\n') {
        let here = start;
        start += line.len();
        if left == 0 {
            if let Some(name) = line.strip_prefix("+++ ") {
                let name = name.trim().split('\t').next().unwrap_or_default();
                path = Some(name.strip_prefix("b/").unwrap_or(name));
            } else if let Some(hunk) = line.strip_prefix("@@ ")
                && let Some(path) = path
            {
                left = length_of(hunk);
                if files.len() < FILE_LIMIT {
                    files.push(Added { range: start..start, painted: String::new(), path });
                }
            }
            continue;
        }
        let sign = line.as_bytes().first().copied();
        if sign != Some(b'-') && sign != Some(b'\\') {
            left -= 1;
        }
        let Some(file) = files.last_mut().filter(|file| file.range.end == here) else { continue };
        file.range.end = start;
        match sign {
            Some(b'+') => {
                file.painted.push(' ');
                file.painted.push_str(&line[1..]);
            }
            _ => file.painted.extend(line.chars().flat_map(|character| {
                let blank = if matches!(character, '\n' | '\r') { character } else { ' ' };
                std::iter::repeat_n(blank, character.len_utf8())
            })),
        }
    }
    files
}

/// How many lines a hunk has in the new file: `-0,0 +1,3 @@`.
fn length_of(hunk: &str) -> usize {
    let new = hunk.split(' ').find_map(|part| part.strip_prefix('+')).unwrap_or_default();
    new.split_once(',').map_or(1, |(_, length)| length.parse().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_is_a_text() {
        let patch = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,3 @@\n ä\n-old\n+{\n+  \"a\": 1\n@@ -9 +9 @@\n+}\n+++ b/y\n@@ -0,0 +1 @@\n+z\n";
        let files = added(patch);
        let shown: Vec<_> = files.iter().map(|file| (file.path, file.painted.trim())).collect();
        assert_eq!(shown, [("x", "{\n   \"a\": 1"), ("x", "}"), ("y", "z")]);
        for file in &files {
            assert_eq!(file.range.len(), file.painted.len());
        }
        assert!(added("a: b\n").is_empty());
        assert!(added("+++ b/x\n@@ -0,0 +1,99999999999999999999999 @@\n+z").len() == 1);
    }
}
