//! A whole glimpse: both filters at once, then the map's lines and columns resampled through them.
//!
//! Four lines, or four neighboring pixels of a line, are interleaved, so that an instruction adds four products to a
//! lane. Of four lines of 64 columns, in the order of `unpack`, which works within each quarter of a vector:
//!
//! ```text
//!             quarter 0                        quarter 1          quarter 2          quarter 3
//! [0]         column 0  | 1  | 2  | 3          16 17 18 19        32 33 34 35        48 49 50 51
//! [1]         column 4  | 5  | 6  | 7          20 ...             36 ...             52 ...
//! [2]         column 8  | 9  | 10 | 11         24 ...             40 ...             56 ...
//! [3]         column 12 | 13 | 14 | 15         28 ...             44 ...             60 ...
//!                  ^ a lane: a b c d, the numbers of the four lines
//! ```
//!
//! Two rounds of `packs` restore the order of the columns.

use core::arch::x86_64::*;

use crate::kernels::Kernels;
use crate::kernels::glimpse::{COLUMNS_SHIFT, LINES_SHIFT, by_stages};
use crate::kernels::x86::avx512::filter::{Filters, MAX_ROWS, transposed};
use crate::layers::GlimpseFilters;
use crate::slices::lenient::{front, split_mut};

/// Lines or pixels whose products an instruction adds up, and rows of a filter in a tile.
const FOUR: usize = 4;
/// Bytes of a vector.
const BYTES: usize = 64;
/// The side of the maps that these kernels are for.
const SIDE: usize = 32;
/// The other side that maps of [`CHANNELS`] channels may have.
const HALF: usize = SIDE / 2;
/// Channels of the maps that have more than one.
const CHANNELS: usize = 16;

/// The accumulators of 64 columns of a row, or of 32 columns of two rows: four vectors in the order of `unpack`.
type Accumulators = [__m512i; 4];

/// The channels of the map, if these kernels take a glimpse of these sizes: of a map of 32 x 32 with one channel, or of
/// 32 x 32 or 16 x 16 with 16 channels, by four to eight rows of both filters, which have the same gamma. Every buffer
/// has to be exactly as long as these sizes say.
fn supports(
    filters: &GlimpseFilters,
    features: &[i8],
    resampled: &[i8],
    glimpse: &[i8],
) -> Option<usize> {
    let GlimpseFilters { lines, columns, .. } = filters;
    let (side, count) = (lines.side, lines.rows);
    let channels = match (side, features.len()) {
        (SIDE, len) if len == SIDE * SIDE => 1,
        (SIDE | HALF, len) if len == CHANNELS * side * side => CHANNELS,
        _ => return None,
    };
    let alike = (columns.side, columns.rows) == (side, count)
        && columns.inverse_gamma == lines.inverse_gamma;
    let fits =
        resampled.len() == count * side * channels && glimpse.len() == count * count * channels;
    (alike && fits && (FOUR..=MAX_ROWS).contains(&count)).then_some(channels)
}

/// [`Kernels::glimpse`](crate::kernels::Kernels::glimpse): with the code of this file where [`supports`] allows it,
/// else one stage after the other.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
pub(super) fn glimpse(
    kernels: &impl Kernels,
    filters: &GlimpseFilters,
    features: &[i8],
    scratch: &mut [i8],
    glimpse: &mut [i8],
) {
    let GlimpseFilters { lines, columns, gain } = filters;
    let (side, count) = (lines.side, lines.rows);
    let (_, resampled) = split_mut(scratch, count * side);
    let Some(channels) = supports(filters, features, resampled, glimpse) else {
        return by_stages(filters, kernels, features, scratch, glimpse);
    };
    let (axes, gains) = ([lines, columns], [1 << LINES_SHIFT, *gain]);
    let Filters { weights, factors } = match side {
        SIDE => Filters::new::<2>(axes, gains),
        _ => Filters::new::<1>(axes, gains),
    };
    let (line_weights, weights) = weights.0.split_at(count * side);
    let (line_factors, factors) = factors.split_at(count);
    let lines = FilterRows { weights: line_weights, factors: line_factors, side };
    let columns = FilterRows { weights, factors: front(factors, count), side };
    // SAFETY: `supports` checked that `side` is 16 or 32 and `count` four to eight, of both axes; that the map has one
    // channel and `side` 32, or 16 channels; and that the map, `resampled` and the glimpse are exactly as long as these
    // sizes say. `Weights` has 512 numbers, so that `count * side` of them, at most 256, are behind those of `lines`;
    // and there are `count` factors for either axis.
    unsafe {
        if channels == 1 {
            resample_narrow_lines(&lines, features, resampled);
            resample_narrow_columns(&columns, resampled, glimpse);
        } else {
            resample_lines(&lines, features, resampled);
            resample_columns(&columns, resampled, glimpse);
        }
    }
}

