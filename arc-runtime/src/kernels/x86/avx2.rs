//! AVX2.

#![allow(unsafe_code)]

use core::arch::x86_64::*;

use super::ymm::*;

kernels! {
    /// Kernels for processors with AVX2.
    ///
    /// Matrices are multiplied in their packed form; one that is not packed goes the portable way. Where
    /// a program is not compiled for such processors, only `detect` makes one.
    Avx2, "avx2", avx2, ["avx2"], "avx2", products
}

/// Sums of four products of bytes, unsigned and signed, up to 128 and 127: no pair of them
/// saturates.
#[inline]
#[target_feature(enable = "avx2")]
fn products(sums: __m256i, sizes: __m256i, values: __m256i) -> __m256i {
    let pairs = _mm256_maddubs_epi16(sizes, values);
    _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
}
