//! Lines resampled through a filter: 2 output lines x 2 sets of 16 columns, 4 input lines at a time.
//!
//! Each half of a vector holds one set of columns, of the same input or of the next one. The input lines are
//! interleaved, so that an instruction adds the products of a column's four numbers to its lane:
//!
//! ```text
//!                     half 0: set `low`              half 1: set `high`
//! line a              a0 a1 a2 ... a15              | the same of 16 other columns
//! lines b, c, d       b0 b1 b2 ... b15 ...
//!
//! interleaved[0]      a0  b0  c0  d0  | a1 .. | a2 .. | a3  b3  c3  d3       4 lanes of 4 bytes in each half
//! interleaved[1]      a4  b4  c4  d4  | ...
//! interleaved[2]      a8  ...
//! interleaved[3]      a12 ...                         | a15 b15 c15 d15
//! weights             w0  w1  w2  w3, the same in every lane
//! ```
//!
//! The accumulators of an output line are four vectors in the order of `interleaved`: eight for both lines, of 16
//! registers.

use core::arch::x86_64::*;

use crate::layers::Filter;
use crate::slices::lenient::{behind, behind_mut, front, part};

/// Columns of a set: the bytes of half a vector.
const COLUMNS: usize = 16;

/// Input lines whose products an instruction adds up.
const LINES: usize = 4;

/// The inputs of a resampling, one after the other, each of `lines` lines of `width` numbers.
#[derive(Clone, Copy)]
pub(in crate::kernels::x86) struct Inputs<'a> {
    /// All of their numbers.
    numbers: &'a [i8],
    /// Lines of each input, a row's weights in number: [`LINES`] to [`LINES`] times [`MAX_FOURS`].
    lines: usize,
    /// Numbers of a line: [`COLUMNS`] or more.
    width: usize,
    /// Numbers of an input: `lines` times `width`.
    each: usize,
}

/// Most fours of lines: a map has up to 128 lines.
const MAX_FOURS: usize = 32;

/// The weights of two rows of a filter, four lines at a time, without the fours whose weights are all zero.
pub(in crate::kernels::x86) struct Weights {
    /// The start of the first of four lines in an input, and four weights of each row.
    fours: [(usize, [i32; 2]); MAX_FOURS],
    /// Fours in use.
    count: usize,
}

impl Weights {
    /// No weights.
    pub const NONE: Self = Self { fours: [(0, [0; 2]); MAX_FOURS], count: 0 };

    /// Replaces the weights by those of two rows of the filter. Where the number of lines is no multiple of four, the
    /// last four overlap those before them; a line that would count twice gets the weight zero.
    #[inline]
    pub fn set(&mut self, inputs: &Inputs<'_>, filter: &Filter<'_>, rows: [usize; 2]) {
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
            if let Some(entry) = self.fours.get_mut(self.count) {
                *entry = (first * width, four);
                // Most weights of a narrow filter are zero.
                self.count += usize::from(any != 0);
            }
        }
    }

    /// The fours: the start of the first of four lines, from the start of an input, and four weights of each row.
    #[inline]
    pub fn fours(&self) -> &[(usize, [i32; 2])] {
        front(&self.fours, self.count)
    }
}

/// A set of sixteen columns of one input: the index of its first number in all inputs, and in all outputs.
#[derive(Clone, Copy)]
pub(in crate::kernels::x86) struct Columns {
    input: usize,
    output: usize,
}

impl<'a> Inputs<'a> {
    /// The inputs of a filter; `None` if they are too small for vectors, or have too many lines.
    pub fn new(numbers: &'a [i8], lines: usize, width: usize) -> Option<Self> {
        let fit = (LINES..=LINES * MAX_FOURS).contains(&lines) && width >= COLUMNS;
        let each = lines.checked_mul(width)?;
        fit.then_some(Self { numbers, lines, width, each })
    }

    /// The sets of columns of one input after the other. The output of each input has `outputs` lines. Where the width
    /// is no multiple of sixteen, the last set of an input overlaps the one before it.
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

