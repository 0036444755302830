//! The rows of a Cauchy filter, by the formula that its tables hold: `ymm/filter.rs` with sixteen numbers at
//! a time.

use core::arch::x86_64::*;

use super::first;
use crate::arithmetic::cauchy::Axis;

/// Rows, and pixels, that go together.
const NUMBERS: usize = 16;

/// [`Axis::filter`]: what each row needs for sixteen rows at a time, then the rows.
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub(super) fn filter(axis: &Axis, gain: i32, weights: &mut [i8], factors: &mut [i32]) {
    let side = axis.side.max(1);
    let gamma = _mm512_set1_epi32(axis.inverse_gamma);
    let groups = weights.chunks_mut(NUMBERS * side).zip(factors.chunks_mut(NUMBERS));
    for (group, (weights, factors)) in groups.enumerate() {
        let mu = means(axis, NUMBERS * group);
        let scale = numbers(quotients(127 << 16, peaks(axis, mu)));
        let rows = numbers(mu).into_iter().zip(scale);
        let mut sums = [1; NUMBERS];
        for ((weights, sum), (mu, scale)) in weights.chunks_mut(side).zip(&mut sums).zip(rows) {
            *sum = weigh(mu, scale, gamma, weights);
        }
        // SAFETY: they are as many as the vector holds, and the mask leaves out what is behind the slice.
        unsafe {
            let quotients = quotients(gain, _mm512_loadu_epi32(sums.as_ptr()));
            _mm512_mask_storeu_epi32(factors.as_mut_ptr(), first(factors.len()), quotients);
        }
    }
}

/// 0, 1, 2 and so on.
#[inline]
#[target_feature(enable = "avx512f")]
fn numbered() -> __m512i {
    _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn numbers(vector: __m512i) -> [i32; NUMBERS] {
    let mut numbers = [0; NUMBERS];
    // SAFETY: they are as many as the vector holds.
    unsafe { _mm512_storeu_epi32(numbers.as_mut_ptr(), vector) };
    numbers
}

/// [`Axis::mu`] of sixteen rows, from row `first` on.
#[inline]
#[target_feature(enable = "avx512f")]
fn means(axis: &Axis, first: usize) -> __m512i {
    let offset = _mm512_set1_epi32(2 * first as i32 - (axis.rows as i32 - 1));
    let offset = _mm512_add_epi32(offset, _mm512_slli_epi32::<1>(numbered()));
    let spread = _mm512_mullo_epi32(_mm512_set1_epi32(axis.spacing), offset);
    _mm512_add_epi32(_mm512_set1_epi32(axis.centre), _mm512_srai_epi32::<1>(spread))
}

/// The kernel at the pixels next to the means: the greatest of each row.
#[inline]
#[target_feature(enable = "avx512f")]
fn peaks(axis: &Axis, mu: __m512i) -> __m512i {
    let nearest = _mm512_srai_epi32::<8>(_mm512_add_epi32(mu, _mm512_set1_epi32(128)));
    let nearest = _mm512_min_epi32(nearest, _mm512_set1_epi32(axis.side as i32 - 1));
    let nearest = _mm512_max_epi32(nearest, _mm512_setzero_si512());
    let distance = _mm512_abs_epi32(_mm512_sub_epi32(_mm512_slli_epi32::<8>(nearest), mu));
    kernel(distance, _mm512_set1_epi32(axis.inverse_gamma))
}

/// [`Axis::weigh`], from what has been computed for the row.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
fn weigh(mu: i32, scale: i32, gamma: __m512i, weights: &mut [i8]) -> i32 {
    let (mu, scale) = (_mm512_set1_epi32(mu), _mm512_set1_epi32(scale));
    let mut pixels = _mm512_slli_epi32::<8>(numbered());
    let mut sums = _mm_setzero_si128();
    for weights in weights.chunks_mut(NUMBERS) {
        let mask = first(weights.len());
        let distance = _mm512_abs_epi32(_mm512_sub_epi32(pixels, mu));
        let scaled = _mm512_mullo_epi32(kernel(distance, gamma), scale);
        let scaled = _mm512_add_epi32(scaled, _mm512_set1_epi32(1 << 15));
        let bytes = _mm512_maskz_cvtepi32_epi8(mask, _mm512_srli_epi32::<16>(scaled));
        sums = _mm_add_epi64(sums, _mm_sad_epu8(bytes, _mm_setzero_si128()));
        // SAFETY: the mask leaves out what is behind the slice.
        unsafe { _mm_mask_storeu_epi8(weights.as_mut_ptr(), mask, bytes) };
        pixels = _mm512_add_epi32(pixels, _mm512_set1_epi32(256 * NUMBERS as i32));
    }
    _mm_cvtsi128_si32(_mm_add_epi64(sums, _mm_unpackhi_epi64(sums, sums)))
}

/// The kernel at distances in 256ths of a pixel; why a division has the bits of the table, `ymm/filter.rs`
/// says.
#[inline]
#[target_feature(enable = "avx512f")]
fn kernel(distance: __m512i, gamma: __m512i) -> __m512i {
    let t = _mm512_add_epi32(_mm512_mullo_epi32(distance, gamma), _mm512_set1_epi32(1 << 13));
    quotient(_mm512_srai_epi32::<14>(t))
}

/// The kernel at distances in 64ths of its width.
#[inline]
#[target_feature(enable = "avx512f")]
fn quotient(t: __m512i) -> __m512i {
    // From 16 widths on, in the middle of each width, up to the 256th.
    let far = _mm512_or_si512(_mm512_andnot_si512(_mm512_set1_epi32(63), t), _mm512_set1_epi32(32));
    let far = _mm512_min_epi32(far, _mm512_set1_epi32(255 * 64 + 32));
    let is_far = _mm512_cmpgt_epi32_mask(t, _mm512_set1_epi32(16 * 64 - 1));
    let t = _mm512_mask_blend_epi32(is_far, t, far);
    let denominator = _mm512_add_epi32(_mm512_mullo_epi32(t, t), _mm512_set1_epi32(64 * 64));
    let numerator = _mm512_set1_ps((1 << 28) as f32);
    let quotient = _mm512_div_ps(numerator, _mm512_cvtepi32_ps(denominator));
    _mm512_min_epi32(_mm512_cvtps_epi32(quotient), _mm512_set1_epi32(65535))
}

/// `numerator`, from 0 to 2^24, over sixteen numbers from 1 on, rounded down.
#[inline]
#[target_feature(enable = "avx512f")]
fn quotients(numerator: i32, denominators: __m512i) -> __m512i {
    let numerators = _mm512_set1_epi32(numerator);
    let quotients = _mm512_div_ps(_mm512_cvtepi32_ps(numerators), _mm512_cvtepi32_ps(denominators));
    // All three are exact in single precision but for a quotient that was rounded up to an integer.
    let quotients = _mm512_cvttps_epi32(quotients);
    let over = _mm512_cmpgt_epi32_mask(_mm512_mullo_epi32(quotients, denominators), numerators);
    _mm512_mask_sub_epi32(quotients, over, quotients, _mm512_set1_epi32(1))
}
