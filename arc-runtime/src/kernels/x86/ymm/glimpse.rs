//! What is seen through a filter: weighted sums of lines, sixteen columns in each half of a vector.

use core::arch::x86_64::*;

use crate::kernels::Filter;
use crate::parts::{behind, behind_mut, front, part};

/// Columns of half a vector.
const COLUMNS: usize = 16;

/// Lines whose products an instruction adds up.
const LINES: usize = 4;

/// Inputs that are blended: so many lines of so many numbers each, one input after the other.
#[derive(Clone, Copy)]
pub(in crate::kernels::x86) struct Inputs<'a> {
    /// All of their numbers.
    numbers: &'a [i8],
    /// Lines of each, as many as a row of the filter has weights: [`LINES`] to [`LINES`] times [`FOURS`].
    lines: usize,
    /// Numbers of a line: [`COLUMNS`] or more.
    width: usize,
    /// Numbers of an input: the product of both.
    each: usize,
}

/// Fours of lines at most, of maps of up to 128 lines.
const FOURS: usize = 32;

/// What lines count in two rows of a filter, four lines at a time.
pub(in crate::kernels::x86) struct Weights {
    fours: [(usize, [i32; 2]); FOURS],
    count: usize,
}

impl Weights {
    /// Nothing yet.
    pub const NONE: Self = Self { fours: [(0, [0; 2]); FOURS], count: 0 };

    /// Takes those of two rows of the filter. Where the lines are no multiple of four, the last ones
    /// overlap those before them, which do not count again.
    #[inline]
    pub fn take(&mut self, inputs: &Inputs<'_>, filter: &Filter<'_>, rows: [usize; 2]) {
        let Inputs { lines, width, .. } = *inputs;
        let rows = rows.map(|row| part(filter.weights, row * lines, lines));
        self.count = 0;
        for line in (0..lines).step_by(LINES) {
            let first = line.min(lines - LINES);
            let mask = -1 << (8 * (line - first));
            let (mut four, mut any) = ([0; 2], 0);
            for (four, row) in four.iter_mut().zip(rows) {
                if let Some(&weights) = behind(row, first).first_chunk::<LINES>() {
                    *four = i32::from_le_bytes(weights.map(|weight| weight as u8)) & mask;
                    any |= *four;
                }
            }
            if let Some(place) = self.fours.get_mut(self.count) {
                *place = (first * width, four);
                // Most of a narrow filter counts nothing.
                self.count += usize::from(any != 0);
            }
        }
    }

    /// Where the first of four lines begins, behind the first line of all, and the four weights of each row.
    #[inline]
    pub fn fours(&self) -> &[(usize, [i32; 2])] {
        front(&self.fours, self.count)
    }
}

/// Sixteen columns: where their first line is in all inputs, and in all outputs.
#[derive(Clone, Copy)]
pub(in crate::kernels::x86) struct Columns {
    input: usize,
    output: usize,
}

impl<'a> Inputs<'a> {
    /// The inputs of a filter; `None` if they are too small for vectors, or the lines too many.
    pub fn new(numbers: &'a [i8], lines: usize, width: usize) -> Option<Self> {
        let fit = (LINES..=LINES * FOURS).contains(&lines) && width >= COLUMNS;
        let each = lines.checked_mul(width)?;
        fit.then_some(Self { numbers, lines, width, each })
    }

    /// The columns of one input after the other, each of which has so many outputs. Where a width is no
    /// multiple of sixteen, the last ones overlap those before them.
    pub fn columns(&self, outputs: usize) -> impl Iterator<Item = Columns> + use<> {
        let Self { numbers, width, each, .. } = *self;
        (0..numbers.len() / each).flat_map(move |number| {
            (0..width).step_by(COLUMNS).map(move |column| {
                let column = column.min(width - COLUMNS);
                let output = number * outputs * width + column;
                Columns { input: number * each + column, output }
            })
        })
    }

