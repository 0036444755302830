//! Layers for a core that multiplies each input with the weights of four rows.
//!
//! The tile is 4 rows x 1 item. Rows and item lie in memory in one piece each; the four accumulators stay in
//! registers:
//!
//! ```text
//!         x[0]   x[1]   x[2]  ...
//! row 0   w00    w01    w02   ...    -> accumulator 0
//! row 1   w10    w11    w12   ...    -> accumulator 1
//! row 2   w20    w21    w22   ...    -> accumulator 2
//! row 3   w30    w31    w32   ...    -> accumulator 3
//! ```

use crate::arithmetic::{RowScale, round_shift, sat8, sat16};
#[cfg(not(kernels = "helium"))]
use crate::layers::Batch;
use crate::layers::{Filter, Matrix};
use crate::slices::lenient::front;

/// Rows of a matrix that share a loaded input.
pub(super) const ROWS: usize = 4;

/// The operation of a core that loads an input once for four rows.
pub(super) trait FourRows {
    /// `accumulators[r] += weights[r] . inputs`. Each row is at least as long as the inputs; otherwise nothing is
    /// added.
    fn add(weights: [&[i8]; ROWS], inputs: &[i8], accumulators: &mut [i32; ROWS]);
}

/// A matrix product, item by item.
#[cfg(not(kernels = "helium"))]
pub(super) fn linear<C: FourRows>(matrix: &Matrix<'_>, x: Batch<'_>, y: &mut [i16]) {
    for (x, y) in x.iter().zip(y.chunks_exact_mut(matrix.outputs().max(1))) {
        one_item::<C>(matrix, 0, x, y);
    }
}

/// The outputs of one item for the rows behind the first `skipped` blocks of four; `y` has an output for every row
/// of the matrix.
pub(super) fn one_item<C: FourRows>(matrix: &Matrix<'_>, skipped: usize, x: &[i8], y: &mut [i16]) {
    for (y, (weights, scales)) in y.chunks_mut(ROWS).zip(matrix.blocks()).skip(skipped) {
        let mut sums = [0; ROWS];
        C::add(weights, x, &mut sums);
        for ((y, &scale), sum) in y.iter_mut().zip(scales).zip(sums) {
            let scale = RowScale::read(scale);
            *y = sat16(scale.requantize(scale.bias + sum));
        }
    }
}

/// Resamples lines of one number each: every output is a dot product with `lines` weights.
pub(super) fn dots<C: FourRows>(
    filter: &Filter<'_>,
    lines: usize,
    input: &[i8],
    output: &mut [i8],
) {
    let rows = fours(filter.weights.chunks_exact(lines));
    let targets = output.chunks_mut(ROWS).zip(filter.factors.chunks(ROWS));
    for ((output, factors), weights) in targets.zip(rows) {
        let mut sums = [0; ROWS];
        C::add(weights, front(input, lines), &mut sums);
        for ((output, factor), sum) in output.iter_mut().zip(factors).zip(sums) {
            *output = sat8(round_shift(sum * factor, filter.shift));
        }
    }
}

/// Four at a time. Behind the end, the last one is repeated.
pub(super) fn fours<T: Copy>(mut all: impl Iterator<Item = T>) -> impl Iterator<Item = [T; ROWS]> {
    core::iter::from_fn(move || {
        let first = all.next()?;
        let second = all.next().unwrap_or(first);
        let third = all.next().unwrap_or(second);
        Some([first, second, third, all.next().unwrap_or(third)])
    })
}
