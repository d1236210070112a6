//! The samples as a page of Markdown.

use std::fmt::Write;
use std::fs;
use std::num::NonZero;
use std::thread;

use super::cases::{Case, SLOWER};
use super::inside::{self, Inside};
use super::krm;
use super::measure::Sample;

/// The medians of one case.
pub(super) struct Row {
    label: &'static str,
    args: Vec<String>,
    bulla: Sample,
    sops: Sample,
}

impl Row {
    /// Condenses the samples of both programs.
    pub(super) fn new(case: &Case, bulla: Vec<Sample>, sops: Vec<Sample>) -> Self {
        Self {
            label: case.label,
            args: case.args.clone(),
            bulla: medians(&bulla),
            sops: medians(&sops),
        }
    }
}

/// The whole of docs/benchmarks.md. It has no date, so that it changes only when the figures do.
pub(super) fn page(
    rows: &[Row],
    start: &[krm::Row],
    krm: &[krm::Row],
    guard: &[krm::Row],
    inside: &[Inside],
    runs: usize,
    sops_version: &str,
) -> String {
    let mut page = format!(
        "# Benchmarks\n\n\
         Whole processes from start to exit, bulla (release build) and sops {sops_version} in \
         turn on the same files with the same arguments. Medians of {runs} runs ({slow} for the \
         binary file); CPU is user and system time together, memory the largest resident set. The \
         ratio is sops divided by bulla: above 1, bulla needs less.\n\n\
         This page is written by `cargo xtask bench`, on {machine}.\n\n{table}\n## Commands\n\n",
        slow = runs.div_ceil(SLOWER),
        machine = machine(),
        table = table(rows, sops_version),
    );
    for row in rows {
        writeln!(page, "* {}: `{}`", row.label, command(&row.args))
            .expect("writing to a String cannot fail");
    }
    page.push_str(
        "\nBoth find the identity through `SOPS_AGE_KEY_FILE`; `RECIPIENT` is its recipient.\n",
    );
    write!(
        page,
        "\n## Start-up\n\n\
         What a file for age alone pays for the clients of all services, which it does not use: \
         the default build beside one with `--no-default-features`. What is left is the dynamic \
         linker's, which makes the tables of these clients fit the random address of the program \
         before it starts. Below it, what `exec-env` adds to the command that it starts: the \
         difference of the two.\n\n{}",
        krm_table(start)
    )
    .expect("writing to a String cannot fail");
    write!(
        page,
        "\n## The plugin\n\n\
         One config with 1,000 sealed Secrets (one age recipient each, four values), and one with a \
         single Secret. Under kustomize the other is the same build with a plugin that prints the \
         plaintext with `cat`; there a ratio under 1 is what opening costs. Alone, the plugin is \
         started as kustomize starts its older plugins, and sops once for each file.\n\n{}",
        krm_table(krm)
    )
    .expect("writing to a String cannot fail");
    write!(
        page,
        "\n## The guard\n\n\
         `bulla guard` beside gitleaks, both with what they do by default: over a tree of 500 MB in \
         some 79,000 files (manifests, charts, dashboards, pages, programs, lock files, images, and \
         a secret in one file of 400), over a history of 10,000 commits, and as the hook for 50 \
         staged files, all made from a seed. gitleaks passes over lock files and images by their \
         names; bulla does not.\n\n{}",
        krm_table(guard)
    )
    .expect("writing to a String cannot fail");
    write!(
        page,
        "\n## Inside\n\n\
         From `cargo bench --package bulla-core`, on one core, a plain key in the place of age. \
         `seal` is the whole walk: parse, select, seal, splice, verify (which parses and opens \
         the result), and the second opinion of a libyaml port on a shortened text. The numbers \
         in the names are bytes of plaintext: a stream of Secrets with nine values each, 46,000 \
         in 10 MB. `parse` compares our tree with the bare events of the parser under it. `calls` waits for a \
         service that gives a key out after 20 ms.\n\n{}",
        inside::table(inside)
    )
    .expect("writing to a String cannot fail");
    page
}

