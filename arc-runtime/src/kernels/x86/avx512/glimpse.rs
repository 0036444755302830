//! A whole glimpse: both filters at a time, then the map's lines and columns through them.

use core::arch::x86_64::*;

use super::filter::{Filters, ROWS, transposed};
use crate::kernels::look::{COLUMNS_SHIFT, LINES_SHIFT};
use crate::kernels::{Kernels, Look};
use crate::parts::{front, split_mut};

/// Lines whose products an instruction adds up.
const FOUR: usize = 4;
/// Bytes of a vector.
const BYTES: usize = 64;
/// The side of maps of one channel; others may have half of it.
const SIDE: usize = 32;
const HALF: usize = SIDE / 2;
/// Channels of the others.
const CHANNELS: usize = 16;

/// The sums of 64 columns, or of 32 of two rows, four vectors as `unpack` leaves them.
type Sums = [__m512i; 4];

/// [`Kernels::look`] at maps as ours are: of 32 x 32, and of 16 channels and either side. At others it
/// goes stage by stage.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
pub(super) fn look(
    kernels: &impl Kernels,
    look: &Look,
    features: &[i8],
    scratch: &mut [i8],
    glimpse: &mut [i8],
) {
    let Look { lines, columns, gain } = look;
    let (side, count) = (lines.side, lines.rows);
    let channels = match (side, features.len()) {
        (SIDE, len) if len == SIDE * SIDE => 1,
        (SIDE | HALF, len) if len == CHANNELS * side * side => CHANNELS,
        _ => 0,
    };
    let alike = (columns.side, columns.rows) == (side, count)
        && columns.inverse_gamma == lines.inverse_gamma;
    let (_, blended) = split_mut(scratch, count * side);
    let room =
        blended.len() == count * side * channels && glimpse.len() == count * count * channels;
    if channels == 0 || !alike || !room || !(FOUR..=ROWS).contains(&count) {
        return look.by_stages(kernels, features, scratch, glimpse);
    }
    let (axes, gains) = ([lines, columns], [1 << LINES_SHIFT, *gain]);
    let Filters { weights, factors } = match side {
        SIDE => Filters::new::<2>(axes, gains),
        _ => Filters::new::<1>(axes, gains),
    };
    let (line_weights, weights) = weights.0.split_at(count * side);
    let (line_factors, factors) = factors.split_at(count);
    let lines = Rows { weights: line_weights, factors: line_factors, side };
    let columns = Rows { weights, factors: front(factors, count), side };
    // SAFETY: `side` is 16 or 32 and `count` four to eight, of both axes. `Weights` has room for twice as many rows,
    // of which those of `columns` are behind those of `lines`. The map, `blended` and the glimpse are exactly as long as
    // these sizes and the channels say, all of which was looked at above; only maps of 32 x 32 have one channel.
    unsafe {
        if channels == 1 {
            blend_narrow_lines(&lines, features, blended);
            blend_narrow_columns(&columns, blended, glimpse);
        } else {
            blend_lines(&lines, features, blended);
            blend_columns(&columns, blended, glimpse);
        }
    }
}

/// Some rows of a filter, each as long as the map's side.
struct Rows<'a> {
    weights: &'a [i8],
    factors: &'a [i32],
    side: usize,
}

impl Rows<'_> {
    /// What four lines count in a row.
    ///
    /// # Safety
    /// There are that row and those lines.
    #[inline]
    unsafe fn four(&self, row: usize, four: usize) -> i32 {
        let at = row * self.side + FOUR * four;
        debug_assert!(at + FOUR <= self.weights.len());
        // SAFETY: the caller's promise.
        unsafe { self.weights.as_ptr().add(at).cast::<i32>().read_unaligned() }
    }
}

