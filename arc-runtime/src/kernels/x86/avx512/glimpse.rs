//! What is seen through a filter: weighted sums of lines, sixteen columns in each quarter of a vector.

use core::arch::x86_64::*;

use crate::kernels::x86::ymm::{
    COLUMNS, Columns, Inputs, NUMBERS, Weights, dots, load, scale_totals,
};
use crate::kernels::{Filter, Kernels, Scalar};
use crate::parts::{behind_mut, copy, part};

/// Rows of the filter that go together, so that lines that have been loaded serve all of them.
const ROWS: usize = 4;

/// The columns of a vector.
type Quarters = [Columns; 4];

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
pub(super) fn blend_each(filter: &Filter<'_>, count: usize, input: &[i8], output: &mut [i8]) {
    let (count, outputs) = (count.max(1), filter.factors.len().max(1));
    let (lines, width) = (filter.weights.len() / outputs, output.len() / (count * outputs));
    if width == 1 && lines > 0 && lines.is_multiple_of(NUMBERS) {
        return dots(filter, lines, input, output);
    }
    let Some(inputs) = Inputs::new(input, lines, width) else {
        return Scalar.blend_each(filter, count, input, output);
    };
    let mut weights = Weights::<ROWS>::NONE;
    for first in (0..outputs).step_by(ROWS) {
        // The last one again, where there are no others; so with the columns.
        let (mut rows, mut factors) = ([first; ROWS], [0; ROWS]);
        for (k, (row, factor)) in rows.iter_mut().zip(&mut factors).enumerate() {
            *row = (first + k).min(outputs - 1);
            *factor = filter.factors[*row];
        }
        weights.take(&inputs, filter, rows);
        let mut columns = inputs.columns(outputs);
        while let Some(first) = columns.next() {
            let mut quarters = [first; 4];
            for k in 1..4 {
                quarters[k] = columns.next().unwrap_or(quarters[k - 1]);
            }
            let [a, b, c, d] = quarters;
            let sums = match a.is_next_to(&b) && b.is_next_to(&c) && c.is_next_to(&d) {
                true => blend_rows::<true>(&inputs, &weights, &quarters),
                false => blend_rows::<false>(&inputs, &weights, &quarters),
            };
            for ((row, factor), sums) in rows.into_iter().zip(factors).zip(sums) {
                let (values, line) = (scale(sums, factor, filter.shift), row * width);
                a.put(output, line, _mm512_castsi512_si128(values));
                b.put(output, line, _mm512_extracti32x4_epi32::<1>(values));
                c.put(output, line, _mm512_extracti32x4_epi32::<2>(values));
                d.put(output, line, _mm512_extracti32x4_epi32::<3>(values));
            }
        }
    }
}

/// The sums of four rows of the filter over the columns of a vector; whether each quarter's are next to
/// those of the one before.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn blend_rows<const NEIGHBOURS: bool>(
    inputs: &Inputs<'_>,
    weights: &Weights<ROWS>,
    quarters: &Quarters,
) -> [[__m512i; 4]; ROWS] {
    let mut sums = [[_mm512_setzero_si512(); 4]; ROWS];
    for (start, weights) in weights.fours() {
        let mut loaded = [_mm512_setzero_si512(); 4];
        for (line, loaded) in loaded.iter_mut().enumerate() {
            let start = start + line * inputs.width;
            // SAFETY: `blend_each` takes the weights and the columns from these inputs.
            *loaded = unsafe { load_line::<NEIGHBOURS>(inputs, start, quarters) };
        }
        // Four lines of a column side by side; `packs` brings the columns back into order.
        let [a, b, c, d] = loaded;
        let low = [_mm512_unpacklo_epi8(a, b), _mm512_unpacklo_epi8(c, d)];
        let high = [_mm512_unpackhi_epi8(a, b), _mm512_unpackhi_epi8(c, d)];
        let values = [
            _mm512_unpacklo_epi16(low[0], low[1]),
            _mm512_unpackhi_epi16(low[0], low[1]),
            _mm512_unpacklo_epi16(high[0], high[1]),
            _mm512_unpackhi_epi16(high[0], high[1]),
        ];
        for (sums, &weights) in sums.iter_mut().zip(weights) {
            let weights = _mm512_set1_epi32(weights);
            for (sum, &values) in sums.iter_mut().zip(&values) {
                *sum = _mm512_dpbusd_epi32(*sum, values, weights);
            }
        }
    }
    sums
}

/// A line of the columns, which is `start` behind the first one.
///
/// # Safety
/// The inputs have it, and the columns are of their [`columns`](Inputs::columns).
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
unsafe fn load_line<const NEIGHBOURS: bool>(
    inputs: &Inputs<'_>,
    start: usize,
    [a, b, c, d]: &Quarters,
) -> __m512i {
    let at = |columns: &Columns| {
        let start = columns.input + start;
        debug_assert!(start + COLUMNS <= inputs.numbers.len());
        // SAFETY: the caller's promise.
        unsafe { inputs.numbers.as_ptr().add(start) }
    };
    // SAFETY: sixteen columns are there, and where all are neighbours, four times as many.
    unsafe {
        if NEIGHBOURS {
            return _mm512_loadu_si512(at(a).cast());
        }
        let low = _mm256_loadu2_m128i(at(b).cast(), at(a).cast());
        let high = _mm256_loadu2_m128i(at(d).cast(), at(c).cast());
        _mm512_inserti64x4::<1>(_mm512_castsi256_si512(low), high)
    }
}

/// Sums of columns that were interleaved, times `factor`, shifted and rounded, at most 127; none is
/// negative.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn scale(sums: [__m512i; 4], factor: i32, shift: u32) -> __m512i {
    let (factor, half) = (_mm512_set1_epi32(factor), _mm512_set1_epi32(1 << (shift - 1)));
    let shift = _mm_cvtsi32_si128(shift as i32);
    let mut scaled = sums;
    for sum in &mut scaled {
        let product = _mm512_mullo_epi32(*sum, factor);
        *sum = _mm512_sra_epi32(_mm512_add_epi32(product, half), shift);
    }
    let [a, b, c, d] = scaled;
    _mm512_packs_epi16(_mm512_packs_epi32(a, b), _mm512_packs_epi32(c, d))
}

dots!("avx512f,avx512bw,avx512vl,avx512vnni", _mm256_dpbusd_epi32);
