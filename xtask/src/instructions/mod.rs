//! `cargo xtask instructions`: instructions of every stage by the kernels of a host, within limits. Exact and the
//! same everywhere, so that a slower stage shows at once; but no measure of time.

mod callgrind;
mod limits;
mod qemu;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::setup::bare_metal::Toolchain;
use crate::{firmware, process, setup};

/// Whether the instructions of this machine's kernels can be counted.
pub const COUNTED: bool = cfg!(all(target_arch = "x86_64", target_os = "linux"));

/// A stage with a model and a set of kernels: what the program says of it, and what was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    model: String,
    kernels: String,
    stage: String,
    /// Multiply-accumulates; 0 where they are not what takes the time.
    macs: u64,
    /// The same for all kernels.
    result: i64,
    instructions: u64,
}

/// Runs the verb: this machine's kernels by Callgrind.
pub fn run() -> Result<()> {
    setup::valgrind::ensure()?;
    check()
}

/// Counts with the kernels for x86-64 that Callgrind knows, AVX2 and the scalar ones, and holds them against
/// their limits.
///
/// # Errors
///
/// If the program can't be built or run, if the kernels give different results, or if a limit is not kept.
pub fn check() -> Result<()> {
    if !COUNTED {
        println!("SKIPPED instructions of this host: the limits are those of Linux on x86-64");
        return Ok(());
    }
    let program = build(process::cargo().arg("build"))?;
    hold("x86-64", &callgrind::count(&program)?)
}

/// The same for NEON, in QEMU.
///
/// # Errors
///
/// As [`check`].
pub fn check_neon(toolchain: &Toolchain, config: &str) -> Result<()> {
    let program = build(toolchain.cargo("build").args(["--config", config]))?;
    hold("aarch64", &qemu::count(&program)?)
}

/// Builds the program of the stages; where it is.
fn build(cargo: &mut Command) -> Result<PathBuf> {
    firmware::executable(cargo.args([
        "--release",
        "--package",
        "arc-golden",
        "--example",
        "stages",
    ]))
}

/// Prints the rows, and holds them against their limits.
fn hold(machine: &str, rows: &[Row]) -> Result<()> {
    println!("instructions of stages, {machine}:");
    rows.iter().for_each(|row| println!("{row}"));
    same_results(rows)?;
    limits::check(machine, rows)
}

/// All kernels give the same results.
fn same_results(rows: &[Row]) -> Result<()> {
    for row in rows {
        let same = |other: &&Row| (&other.model, &other.stage) == (&row.model, &row.stage);
        for other in rows.iter().filter(same) {
            ensure!(
                other.result == row.result,
                "{}, {}: {} and {} differ",
                row.model,
                row.stage,
                row.kernels,
                other.kernels
            );
        }
    }
    Ok(())
}

/// What the program printed, and what was counted of each line.
fn rows(printed: &str, counts: &[u64]) -> Result<Vec<Row>> {
    let lines: Vec<_> = printed.lines().collect();
    ensure!(
        !lines.is_empty() && lines.len() == counts.len(),
        "{} counts of {} stages",
        counts.len(),
        lines.len()
    );
    let row = |(line, &instructions): (&&str, &u64)| {
        let [model, kernels, stage, macs, result] = *line.split(' ').collect::<Vec<_>>() else {
            return None;
        };
        let [model, kernels, stage] = [model, kernels, stage].map(str::to_owned);
        let (macs, result) = (macs.parse().ok()?, result.parse().ok()?);
        Some(Row { model, kernels, stage, macs, result, instructions })
    };
    let rows: Option<_> = lines.iter().zip(counts).map(row).collect();
    rows.context("the program of the stages printed something else than results")
}

/// Runs a program that counts; what it printed on standard output and on standard error.
fn output(command: &mut Command) -> Result<(String, String)> {
    let line = process::show(command);
    let output = command.output().with_context(|| format!("cannot start `{line}`"))?;
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "`{line}` failed ({}):\n{log}", output.status);
    Ok((String::from_utf8_lossy(&output.stdout).into_owned(), log))
}

/// A command that is ended after so many seconds.
fn within(seconds: u32, program: impl AsRef<Path>) -> Command {
    let mut command = Command::new("timeout");
    command.arg(seconds.to_string()).arg(program.as_ref());
    command
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { model, kernels, stage, macs, instructions, .. } = self;
        write!(f, "{model:<16} {kernels:<14}{stage:<10}{instructions:>12}")?;
        if *macs > 0 {
            write!(f, "{:>8.3} a MAC", *instructions as f64 / *macs as f64)?;
        }
        Ok(())
    }
}