/// Some rows of a filter, each as long as the map's side.
struct FilterRows<'a> {
    weights: &'a [i8],
    factors: &'a [i32],
    side: usize,
}

impl FilterRows<'_> {
    /// The weights of four lines in a row: of the lines from `4 * four` on.
    ///
    /// # Safety
    /// `row` is below the number of rows, and `4 * four + 4` is at most `side`.
    #[inline]
    unsafe fn four(&self, row: usize, four: usize) -> i32 {
        let at = row * self.side + FOUR * four;
        debug_assert!(at + FOUR <= self.weights.len());
        // SAFETY: the caller guarantees that the row has these four weights; they are read at any alignment.
        unsafe { self.weights.as_ptr().add(at).cast::<i32>().read_unaligned() }
    }
}

/// Resamples 32 lines of 32 columns: the tile is 4 output lines x 32 columns.
///
/// # Safety
/// `lines` has 32 x 32 numbers, and the rows' side is 32. There are at least four rows, and `output` has 32 numbers for
/// each.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn resample_narrow_lines(rows: &FilterRows<'_>, lines: &[i8], output: &mut [i8]) {
    let count = rows.factors.len();
    debug_assert!(lines.len() == SIDE * SIDE && output.len() == SIDE * count && count >= FOUR);
    for start in (0..count).step_by(FOUR) {
        // The last four rows overlap those before them, where the number of rows is no multiple of four.
        let start = start.min(count - FOUR);
        // SAFETY: there are four rows from `start` on, as `start` is at most `count - 4`, and the lines are those that
        // the caller guarantees. 64 numbers are written from row `start` on, and from `start + 2` on: the output has 32
        // numbers for each of these four rows.
        unsafe {
            let [a, b, c, d] = accumulate_narrow_lines(rows, start, lines);
            for (row, sums) in [(start, [a, b]), (start + 2, [c, d])] {
                let [one, other] = [rows.factors[row], rows.factors[row + 1]];
                let factors = _mm512_mask_set1_epi32(_mm512_set1_epi32(one), 0xff00, other);
                let values = scale::<LINES_SHIFT>(fold(sums), factors);
                let to = output.as_mut_ptr().add(row * SIDE);
                _mm512_storeu_si512(to.cast(), values);
            }
        }
    }
}

/// The accumulators of 4 rows over 32 columns: 16 vectors, to which 4 registers of interleaved lines are added at a
/// time.
///
/// ```text
/// low half of a vector: lines 0-15       high half: lines 16-31       of the same 32 columns
/// ```
///
/// # Safety
/// There are four rows from `start` on, whose side is 32, and `lines` has 32 x 32 numbers.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn accumulate_narrow_lines(
    rows: &FilterRows<'_>,
    start: usize,
    lines: &[i8],
) -> [Accumulators; FOUR] {
    debug_assert!(start + FOUR <= rows.factors.len() && lines.len() == SIDE * SIDE);
    let mut sums = [[_mm512_setzero_si512(); 4]; FOUR];
    for four in 0..HALF / FOUR {
        let mut loaded = [_mm512_setzero_si512(); FOUR];
        for (line, loaded) in loaded.iter_mut().enumerate() {
            // SAFETY: the line is one of the first 16, and the other one 16 lines behind it; the caller guarantees 32
            // lines of 32 numbers, which are read.
            *loaded = unsafe {
                let upper = lines.as_ptr().add((FOUR * four + line) * SIDE);
                let lower = upper.add(HALF * SIDE);
                let upper = _mm512_castsi256_si512(_mm256_loadu_si256(upper.cast()));
                _mm512_inserti64x4::<1>(upper, _mm256_loadu_si256(lower.cast()))
            };
        }
        let values = fours(loaded);
        for (row, sums) in sums.iter_mut().enumerate() {
            // SAFETY: the caller guarantees the rows and their side of 32, and both fours are below `32 / 4`.
            let (upper, lower) = unsafe {
                (rows.four(start + row, four), rows.four(start + row, four + HALF / FOUR))
            };
            let weights = _mm512_mask_set1_epi32(_mm512_set1_epi32(upper), 0xff00, lower);
            add_products(sums, &values, weights);
        }
    }
    sums
}

