//! The Cauchy filters of both axes of a glimpse, by the formula that their tables were made with, as in
//! `ymm/filter.rs`. Centers, scales and factors of all rows of both axes are computed at once, a row in each of sixteen
//! lanes; then the weights, four vectors of sixteen pixels at a time.

use core::arch::x86_64::*;

use crate::arithmetic::cauchy::Axis;

/// Most rows of a filter: a vector has sixteen lanes for those of both axes.
pub(super) const MAX_ROWS: usize = 8;
/// Pixels of a vector.
const PIXELS: usize = 16;
/// Vectors of 32-bit lanes that are narrowed to one of bytes, and rows whose weights are added up together.
const FOUR: usize = 4;

/// The rows of both filters, one after the other.
pub(super) struct Filters {
    /// The weights of each row, one for each pixel of a line.
    pub weights: Weights,
    /// What each row's accumulators are multiplied with.
    pub factors: [i32; 2 * MAX_ROWS],
}

/// Up to sixteen rows of up to 32 weights, one after the other.
#[repr(align(64))]
pub(super) struct Weights(pub [i8; 4 * MAX_ROWS * PIXELS]);

impl Filters {
    /// [`Axis::filter`] of both axes, whose side is `CHUNKS` times 16 pixels; `CHUNKS` is one or two. Both axes have
    /// the same number of rows, at most eight, the same side and the same gamma.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
    pub fn new<const CHUNKS: usize>([one, other]: [&Axis; 2], gains: [i32; 2]) -> Self {
        const { assert!(CHUNKS == 1 || CHUNKS == 2, "a row has 16 or 32 weights") }
        let count = one.rows.min(MAX_ROWS);
        let of_one = (1 << count) - 1;
        let mu = _mm512_mask_mov_epi32(means(other, -(count as i32)), of_one, means(one, 0));
        let gamma = _mm512_set1_epi32(one.inverse_gamma);
        let scales = quotients(_mm512_set1_ps((127 << 16) as f32), peaks(one, mu));
        let scales = _mm512_mul_ps(_mm512_cvtepi32_ps(scales), _mm512_set1_ps(1.0 / 65536.0));
        // In widths of the kernel, Q20, as the pixels.
        let centers = numbers(_mm512_mullo_epi32(mu, gamma));
        let scales = numbers(_mm512_castps_si512(scales));
        let first = _mm512_mullo_epi32(numbered(), _mm512_slli_epi32::<8>(gamma));
        let pixels = [first, _mm512_add_epi32(first, _mm512_slli_epi32::<12>(gamma))];

        let mut weights = Weights([0; 4 * MAX_ROWS * PIXELS]);
        let mut sums = _mm512_set1_epi32(1);
        for start in (0..2 * count).step_by(FOUR) {
            let mut parts = [_mm_setzero_si128(); CHUNKS];
            for (part, part_sums) in parts.iter_mut().enumerate() {
                let mut chunks = [_mm512_setzero_si512(); FOUR];
                for (k, chunk) in chunks.iter_mut().enumerate() {
                    // The remainder changes nothing: it shows the compiler that the index is in range.
                    let row = (start + (FOUR * part + k) / CHUNKS) % (2 * MAX_ROWS);
                    let center = _mm512_set1_epi32(centers[row]);
                    let scale = _mm512_castsi512_ps(_mm512_set1_epi32(scales[row]));
                    let distance = _mm512_sub_epi32(pixels[k % CHUNKS], center);
                    // Exact: below 2^7, in units of 2^-16.
                    let scaled = kernel(_mm512_abs_epi32(distance));
                    let scaled = _mm512_fmadd_ps(scaled, scale, _mm512_set1_ps(0.5));
                    *chunk = _mm512_cvttps_epi32(scaled);
                }
                let [a, b, c, d] = chunks;
                let (ab, cd) = (_mm512_packs_epi32(a, b), _mm512_packs_epi32(c, d));
                // Each quarter of the vector has four pixels of each chunk; `transposed` joins those of a chunk.
                let bytes = _mm512_packs_epi16(ab, cd);
                let zero = _mm512_setzero_si512();
                *part_sums = add_quarters(_mm512_dpbusd_epi32(zero, bytes, _mm512_set1_epi8(1)));
                let bytes = transposed(bytes);
                let at = PIXELS * (CHUNKS * start + FOUR * part);
                if let Some(to) = weights.0[at..].first_chunk_mut::<64>() {
                    // SAFETY: `to` has the 64 bytes that are written, and the instruction needs no alignment.
                    unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), bytes) }
                }
            }
            let four = match CHUNKS {
                1 => parts[0],
                _ => _mm_hadd_epi32(parts[0], parts[CHUNKS - 1]),
            };
            sums = _mm512_mask_broadcast_i32x4(sums, 0b1111 << start, four);
        }
        let gains = gains.map(|gain| _mm512_set1_ps(gain as f32));
        let gains = _mm512_mask_mov_ps(gains[1], of_one, gains[0]);
        let factors = numbers(quotients(gains, _mm512_cvtepi32_ps(sums)));
        Self { weights, factors }
    }
}

