//! The LSTM's nonlinear half, 32 units at a time, with the tables of its functions in registers.

use core::arch::x86_64::*;

use super::load;
use crate::kernels::x86::lut::{Lut, SIGMOID, TANH};
use crate::model::Line;

#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub(super) fn lstm_cell(sums: &[i16], cell: &mut [i16], state: &mut [i8]) {
    let hidden = cell.len();
    let gate = |g: usize| &sums[g * hidden..][..hidden];
    let gates = [0, 1, 2, 3].map(gate);
    let units = cell.chunks_mut(32).zip(state.chunks_mut(32));
    for (k, (cell, state)) in units.enumerate() {
        let mask = u32::MAX >> (32 - cell.len().min(state.len()));
        // SAFETY: the mask leaves out what is behind the slices; each gate is as long as the cell.
        let ([i, f, u, o], c) = unsafe {
            let mut sums = [_mm512_setzero_si512(); 4];
            for (sums, gate) in sums.iter_mut().zip(gates) {
                *sums = _mm512_maskz_loadu_epi16(mask, gate.as_ptr().add(32 * k));
            }
            (sums, _mm512_maskz_loadu_epi16(mask, cell.as_ptr()))
        };
        let (i, f, o) = (at(&SIGMOID, i), at(&SIGMOID, f), at(&SIGMOID, o));
        let u = at(&TANH, u);
        // f * c + (i * u >> 4), rounded: halves of a vector at a time, which `packs` joins again.
        let half = _mm512_set1_epi32(1 << 14);
        let next = |[fc, iu]: [__m512i; 2]| {
            let sum = _mm512_add_epi32(fc, _mm512_srai_epi32::<4>(iu));
            _mm512_srai_epi32::<15>(_mm512_add_epi32(sum, half))
        };
        let ([fc_low, fc_high], [iu_low, iu_high]) = (products(f, c), products(i, u));
        let c = _mm512_packs_epi32(next([fc_low, iu_low]), next([fc_high, iu_high]));
        let squashed = at(&TANH, _mm512_adds_epi16(c, c));
        let half = _mm512_set1_epi32(1 << 22);
        let round = |h| _mm512_srai_epi32::<23>(_mm512_add_epi32(h, half));
        let [low, high] = products(o, squashed);
        let h = _mm512_packs_epi32(round(low), round(high));
        let h =
            _mm512_max_epi16(_mm512_min_epi16(h, _mm512_set1_epi16(127)), _mm512_set1_epi16(-127));
        // SAFETY: the mask leaves out what is behind either slice.
        unsafe {
            _mm512_mask_storeu_epi16(cell.as_mut_ptr(), mask, c);
            _mm256_mask_storeu_epi8(state.as_mut_ptr(), mask, _mm512_cvtepi16_epi8(h));
        }
    }
}

/// The products of numbers of 16 bits, in the order of `unpack`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn products(a: __m512i, b: __m512i) -> [__m512i; 2] {
    let (low, high) = (_mm512_mullo_epi16(a, b), _mm512_mulhi_epi16(a, b));
    [_mm512_unpacklo_epi16(low, high), _mm512_unpackhi_epi16(low, high)]
}

/// An activation function of 32 numbers.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn at(lut: &Lut, x: __m512i) -> __m512i {
    let entry = _mm512_srli_epi16::<8>(_mm512_xor_si512(x, _mm512_set1_epi16(i16::MIN)));
    // `(difference * between + 128) >> 8`, as a rounded high half.
    let between = _mm512_slli_epi16::<7>(_mm512_and_si512(x, _mm512_set1_epi16(255)));
    let difference = entries(&lut.difference, entry);
    _mm512_add_epi16(entries(&lut.low, entry), _mm512_mulhrs_epi16(difference, between))
}

/// Entries of a table of 256, which eight vectors hold.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn entries(table: &[Line; 8], entry: __m512i) -> __m512i {
    let two = |k: usize| _mm512_permutex2var_epi16(load(&table[k]), entry, load(&table[k + 1]));
    let odd = _mm512_test_epi16_mask(entry, _mm512_set1_epi16(64));
    let upper = _mm512_test_epi16_mask(entry, _mm512_set1_epi16(128));
    let low = _mm512_mask_blend_epi16(odd, two(0), two(2));
    let high = _mm512_mask_blend_epi16(odd, two(4), two(6));
    _mm512_mask_blend_epi16(upper, low, high)
}
