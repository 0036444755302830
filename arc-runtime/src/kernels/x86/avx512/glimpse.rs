//! Glimpses: the rows of a filter, and what is seen through it.

use core::arch::x86_64::*;

use super::first;
use crate::arithmetic::cauchy::Axis;
use crate::kernels::Filter;
use crate::kernels::x86::cauchy::{KERNEL, index_of_far};

/// Outputs that are blended at a time.
const TILE: usize = 4;

/// [`Axis::weigh`].
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub(super) fn filter_row(axis: &Axis, row: usize, weights: &mut [i8]) -> u32 {
    let mu = _mm512_set1_epi32(axis.mu(row));
    let gamma = _mm512_set1_epi32(axis.inverse_gamma());
    let scale = _mm512_set1_epi32(axis.scale(row, weights.len()) as i32);
    let mut pixels = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    let mut sum = _mm512_setzero_si512();
    for weights in weights.chunks_mut(16) {
        let mask = first(weights.len());
        let distance = _mm512_abs_epi32(_mm512_sub_epi32(_mm512_slli_epi32::<8>(pixels), mu));
        let t = _mm512_add_epi32(_mm512_mullo_epi32(distance, gamma), _mm512_set1_epi32(1 << 13));
        let near = _mm512_srai_epi32::<14>(t);
        let far = _mm512_min_epi32(_mm512_srli_epi32::<6>(near), _mm512_set1_epi32(255));
        let far = _mm512_add_epi32(far, _mm512_set1_epi32(index_of_far()));
        let is_far = _mm512_cmpgt_epi32_mask(near, _mm512_set1_epi32(1023));
        let index = _mm512_mask_blend_epi32(is_far, near, far);
        // SAFETY: the index is below 1280, and the table has two entries more than that, so that
        // 32 bits can be read at each.
        let kernel = unsafe { _mm512_i32gather_epi32::<2>(index, KERNEL.as_ptr().cast()) };
        let kernel = _mm512_and_si512(kernel, _mm512_set1_epi32(0xffff));
        let scaled =
            _mm512_add_epi32(_mm512_mullo_epi32(kernel, scale), _mm512_set1_epi32(1 << 15));
        let scaled = _mm512_srli_epi32::<16>(scaled);
        sum = _mm512_mask_add_epi32(sum, mask, sum, scaled);
        // SAFETY: the mask leaves out what is behind the slice.
        unsafe {
            _mm_mask_storeu_epi8(weights.as_mut_ptr(), mask, _mm512_cvtepi32_epi8(scaled));
        }
        pixels = _mm512_add_epi32(pixels, _mm512_set1_epi32(16));
    }
    _mm512_reduce_add_epi32(sum) as u32
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
pub(super) fn blend(filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
    let outputs = filter.factors.len().max(1);
    let (lines, width) = (filter.weights.len() / outputs, output.len() / outputs);
    if lines == 0 || width == 0 {
        return;
    }
    if width == 1 {
        return dots(filter, input, output);
    }
    let mut column = 0;
    while column < width {
        let columns = (width - column).min(64);
        for first in (0..outputs).step_by(TILE) {
            let rows = (outputs - first).min(TILE);
            blend_columns(filter, input, output, [lines, width], [column, columns], [first, rows]);
        }
        column += columns;
    }
}

/// Blends up to 64 columns of all lines to up to four outputs.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn blend_columns(
    filter: &Filter<'_>,
    input: &[i8],
    output: &mut [i8],
    [lines, width]: [usize; 2],
    [column, columns]: [usize; 2],
    [first, rows]: [usize; 2],
) {
    let mask = u64::MAX >> (64 - columns);
    let mut sums = [[_mm512_setzero_si512(); 4]; TILE];
    for line in (0..lines).step_by(4) {
        let some = (lines - line).min(4);
        let mut weights = [0; TILE];
        for (r, weights) in weights.iter_mut().enumerate().take(rows) {
            let row = &filter.weights[(first + r) * lines + line..][..some];
            // Four bytes in one load: a loop over `some` of them would call `memcpy`.
            *weights = match row.first_chunk::<4>() {
                Some(four) => i32::from_le_bytes(four.map(|weight| weight as u8)),
                None => {
                    let mut four = [0; 4];
                    four.iter_mut().zip(row).for_each(|(to, &weight)| *to = weight as u8);
                    i32::from_le_bytes(four)
                }
            };
        }
        if weights == [0; TILE] {
            continue; // most of a narrow filter
        }
        let mut loaded = [_mm512_setzero_si512(); 4];
        for (l, loaded) in loaded.iter_mut().enumerate().take(some) {
            let values = &input[(line + l) * width + column..][..columns];
            // SAFETY: the mask leaves out what is behind the slice.
            *loaded = unsafe { _mm512_maskz_loadu_epi8(mask, values.as_ptr()) };
        }
        // Four lines of a column side by side; `packs` brings the columns back into order.
        let [a, b, c, d] = loaded;
        let low = [_mm512_unpacklo_epi8(a, b), _mm512_unpacklo_epi8(c, d)];
        let high = [_mm512_unpackhi_epi8(a, b), _mm512_unpackhi_epi8(c, d)];
        let values = [
            _mm512_unpacklo_epi16(low[0], low[1]),
            _mm512_unpackhi_epi16(low[0], low[1]),
            _mm512_unpacklo_epi16(high[0], high[1]),
            _mm512_unpackhi_epi16(high[0], high[1]),
        ];
        for (sums, weights) in sums.iter_mut().zip(weights) {
            let weights = _mm512_set1_epi32(weights);
            for (sum, &values) in sums.iter_mut().zip(&values) {
                *sum = _mm512_dpbusd_epi32(*sum, values, weights);
            }
        }
    }
    let shift = _mm512_set1_epi32(filter.shift as i32);
    let half = _mm512_set1_epi32(1 << (filter.shift - 1));
    for (r, sums) in (first..).zip(&sums).take(rows) {
        let factor = _mm512_set1_epi32(filter.factors[r]);
        let mut scaled = [_mm512_setzero_si512(); 4];
        for (scaled, &sum) in scaled.iter_mut().zip(sums) {
            let product = _mm512_add_epi32(_mm512_mullo_epi32(sum, factor), half);
            *scaled = _mm512_srav_epi32(product, shift);
        }
        let low = _mm512_packs_epi32(scaled[0], scaled[1]);
        let high = _mm512_packs_epi32(scaled[2], scaled[3]);
        // Saturates at 127; no value is negative.
        let values = _mm512_packs_epi16(low, high);
        let out = &mut output[r * width + column..][..columns];
        // SAFETY: the mask leaves out what is behind the slice.
        unsafe { _mm512_mask_storeu_epi8(out.as_mut_ptr(), mask, values) };
    }
}

/// Blends lines of one number each: a dot product for each output.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn dots(filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
    let lines = input.len();
    let half = 1 << (filter.shift - 1);
    let rows = filter.weights.chunks_exact(lines).zip(filter.factors);
    for ((weights, factor), output) in rows.zip(output) {
        let mut sums = _mm256_setzero_si256();
        for (weights, values) in weights.chunks(32).zip(input.chunks(32)) {
            let mask = u32::MAX >> (32 - weights.len());
            // SAFETY: the mask leaves out what is behind the slices, which are equally long.
            let (weights, values) = unsafe {
                let weights = _mm256_maskz_loadu_epi8(mask, weights.as_ptr());
                (weights, _mm256_maskz_loadu_epi8(mask, values.as_ptr()))
            };
            sums = _mm256_dpbusd_epi32(sums, values, weights);
        }
        let sums = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums));
        let sums = _mm_add_epi32(sums, _mm_shuffle_epi32::<0b01_00_11_10>(sums));
        let sums = _mm_add_epi32(sums, _mm_shuffle_epi32::<0b10_11_00_01>(sums));
        let sum = _mm_cvtsi128_si32(sums);
        *output = ((sum * factor + half) >> filter.shift).min(127) as i8;
    }
}
