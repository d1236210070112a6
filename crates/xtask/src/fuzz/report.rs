//! What libFuzzer says at the end, as a table.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

/// What came of one target.
pub(crate) struct Outcome {
    pub(crate) name: &'static str,
    executions: u64,
    /// Edges of the program that some input took.
    edges: u64,
    /// Inputs in the corpus.
    corpus: u64,
    cpu: Duration,
    /// The input that broke something, as libFuzzer names it, or the last line of its log.
    finding: Option<String>,
    log: PathBuf,
}

impl Outcome {
    /// Takes the log of a run apart.
    pub(crate) fn read(
        name: &'static str,
        log_text: &str,
        cpu: Duration,
        succeeded: bool,
        log: PathBuf,
    ) -> Self {
        let finding = (!succeeded).then(|| {
            let artifact =
                log_text.lines().find_map(|line| line.split("Test unit written to ").nth(1));
            artifact.or(log_text.lines().last()).unwrap_or("nothing was said").to_owned()
        });
        Self {
            name,
            executions: number_after(log_text, "stat::number_of_executed_units:").unwrap_or(0),
            edges: number_after(log_text, " cov:").unwrap_or(0),
            corpus: number_after(log_text, " corp:").unwrap_or(0),
            cpu,
            finding,
            log,
        }
    }
}

/// The number behind the last place where `label` stands.
fn number_after(text: &str, label: &str) -> Option<u64> {
    let rest = text.rsplit_once(label)?.1.trim_start();
    let end = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

/// A line for each target.
pub(crate) fn table(outcomes: &[Outcome]) -> String {
    let mut table = String::from(
        "| target | executions | edges covered | corpus | CPU time |\n| --- | ---: | ---: | ---: | ---: |\n",
    );
    for outcome in outcomes {
        let Outcome { name, executions, edges, corpus, cpu, .. } = outcome;
        // Writing to a String cannot fail.
        let _ = writeln!(
            table,
            "| `{name}` | {executions} | {edges} | {corpus} | {:.0} s |",
            cpu.as_secs_f64()
        );
    }
    table
}

/// What to look at; `None` when there is nothing.
pub(crate) fn findings(outcomes: &[Outcome]) -> Option<String> {
    let found: Vec<_> = outcomes
        .iter()
        .filter_map(|outcome| {
            let finding = outcome.finding.as_ref()?;
            let log = outcome.log.display();
            Some(format!("{}: {finding}\n  the log is {log}", outcome.name))
        })
        .collect();
    (!found.is_empty()).then(|| {
        format!(
            "{}\nwrite a test, and put each input into tests/fuzz/found/TARGET",
            found.join("\n")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "#2\tINITED cov: 10 ft: 11 corp: 3/4b exec/s: 0 rss: 40Mb\n\
        #9\tDONE   cov: 120 ft: 300 corp: 45/1Kb lim: 9 exec/s: 3 rss: 50Mb\n\
        stat::number_of_executed_units: 987\n";

    #[test]
    fn the_last_figures_count() {
        let second = Duration::from_secs(1);
        let outcome = Outcome::read("yaml", LOG, second, true, PathBuf::new());
        assert_eq!(table(&[outcome]).lines().last(), Some("| `yaml` | 987 | 120 | 45 | 1 s |"));
    }

    #[test]
    fn a_finding_is_named() {
        let log =
            format!("{LOG}==1== ERROR\nartifact_prefix='x/'; Test unit written to x/crash-1\n");
        let outcome = Outcome::read("yaml", &log, Duration::ZERO, false, "y.log".into());
        let said = findings(&[outcome]).expect("it failed");
        assert!(said.starts_with("yaml: x/crash-1\n  the log is y.log"), "{said}");
    }
}
