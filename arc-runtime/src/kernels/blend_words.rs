//! Blends for a core that has only 32-bit products: two columns in each, 16 bits apart.
//!
//! Four lines fit: 4 times 127 times 127 is below 2^16. Then the halves are taken apart.

use super::by_rows::{self, FourRows};
use super::{Filter, Kernels, Scalar};
use crate::arithmetic::{round_shift, sat8};
use crate::parts::behind;

/// Bytes 0 and 2 of a word.
const EVEN: u32 = 0x00ff_00ff;

/// [`Kernels::blend`].
pub(super) fn blend<C: FourRows>(filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
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
            let sums = sums(weights, behind(words, column), width / 4);
            *output = sums.map(|sum| sat8(round_shift(sum as i32 * factor, filter.shift)));
        }
    }
}

/// The sums over the lines of a column of words, one in each `stride`.
#[inline(always)]
fn sums(weights: &[i8], words: &[u32], stride: usize) -> [u32; 4] {
    let mut sums = [0; 4];
    let mut words = words.iter().step_by(stride);
    for weights in weights.chunks(4) {
        let (mut even, mut odd) = (0, 0);
        for (&weight, word) in weights.iter().zip(&mut words) {
            even += (word & EVEN) * weight as u32;
            odd += (word >> 8 & EVEN) * weight as u32;
        }
        sums[0] += even & 0xffff;
        sums[1] += odd & 0xffff;
        sums[2] += even >> 16;
        sums[3] += odd >> 16;
    }
    sums
}