/// Adds the halves of each vector of two rows: the low half of the result are the accumulators of the first row, the
/// high half those of the second.
#[inline]
#[target_feature(enable = "avx512f")]
fn fold([one, other]: [Accumulators; 2]) -> Accumulators {
    let mut folded = one;
    for ((folded, one), other) in folded.iter_mut().zip(one).zip(other) {
        let low = _mm512_shuffle_i64x2::<0b01_00_01_00>(one, other);
        let high = _mm512_shuffle_i64x2::<0b11_10_11_10>(one, other);
        *folded = _mm512_add_epi32(low, high);
    }
    folded
}

/// Resamples lines whose width is a multiple of 64: the tile is 4 output lines x 64 columns.
///
/// # Safety
/// `lines` has as many lines as the rows' side, a multiple of four, and their width is a multiple of 64. There are at
/// least four rows, and `output` has a line of that width for each.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn resample_lines(rows: &FilterRows<'_>, lines: &[i8], output: &mut [i8]) {
    let (count, width) = (rows.factors.len(), lines.len() / rows.side);
    debug_assert!(width.is_multiple_of(BYTES) && output.len() == width * count && count >= FOUR);
    for start in (0..count).step_by(FOUR) {
        // The last four rows overlap those before them, where the number of rows is no multiple of four.
        let start = start.min(count - FOUR);
        for column in (0..width).step_by(BYTES) {
            // SAFETY: there are four rows from `start` on, as `start` is at most `count - 4`. There are 64 columns from
            // `column` on, in every line of the input and of the output, as the width is a multiple of 64.
            unsafe {
                let sums = accumulate_lines(rows, start, &lines[column..], width);
                for (row, sums) in (start..).zip(sums) {
                    let factor = _mm512_set1_epi32(rows.factors[row]);
                    let to = output.as_mut_ptr().add(row * width + column);
                    _mm512_storeu_si512(to.cast(), scale::<LINES_SHIFT>(sums, factor));
                }
            }
        }
    }
}

/// The accumulators of 4 rows over the first 64 columns of `lines`: 16 vectors, to which 4 registers of interleaved
/// lines are added at a time, with the four weights of a row in every lane.
///
/// # Safety
/// There are four rows from `start` on. `lines` has 64 numbers at every multiple of `width`, once for each weight of a
/// row.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn accumulate_lines(
    rows: &FilterRows<'_>,
    start: usize,
    lines: &[i8],
    width: usize,
) -> [Accumulators; FOUR] {
    let mut sums = [[_mm512_setzero_si512(); 4]; FOUR];
    for four in 0..rows.side / FOUR {
        let mut loaded = [_mm512_setzero_si512(); FOUR];
        for (line, loaded) in loaded.iter_mut().enumerate() {
            let at = (FOUR * four + line) * width;
            debug_assert!(at + BYTES <= lines.len());
            // SAFETY: the line is below the rows' side, and the caller guarantees 64 numbers of each such line.
            *loaded = unsafe { _mm512_loadu_si512(lines.as_ptr().add(at).cast()) };
        }
        let values = fours(loaded);
        for (row, sums) in sums.iter_mut().enumerate() {
            // SAFETY: the caller guarantees four rows from `start` on, and `four` is below `side / 4`.
            let weights = _mm512_set1_epi32(unsafe { rows.four(start + row, four) });
            add_products(sums, &values, weights);
        }
    }
    sums
}

/// Adds to each lane of each accumulator the products of four lines, or columns, with their weights in a row.
#[inline]
#[target_feature(enable = "avx512f,avx512vnni")]
fn add_products<const N: usize>(sums: &mut [__m512i; N], values: &[__m512i; N], weights: __m512i) {
    for (sum, &values) in sums.iter_mut().zip(values) {
        *sum = _mm512_dpbusd_epi32(*sum, values, weights);
    }
}

/// Interleaves four lines: the numbers of a column lie side by side. `packs` restores the order of the columns.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn fours([a, b, c, d]: [__m512i; FOUR]) -> Accumulators {
    let low = [_mm512_unpacklo_epi8(a, b), _mm512_unpacklo_epi8(c, d)];
    let high = [_mm512_unpackhi_epi8(a, b), _mm512_unpackhi_epi8(c, d)];
    [
        _mm512_unpacklo_epi16(low[0], low[1]),
        _mm512_unpackhi_epi16(low[0], low[1]),
        _mm512_unpacklo_epi16(high[0], high[1]),
        _mm512_unpackhi_epi16(high[0], high[1]),
    ]
}

