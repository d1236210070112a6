//! What the benches of the crates measured, out of criterion's own files.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::Value as Json;

/// One bench: what it is called, how long one round takes, and over how many bytes.
#[derive(Debug, PartialEq)]
pub(super) struct Inside {
    name: String,
    nanoseconds: f64,
    bytes: u64,
}

/// All benches below `folder`, the quick ones first.
pub(super) fn read(folder: &Path) -> Vec<Inside> {
    let mut found = Vec::new();
    collect(folder, &mut found);
    found.sort_by(|a, b| a.nanoseconds.total_cmp(&b.nanoseconds));
    found
}

/// The benches as a table.
pub(super) fn table(benches: &[Inside]) -> String {
    let mut table = "| bench | median | throughput |\n| --- | ---: | ---: |\n".to_owned();
    for Inside { name, nanoseconds, bytes } in benches {
        let speed = *bytes as f64 / 1e6 / (nanoseconds / 1e9);
        writeln!(table, "| {name} | {:.2} ms | {speed:.0} MB/s |", nanoseconds / 1e6)
            .expect("writing to a String cannot fail");
    }
    table
}

fn collect(folder: &Path, found: &mut Vec<Inside>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.file_name().is_some_and(|name| name == "new") {
            found.extend(parse(
                &fs::read_to_string(path.join("benchmark.json")).unwrap_or_default(),
                &fs::read_to_string(path.join("estimates.json")).unwrap_or_default(),
            ));
        } else if path.is_dir() {
            collect(&path, found);
        }
    }
}

fn parse(bench: &str, estimates: &str) -> Option<Inside> {
    let bench: Json = serde_json::from_str(bench).ok()?;
    let estimates: Json = serde_json::from_str(estimates).ok()?;
    Some(Inside {
        name: bench["full_id"].as_str()?.replace('/', ": "),
        nanoseconds: estimates["median"]["point_estimate"].as_f64()?,
        bytes: bench["throughput"]["Bytes"].as_u64()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn criterions_files_are_read() {
        let bench = r#"{"full_id":"walk/seal 1000","throughput":{"Bytes":2000}}"#;
        let estimates = r#"{"median":{"point_estimate":1000000.0}}"#;
        let inside = parse(bench, estimates).unwrap();
        assert_eq!(table(&[inside]).lines().last(), Some("| walk: seal 1000 | 1.00 ms | 2 MB/s |"));
        assert_eq!(parse(bench, "{}"), None);
    }
}
