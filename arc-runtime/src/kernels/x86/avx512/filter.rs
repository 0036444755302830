//! The rows of Cauchy filters, by the formula that their tables hold: sixteen pixels at a time.

use core::arch::x86_64::*;

use super::first;
use crate::arithmetic::cauchy::Axis;

/// Rows, and pixels, that go together.
pub(super) const NUMBERS: usize = 16;

/// [`Axis::filter`].
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub(super) fn filter(axis: &Axis, gain: i32, weights: &mut [i8], factors: &mut [i32]) {
    let groups = weights.chunks_mut(NUMBERS * axis.side.max(1)).zip(factors.chunks_mut(NUMBERS));
    for (group, (weights, factors)) in groups.enumerate() {
        let rows = Rows::new(axis, means(axis, (NUMBERS * group) as i32));
        rows.weigh(0, gain, weights, factors);
    }
}

/// [`Axis::filter`] of two axes of at most eight rows, which lie as densely and have as many pixels:
/// first the weights, and the factors, of the one, then those of the other.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub(super) fn filters(
    [one, other]: [&Axis; 2],
    gains: [i32; 2],
    weights: &mut [i8],
    factors: &mut [i32; NUMBERS],
) {
    let count = one.rows.min(NUMBERS / 2);
    let mu = _mm512_mask_mov_epi32(means(other, -(count as i32)), first(count), means(one, 0));
    let rows = Rows::new(one, mu);
    let (weights, others) = weights.split_at_mut(count * one.side);
    let (factors, other_factors) = factors.split_at_mut(count);
    rows.weigh(0, gains[0], weights, factors);
    rows.weigh(count, gains[1], others, other_factors);
}

/// What the rows need to be weighed.
struct Rows {
    side: usize,
    /// 1/gamma, Q12.
    gamma: i32,
    /// Where each is centred, times 1/gamma: Q20 of its widths.
    centres: [i32; NUMBERS],
    /// What brings each to its peak.
    scales: [f32; NUMBERS],
}

impl Rows {
    /// Rows that are centred at `mu`, in 256ths of a pixel.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn new(axis: &Axis, mu: __m512i) -> Self {
        let gamma = _mm512_set1_epi32(axis.inverse_gamma);
        let scale = _mm512_cvtepi32_ps(quotients(127 << 16, peaks(axis, mu)));
        let scale = _mm512_mul_ps(scale, _mm512_set1_ps(1.0 / 65536.0));
        let (mut centres, mut scales) = ([0; NUMBERS], [0.0; NUMBERS]);
        // SAFETY: they are as many as the vectors hold.
        unsafe {
            _mm512_storeu_epi32(centres.as_mut_ptr(), _mm512_mullo_epi32(mu, gamma));
            _mm512_storeu_ps(scales.as_mut_ptr(), scale);
        }
        Self { side: axis.side.max(1), gamma: axis.inverse_gamma, centres, scales }
    }

    /// Writes the weights of some rows, and for each `gain` over their sum, rounded down.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
    fn weigh(&self, from: usize, gain: i32, weights: &mut [i8], factors: &mut [i32]) {
        let gamma = _mm512_set1_epi32(256 * self.gamma);
        let nearest = _mm512_mullo_epi32(numbered(), gamma);
        let step = _mm512_slli_epi32::<4>(gamma);
        let rows = self.centres[from..].iter().zip(&self.scales[from..]);
        let each = weights.chunks_exact_mut(self.side).zip(factors).zip(rows);
        for ((weights, factor), (&centre, &scale)) in each {
            let (centre, scale) = (_mm512_set1_epi32(centre), _mm512_set1_ps(scale));
            let mut pixels = nearest;
            let mut sums = _mm_setzero_si128();
            for weights in weights.chunks_mut(NUMBERS) {
                let mask = first(weights.len());
                let values = kernel(_mm512_abs_epi32(_mm512_sub_epi32(pixels, centre)));
                // Exact: below 2^7, in units of 2^-16.
                let scaled = _mm512_fmadd_ps(values, scale, _mm512_set1_ps(0.5));
                let bytes = _mm512_maskz_cvtepi32_epi8(mask, _mm512_cvttps_epi32(scaled));
                sums = _mm_add_epi64(sums, _mm_sad_epu8(bytes, _mm_setzero_si128()));
                // SAFETY: the mask leaves out what is behind the slice.
                unsafe { _mm_mask_storeu_epi8(weights.as_mut_ptr(), mask, bytes) };
                pixels = _mm512_add_epi32(pixels, step);
            }
            let sum = _mm_cvtsi128_si32(_mm_add_epi64(sums, _mm_unpackhi_epi64(sums, sums)));
            *factor = (gain as u32).checked_div(sum as u32).unwrap_or(0) as i32;
        }
    }
}

