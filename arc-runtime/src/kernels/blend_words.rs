//! Blends for a core that has only 32-bit products: two columns in each, 16 bits apart.
//!
//! Four lines fit: 4 times 127 times 127 is below 2^16. Then the halves are taken apart.

use super::by_rows::{self, FourRows};
use super::{Filter, Kernels, Scalar};
use crate::arithmetic::{round_shift, sat8};
use crate::parts::behind;

/// What a core provides.
pub(super) trait Columns {
    /// The sums of a column of words over all lines: `words` begin with the first line's, and those of
    /// the others follow at every `stride`.
    fn sums(weights: &[i8], words: &[u32], stride: usize) -> [u32; 4];
}

/// [`Kernels::blend`].
pub(super) fn blend<C: FourRows + Columns>(filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
    let outputs = filter.factors.len();
    let per_row = |len: usize| len.checked_div(outputs).unwrap_or(0).max(1);
    let (lines, width) = (per_row(filter.weights.len()), per_row(output.len()));
    if width == 1 {
        return by_rows::dots::<C>(filter, lines, input, output);
    }
    // Words have to be aligned, lines that are no words are rare.
    let (Ok(words), 0) = (bytemuck::try_cast_slice::<i8, u32>(input), width % 4) else {
        return Scalar.blend(filter, input, output);
    };
    let rows = filter.weights.chunks_exact(lines).zip(filter.factors);
    for ((weights, factor), output) in rows.zip(output.chunks_exact_mut(width)) {
        for (column, output) in output.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            let sums = C::sums(weights, behind(words, column), width / 4);
            *output = sums.map(|sum| sat8(round_shift(sum as i32 * factor, filter.shift)));
        }
    }
}
