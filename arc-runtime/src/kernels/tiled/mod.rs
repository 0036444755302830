//! Kernels for vector units with registers of 16 bytes: the portable code around the few loops
//! that an instruction set has its own instructions for, which are behind the trait [`Tile`].

mod cell;
mod filter;
mod layers;

use super::sealed::Sealed;
use super::{Filter, Kernels, Lanes};
use crate::model::{Matrix, RowScale};
use crate::parts::copy;
use crate::stages::Convolution;

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
    /// [`Kernels::NAME`].
    const NAME: &'static str;

    /// `requantise(bias + held + W . x)` for four rows and each lane, not saturated.
    ///
    /// All inputs are equally long; what they have beyond the end of a row is zero.
    fn products<const LANES: usize>(
        &self,
        rows: &Rows<'_>,
        inputs: [&[i8]; LANES],
        held: &[[i32; ROWS]; LANES],
    ) -> [[i32; ROWS]; LANES];

    /// The first 16 columns of four weighted sums of lines, `weights[i][a] * input[a * width + k]`
    /// over all `a`, each times its row's factor, shifted and rounded, at most 127.
    ///
    /// The weights are equally many for each row; weights and input are 0..=127, factors not
    /// negative.
    fn blend(&self, rows: &Weighted<'_>, input: &[i8], width: usize) -> [Register; ROWS];
}

/// Four rows of a filter.
#[derive(Clone, Copy)]
pub(super) struct Weighted<'a> {
    /// Each row's weights, one for each line.
    pub weights: [&'a [i8]; ROWS],
    /// What each row's sums are multiplied with.
    pub factors: [i32; ROWS],
    /// What the products are shifted by.
    pub shift: u32,
}

impl<T: Tile> Sealed for T {}

impl<T: Tile> Kernels for T {
    const NAME: &'static str = T::NAME;

    fn linear(&self, matrix: &Matrix<'_>, x: Lanes<'_>, y: &mut [i16]) {
        layers::linear(self, matrix, x, y);
    }

    fn convolve(&self, convolution: &Convolution<'_>, input: &[i8], output: &mut [i8]) {
        layers::convolve(self, convolution, input, output);
    }

    fn blend(&self, filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
        filter::blend(self, filter, input, output);
    }

    fn lstm_cell(&self, sums: &[i16], cell: &mut [i16], state: &mut [i8]) {
        cell::lstm_cell(sums, cell, state);
    }
}

/// The numbers in whole registers.
#[inline(always)]
pub(super) fn registers_of(numbers: &[i8]) -> &[Register] {
    numbers.as_chunks().0
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

/// Writes the numbers that there is room for.
#[inline(always)]
fn put<T: Copy, const N: usize>(to: &mut [T], numbers: [T; N]) {
    match to.first_chunk_mut() {
        Some(whole) => *whole = numbers,
        None => copy(to, &numbers),
    }
}