    /// Four lines, of which the first is `start` behind the first one, of one set of columns in the low
    /// and one in the high half; those of a column lie side by side, and `packs` brings the columns back
    /// into order.
    ///
    /// # Safety
    /// The start is one of the [`Weights`] that were [taken](Weights::take) for these inputs, and both columns are
    /// of their [`columns`](Self::columns).
    #[inline]
    #[target_feature(enable = "avx2")]
    pub unsafe fn interleaved(&self, start: usize, [low, high]: [Columns; 2]) -> [__m256i; LINES] {
        let Self { numbers, width, .. } = *self;
        let mut loaded = [_mm256_setzero_si256(); LINES];
        for (line, loaded) in loaded.iter_mut().enumerate() {
            let start = start + line * width;
            let (low, high) = (low.input + start, high.input + start);
            debug_assert!(low.max(high) + COLUMNS <= numbers.len());
            // SAFETY: a start is that of one of the first `lines - 3` lines of an input, so that the fourth line is one of
            // the input's, too; columns begin in an input that is there whole, at least sixteen before its width.
            *loaded = unsafe {
                let at = |start| numbers.as_ptr().add(start).cast();
                _mm256_loadu2_m128i(at(high), at(low))
            };
        }
        let [a, b, c, d] = loaded;
        let low = [_mm256_unpacklo_epi8(a, b), _mm256_unpacklo_epi8(c, d)];
        let high = [_mm256_unpackhi_epi8(a, b), _mm256_unpackhi_epi8(c, d)];
        [
            _mm256_unpacklo_epi16(low[0], low[1]),
            _mm256_unpackhi_epi16(low[0], low[1]),
            _mm256_unpacklo_epi16(high[0], high[1]),
            _mm256_unpackhi_epi16(high[0], high[1]),
        ]
    }
}

impl Columns {
    /// Writes a line of the output, which starts so much behind the first one.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn put(&self, output: &mut [i8], line: usize, values: __m128i) {
        if let Some(to) = behind_mut(output, self.output + line).first_chunk_mut::<COLUMNS>() {
            // SAFETY: there is room for all sixteen.
            unsafe { _mm_storeu_si128(to.as_mut_ptr().cast(), values) }
        }
    }
}

/// Sums of columns that were interleaved, times `factor`, shifted and rounded, at most 127; none is
/// negative.
#[inline]
#[target_feature(enable = "avx2")]
pub(in crate::kernels::x86) fn scale(sums: [__m256i; 4], factor: i32, shift: u32) -> __m256i {
    let (factor, half) = (_mm256_set1_epi32(factor), _mm256_set1_epi32(1 << (shift - 1)));
    let shift = _mm_cvtsi32_si128(shift as i32);
    let mut scaled = sums;
    for sum in &mut scaled {
        let product = _mm256_mullo_epi32(*sum, factor);
        *sum = _mm256_sra_epi32(_mm256_add_epi32(product, half), shift);
    }
    let [a, b, c, d] = scaled;
    _mm256_packs_epi16(_mm256_packs_epi32(a, b), _mm256_packs_epi32(c, d))
}

/// Four vectors, each summed up, times their factors, shifted and rounded, at most 127; none is
/// negative.
#[inline]
#[target_feature(enable = "avx2")]
pub(in crate::kernels::x86) fn scale_totals(
    [a, b, c, d]: [__m256i; 4],
    factors: [i32; 4],
    shift: u32,
) -> [i8; 4] {
    let sums = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
    let sums = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums));
    let [a, b, c, d] = factors;
    let product = _mm_mullo_epi32(sums, _mm_setr_epi32(a, b, c, d));
    let rounded = _mm_add_epi32(product, _mm_set1_epi32(1 << (shift - 1)));
    let words = _mm_sra_epi32(rounded, _mm_cvtsi32_si128(shift as i32));
    let words = _mm_packs_epi32(words, words);
    let [a, b, c, d] = _mm_cvtsi128_si32(_mm_packs_epi16(words, words)).to_le_bytes();
    [a as i8, b as i8, c as i8, d as i8]
}

/// Numbers of a vector.
pub(in crate::kernels::x86) const NUMBERS: usize = 32;

#[inline]
#[target_feature(enable = "avx2")]
pub(in crate::kernels::x86) fn load(numbers: &[i8; NUMBERS]) -> __m256i {
    // SAFETY: they are as many as the vector holds.
    unsafe { _mm256_loadu_si256(numbers.as_ptr().cast()) }
}

