//! The LSTM's nonlinear half, 32 units at a time, with the tables of its functions in registers: a vector of i16 for
//! each of the four gates and the cell, and 16 vectors for the two tables.

use core::arch::x86_64::*;

use crate::kernels::x86::avx512::load;
use crate::kernels::x86::lut::{Lut, SIGMOID, TANH};
use crate::layers::Line;
use crate::slices::lenient::part;

/// [`Kernels::lstm_cell`](crate::kernels::Kernels::lstm_cell), where the formula is.
///
/// Products are i32, so in two vectors. `unpack` takes the lower four lanes of each quarter, then the upper four, and
/// `packs` of both restores the order, as `ymm/cell.rs` draws it.
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub(super) fn lstm_cell(preactivations: &[i16], cell: &mut [i16], state: &mut [i8]) {
    let hidden = cell.len();
    // Where a gate is not whole, nothing is changed.
    let Some(preactivations) = preactivations.get(..hidden.saturating_mul(4)) else { return };
    let gates = [0, 1, 2, 3].map(|g| part(preactivations, g * hidden, hidden));
    let units = cell.chunks_mut(32).zip(state.chunks_mut(32));
    for (k, (cell, state)) in units.enumerate() {
        let mask = u32::MAX >> (32 - cell.len().min(state.len()));
        // SAFETY: the mask has no more lanes than this chunk of the cell has numbers; masked lanes are not read. The
        // chunk is the cell's numbers from `32 * k` on, and each gate is as long as the whole cell.
        let ([i, f, u, o], c) = unsafe {
            let mut loaded = [_mm512_setzero_si512(); 4];
            for (loaded, gate) in loaded.iter_mut().zip(gates) {
                *loaded = _mm512_maskz_loadu_epi16(mask, gate.as_ptr().add(32 * k));
            }
            (loaded, _mm512_maskz_loadu_epi16(mask, cell.as_ptr()))
        };
        let (i, f, u, o) = (sigmoid(i), sigmoid(f), tanh(u), sigmoid(o));
        // f * c + (i * u >> 4), shifted and rounded, in two vectors that `packs` joins again.
        let half = _mm512_set1_epi32(1 << 14);
        let next = |[fc, iu]: [__m512i; 2]| {
            let sum = _mm512_add_epi32(fc, _mm512_srai_epi32::<4>(iu));
            _mm512_srai_epi32::<15>(_mm512_add_epi32(sum, half))
        };
        let ([fc_low, fc_high], [iu_low, iu_high]) = (products(f, c), products(i, u));
        let c = _mm512_packs_epi32(next([fc_low, iu_low]), next([fc_high, iu_high]));
        // The high half alone is rounded: the low half of the product cannot change the result.
        let product = _mm512_mulhi_epi16(o, tanh(_mm512_adds_epi16(c, c)));
        let h = _mm512_srai_epi16::<7>(_mm512_add_epi16(product, _mm512_set1_epi16(1 << 6)));
        // Saturates at 127.
        let h = _mm512_cvtsepi16_epi8(_mm512_max_epi16(h, _mm512_set1_epi16(-127)));
        // SAFETY: the mask has no more lanes than either chunk has numbers; masked lanes are not written.
        unsafe {
            _mm512_mask_storeu_epi16(cell.as_mut_ptr(), mask, c);
            _mm256_mask_storeu_epi8(state.as_mut_ptr(), mask, h);
        }
    }
}

/// The products of i16 as i32, in the order of `unpack`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn products(a: __m512i, b: __m512i) -> [__m512i; 2] {
    let (low, high) = (_mm512_mullo_epi16(a, b), _mm512_mulhi_epi16(a, b));
    [_mm512_unpacklo_epi16(low, high), _mm512_unpackhi_epi16(low, high)]
}

/// The sigmoid of 32 numbers, Q3.12.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn sigmoid(x: __m512i) -> __m512i {
    let [entry, difference] = entries(&SIGMOID, x);
    // From -256 to -1 the upper entry is that of 0 itself, which is rounded up and mirrors no other: it is used as it
    // is, and the difference to it is greater by one.
    let below = _mm512_set1_epi16(-256);
    let mirrored = _mm512_cmplt_epi16_mask(x, below);
    let entry = _mm512_mask_sub_epi16(entry, mirrored, _mm512_set1_epi16(i16::MAX), entry);
    let middle = _mm512_cmpge_epu16_mask(x, below);
    let one = _mm512_set1_epi16(1);
    let difference = _mm512_mask_add_epi16(difference, middle, difference, one);
    _mm512_add_epi16(entry, between(difference, x))
}

/// The hyperbolic tangent of 32 numbers, Q3.12.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn tanh(x: __m512i) -> __m512i {
    let [entry, difference] = entries(&TANH, x);
    let mirrored = _mm512_movepi16_mask(x);
    let entry = _mm512_mask_sub_epi16(entry, mirrored, _mm512_setzero_si512(), entry);
    _mm512_add_epi16(entry, between(difference, x))
}

/// The entry of each number, or the one that it mirrors, and the difference to the next.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn entries(lut: &Lut, x: __m512i) -> [__m512i; 2] {
    let entry = _mm512_srli_epi16::<8>(_mm512_xor_si512(x, _mm512_srai_epi16::<15>(x)));
    let upper = _mm512_test_epi16_mask(entry, _mm512_set1_epi16(64));
    let find = |[a, b, c, d]: &[Line; 4]| {
        let low = _mm512_permutex2var_epi16(load(a), entry, load(b));
        let high = _mm512_permutex2var_epi16(load(c), entry, load(d));
        _mm512_mask_blend_epi16(upper, low, high)
    };
    [find(&lut.entry), find(&lut.difference)]
}

/// What lies between an entry and a number: `(difference * (x & 255) + 128) >> 8`, as a rounded high
/// half. Where x is negative, it is further from the entry that is mirrored, by the whole difference: the
/// second factor's highest bit, which counts -1, is that of x.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn between(difference: __m512i, x: __m512i) -> __m512i {
    const EITHER: i32 = 0b1011_1000;
    let (sign, part) = (_mm512_set1_epi16(i16::MIN), _mm512_slli_epi16::<7>(x));
    _mm512_mulhrs_epi16(difference, _mm512_ternarylogic_epi32::<EITHER>(part, sign, x))
}