    /// Four lines, the first of which begins `start` behind the start of the input, interleaved: one set of columns in
    /// the low half and one in the high half. `packs` restores the order of the columns.
    ///
    /// # Safety
    /// `start` comes from [`Weights`] that were [set](Weights::set) for these inputs, and both sets of columns come
    /// from [`columns`](Self::columns) of these inputs.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub unsafe fn interleaved(&self, start: usize, [low, high]: [Columns; 2]) -> [__m256i; LINES] {
        let Self { numbers, width, .. } = *self;
        let mut loaded = [_mm256_setzero_si256(); LINES];
        for (line, loaded) in loaded.iter_mut().enumerate() {
            let start = start + line * width;
            let (low, high) = (low.input + start, high.input + start);
            debug_assert!(low.max(high) + COLUMNS <= numbers.len());
            // SAFETY: `Weights::set` gives the start of one of the first `lines - 3` lines of an input, so that the
            // fourth line is in the input, too. `columns` gives sets of inputs that are whole in `numbers`, each at
            // least sixteen columns before the end of a line. So the 16 bytes at `low` and at `high` are in `numbers`.
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
    /// Writes sixteen columns of an output line, which starts `line` behind the first output line of the input.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn store(&self, output: &mut [i8], line: usize, values: __m128i) {
        if let Some(to) = behind_mut(output, self.output + line).first_chunk_mut::<COLUMNS>() {
            // SAFETY: `to` has the 16 bytes that are written, and the instruction needs no alignment.
            unsafe { _mm_storeu_si128(to.as_mut_ptr().cast(), values) }
        }
    }
}

/// The outputs of accumulators of interleaved columns: times `factor`, shifted and rounded, at most 127, and in order.
/// None is negative.
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

/// The outputs of four accumulators: the lanes of each added up, times its factor, shifted and rounded, at most 127.
/// None is negative.
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

/// Lanes of 8 bits in a vector.
pub(in crate::kernels::x86) const NUMBERS: usize = 32;

/// Loads a vector.
#[inline]
#[target_feature(enable = "avx2")]
pub(in crate::kernels::x86) fn load(numbers: &[i8; NUMBERS]) -> __m256i {
    // SAFETY: the array has the 32 bytes that are read, and the instruction needs no alignment.
    unsafe { _mm256_loadu_si256(numbers.as_ptr().cast()) }
}

/// The resampling of a set of kernels.
macro_rules! resample {
    ($enable:literal, $products:expr) => {
        /// [`Kernels::resample_each`](crate::kernels::Kernels::resample_each):
        ///
        /// ```text
        /// for each 2 rows of the filter:
        ///     weights.set(rows)
        ///     for each 2 sets of columns, of all inputs:
        ///         2 x 2 x 16 outputs
        /// ```
        #[target_feature(enable = $enable)]
        pub(super) fn resample_each(
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
                return Scalar.resample_each(filter, count, input, output);
            };
            let mut weights = Weights::NONE;
            for first in (0..outputs).step_by(2) {
                // An odd last row is computed twice, and so is an odd last set of columns.
                let rows = [first, (first + 1).min(outputs - 1)];
                weights.set(&inputs, filter, rows);
                let factors = [filter.factors[rows[0]], filter.factors[rows[1]]];
                let mut columns = inputs.columns(outputs);
                while let Some(low) = columns.next() {
                    let both = [low, columns.next().unwrap_or(low)];
                    // SAFETY: `weights` was set for `inputs`, and `both` come from `inputs.columns`.
                    let sums = unsafe { resample_rows(&inputs, &weights, both) };
                    for (k, sums) in sums.into_iter().enumerate() {
                        let values = scale(sums, factors[k], filter.shift);
                        let [low, high] = both;
                        low.store(output, rows[k] * width, _mm256_castsi256_si128(values));
                        high.store(output, rows[k] * width, _mm256_extracti128_si256::<1>(values));
                    }
                }
            }
        }

        /// The accumulators of two rows of the filter over two sets of columns: of each row four vectors, in the order
        /// of [`Inputs::interleaved`].
        ///
        /// # Safety
        /// `weights` was [set](Weights::set) for these inputs, and `columns` come from [`Inputs::columns`] of them.
        #[inline]
        #[target_feature(enable = $enable)]
        unsafe fn resample_rows(
            inputs: &Inputs<'_>,
            weights: &Weights,
            columns: [Columns; 2],
        ) -> [[__m256i; 4]; 2] {
            let mut sums = [[_mm256_setzero_si256(); 4]; 2];
            for (start, weights) in weights.fours() {
                // SAFETY: `start` comes from `weights`, which the caller guarantees to be set for `inputs`; so it does
                // that the columns come from `inputs.columns`.
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

        /// Resamples inputs of one column, whose lines fill whole vectors: each output is a dot product. The tile is 4
        /// rows of the filter x 1 input, 32 lines at a time, with four accumulators; the weights of a row and the
        /// input lie in memory in one piece each.
        #[inline]
        #[target_feature(enable = $enable)]
        fn dots(filter: &Filter<'_>, lines: usize, input: &[i8], output: &mut [i8]) {
            let outputs = filter.factors.len();
            for first in (0..outputs).step_by(4) {
                let (mut weights, mut factors) = ([&[][..]; 4], [0; 4]);
                for (k, (weights, factor)) in weights.iter_mut().zip(&mut factors).enumerate() {
                    // Behind the last row, it is computed again.
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
pub(in crate::kernels::x86) use resample;