/// The kernels of glimpses of a set.
macro_rules! blend {
    ($enable:literal, $products:expr) => {
        #[target_feature(enable = $enable)]
        pub(super) fn blend_each(
            filter: &Filter<'_>,
            count: usize,
            input: &[i8],
            output: &mut [i8],
        ) {
            let outputs = filter.factors.len();
            if outputs == 0 {
                return;
            }
            let all = count.max(1).saturating_mul(outputs);
            let (lines, width) = (filter.weights.len() / outputs, output.len() / all);
            if width == 1 && lines > 0 && lines.is_multiple_of(NUMBERS) {
                return dots(filter, lines, input, output);
            }
            let Some(inputs) = Inputs::new(input, lines, width) else {
                return Scalar.blend_each(filter, count, input, output);
            };
            let mut weights = Weights::NONE;
            for first in (0..outputs).step_by(2) {
                // The last one twice, where there is no other; so with the columns.
                let rows = [first, (first + 1).min(outputs - 1)];
                weights.take(&inputs, filter, rows);
                let factors = [filter.factors[rows[0]], filter.factors[rows[1]]];
                let mut columns = inputs.columns(outputs);
                while let Some(low) = columns.next() {
                    let both = [low, columns.next().unwrap_or(low)];
                    // SAFETY: the weights were taken for these inputs, and the columns are theirs.
                    let sums = unsafe { blend_rows(&inputs, &weights, both) };
                    for (k, sums) in sums.into_iter().enumerate() {
                        let values = scale(sums, factors[k], filter.shift);
                        let [low, high] = both;
                        low.put(output, rows[k] * width, _mm256_castsi256_si128(values));
                        high.put(output, rows[k] * width, _mm256_extracti128_si256::<1>(values));
                    }
                }
            }
        }

        /// The sums of two rows of the filter over two sets of columns.
        ///
        /// # Safety
        /// The weights were taken for these inputs, and the columns are theirs.
        #[inline]
        #[target_feature(enable = $enable)]
        unsafe fn blend_rows(
            inputs: &Inputs<'_>,
            weights: &Weights,
            columns: [Columns; 2],
        ) -> [[__m256i; 4]; 2] {
            let mut sums = [[_mm256_setzero_si256(); 4]; 2];
            for (start, weights) in weights.fours() {
                // SAFETY: the start is one of these weights'; the rest is the caller's promise.
                let values = unsafe { inputs.interleaved(*start, columns) };
                for (sums, &weights) in sums.iter_mut().zip(weights) {
                    let weights = _mm256_set1_epi32(weights);
                    for (sum, &values) in sums.iter_mut().zip(&values) {
                        *sum = $products(*sum, values, weights);
                    }
                }
            }
            sums
        }

        /// Blends inputs of one column, whose lines fill whole vectors: a dot product for each output, four of
        /// them at a time.
        #[inline]
        #[target_feature(enable = $enable)]
        fn dots(filter: &Filter<'_>, lines: usize, input: &[i8], output: &mut [i8]) {
            let outputs = filter.factors.len();
            for first in (0..outputs).step_by(4) {
                let (mut weights, mut factors) = ([&[][..]; 4], [0; 4]);
                for (k, (weights, factor)) in weights.iter_mut().zip(&mut factors).enumerate() {
                    // The last one again, where there are no others.
                    let row = (first + k).min(outputs - 1);
                    *weights = part(filter.weights, row * lines, lines).as_chunks().0;
                    *factor = filter.factors[row];
                }
                let each = input.chunks_exact(lines).zip(output.chunks_exact_mut(outputs));
                for (input, output) in each {
                    let mut sums = [_mm256_setzero_si256(); 4];
                    for (at, values) in input.as_chunks().0.iter().enumerate() {
                        let values = load(values);
                        for (sum, weights) in sums.iter_mut().zip(weights) {
                            *sum = $products(*sum, values, load(&weights[at]));
                        }
                    }
                    let values = scale_totals(sums, factors, filter.shift);
                    let output = behind_mut(output, first);
                    match output.first_chunk_mut() {
                        Some(four) => *four = values,
                        None => copy(output, &values),
                    }
                }
            }
        }
    };
}
pub(in crate::kernels::x86) use blend;
