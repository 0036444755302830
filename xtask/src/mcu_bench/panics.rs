//! No inference can panic: a program that only loads a model and compares has nothing to panic with.

use anyhow::{Result, ensure};
use arc_golden::shipped::TINY;

use super::elf::Elf;
use super::measure;
use crate::firmware::{self, Board};
use crate::setup::bare_metal::Toolchain;

/// The boards, of which two run the same code.
const BOARDS: [Board; 4] = [Board::Microbit, Board::Mps2An385, Board::Mps2An386, Board::Mps3An547];

/// Looks for the functions by which a program panics, in one without a log.
///
/// # Errors
///
/// If there are any, or if the same search in a program that can panic finds none.
pub fn check(toolchain: &Toolchain) -> Result<()> {
    for board in BOARDS {
        let panics = measure::build(toolchain, board, &TINY)?.panics();
        ensure!(panics.is_empty(), "bench on {board} can panic: it has {}", panics.join(", "));
        eprintln!("{board}: bench has nothing to panic with");
    }
    let [board, ..] = BOARDS;
    let mut build = firmware::cargo(toolchain, "build", board.name());
    let pair = Elf::read(&firmware::executable(build.args(["--bin", "pair"]))?)?;
    ensure!(!pair.panics().is_empty(), "pair on {board} seems not to panic, although it expects");
    Ok(())
}
