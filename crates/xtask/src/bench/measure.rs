//! What one process costs: wall time, processor time, and memory at its fullest.
//!
//! The process is not a child of the bench itself but of a second, small one. Linux counts what a
//! process had in memory before it became another program, so a child of a parent with large files
//! in memory would seem large as well.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bulla_testkit::Run;
use wait4::Wait4;

use crate::Result;

/// The verb by which the bench starts itself again.
pub(crate) const MEASURE: &str = "measure-one";

/// The cost of one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sample {
    /// From start to exit.
    pub(super) wall: Duration,
    /// User and system time together.
    pub(super) cpu: Duration,
    /// The largest resident set, in bytes.
    pub(super) memory: u64,
}

/// Runs a program that ends with one of these codes, throws its output away, and prints what it
/// cost for [`Sample::parse`].
pub(crate) fn measure_child(program: &str, args: &[&str], codes: &[i32]) -> Result {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null());
    let started = Instant::now();
    let child = command.spawn().map_err(|error| format!("cannot start {program}: {error}"))?;
    let end = child.wait4()?;
    let wall = started.elapsed();
    if !end.status.code().is_some_and(|code| codes.contains(&code)) {
        return Err(format!("{program}: {}", end.status).into());
    }
    let cpu = end.rusage.utime + end.rusage.stime;
    println!("{} {} {}", wall.as_nanos(), cpu.as_nanos(), end.rusage.maxrss);
    Ok(())
}

impl Sample {
    /// Reads what [`measure_child`] printed.
    pub(super) fn parse(run: &Run) -> Result<Self> {
        let text = String::from_utf8_lossy(&run.stdout);
        let numbers: Vec<u64> =
            text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        match numbers.as_slice() {
            &[wall, cpu, memory] if run.code == 0 => Ok(Self {
                wall: Duration::from_nanos(wall),
                cpu: Duration::from_nanos(cpu),
                memory,
            }),
            _ => Err(format!("{}: {}", run.command, String::from_utf8_lossy(&run.stderr)).into()),
        }
    }
}
