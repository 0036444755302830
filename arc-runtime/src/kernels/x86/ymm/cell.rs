//! The LSTM's nonlinear half, sixteen units at a time: a vector of i16 for each of the four gates and the cell.

use core::arch::x86_64::*;

use crate::kernels::x86::lut::{Pairs, SIGMOID_PAIRS, TANH_PAIRS};
use crate::kernels::x86::ymm::store_bytes;
use crate::slices::lenient::{behind, copy, front_mut};

/// Units of a step: the i16 lanes of a vector.
const UNITS: usize = 16;

/// [`Kernels::lstm_cell`](crate::kernels::Kernels::lstm_cell), where the formula is.
///
/// Products are i32, so in two vectors. `unpack` takes the lower four lanes of each half, then the upper four:
///
/// ```text
/// units    0  1  2  3  4  5  6  7 | 8  9 10 11 12 13 14 15      16 lanes of i16
/// low      0     1     2     3    | 8     9    10    11          8 lanes of i32
/// high     4     5     6     7    | 12   13    14    15
/// ```
///
/// `packs` of low and high restores the order.
#[target_feature(enable = "avx2")]
pub(in crate::kernels::x86) fn lstm_cell(
    preactivations: &[i16],
    cell: &mut [i16],
    state: &mut [i8],
) {
    let hidden = cell.len();
    // A unit that has no number in `state` is left as it is.
    let cell = front_mut(cell, state.len().min(hidden));
    let units = cell.chunks_mut(UNITS).zip(state.chunks_mut(UNITS));
    for (block, (cell, state)) in units.enumerate() {
        let gate = |gate: usize| behind(preactivations, gate * hidden + block * UNITS);
        let (i, f) = (at(&SIGMOID_PAIRS, load(gate(0))), at(&SIGMOID_PAIRS, load(gate(1))));
        let (u, o) = (at(&TANH_PAIRS, load(gate(2))), at(&SIGMOID_PAIRS, load(gate(3))));
        let c = load(cell);
        // f * c + (i * u >> 4), shifted and rounded, in two vectors that `packs` joins again.
        let half = _mm256_set1_epi32(1 << 14);
        let next = |fc, iu| {
            let sum = _mm256_add_epi32(fc, _mm256_srai_epi32::<4>(iu));
            _mm256_srai_epi32::<15>(_mm256_add_epi32(sum, half))
        };
        let ([fc_low, fc_high], [iu_low, iu_high]) = (products(f, c), products(i, u));
        let c = _mm256_packs_epi32(next(fc_low, iu_low), next(fc_high, iu_high));
        // The high half alone is rounded: the low half of the product cannot change the result.
        let product = _mm256_mulhi_epi16(o, at(&TANH_PAIRS, _mm256_adds_epi16(c, c)));
        let h = _mm256_srai_epi16::<7>(_mm256_add_epi16(product, _mm256_set1_epi16(1 << 6)));
        let h = _mm256_max_epi16(h, _mm256_set1_epi16(-127));
        let (low, high) = (_mm256_castsi256_si128(h), _mm256_extracti128_si256::<1>(h));
        store(cell, c);
        store_bytes(state, _mm_packs_epi16(low, high));
    }
}

/// The products of i16 as i32, in the order of `unpack`.
#[inline]
#[target_feature(enable = "avx2")]
fn products(a: __m256i, b: __m256i) -> [__m256i; 2] {
    let (low, high) = (_mm256_mullo_epi16(a, b), _mm256_mulhi_epi16(a, b));
    [_mm256_unpacklo_epi16(low, high), _mm256_unpackhi_epi16(low, high)]
}

/// An activation function of sixteen numbers.
#[inline]
#[target_feature(enable = "avx2")]
fn at(pairs: &Pairs, x: __m256i) -> __m256i {
    let zero = _mm256_setzero_si256();
    let entry = _mm256_srli_epi16::<8>(_mm256_xor_si256(x, _mm256_set1_epi16(i16::MIN)));
    let look_up = |entries| {
        // SAFETY: every lane of `entries` is below 256, as it was shifted right by 8 of 16 bits, and the table has 256
        // entries of four bytes.
        unsafe { _mm256_i32gather_epi32::<4>(pairs.0.as_ptr().cast(), entries) }
    };
    let a = look_up(_mm256_unpacklo_epi16(entry, zero));
    let b = look_up(_mm256_unpackhi_epi16(entry, zero));
    let low = |pairs| _mm256_blend_epi16::<0b1010_1010>(pairs, zero);
    let low = _mm256_packus_epi32(low(a), low(b));
    let difference = _mm256_packus_epi32(_mm256_srli_epi32::<16>(a), _mm256_srli_epi32::<16>(b));
    // `(difference * between + 128) >> 8`, as a rounded high half.
    let between = _mm256_slli_epi16::<7>(_mm256_and_si256(x, _mm256_set1_epi16(255)));
    _mm256_add_epi16(low, _mm256_mulhrs_epi16(difference, between))
}

/// The first sixteen numbers, with zeros behind the last.
#[inline]
#[target_feature(enable = "avx2")]
fn load(numbers: &[i16]) -> __m256i {
    match numbers.first_chunk::<UNITS>() {
        // SAFETY: `whole` has the 32 bytes that are read, and the instruction needs no alignment.
        Some(whole) => unsafe { _mm256_loadu_si256(whole.as_ptr().cast()) },
        None => load_some(numbers),
    }
}

/// Less than sixteen numbers. It is rare, and its code is kept out of the loop.
#[cold]
#[target_feature(enable = "avx2")]
fn load_some(numbers: &[i16]) -> __m256i {
    let mut all = [0; UNITS];
    copy(&mut all, numbers);
    load(&all)
}

/// Writes the first numbers, as many as fit.
#[inline]
#[target_feature(enable = "avx2")]
fn store(to: &mut [i16], numbers: __m256i) {
    match to.first_chunk_mut::<UNITS>() {
        // SAFETY: `whole` has the 32 bytes that are written, and the instruction needs no alignment.
        Some(whole) => unsafe { _mm256_storeu_si256(whole.as_mut_ptr().cast(), numbers) },
        None => store_some(to, numbers),
    }
}

/// Less than sixteen numbers. It is rare, and its code is kept out of the loop.
#[cold]
#[target_feature(enable = "avx2")]
fn store_some(to: &mut [i16], numbers: __m256i) {
    let mut all = [0; UNITS];
    store(&mut all, numbers);
    copy(to, &all);
}