/// 0, 1, 2 and so on.
#[inline]
#[target_feature(enable = "avx512f")]
fn numbered() -> __m512i {
    _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
}

/// [`Axis::mu`] of sixteen rows, from row `first` on.
#[inline]
#[target_feature(enable = "avx512f")]
fn means(axis: &Axis, first: i32) -> __m512i {
    let offset = _mm512_set1_epi32(2 * first - (axis.rows as i32 - 1));
    let offset = _mm512_add_epi32(offset, _mm512_slli_epi32::<1>(numbered()));
    let spread = _mm512_mullo_epi32(_mm512_set1_epi32(axis.spacing), offset);
    _mm512_add_epi32(_mm512_set1_epi32(axis.centre), _mm512_srai_epi32::<1>(spread))
}

/// The kernel at the pixels next to the means: the greatest of each row.
#[inline]
#[target_feature(enable = "avx512f")]
fn peaks(axis: &Axis, mu: __m512i) -> __m512 {
    let nearest = _mm512_srai_epi32::<8>(_mm512_add_epi32(mu, _mm512_set1_epi32(128)));
    let nearest = _mm512_min_epi32(nearest, _mm512_set1_epi32(axis.side as i32 - 1));
    let nearest = _mm512_max_epi32(nearest, _mm512_setzero_si512());
    let distance = _mm512_abs_epi32(_mm512_sub_epi32(_mm512_slli_epi32::<8>(nearest), mu));
    kernel(_mm512_mullo_epi32(distance, _mm512_set1_epi32(axis.inverse_gamma)))
}

/// The kernel, an integer, at distances in its widths, Q20; why a division has the bits of the table,
/// `ymm/filter.rs` says.
#[inline]
#[target_feature(enable = "avx512f")]
fn kernel(distance: __m512i) -> __m512 {
    // (t and not 63) or 32: in the middle of each width.
    const MIDDLE: i32 = 0b1011_1010;
    const TO_NEAREST: i32 = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
    let t = _mm512_add_epi32(distance, _mm512_set1_epi32(1 << 13));
    let t = _mm512_srai_epi32::<14>(t);
    // From 16 widths on, up to the 256th.
    let is_far = _mm512_cmpgt_epi32_mask(t, _mm512_set1_epi32(16 * 64 - 1));
    let (low, half) = (_mm512_set1_epi32(63), _mm512_set1_epi32(32));
    let far = _mm512_ternarylogic_epi32::<MIDDLE>(t, low, half);
    let t = _mm512_mask_min_epi32(t, is_far, far, _mm512_set1_epi32(255 * 64 + 32));
    let t = _mm512_cvtepi32_ps(t);
    // Exact: below 2^24, or a multiple of 2^10 below 2^34.
    let denominator = _mm512_fmadd_ps(t, t, _mm512_set1_ps((64 * 64) as f32));
    let quotient = _mm512_div_ps(_mm512_set1_ps((1 << 28) as f32), denominator);
    let rounded = _mm512_roundscale_ps::<TO_NEAREST>(quotient);
    _mm512_min_ps(rounded, _mm512_set1_ps(65535.0))
}

/// `numerator`, from 0 to 2^24, over sixteen integers from 1 on, rounded down.
#[inline]
#[target_feature(enable = "avx512f")]
fn quotients(numerator: i32, denominators: __m512) -> __m512i {
    let numerator = _mm512_set1_ps(numerator as f32);
    // All three are exact but for a quotient that was rounded up to an integer.
    let quotients = _mm512_cvttps_epi32(_mm512_div_ps(numerator, denominators));
    let rest = _mm512_fnmadd_ps(_mm512_cvtepi32_ps(quotients), denominators, numerator);
    let over = _mm512_cmplt_ps_mask(rest, _mm512_setzero_ps());
    _mm512_mask_sub_epi32(quotients, over, quotients, _mm512_set1_epi32(1))
}