/// The outputs of accumulators: times factors, shifted and rounded, at most 127, and in order. None is negative.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn scale<const SHIFT: u32>(sums: Accumulators, factors: __m512i) -> __m512i {
    let mut scaled = sums;
    for sums in &mut scaled {
        *sums = shifted::<SHIFT>(*sums, factors);
    }
    let [a, b, c, d] = scaled;
    _mm512_packs_epi16(_mm512_packs_epi32(a, b), _mm512_packs_epi32(c, d))
}

/// Accumulators times factors, shifted and rounded.
#[inline]
#[target_feature(enable = "avx512f")]
fn shifted<const SHIFT: u32>(sums: __m512i, factors: __m512i) -> __m512i {
    let half = _mm512_set1_epi32(1 << (SHIFT - 1));
    _mm512_srai_epi32::<SHIFT>(_mm512_add_epi32(_mm512_mullo_epi32(sums, factors), half))
}

/// Resamples the columns of each input, a line of 32 numbers: the tile is 4 inputs x 4 rows of the filter, whose 16
/// accumulators are the lanes of one vector.
///
/// # Safety
/// The rows' side is 32, and there are `count` of them, at least four. `inputs` has `count` lines of 32 numbers, and
/// `output` has `count` numbers for each.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn resample_narrow_columns(rows: &FilterRows<'_>, inputs: &[i8], output: &mut [i8]) {
    let count = rows.factors.len();
    debug_assert!(inputs.len() == SIDE * count && output.len() == count * count && count >= FOUR);
    for start in (0..count).step_by(FOUR) {
        let row = start.min(count - FOUR);
        for start in (0..count).step_by(FOUR) {
            let input = start.min(count - FOUR);
            // SAFETY: `row` and `input` are at most `count - 4`, so that there are four rows of 32 weights, four
            // factors and four inputs of 32 numbers from them on. Each of these inputs has `count` outputs, of which
            // four are written from `row` on.
            unsafe {
                let factors = _mm_loadu_si128(rows.factors.as_ptr().add(row).cast());
                let weights = rows.weights.as_ptr().add(row * SIDE);
                let sums = dots(weights, inputs.as_ptr().add(input * SIDE));
                let values = shifted::<COLUMNS_SHIFT>(sums, _mm512_broadcast_i32x4(factors));
                // Saturates at 127.
                let values = _mm512_cvtsepi32_epi8(values);
                let mut fours = [0i32; FOUR];
                _mm_storeu_si128(fours.as_mut_ptr().cast(), values);
                for (k, four) in fours.into_iter().enumerate() {
                    let to = output.as_mut_ptr().add((input + k) * count + row);
                    to.cast::<i32>().write_unaligned(four);
                }
            }
        }
    }
}

/// The dot products of four inputs with four rows of weights, all of 32 numbers, one after the other in memory:
///
/// ```text
///             quarter 0       quarter 1       quarter 2       quarter 3
///             input 0         input 1         input 2         input 3
/// lanes       r0 r1 r2 r3     r0 r1 r2 r3     r0 r1 r2 r3     r0 r1 r2 r3
/// ```
///
/// Two inputs fill a vector; it is multiplied with each row, twice in a vector, in an accumulator of its own.
///
/// # Safety
/// 128 numbers can be read at `weights` and at `inputs`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn dots(weights: *const i8, inputs: *const i8) -> __m512i {
    let mut pairs = [_mm512_setzero_si512(); 2];
    for (pair, sums) in pairs.iter_mut().enumerate() {
        // SAFETY: `pair` is 0 or 1, and the caller guarantees twice 64 numbers at `inputs`.
        let inputs = unsafe { _mm512_loadu_si512(inputs.add(pair * BYTES).cast()) };
        let mut products = [_mm512_setzero_si512(); FOUR];
        for (row, products) in products.iter_mut().enumerate() {
            // SAFETY: `row` is below 4, and the caller guarantees four times 32 numbers at `weights`.
            let weights = unsafe { _mm256_loadu_si256(weights.add(row * SIDE).cast()) };
            let weights = _mm512_broadcast_i64x4(weights);
            *products = _mm512_dpbusd_epi32(*products, inputs, weights);
        }
        // Adds up each quarter of each row, so that the four lanes of a quarter are the four rows.
        let [a, b, c, d] = products;
        let one = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
        let other = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
        let low = _mm512_unpacklo_epi64(one, other);
        *sums = _mm512_add_epi32(low, _mm512_unpackhi_epi64(one, other));
    }
    let [one, other] = pairs;
    let low = _mm512_shuffle_i64x2::<0b10_00_10_00>(one, other);
    let high = _mm512_shuffle_i64x2::<0b11_01_11_01>(one, other);
    _mm512_add_epi32(low, high)
}

