//! Lines resampled through a filter: 4 output lines x 16 columns at a time, for [`Tile::resample`].

use core::array::from_fn;

use crate::arithmetic::{round_shift, sat8};
use crate::kernels::dot;
use crate::kernels::generic::tile::{FilterRows, ROWS, Tile, WIDTH, store};
use crate::layers::Filter;
use crate::slices::lenient::{behind, behind_mut, front};

/// [`Kernels::resample`](crate::kernels::Kernels::resample).
pub(super) fn resample(tile: &impl Tile, filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
    let outputs = filter.factors.len();
    let per_row = |len: usize| len.checked_div(outputs).unwrap_or(0).max(1);
    let (lines, width) = (per_row(filter.weights.len()), per_row(output.len()));
    if width == 1 {
        // Lines of one number each are one column: each output is a dot product.
        let rows = filter.weights.chunks_exact(lines).zip(filter.factors);
        for ((weights, &factor), output) in rows.zip(output) {
            *output = sat8(round_shift(dot(weights, input) * factor, filter.shift));
        }
        return;
    }
    let [weights, outputs] = [lines, width].map(|each| each.saturating_mul(ROWS));
    let rows = filter.weights.chunks(weights).zip(filter.factors.chunks(ROWS));
    for ((weights, factors), output) in rows.zip(output.chunks_mut(outputs)) {
        // In the last four, the first row stands in for missing ones; their outputs are not written.
        let first = front(weights, lines);
        let weights = from_fn(|k| weights.get(k * lines..(k + 1) * lines).unwrap_or(first));
        let factors = from_fn(|k| factors.get(k).copied().unwrap_or_default());
        let rows = FilterRows { weights, factors, shift: filter.shift };
        for column in (0..width).step_by(WIDTH) {
            let numbers = tile.resample(&rows, behind(input, column), width);
            for (output, numbers) in output.chunks_exact_mut(width).zip(numbers) {
                store(behind_mut(output, column), numbers);
            }
        }
    }
}
