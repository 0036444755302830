//! Kernels for vector units with registers of 16 bytes: the portable code around the few loops
//! that an instruction set has its own instructions for, which are behind the trait [`Tile`].

mod cell;
mod filter;
mod layers;
mod windows;

pub(super) use cell::lstm_cell;
pub(super) use filter::blend;
pub(super) use layers::{convolve, linear};

use crate::model::RowScale;
use crate::parts::copy;

/// Rows of a matrix that go together, so that an input that has been loaded serves all of them.
pub(super) const ROWS: usize = 4;
/// Lanes that go together at most, so that a weight that has been loaded serves all of them.
pub(super) const LANES: usize = 4;
/// Numbers in a register.
pub(super) const WIDTH: usize = 16;

/// The i8 numbers of a vector register.
pub(super) type Register = [i8; WIDTH];

/// Four rows of a matrix.
#[derive(Clone, Copy)]
pub(super) struct Rows<'m> {
    /// Each row's weights, and whatever weights follow them: only where none do is a row's last
    /// register not full.
    pub weights: [&'m [i8]; ROWS],
    /// Bias, multiplier and shift of each row as they stand in the file.
    pub scales: [[u8; RowScale::BYTES]; ROWS],
}

/// The operations that an instruction set does in its own way.
pub(super) trait Tile {
    /// `requantise(bias + held + W . x)` for four rows and each lane, not saturated.
    ///
    /// All inputs have the same number of registers; they are zero where a row has ended.
    fn products<const LANES: usize>(
        &self,
        rows: &Rows<'_>,
        inputs: [&[Register]; LANES],
        held: &[[i32; ROWS]; LANES],
    ) -> [[i32; ROWS]; LANES];

    /// The first 16 columns of four sums of weighted lines, `weights[i][a] * input[a * width + k]`
    /// over all `a`.
    ///
    /// The weights are equally many for each row; weights and input are 0..=127.
    fn sums(&self, weights: [&[i8]; ROWS], input: &[i8], width: usize) -> [[i32; WIDTH]; ROWS];
}

/// The 16 numbers from `start` on, with zeros for those that are not there.
#[inline(always)]
pub(super) fn register(numbers: &[i8], start: usize) -> Register {
    let numbers = numbers.get(start..).unwrap_or_default();
    match numbers.first_chunk() {
        Some(register) => *register,
        None => short(numbers),
    }
}

/// Rare, and kept out of the loops.
#[cold]
fn short(numbers: &[i8]) -> Register {
    let mut register = [0; WIDTH];
    copy(&mut register, numbers);
    register
}
