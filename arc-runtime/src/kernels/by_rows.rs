//! Layers for a core that multiplies each input with the weights of four rows.

use super::Filter;
#[cfg(not(kernels = "helium"))]
use super::Lanes;
use crate::arithmetic::{RowScale, round_shift, sat8, sat16};
use crate::model::Matrix;
use crate::parts::front;

/// Rows that share an input.
pub(super) const ROWS: usize = 4;

/// What a core provides.
pub(super) trait FourRows {
    /// Adds to each sum the products of its weights with the inputs; each row is at least as long
    /// as the inputs, or nothing is added.
    fn add(weights: [&[i8]; ROWS], inputs: &[i8], sums: &mut [i32; ROWS]);
}

/// A matrix, lane by lane.
#[cfg(not(kernels = "helium"))]
pub(super) fn linear<C: FourRows>(matrix: &Matrix<'_>, x: Lanes<'_>, y: &mut [i16]) {
    for (x, y) in x.iter().zip(y.chunks_exact_mut(matrix.outputs().max(1))) {
        lane::<C>(matrix, 0, x, y);
    }
}

/// The rows of a matrix behind the first `skipped` blocks of four, for one lane; `y` is as long as
/// the matrix.
pub(super) fn lane<C: FourRows>(matrix: &Matrix<'_>, skipped: usize, x: &[i8], y: &mut [i16]) {
    for (y, (weights, scales)) in y.chunks_mut(ROWS).zip(matrix.blocks()).skip(skipped) {
        let mut sums = [0; ROWS];
        C::add(weights, x, &mut sums);
        for ((y, &scale), sum) in y.iter_mut().zip(scales).zip(sums) {
            let scale = RowScale::read(scale);
            *y = sat16(scale.requantise(scale.bias + sum));
        }
    }
}

/// A blend of lines of a single number: every output is a dot product with `lines` weights.
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

/// Four at a time; the last stands in for those that are not there.
pub(super) fn fours<T: Copy>(mut all: impl Iterator<Item = T>) -> impl Iterator<Item = [T; ROWS]> {
    core::iter::from_fn(move || {
        let first = all.next()?;
        let second = all.next().unwrap_or(first);
        let third = all.next().unwrap_or(second);
        Some([first, second, third, all.next().unwrap_or(third)])
    })
}