/// Blends 32 lines of 32 columns.
///
/// # Safety
/// The sizes are those; there are at least four rows, and 32 bytes of output for each.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn blend_narrow_lines(rows: &Rows<'_>, lines: &[i8], output: &mut [i8]) {
    let count = rows.factors.len();
    debug_assert!(lines.len() == SIDE * SIDE && output.len() == SIDE * count && count >= FOUR);
    for start in (0..count).step_by(FOUR) {
        // The last ones again, where there are no others.
        let start = start.min(count - FOUR);
        // SAFETY: there are four rows from `start` on, of 32 bytes in the output each, and the
        // lines.
        unsafe {
            let [a, b, c, d] = narrow_sums(rows, start, lines);
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

/// The sums of four rows over 32 columns: those of the upper half of the lines in the low half of each vector.
///
/// # Safety
/// There are the rows, and 32 lines.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn narrow_sums(rows: &Rows<'_>, start: usize, lines: &[i8]) -> [Sums; FOUR] {
    debug_assert!(start + FOUR <= rows.factors.len() && lines.len() == SIDE * SIDE);
    let mut sums = [[_mm512_setzero_si512(); 4]; FOUR];
    for four in 0..HALF / FOUR {
        let mut loaded = [_mm512_setzero_si512(); FOUR];
        for (line, loaded) in loaded.iter_mut().enumerate() {
            // SAFETY: the caller's promise.
            *loaded = unsafe {
                let upper = lines.as_ptr().add((FOUR * four + line) * SIDE);
                let lower = upper.add(HALF * SIDE);
                let upper = _mm512_castsi256_si512(_mm256_loadu_si256(upper.cast()));
                _mm512_inserti64x4::<1>(upper, _mm256_loadu_si256(lower.cast()))
            };
        }
        let values = fours(loaded);
        for (row, sums) in sums.iter_mut().enumerate() {
            // SAFETY: the caller's promise.
            let (upper, lower) = unsafe {
                (rows.four(start + row, four), rows.four(start + row, four + HALF / FOUR))
            };
            let weights = _mm512_mask_set1_epi32(_mm512_set1_epi32(upper), 0xff00, lower);
            add_products(sums, &values, weights);
        }
    }
    sums
}

/// Adds the halves of each vector: the low half becomes the first row's sums, the high half the second's.
#[inline]
#[target_feature(enable = "avx512f")]
fn fold([one, other]: [Sums; 2]) -> Sums {
    let mut folded = one;
    for ((folded, one), other) in folded.iter_mut().zip(one).zip(other) {
        let low = _mm512_shuffle_i64x2::<0b01_00_01_00>(one, other);
        let high = _mm512_shuffle_i64x2::<0b11_10_11_10>(one, other);
        *folded = _mm512_add_epi32(low, high);
    }
    folded
}

/// Blends lines whose width is a multiple of 64.
///
/// # Safety
/// The width is that; there are at least four rows, and output for each.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn blend_lines(rows: &Rows<'_>, lines: &[i8], output: &mut [i8]) {
    let (count, width) = (rows.factors.len(), lines.len() / rows.side);
    debug_assert!(width.is_multiple_of(BYTES) && output.len() == width * count && count >= FOUR);
    for start in (0..count).step_by(FOUR) {
        // The last ones again, where there are no others.
        let start = start.min(count - FOUR);
        for column in (0..width).step_by(BYTES) {
            // SAFETY: there are four rows from `start` on, and 64 columns from `column` on.
            unsafe {
                let sums = line_sums(rows, start, &lines[column..], width);
                for (row, sums) in (start..).zip(sums) {
                    let factor = _mm512_set1_epi32(rows.factors[row]);
                    let to = output.as_mut_ptr().add(row * width + column);
                    _mm512_storeu_si512(to.cast(), scale::<LINES_SHIFT>(sums, factor));
                }
            }
        }
    }
}

/// The sums of four rows over the first 64 columns.
///
/// # Safety
/// There are the rows, and as many lines as they are long.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn line_sums(rows: &Rows<'_>, start: usize, lines: &[i8], width: usize) -> [Sums; FOUR] {
    let mut sums = [[_mm512_setzero_si512(); 4]; FOUR];
    for four in 0..rows.side / FOUR {
        let mut loaded = [_mm512_setzero_si512(); FOUR];
        for (line, loaded) in loaded.iter_mut().enumerate() {
            let at = (FOUR * four + line) * width;
            debug_assert!(at + BYTES <= lines.len());
            // SAFETY: the caller's promise.
            *loaded = unsafe { _mm512_loadu_si512(lines.as_ptr().add(at).cast()) };
        }
        let values = fours(loaded);
        for (row, sums) in sums.iter_mut().enumerate() {
            // SAFETY: the caller's promise.
            let weights = _mm512_set1_epi32(unsafe { rows.four(start + row, four) });
            add_products(sums, &values, weights);
        }
    }
    sums
}

/// Adds to each sum what four lines, or columns, count in a row.
#[inline]
#[target_feature(enable = "avx512f,avx512vnni")]
fn add_products<const N: usize>(sums: &mut [__m512i; N], values: &[__m512i; N], weights: __m512i) {
    for (sum, &values) in sums.iter_mut().zip(values) {
        *sum = _mm512_dpbusd_epi32(*sum, values, weights);
    }
}

/// Four lines of a column side by side; `packs` brings the columns back into order.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn fours([a, b, c, d]: [__m512i; FOUR]) -> Sums {
    let low = [_mm512_unpacklo_epi8(a, b), _mm512_unpacklo_epi8(c, d)];
    let high = [_mm512_unpackhi_epi8(a, b), _mm512_unpackhi_epi8(c, d)];
    [
        _mm512_unpacklo_epi16(low[0], low[1]),
        _mm512_unpackhi_epi16(low[0], low[1]),
        _mm512_unpacklo_epi16(high[0], high[1]),
        _mm512_unpackhi_epi16(high[0], high[1]),
    ]
}

