//! The sums of weighted lines that make a glimpse.

use super::{ROWS, Tile, WIDTH};
use crate::arithmetic::{round_shift, sat8};
use crate::kernels::{Filter, dot};
use crate::parts::{behind, copy};

/// [`Kernels::blend`](crate::kernels::Kernels::blend).
pub(super) fn blend(tile: &impl Tile, filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
    let outputs = filter.factors.len();
    let per_row = |len: usize| len.checked_div(outputs).unwrap_or(0).max(1);
    let (lines, width) = (per_row(filter.weights.len()), per_row(output.len()));
    let scaled = |sum: i32, factor: i32| sat8(round_shift(sum * factor, filter.shift));
    if width == 1 {
        // A line of single numbers is a vector, and its blends are dot products.
        let rows = filter.weights.chunks_exact(lines).zip(filter.factors);
        for ((weights, &factor), output) in rows.zip(output) {
            *output = scaled(dot(weights, input), factor);
        }
        return;
    }
    let weights = filter.weights.chunks(ROWS * lines).zip(filter.factors.chunks(ROWS));
    for ((weights, factors), output) in weights.zip(output.chunks_mut(ROWS * width)) {
        let mut rows = weights.chunks_exact(lines);
        let last = weights.rchunks_exact(lines).next().unwrap_or_default();
        let rows = [(); ROWS].map(|()| rows.next().unwrap_or(last));
        for column in (0..width).step_by(WIDTH) {
            let sums = tile.sums(rows, behind(input, column), width);
            let output = output.chunks_exact_mut(width).map(|line| &mut line[column..]);
            for ((output, sums), &factor) in output.zip(sums).zip(factors) {
                let numbers = sums.map(|sum| scaled(sum, factor));
                match output.first_chunk_mut() {
                    Some(whole) => *whole = numbers,
                    None => copy(output, &numbers),
                }
            }
        }
    }
}
