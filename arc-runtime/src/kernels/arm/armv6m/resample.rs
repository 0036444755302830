//! Resampling for a core that has only 32-bit products: one output line x 4 columns, which are one word of each input
//! line. A product is of two columns, 16 bits apart.
//!
//! The sums of four lines fit in 16 bits, as 4 * 127 * 127 is below 2^16. Then the two halves are separated.

use crate::arithmetic::{round_shift, sat8};
use crate::kernels::arm::rows::{self, FourRows};
use crate::kernels::{Kernels, Scalar};
use crate::layers::Filter;
use crate::slices::lenient::behind;

/// The operation of a core that resamples a word of columns.
pub(super) trait Columns {
    /// The accumulators of the four columns of a word over all lines. `words` begins with the word of the first
    /// line; those of the next lines follow at every `stride`, in words.
    fn accumulate(weights: &[i8], words: &[u32], stride: usize) -> [u32; 4];
}

/// [`Kernels::resample`].
pub(super) fn resample<C: FourRows + Columns>(
    filter: &Filter<'_>,
    input: &[i8],
    output: &mut [i8],
) {
    let outputs = filter.factors.len();
    let per_row = |len: usize| len.checked_div(outputs).unwrap_or(0).max(1);
    let (lines, width) = (per_row(filter.weights.len()), per_row(output.len()));
    if width == 1 {
        return rows::dots::<C>(filter, lines, input, output);
    }
    // The input has to be aligned to words and a line a multiple of a word; other sizes are rare.
    let (Ok(words), 0) = (bytemuck::try_cast_slice::<i8, u32>(input), width % 4) else {
        return Scalar.resample(filter, input, output);
    };
    let rows = filter.weights.chunks_exact(lines).zip(filter.factors);
    for ((weights, factor), output) in rows.zip(output.chunks_exact_mut(width)) {
        for (column, output) in output.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            let sums = C::accumulate(weights, behind(words, column), width / 4);
            *output = sums.map(|sum| sat8(round_shift(sum as i32 * factor, filter.shift)));
        }
    }
}
