//! Layers for a core that multiplies each input with the weights of four rows.

use super::Lanes;
use crate::arithmetic::{RowScale, sat16};
use crate::model::Matrix;

/// Rows that share an input.
pub(super) const ROWS: usize = 4;

/// What a core provides.
pub(super) trait FourRows {
    /// Adds to each sum the products of its weights with the inputs; each row is at least as long
    /// as the inputs, or nothing is added.
    fn add(weights: [&[i8]; ROWS], inputs: &[i8], sums: &mut [i32; ROWS]);
}

/// A matrix, lane by lane.
pub(super) fn linear<C: FourRows>(matrix: &Matrix<'_>, x: Lanes<'_>, y: &mut [i16]) {
    for (x, y) in x.iter().zip(y.chunks_exact_mut(matrix.outputs().max(1))) {
        for (y, (weights, scales)) in y.chunks_mut(ROWS).zip(blocks(matrix)) {
            let mut sums = scales.map(|scale| scale.bias);
            C::add(weights, x, &mut sums);
            for ((y, scale), sum) in y.iter_mut().zip(scales).zip(sums) {
                *y = sat16(scale.requantise(sum));
            }
        }
    }
}

/// The rows four at a time; the last of them stands in for those that are not there.
pub(super) fn blocks<'a>(
    matrix: &'a Matrix<'_>,
) -> impl Iterator<Item = ([&'a [i8]; ROWS], [RowScale; ROWS])> {
    let mut rows = matrix.rows();
    core::iter::from_fn(move || {
        let first = rows.next()?;
        let second = rows.next().unwrap_or(first);
        let third = rows.next().unwrap_or(second);
        let block = [first, second, third, rows.next().unwrap_or(third)];
        Some((block.map(|(weights, _)| weights), block.map(|(_, scale)| scale)))
    })
}