/// Sums times factors, shifted and rounded, in order and at most 127; none is negative.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn scale<const SHIFT: u32>(sums: Sums, factors: __m512i) -> __m512i {
    let mut scaled = sums;
    for sums in &mut scaled {
        *sums = shifted::<SHIFT>(*sums, factors);
    }
    let [a, b, c, d] = scaled;
    _mm512_packs_epi16(_mm512_packs_epi32(a, b), _mm512_packs_epi32(c, d))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn shifted<const SHIFT: u32>(sums: __m512i, factors: __m512i) -> __m512i {
    let half = _mm512_set1_epi32(1 << (SHIFT - 1));
    _mm512_srai_epi32::<SHIFT>(_mm512_add_epi32(_mm512_mullo_epi32(sums, factors), half))
}

/// Blends the columns of each input, 32 of a byte: products of all of them with all rows, four and four.
///
/// # Safety
/// There are as many inputs of 32 as rows, at least four, and that many outputs of each.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn blend_narrow_columns(rows: &Rows<'_>, inputs: &[i8], output: &mut [i8]) {
    let count = rows.factors.len();
    debug_assert!(inputs.len() == SIDE * count && output.len() == count * count && count >= FOUR);
    for start in (0..count).step_by(FOUR) {
        let row = start.min(count - FOUR);
        for start in (0..count).step_by(FOUR) {
            let input = start.min(count - FOUR);
            // SAFETY: from both on there are four, with 32 bytes each, and each input has output for the rows.
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

/// The products of four inputs, one after the other, with four rows of weights each, all of 32 bytes.
///
/// # Safety
/// 128 bytes lie at either.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn dots(weights: *const i8, inputs: *const i8) -> __m512i {
    let mut pairs = [_mm512_setzero_si512(); 2];
    for (pair, sums) in pairs.iter_mut().enumerate() {
        // SAFETY: the caller's promise.
        let inputs = unsafe { _mm512_loadu_si512(inputs.add(pair * BYTES).cast()) };
        let mut products = [_mm512_setzero_si512(); FOUR];
        for (row, products) in products.iter_mut().enumerate() {
            // SAFETY: the caller's promise.
            let weights = unsafe { _mm256_loadu_si256(weights.add(row * SIDE).cast()) };
            let weights = _mm512_broadcast_i64x4(weights);
            *products = _mm512_dpbusd_epi32(*products, inputs, weights);
        }
        // Each quarter becomes the sums of all four.
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

/// Blends the columns of each input, of 16 channels.
///
/// # Safety
/// There are as many inputs as rows, at least four, and that many outputs of each.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn blend_columns(rows: &Rows<'_>, inputs: &[i8], output: &mut [i8]) {
    let (count, side) = (rows.factors.len(), rows.side);
    let len = side * CHANNELS;
    debug_assert!(inputs.len() == len * count && count >= FOUR);
    debug_assert!(output.len() == count * count * CHANNELS);
    for start in (0..count).step_by(FOUR) {
        let row = start.min(count - FOUR);
        for start in (0..count).step_by(2) {
            let input = start.min(count - 2);
            // SAFETY: there are four rows and two inputs, and each input has output for the rows.
            unsafe {
                let sums = column_sums(rows, row, &inputs[input * len..]);
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

/// The sums of the channels of four rows over two inputs.
///
/// # Safety
/// There are the rows and the inputs.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn column_sums(rows: &Rows<'_>, start: usize, inputs: &[i8]) -> [[__m512i; 2]; FOUR] {
    let len = rows.side * CHANNELS;
    let mut sums = [[_mm512_setzero_si512(); 2]; FOUR];
    for four in 0..rows.side / FOUR {
        let mut values = [_mm512_setzero_si512(); 2];
        for (input, values) in values.iter_mut().enumerate() {
            let at = input * len + four * BYTES;
            debug_assert!(at + BYTES <= inputs.len());
            // SAFETY: the caller's promise.
            *values = by_channel(unsafe { _mm512_loadu_si512(inputs.as_ptr().add(at).cast()) });
        }
        for (row, sums) in sums.iter_mut().enumerate() {
            // SAFETY: the caller's promise.
            let weights = _mm512_set1_epi32(unsafe { rows.four(start + row, four) });
            add_products(sums, &values, weights);
        }
    }
    sums
}

/// Four pixels of sixteen channels: those of a channel side by side.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn by_channel(pixels: __m512i) -> __m512i {
    // Four channels of each side by side, then the fours of a channel.
    let each = _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    _mm512_shuffle_epi8(transposed(pixels), _mm512_broadcast_i32x4(each))
}