/// The table alone.
pub(super) fn table(rows: &[Row], sops_version: &str) -> String {
    let mut table = format!(
        "| case | measure | bulla | sops {sops_version} | ratio |\n\
         | --- | --- | ---: | ---: | ---: |\n"
    );
    for Row { label, bulla, sops, .. } in rows {
        lines(label, bulla, sops, &mut table);
    }
    table
}

/// The comparisons of the plugin as a table.
pub(super) fn krm_table(rows: &[krm::Row]) -> String {
    let mut table = "| case; the other | measure | bulla | the other | ratio |\n\
                     | --- | --- | ---: | ---: | ---: |\n"
        .to_owned();
    for krm::Row { label, bulla, other } in rows {
        lines(label, bulla, other, &mut table);
    }
    table
}

/// The three lines of a comparison.
fn lines(label: &str, bulla: &Sample, other: &Sample, table: &mut String) {
    let mut line = |label: &str, measure: &str, (ours, theirs): (f64, f64), unit: &str| {
        let ratio = theirs / ours;
        // Near 1, a tenth is too coarse.
        let digits = if ratio < 2.0 { 2 } else { 1 };
        writeln!(
            table,
            "| {label} | {measure} | {ours:.1} {unit} | {theirs:.1} {unit} | {ratio:.digits$} |"
        )
        .expect("writing to a String cannot fail");
    };
    line(label, "wall", (milliseconds(bulla.wall), milliseconds(other.wall)), "ms");
    line("", "CPU", (milliseconds(bulla.cpu), milliseconds(other.cpu)), "ms");
    line("", "memory", (megabytes(bulla.memory), megabytes(other.memory)), "MB");
}

/// Each measure has its own median; they need not come from one run.
pub(super) fn medians(samples: &[Sample]) -> Sample {
    Sample {
        wall: median(samples.iter().map(|sample| sample.wall).collect()),
        cpu: median(samples.iter().map(|sample| sample.cpu).collect()),
        memory: median(samples.iter().map(|sample| sample.memory).collect()),
    }
}

/// The middle value; of an even number, the upper of the two.
fn median<T: Ord + Copy>(mut values: Vec<T>) -> T {
    values.sort_unstable();
    values[values.len() / 2]
}

fn milliseconds(time: std::time::Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// The arguments as one would type them, with the long recipient by its name.
fn command(args: &[String]) -> String {
    let words = args.iter().map(|arg| match arg.as_str() {
        arg if arg.starts_with("age1") => "RECIPIENT".to_owned(),
        arg if arg.contains(['$', '^', '|', '(']) => format!("'{arg}'"),
        arg => arg.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let model = text.lines().find_map(|line| line.strip_prefix("model name"))?;
        Some(model.trim_start_matches([' ', '\t', ':']).to_owned())
    });
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    format!("{} ({cores} cores)", cpu.as_deref().unwrap_or(std::env::consts::ARCH))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn sample(milliseconds: u64, memory: u64) -> Sample {
        let time = Duration::from_millis(milliseconds);
        Sample { wall: time, cpu: time, memory }
    }

    #[test]
    fn a_median_is_not_moved_by_one_bad_run() {
        let median =
            medians(&[sample(3, 30_000_000), sample(900, 10_000_000), sample(2, 20_000_000)]);
        assert_eq!(median, sample(3, 20_000_000));
    }

    #[test]
    fn a_row_says_how_many_times_less() {
        let row = Row {
            label: "decrypt",
            args: Vec::new(),
            bulla: sample(2, 5_000_000),
            sops: sample(20, 60_000_000),
        };
        let table = table(&[row], "3.13.1");
        assert!(table.contains("| decrypt | wall | 2.0 ms | 20.0 ms | 10.0 |\n"), "{table}");
        assert!(table.contains("|  | memory | 5.0 MB | 60.0 MB | 12.0 |\n"), "{table}");
    }

    #[test]
    fn a_command_can_be_pasted() {
        let args = ["encrypt", "--age", "age1abc", "--encrypted-regex", "^(data)$", "a.yaml"]
            .map(str::to_owned);
        assert_eq!(command(&args), "encrypt --age RECIPIENT --encrypted-regex '^(data)$' a.yaml");
    }
}
