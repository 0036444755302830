//! The preparation of a camera's frame, measured on a board.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use arc_golden::frames::{BYTES, FIRST, HEIGHT, WIDTH};
use arc_golden::prepared::INK;
use arc_golden::shipped::SIDE;
use arc_runtime::Frame;
use serde::Serialize;

use super::elf::Elf;
use super::measure::run;
use crate::firmware::{self, Board};
use crate::setup::bare_metal::Toolchain;

/// What it takes to prepare a frame of 160x120 pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Prepare {
    /// Instructions from the frame to the image.
    pub insns: u64,
    /// Bytes of stack.
    pub stack: u32,
    /// Bytes of flash but for the frame: the program has nothing else to do.
    pub code: u64,
}

/// Measures `src/bin/bench_prepare.rs`; the image is to be the host's.
///
/// # Errors
///
/// If it can't be built or run, or if the image differs.
pub fn measure(toolchain: &Toolchain, counter: &Path, board: Board) -> Result<Prepare> {
    let mut build = firmware::cargo(toolchain, "build", board.name());
    build.args(["--no-default-features", "--bin", "bench_prepare"]);
    let elf = Elf::read(&firmware::executable(&mut build)?)?;
    let (counts, results) = run(counter, board, &elf, 1)?;
    let (found, expected) = (results[0], host()?);
    ensure!(
        found == expected,
        "{board}: a frame's image has the sum {found}, the host's {expected}"
    );
    let found = elf.constants(&FIRST);
    ensure!(found == 1, "the program has the frame {found} times");
    let code = elf.flash_bytes() - BYTES as u64;
    Ok(Prepare { insns: counts[0], stack: results[1], code })
}

/// The sum of the pixels that the host prepares.
fn host() -> Result<u32> {
    let mut pixels = [0; SIDE * SIDE];
    let frame = Frame::new(WIDTH, HEIGHT, &FIRST)?;
    let image = INK.prepare(&frame, SIDE, &mut pixels).context("preparing a frame")?;
    Ok(image.pixels().iter().map(|&pixel| pixel as u32).sum())
}
