//! WebAssembly with simd128.

#![allow(unsafe_code)]

use core::arch::wasm32::*;

use crate::arithmetic::RowScale;
use crate::kernels::generic::tile::{
    FilterRows, MatrixRows, ROWS, Register, Tile, WIDTH, register, registers_of,
};

/// Kernels for engines with simd128.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Simd128;

impl Tile for Simd128 {
    const NAME: &'static str = "simd128";

    fn products<const ITEMS: usize>(
        &self,
        rows: &MatrixRows<'_>,
        inputs: [&[i8]; ITEMS],
        residuals: &[[i32; ROWS]; ITEMS],
    ) -> [[i32; ROWS]; ITEMS] {
        let mut numbers = *residuals;
        // Two items at a time: engines on x86-64 have 16 registers.
        for (numbers, inputs) in numbers.chunks_mut(2).zip(inputs.chunks(2)) {
            match (numbers, inputs) {
                ([first, second], &[one, other]) => {
                    [*first, *second] =
                        requantized(rows, products(rows, [one, other]), [*first, *second]);
                }
                ([first], &[one]) => {
                    [*first] = requantized(rows, products(rows, [one]), [*first]);
                }
                _ => {}
            }
        }
        numbers
    }

    /// 4 output lines x 16 columns, 2 input lines at a time.
    ///
    /// 16 accumulators, for each output line four of four columns. The lines are extended to i16 and interleaved, so
    /// that the dot instruction adds a column's two products:
    ///
    /// ```text
    /// line first      a0 a1 ... a15  ->  columns[0] = a0  b0 | a1 b1 | a2 b2 | a3 b3      i16
    /// line first + 1  b0 b1 ... b15      columns[1] = a4  b4 | ...     up to columns[3] = a12 b12 | ...
    /// weights of an output line          w0 w1, the same in every lane
    /// ```
    fn resample(&self, rows: &FilterRows<'_>, input: &[i8], width: usize) -> [Register; ROWS] {
        const QUADS: usize = WIDTH / 4;
        let mut sums = [[i32x4_splat(0); QUADS]; ROWS];
        for first in (0..rows.weights[0].len()).step_by(2) {
            let weights = rows.weights.map(|row| two(row, first));
            if weights == [0; ROWS] {
                continue; // most of a narrow filter
            }
            // Interleaved, the two numbers of a column are neighbors.
            let [a, b] = [0, 1].map(|k| extend(&register(input, (first + k) * width)));
            let columns = [low(a[0], b[0]), high(a[0], b[0]), low(a[1], b[1]), high(a[1], b[1])];
            for (sums, weights) in sums.iter_mut().zip(weights) {
                let weights = i32x4_splat(weights);
                for (sum, columns) in sums.iter_mut().zip(columns) {
                    *sum = i32x4_add(*sum, i32x4_dot_i16x8(columns, weights));
                }
            }
        }
        let half = i32x4_splat(1 << (rows.shift - 1));
        let mut numbers = [[0; WIDTH]; ROWS];
        for ((numbers, sums), factor) in numbers.iter_mut().zip(sums).zip(rows.factors) {
            let factor = i32x4_splat(factor);
            let scaled = |sums| i32x4_shr(i32x4_add(i32x4_mul(sums, factor), half), rows.shift);
            // Narrowing saturates at 127; accumulators are not negative.
            let [a, b, c, d] = sums.map(scaled);
            let (low, high) = (i16x8_narrow_i32x4(a, b), i16x8_narrow_i32x4(c, d));
            store(numbers, i8x16_narrow_i16x8(low, high));
        }
        numbers
    }
}

