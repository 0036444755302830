//! `cargo xtask instructions`: instructions of every stage by the kernels of a host, within limits. Exact and the
//! same everywhere, so that a slower stage shows at once; but no measure of time.

mod callgrind;
mod limits;
mod program;
mod qemu;
mod row;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::setup::bare_metal::Toolchain;
use crate::setup::valgrind::{self, COUNTED};
use crate::{firmware, process};
use row::Row;

/// Runs the verb: this machine's kernels by Callgrind.
pub fn run() -> Result<()> {
    valgrind::ensure()?;
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
