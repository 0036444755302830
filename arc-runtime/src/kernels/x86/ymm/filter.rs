//! The rows of a Cauchy filter, by the formula that its tables were made with.

use core::arch::x86_64::*;

use crate::arithmetic::cauchy::Axis;
use crate::kernels::x86::ymm::{LANES, numbers, store_bytes, vector};

/// [`Axis::filter`], eight rows at a time: first the center and the scale of the eight rows, a row in each lane; then
/// the weights of each row, sixteen pixels at a time; then the factors of the eight rows.
#[target_feature(enable = "avx2")]
pub(in crate::kernels::x86) fn filter(
    axis: &Axis,
    gain: i32,
    weights: &mut [i8],
    factors: &mut [i32],
) {
    // At most 128, as of every axis.
    let side = axis.side.max(1);
    let gamma = _mm256_set1_epi32(axis.inverse_gamma);
    let groups = weights.chunks_mut(LANES * side).zip(factors.chunks_mut(LANES));
    for (group, (weights, factors)) in groups.enumerate() {
        let mu = means(axis, LANES * group);
        let scale = quotients(127 << 16, peaks(axis, mu));
        let rows = numbers(mu).into_iter().zip(numbers(scale));
        let mut sums = [1; LANES];
        for ((weights, sum), (mu, scale)) in weights.chunks_mut(side).zip(&mut sums).zip(rows) {
            *sum = row_weights(mu, scale, gamma, weights);
        }
        let quotients = numbers(quotients(gain, vector(sums)));
        factors.iter_mut().zip(quotients).for_each(|(factor, quotient)| *factor = quotient);
    }
}

/// [`Axis::mu`] of eight rows, from row `first` on.
#[inline]
#[target_feature(enable = "avx2")]
fn means(axis: &Axis, first: usize) -> __m256i {
    let offset = _mm256_set1_epi32(2 * first as i32 - (axis.rows as i32 - 1));
    let offset = _mm256_add_epi32(offset, _mm256_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14));
    let spread = _mm256_mullo_epi32(_mm256_set1_epi32(axis.spacing), offset);
    _mm256_add_epi32(_mm256_set1_epi32(axis.center), _mm256_srai_epi32::<1>(spread))
}

/// The kernel at the pixels next to the means: the greatest of each row.
#[inline]
#[target_feature(enable = "avx2")]
fn peaks(axis: &Axis, mu: __m256i) -> __m256i {
    let nearest = _mm256_srai_epi32::<8>(_mm256_add_epi32(mu, _mm256_set1_epi32(128)));
    let nearest = _mm256_min_epi32(nearest, _mm256_set1_epi32(axis.side as i32 - 1));
    let nearest = _mm256_max_epi32(nearest, _mm256_setzero_si256());
    let distance = _mm256_abs_epi32(_mm256_sub_epi32(_mm256_slli_epi32::<8>(nearest), mu));
    kernel(distance, _mm256_set1_epi32(axis.inverse_gamma))
}

/// [`Axis::row_weights`], with the row's mean and scale; returns the sum of the weights.
#[inline]
#[target_feature(enable = "avx2")]
fn row_weights(mu: i32, scale: i32, gamma: __m256i, weights: &mut [i8]) -> i32 {
    let (mu, scale) = (_mm256_set1_epi32(mu), _mm256_set1_epi32(scale));
    let scaled = |pixels| {
        let distance = _mm256_abs_epi32(_mm256_sub_epi32(pixels, mu));
        let scaled = _mm256_mullo_epi32(kernel(distance, gamma), scale);
        _mm256_srli_epi32::<16>(_mm256_add_epi32(scaled, _mm256_set1_epi32(1 << 15)))
    };
    let mut pixels = _mm256_setr_epi32(0, 256, 512, 768, 1024, 1280, 1536, 1792);
    let mut sums = _mm_setzero_si128();
    for weights in weights.chunks_mut(2 * LANES) {
        let others = _mm256_add_epi32(pixels, _mm256_set1_epi32(256 * LANES as i32));
        let words = _mm256_packs_epi32(scaled(pixels), scaled(others));
        let words = _mm256_permute4x64_epi64::<0b11_01_10_00>(words);
        let (low, high) = (_mm256_castsi256_si128(words), _mm256_extracti128_si256::<1>(words));
        let bytes = _mm_packus_epi16(low, high);
        store_bytes(weights, bytes);
        let within = _mm_cmpgt_epi8(_mm_set1_epi8(weights.len() as i8), numbered());
        let sum = _mm_sad_epu8(_mm_and_si128(bytes, within), _mm_setzero_si128());
        sums = _mm_add_epi64(sums, sum);
        pixels = _mm256_add_epi32(pixels, _mm256_set1_epi32(512 * LANES as i32));
    }
    _mm_cvtsi128_si32(_mm_add_epi64(sums, _mm_unpackhi_epi64(sums, sums)))
}