/// The accumulators of 4 rows x 1 or 2 items, 16 columns at a time. The four lanes of a result are the rows.
///
/// Of 16 registers, 8 are accumulators, 4 the inputs and 2 the weights of a row: both are extended to i16, 8 in a
/// register. The dot instruction multiplies i16 and adds neighboring products:
///
/// ```text
/// weights of row r   w0  w1  | w2  w3  | w4  w5  | w6  w7        i16; a second register has 8 to 15
/// inputs of item i   x0  x1  | x2  x3  | x4  x5  | x6  x7        i16
/// sums[i][r]         lane 0  | lane 1  | lane 2  | lane 3        i32
/// ```
#[inline(always)]
fn products<const ITEMS: usize>(rows: &MatrixRows<'_>, inputs: [&[i8]; ITEMS]) -> [v128; ITEMS] {
    let mut sums = [[i32x4_splat(0); ROWS]; ITEMS];
    let registers = inputs.first().map_or(0, |item| item.len().div_ceil(WIDTH));
    let (weights, whole) = (rows.weights.map(registers_of), inputs.map(registers_of));
    let full = weights.iter().chain(&whole).fold(registers, |least, row| least.min(row.len()));
    for at in 0..full {
        // SAFETY: `full` is the least number of registers that any of the rows and items has, and `at` is below it.
        unsafe {
            let weights = weights.map(|row| row.get_unchecked(at));
            accumulate(&mut sums, weights, whole.map(|item| item.get_unchecked(at)));
        }
    }
    if full < registers {
        // The end of the matrix lies within a register: it is filled up with zeros.
        let weights = rows.weights.map(|row| register(row, full * WIDTH));
        let inputs = inputs.map(|item| register(item, full * WIDTH));
        accumulate(&mut sums, weights.each_ref(), inputs.each_ref());
    }
    sums.map(|[a, b, c, d]| {
        // A row's partial sums are added, lanes 0 and 2, 1 and 3, then what is left: [a, b, c, d] in the end.
        let [ac, bd] = [[a, c], [b, d]].map(|[x, y]| {
            let upper = i32x4_shuffle::<0, 1, 4, 5>(x, y);
            i32x4_add(upper, i32x4_shuffle::<2, 3, 6, 7>(x, y))
        });
        let even = i32x4_shuffle::<0, 4, 2, 6>(ac, bd);
        i32x4_add(even, i32x4_shuffle::<1, 5, 3, 7>(ac, bd))
    })
}

/// Adds the products of 16 columns: `sums[i][r] += weights[r] . inputs[i]`.
#[inline(always)]
fn accumulate<const ITEMS: usize>(
    sums: &mut [[v128; ROWS]; ITEMS],
    weights: [&Register; ROWS],
    inputs: [&Register; ITEMS],
) {
    let inputs = inputs.map(extend);
    for (row, weights) in weights.into_iter().enumerate() {
        let weights = extend(weights);
        for (sums, inputs) in sums.iter_mut().zip(inputs) {
            for (weights, inputs) in weights.into_iter().zip(inputs) {
                sums[row] = i32x4_add(sums[row], i32x4_dot_i16x8(weights, inputs));
            }
        }
    }
}

/// `requantize(bias + residual + sum)` of four rows and each item.
#[inline(always)]
fn requantized<const ITEMS: usize>(
    rows: &MatrixRows<'_>,
    sums: [v128; ITEMS],
    residuals: [[i32; ROWS]; ITEMS],
) -> [[i32; ROWS]; ITEMS] {
    let scales = rows.scales.map(RowScale::read);
    let mut items = sums.into_iter().zip(residuals);
    [(); ITEMS].map(|()| {
        let Some((sums, residual)) = items.next() else { return [0; ROWS] };
        let sums = words(sums);
        core::array::from_fn(|k| scales[k].requantize(scales[k].bias + residual[k] + sums[k]))
    })
}

/// Two weights of a row from `first` on as one number of two i16, with zeros behind its end.
#[inline(always)]
fn two(row: &[i8], first: usize) -> i32 {
    let weight = |at| row.get(at).map_or(0, |&weight| i32::from(weight));
    weight(first) | weight(first + 1) << 16
}

/// The i16 of the low halves of two registers, in turn.
#[inline(always)]
fn low(a: v128, b: v128) -> v128 {
    i16x8_shuffle::<0, 8, 1, 9, 2, 10, 3, 11>(a, b)
}

/// The i16 of the high halves of two registers, in turn.
#[inline(always)]
fn high(a: v128, b: v128) -> v128 {
    i16x8_shuffle::<4, 12, 5, 13, 6, 14, 7, 15>(a, b)
}

/// Sixteen numbers as i16, in two registers.
#[inline(always)]
fn extend(numbers: &Register) -> [v128; 2] {
    let from = numbers.as_ptr();
    // SAFETY: each load reads 8 bytes, one the first half of the 16, one the second; neither needs alignment.
    unsafe { [i16x8_load_extend_i8x8(from), i16x8_load_extend_i8x8(from.add(8))] }
}

#[inline(always)]
fn store(numbers: &mut Register, register: v128) {
    // SAFETY: the array has the 16 bytes that are written, and the instruction needs no alignment.
    unsafe { v128_store(numbers.as_mut_ptr().cast(), register) }
}

#[inline(always)]
fn words(register: v128) -> [i32; 4] {
    [
        i32x4_extract_lane::<0>(register),
        i32x4_extract_lane::<1>(register),
        i32x4_extract_lane::<2>(register),
        i32x4_extract_lane::<3>(register),
    ]
}