/// Resamples the columns of each input, a line of pixels of 16 channels: the tile is 4 rows of the filter x 2 inputs.
///
/// # Safety
/// The rows' side is a multiple of four, and there are `count` rows, at least four. `inputs` has `count` lines of that
/// many pixels of 16 channels, and `output` has `count` pixels of 16 channels for each.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn resample_columns(rows: &FilterRows<'_>, inputs: &[i8], output: &mut [i8]) {
    let (count, side) = (rows.factors.len(), rows.side);
    let len = side * CHANNELS;
    debug_assert!(inputs.len() == len * count && count >= FOUR);
    debug_assert!(output.len() == count * count * CHANNELS);
    for start in (0..count).step_by(FOUR) {
        let row = start.min(count - FOUR);
        for start in (0..count).step_by(2) {
            let input = start.min(count - 2);
            // SAFETY: `row` is at most `count - 4` and `input` at most `count - 2`, so that there are four rows and two
            // inputs from them on. Each input has `count` outputs of 16 channels, of which four are written from `row`
            // on.
            unsafe {
                let sums = accumulate_columns(rows, row, &inputs[input * len..]);
                for (row, sums) in (row..).zip(sums) {
                    let factor = _mm512_set1_epi32(rows.factors[row]);
                    for (input, sums) in (input..).zip(sums) {
                        let values = shifted::<COLUMNS_SHIFT>(sums, factor);
                        // Saturates at 127.
                        let values = _mm512_cvtsepi32_epi8(values);
                        let to = output.as_mut_ptr().add((input * count + row) * CHANNELS);
                        _mm_storeu_si128(to.cast(), values);
                    }
                }
            }
        }
    }
}

/// The accumulators of 4 rows x 2 inputs: eight vectors, whose 16 lanes are the channels. Four pixels are added at a
/// time:
///
/// ```text
/// memory       pixel 0: c0 c1 ... c15 | pixel 1: c0 ... c15 | pixel 2 ... | pixel 3 ...
/// by_channel   c0 of pixels 0-3 | c1 of pixels 0-3 | ... | c15 of pixels 0-3
/// weights      w0 w1 w2 w3, the same in every lane
/// ```
///
/// # Safety
/// There are four rows from `start` on, and `inputs` has two lines of as many pixels of 16 channels as the rows' side.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn accumulate_columns(
    rows: &FilterRows<'_>,
    start: usize,
    inputs: &[i8],
) -> [[__m512i; 2]; FOUR] {
    let len = rows.side * CHANNELS;
    let mut sums = [[_mm512_setzero_si512(); 2]; FOUR];
    for four in 0..rows.side / FOUR {
        let mut values = [_mm512_setzero_si512(); 2];
        for (input, values) in values.iter_mut().enumerate() {
            let at = input * len + four * BYTES;
            debug_assert!(at + BYTES <= inputs.len());
            // SAFETY: the four pixels are below the rows' side, and the caller guarantees two lines of that many pixels
            // of 16 numbers.
            *values = by_channel(unsafe { _mm512_loadu_si512(inputs.as_ptr().add(at).cast()) });
        }
        for (row, sums) in sums.iter_mut().enumerate() {
            // SAFETY: the caller guarantees four rows from `start` on, and `four` is below `side / 4`.
            let weights = _mm512_set1_epi32(unsafe { rows.four(start + row, four) });
            add_products(sums, &values, weights);
        }
    }
    sums
}

/// Transposes four pixels of sixteen channels: the numbers of a channel lie side by side.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn by_channel(pixels: __m512i) -> __m512i {
    // First four channels of each pixel come side by side, then the four pixels of each channel.
    let each = _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    _mm512_shuffle_epi8(transposed(pixels), _mm512_broadcast_i32x4(each))
}
