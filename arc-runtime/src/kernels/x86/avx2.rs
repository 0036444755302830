//! AVX2: four products of each of eight rows in three instructions.

#![allow(unsafe_code)]

use core::arch::x86_64::*;

use crate::kernels::x86::ymm::*;

kernels! {
    /// Kernels for processors with AVX2.
    ///
    /// Matrices are multiplied in their packed form, and by [`Scalar`] if they are not packed. Where
    /// a program is not compiled for such processors, only `detect` makes one.
    Avx2, "avx2", avx2, ["avx2"], "avx2", products
}

/// Adds four products to each of eight accumulators. Factors are up to 128 and up to 127 in magnitude, so that the i16
/// that two products make does not saturate.
#[inline]
#[target_feature(enable = "avx2")]
fn products(sums: __m256i, unsigned: __m256i, signed: __m256i) -> __m256i {
    let pairs = _mm256_maddubs_epi16(unsigned, signed);
    _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
}