/// 0, 1, 2 and so on, in bytes.
#[inline]
#[target_feature(enable = "avx2")]
fn numbered() -> __m128i {
    _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
}

/// The kernel at distances in 256ths of a pixel.
///
/// A division in single precision is faster than looking up eight numbers, and has the same bits: the
/// tables hold 65536 / (1 + t^2) = 2^28 / (4096 + k^2), rounded, at k = 64 t, where numerator and
/// denominator are exact. No quotient is so near to the middle of two integers that its own rounding
/// would move it to the other side. The test `the_division_is_the_table` compares all of them.
#[inline]
#[target_feature(enable = "avx2")]
fn kernel(distance: __m256i, gamma: __m256i) -> __m256i {
    let t = _mm256_mullo_epi32(distance, gamma);
    quotient(_mm256_srai_epi32::<14>(_mm256_add_epi32(t, _mm256_set1_epi32(1 << 13))))
}

/// The kernel at distances in 64ths of its width.
#[inline]
#[target_feature(enable = "avx2")]
fn quotient(t: __m256i) -> __m256i {
    // From 16 widths on, up to the 256th, the table has one entry for each width: the kernel in its middle.
    let far = _mm256_or_si256(_mm256_andnot_si256(_mm256_set1_epi32(63), t), _mm256_set1_epi32(32));
    let far = _mm256_min_epi32(far, _mm256_set1_epi32(255 * 64 + 32));
    let t = _mm256_blendv_epi8(t, far, _mm256_cmpgt_epi32(t, _mm256_set1_epi32(16 * 64 - 1)));
    let denominator = _mm256_add_epi32(_mm256_mullo_epi32(t, t), _mm256_set1_epi32(64 * 64));
    let numerator = _mm256_set1_ps((1 << 28) as f32);
    let quotient = _mm256_div_ps(numerator, _mm256_cvtepi32_ps(denominator));
    _mm256_min_epi32(_mm256_cvtps_epi32(quotient), _mm256_set1_epi32(65535))
}

/// `numerator`, from 0 to 2^24, over eight numbers from 1 on, rounded down.
#[inline]
#[target_feature(enable = "avx2")]
fn quotients(numerator: i32, denominators: __m256i) -> __m256i {
    let numerators = _mm256_set1_epi32(numerator);
    let quotients = _mm256_div_ps(_mm256_cvtepi32_ps(numerators), _mm256_cvtepi32_ps(denominators));
    // No quotient is rounded up to an integer m. It would be m - r / d with r of at least 1, and r / d no more than
    // half of the last place below m. With m more than 2^e, d would be at least r 2^(24 - e). But then the numerator,
    // m d - r, would be more than 2^24.
    _mm256_cvttps_epi32(quotients)
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;
    use crate::arithmetic::cauchy::{self, FAR};
    use crate::kernels::x86::Avx2;

    /// Runs nothing on a processor without AVX2; the tests of the kernels report that it is missing.
    fn with_avx2(test: unsafe fn()) {
        if Avx2::detect().is_some() {
            // SAFETY: `detect` found AVX2, which is all that the tests are compiled for.
            unsafe { test() }
        }
    }

    #[test]
    fn the_division_is_the_table() {
        #[target_feature(enable = "avx2")]
        fn test() {
            for t in 0..2 * 64 * FAR.len() {
                let found = numbers(quotient(_mm256_set1_epi32(t as i32)));
                assert_eq!(found, [cauchy::kernel(t) as i32; LANES], "{t} 64ths");
            }
        }
        with_avx2(test);
    }

    #[test]
    fn quotients_are_rounded_down() {
        #[target_feature(enable = "avx2")]
        fn test() {
            for numerator in [1, 2, 126, 65_537, 127 << 16, 1 << 22, (1 << 23) - 1, 1 << 24] {
                for denominator in 1..=65_535 {
                    let found = numbers(quotients(numerator, _mm256_set1_epi32(denominator)));
                    let expected = numerator / denominator;
                    assert_eq!(found, [expected; LANES], "{numerator} / {denominator}");
                }
            }
        }
        with_avx2(test);
    }
}
