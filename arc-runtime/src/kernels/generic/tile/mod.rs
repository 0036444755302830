//! Kernels for vector units with registers of 16 bytes: the portable code around the few loops
//! that an instruction set has its own instructions for, which are behind the trait [`Tile`].
//!
//! The tile of a matrix product is 4 rows x 4 items. It goes along the columns, 16 at a time:
//!
//! ```text
//!                        inputs of the items, 16 columns each
//!                         x[0]     x[1]     x[2]     x[3]
//! 16 weights of  w[0]    acc00    acc10    acc20    acc30       accumulators: a register of
//! each row       w[1]    acc01    acc11    acc21    acc31       4 partial sums for each row and item,
//!                w[2]    acc02    acc12    acc22    acc32       added up behind the last column
//!                w[3]    acc03    acc13    acc23    acc33
//! ```
//!
//! Four loaded weights and four loaded inputs so serve sixteen multiplications. MatrixRows and items lie one after the
//! other in memory, each in one piece.

mod cell;
mod layers;
mod resample;

use crate::arithmetic::RowScale;
use crate::kernels::Kernels;
use crate::kernels::sealed::Sealed;
use crate::layers::{Batch, Convolution, Filter, Matrix};
use crate::slices::lenient::copy;

/// MatrixRows of a tile, of a matrix or of a filter: a loaded input serves all of them.
pub(in crate::kernels) const ROWS: usize = 4;
/// Most items of a tile: a loaded weight serves all of them.
pub(in crate::kernels) const ITEMS: usize = 4;
/// Lanes of a register: i8 numbers.
pub(in crate::kernels) const WIDTH: usize = 16;

/// The i8 numbers of a register.
pub(in crate::kernels) type Register = [i8; WIDTH];

/// Four rows of a matrix.
#[derive(Clone, Copy)]
pub(in crate::kernels) struct MatrixRows<'m> {
    /// Each row's weights and all weights that follow it in the matrix. A load of 16 weights may so pass the
    /// row's end; only at the end of the matrix is a register not full.
    pub weights: [&'m [i8]; ROWS],
    /// Bias, multiplier and shift of each row as they stand in the file.
    pub scales: [[u8; RowScale::BYTES]; ROWS],
}

/// The operations that an instruction set does in its own way.
pub(in crate::kernels) trait Tile {
    /// [`Kernels::NAME`].
    const NAME: &'static str;

    /// `requantize(bias + residual + W . x)` for four rows and each item, not saturated.
    ///
    /// All items are equally long. Numbers of an item behind the end of a row are zero, so that the weights they
    /// meet, those of the next row, do not count.
    fn products<const ITEMS: usize>(
        &self,
        rows: &MatrixRows<'_>,
        inputs: [&[i8]; ITEMS],
        residuals: &[[i32; ROWS]; ITEMS],
    ) -> [[i32; ROWS]; ITEMS];

    /// The first 16 columns of four weighted sums of lines, `weights[i][a] * input[a * width + k]`
    /// over all `a`, each times its row's factor, shifted and rounded, at most 127.
    ///
    /// All rows have the same number of weights. Weights and inputs are 0..=127; factors are not negative.
    fn resample(&self, rows: &FilterRows<'_>, input: &[i8], width: usize) -> [Register; ROWS];
}

/// Four rows of a filter.
#[derive(Clone, Copy)]
pub(in crate::kernels) struct FilterRows<'a> {
    /// Each row's weights, one for each line.
    pub weights: [&'a [i8]; ROWS],
    /// What each row's accumulators are multiplied with.
    pub factors: [i32; ROWS],
    /// What these products are shifted by.
    pub shift: u32,
}

impl<T: Tile> Sealed for T {}

impl<T: Tile> Kernels for T {
    const NAME: &'static str = T::NAME;

    fn linear(&self, matrix: &Matrix<'_>, x: Batch<'_>, y: &mut [i16]) {
        layers::linear(self, matrix, x, y);
    }

    fn convolve(&self, convolution: &Convolution<'_>, input: &[i8], output: &mut [i8]) {
        layers::convolve(self, convolution, input, output);
    }

    fn resample(&self, filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
        resample::resample(self, filter, input, output);
    }

    fn lstm_cell(&self, preactivations: &[i16], cell: &mut [i16], state: &mut [i8]) {
        cell::lstm_cell(preactivations, cell, state);
    }
}

/// The whole registers that the numbers fill; the rest is left out.
#[inline(always)]
pub(in crate::kernels) fn registers_of(numbers: &[i8]) -> &[Register] {
    numbers.as_chunks().0
}

/// The 16 numbers from `start` on, with zeros behind the end.
#[inline(always)]
pub(in crate::kernels) fn register(numbers: &[i8], start: usize) -> Register {
    let numbers = numbers.get(start..).unwrap_or_default();
    match numbers.first_chunk() {
        Some(register) => *register,
        None => short(numbers),
    }
}

/// A register of less than 16 numbers. It is rare, and its code is kept out of the loops.
#[cold]
fn short(numbers: &[i8]) -> Register {
    let mut register = [0; WIDTH];
    copy(&mut register, numbers);
    register
}

/// Writes the numbers to `to`, as many as fit.
#[inline(always)]
fn store<T: Copy, const N: usize>(to: &mut [T], numbers: [T; N]) {
    match to.first_chunk_mut() {
        Some(whole) => *whole = numbers,
        None => copy(to, &numbers),
    }
}
