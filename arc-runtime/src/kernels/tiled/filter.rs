//! The sums of weighted lines that make a glimpse.

use core::array::from_fn;

use super::{ROWS, Tile, WIDTH, Weighted, put};
use crate::arithmetic::{round_shift, sat8};
use crate::kernels::{Filter, dot};
use crate::parts::{behind, behind_mut, front};

/// [`Kernels::blend`](crate::kernels::Kernels::blend).
pub(super) fn blend(tile: &impl Tile, filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
    let outputs = filter.factors.len();
    let per_row = |len: usize| len.checked_div(outputs).unwrap_or(0).max(1);
    let (lines, width) = (per_row(filter.weights.len()), per_row(output.len()));
    if width == 1 {
        // A line of single numbers is a vector, and its blends are dot products.
        let rows = filter.weights.chunks_exact(lines).zip(filter.factors);
        for ((weights, &factor), output) in rows.zip(output) {
            *output = sat8(round_shift(dot(weights, input) * factor, filter.shift));
        }
        return;
    }
    let [weights, outputs] = [lines, width].map(|each| each.saturating_mul(ROWS));
    let rows = filter.weights.chunks(weights).zip(filter.factors.chunks(ROWS));
    for ((weights, factors), output) in rows.zip(output.chunks_mut(outputs)) {
        // The first row stands in for those that are not there.
        let first = front(weights, lines);
        let weights = from_fn(|k| weights.get(k * lines..(k + 1) * lines).unwrap_or(first));
        let factors = from_fn(|k| factors.get(k).copied().unwrap_or_default());
        let rows = Weighted { weights, factors, shift: filter.shift };
        for column in (0..width).step_by(WIDTH) {
            let numbers = tile.blend(&rows, behind(input, column), width);
            for (output, numbers) in output.chunks_exact_mut(width).zip(numbers) {
                put(behind_mut(output, column), numbers);
            }
        }
    }
}