/// 0, 1, 2 and so on.
#[inline]
#[target_feature(enable = "avx512f")]
fn numbered() -> __m512i {
    _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
}

/// The lanes of a vector as an array.
#[inline]
#[target_feature(enable = "avx512f")]
fn numbers(vector: __m512i) -> [i32; 2 * MAX_ROWS] {
    let mut numbers = [0; 2 * MAX_ROWS];
    // SAFETY: the array has the 64 bytes that are written, and the instruction needs no alignment.
    unsafe { _mm512_storeu_epi32(numbers.as_mut_ptr(), vector) };
    numbers
}

/// The sum of the four quarters.
#[inline]
#[target_feature(enable = "avx512f")]
fn add_quarters(quarters: __m512i) -> __m128i {
    let low = _mm512_castsi512_si256(quarters);
    let halves = _mm256_add_epi32(low, _mm512_extracti64x4_epi64::<1>(quarters));
    _mm_add_epi32(_mm256_castsi256_si128(halves), _mm256_extracti128_si256::<1>(halves))
}

/// [`Axis::mu`] of sixteen rows, from row `first` on.
#[inline]
#[target_feature(enable = "avx512f")]
fn means(axis: &Axis, first: i32) -> __m512i {
    let offset = _mm512_set1_epi32(2 * first - (axis.rows as i32 - 1));
    let offset = _mm512_add_epi32(offset, _mm512_slli_epi32::<1>(numbered()));
    let spread = _mm512_mullo_epi32(_mm512_set1_epi32(axis.spacing), offset);
    _mm512_add_epi32(_mm512_set1_epi32(axis.center), _mm512_srai_epi32::<1>(spread))
}

/// The kernel at the pixels next to the means: the greatest of each row.
#[inline]
#[target_feature(enable = "avx512f")]
fn peaks(axis: &Axis, mu: __m512i) -> __m512 {
    let nearest = _mm512_srai_epi32::<8>(_mm512_add_epi32(mu, _mm512_set1_epi32(128)));
    let nearest = _mm512_min_epi32(nearest, _mm512_set1_epi32(axis.side as i32 - 1));
    let nearest = _mm512_max_epi32(nearest, _mm512_setzero_si512());
    let distance = _mm512_abs_epi32(_mm512_sub_epi32(_mm512_slli_epi32::<8>(nearest), mu));
    let distance = _mm512_mullo_epi32(distance, _mm512_set1_epi32(axis.inverse_gamma));
    kernel(distance)
}

