//! The `enroll` firmware: its record on the host, then all of it in QEMU, through its serial line.

use anyhow::Result;

use super::board::Board;
use super::program::{cargo, executable, host, native, no_float};
use crate::process;
use crate::setup::bare_metal::Toolchain;

/// Its name.
pub const BIN: &str = "enroll";

/// Cuts the power in the middle of every flash operation, on the host.
///
/// # Errors
///
/// If something is lost.
pub fn check_record() -> Result<()> {
    process::run(host("test")?.args(["--lib"]))
}

/// Builds the firmware for a board and has the host's program of the same name teach it.
///
/// # Errors
///
/// If it does not build, answers too late or otherwise than the host, forgets, or computes in floats.
pub fn check(toolchain: &Toolchain, board: Board) -> Result<()> {
    let mut build = cargo(toolchain, "build", board.name());
    let elf = executable(build.args(["--features", "mps", "--bin", BIN]))?;
    process::run(native(board, BIN)?.arg("--").arg(&elf))?;
    no_float(&elf)
}
