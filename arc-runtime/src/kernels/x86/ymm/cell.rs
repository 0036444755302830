//! The LSTM's nonlinear half, sixteen units at a time.

use core::arch::x86_64::*;

use super::put_bytes;
use crate::kernels::x86::lut::{Pairs, SIGMOID_PAIRS, TANH_PAIRS};
use crate::parts::{behind, copy, front_mut};

/// Units of a vector.
const UNITS: usize = 16;

/// [`Kernels::lstm_cell`](crate::kernels::Kernels::lstm_cell).
#[target_feature(enable = "avx2")]
pub(in crate::kernels::x86) fn lstm_cell(sums: &[i16], cell: &mut [i16], state: &mut [i8]) {
    let hidden = cell.len();
    // Only units that have a state take a step.
    let cell = front_mut(cell, state.len().min(hidden));
    let units = cell.chunks_mut(UNITS).zip(state.chunks_mut(UNITS));
    for (block, (cell, state)) in units.enumerate() {
        let gate = |gate: usize| behind(sums, gate * hidden + block * UNITS);
        let (i, f) = (at(&SIGMOID_PAIRS, load(gate(0))), at(&SIGMOID_PAIRS, load(gate(1))));
        let (u, o) = (at(&TANH_PAIRS, load(gate(2))), at(&SIGMOID_PAIRS, load(gate(3))));
        let c = load(cell);
        // f * c + (i * u >> 4), rounded: halves of a vector at a time, which `packs` joins again.
        let half = _mm256_set1_epi32(1 << 14);
        let next = |fc, iu| {
            let sum = _mm256_add_epi32(fc, _mm256_srai_epi32::<4>(iu));
            _mm256_srai_epi32::<15>(_mm256_add_epi32(sum, half))
        };
        let ([fc_low, fc_high], [iu_low, iu_high]) = (products(f, c), products(i, u));
        let c = _mm256_packs_epi32(next(fc_low, iu_low), next(fc_high, iu_high));
        // The product's low half cannot change what it is rounded to.
        let product = _mm256_mulhi_epi16(o, at(&TANH_PAIRS, _mm256_adds_epi16(c, c)));
        let h = _mm256_srai_epi16::<7>(_mm256_add_epi16(product, _mm256_set1_epi16(1 << 6)));
        let h = _mm256_max_epi16(h, _mm256_set1_epi16(-127));
        let (low, high) = (_mm256_castsi256_si128(h), _mm256_extracti128_si256::<1>(h));
        put(cell, c);
        put_bytes(state, _mm_packs_epi16(low, high));
    }
}

/// The products of numbers of 16 bits, in the order of `unpack`.
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
        // SAFETY: an entry is a number of eight bits, and the table has 256.
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

/// The first sixteen numbers, and zeros for those that are not there.
#[inline]
#[target_feature(enable = "avx2")]
fn load(numbers: &[i16]) -> __m256i {
    match numbers.first_chunk::<UNITS>() {
        // SAFETY: they are as many as the vector holds.
        Some(whole) => unsafe { _mm256_loadu_si256(whole.as_ptr().cast()) },
        None => load_some(numbers),
    }
}

/// Rare, and kept out of the loop.
#[cold]
#[target_feature(enable = "avx2")]
fn load_some(numbers: &[i16]) -> __m256i {
    let mut all = [0; UNITS];
    copy(&mut all, numbers);
    load(&all)
}

/// Writes the numbers that there is room for.
#[inline]
#[target_feature(enable = "avx2")]
fn put(to: &mut [i16], numbers: __m256i) {
    match to.first_chunk_mut::<UNITS>() {
        // SAFETY: they are as many as the vector holds.
        Some(whole) => unsafe { _mm256_storeu_si256(whole.as_mut_ptr().cast(), numbers) },
        None => put_some(to, numbers),
    }
}

/// Rare, and kept out of the loop.
#[cold]
#[target_feature(enable = "avx2")]
fn put_some(to: &mut [i16], numbers: __m256i) {
    let mut all = [0; UNITS];
    put(&mut all, numbers);
    copy(to, &all);
}