/// The kernel, an integer, at distances in its widths, Q20; `ymm/filter.rs` says why a division has the bits of the
/// table. At the least distances it is 65536 and not 65535, as in the table. The weight is the same: the row's scale
/// comes from the same number, so that either makes 127.
#[inline]
#[target_feature(enable = "avx512f")]
fn kernel(distance: __m512i) -> __m512 {
    // (t and not 63) or 32: the middle of a width.
    const MIDDLE: i32 = 0b1011_1010;
    const TO_NEAREST: i32 = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
    let t = _mm512_srai_epi32::<14>(_mm512_add_epi32(distance, _mm512_set1_epi32(1 << 13)));
    // From 16 widths on, up to the 256th, the table has one entry for each width.
    let is_far = _mm512_cmpgt_epi32_mask(t, _mm512_set1_epi32(16 * 64 - 1));
    let (low, half) = (_mm512_set1_epi32(63), _mm512_set1_epi32(32));
    let far = _mm512_ternarylogic_epi32::<MIDDLE>(t, low, half);
    let t = _mm512_mask_min_epi32(t, is_far, far, _mm512_set1_epi32(255 * 64 + 32));
    let t = _mm512_cvtepi32_ps(t);
    // Exact: below 2^24, or a multiple of 2^10 below 2^34.
    let denominator = _mm512_fmadd_ps(t, t, _mm512_set1_ps((64 * 64) as f32));
    let quotient = _mm512_div_ps(_mm512_set1_ps((1 << 28) as f32), denominator);
    _mm512_roundscale_ps::<TO_NEAREST>(quotient)
}

/// Sixteen integers from 0 to 2^24 over as many from 1 on, rounded down.
#[inline]
#[target_feature(enable = "avx512f")]
fn quotients(numerators: __m512, denominators: __m512) -> __m512i {
    // No quotient is rounded up to an integer: `ymm/filter.rs` says why.
    _mm512_cvttps_epi32(_mm512_div_ps(numerators, denominators))
}

/// Transposes four times four numbers of 32 bits: every fourth number comes to lie side by side.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn transposed(numbers: __m512i) -> __m512i {
    let order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    _mm512_permutexvar_epi32(order, numbers)
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use std::vec;
    use std::vec::Vec;

    use super::*;
    use crate::arithmetic::cauchy::{self, FAR};
    use crate::kernels::x86::Avx512Vnni;

    /// Runs nothing on a processor without AVX-512; the tests of the kernels report that it is missing.
    fn with_avx512(test: unsafe fn()) {
        if Avx512Vnni::detect().is_some() {
            // SAFETY: `detect` found every feature that the tests are compiled for.
            unsafe { test() }
        }
    }

    #[test]
    fn the_division_is_the_table() {
        #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
        fn test() {
            for t in 0..2 * 64 * FAR.len() {
                let found = kernel(_mm512_set1_epi32((t << 14) as i32));
                let found = numbers(_mm512_cvttps_epi32(found));
                let expected = if t == 0 { 65_536 } else { cauchy::kernel(t) as i32 };
                assert_eq!(found, [expected; 2 * MAX_ROWS], "{t} 64ths");
            }
        }
        with_avx512(test);
    }

    #[test]
    fn both_filters_are_those_of_their_axes() {
        #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
        fn test() {
            // Centers at the ends, in the middle of pixels and between them.
            let positions = (i16::MIN..=i16::MAX).step_by(1021).chain([-1, 0, 1, i16::MAX]);
            let positions: Vec<i16> = positions.collect();
            for d in (i16::MIN..=i16::MAX).step_by(255) {
                for (k, &v) in positions.iter().enumerate() {
                    let w = positions[(7 * k + 3) % positions.len()];
                    let rows = 4 + k % 5;
                    for side in [16, 32] {
                        let axes = [Axis::new(side, rows, v, d), Axis::new(side, rows, w, d)];
                        let gains = [1 << 22, [126, 1 << 20, (1 << 23) - 1][k % 3]];
                        let [one, other] = &axes;
                        let found = match side {
                            16 => Filters::new::<1>([one, other], gains),
                            _ => Filters::new::<2>([one, other], gains),
                        };
                        let weights = found.weights.0.chunks(rows * side);
                        let factors = found.factors.chunks(rows);
                        let each = weights.zip(factors).zip(axes.iter().zip(gains));
                        for ((weights, factors), (axis, gain)) in each {
                            let (mut expected, mut by) = (vec![0; rows * side], vec![0; rows]);
                            axis.filter(gain, &mut expected, &mut by);
                            assert_eq!(weights, expected, "{rows} rows of {side}: {v} {w} {d}");
                            assert_eq!(factors, by, "{rows} rows of {side}: {v} {w} {d}");
                        }
                    }
                }
            }
        }
        with_avx512(test);
    }
}
