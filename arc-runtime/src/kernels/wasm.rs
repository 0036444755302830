//! WebAssembly with simd128.

#![allow(unsafe_code)]

use core::arch::wasm32::*;

use super::tiled::{ROWS, Register, Rows, Tile, WIDTH, Weighted, register, registers_of};
use crate::arithmetic::RowScale;

/// Kernels for engines with simd128.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Simd128;

impl Tile for Simd128 {
    const NAME: &'static str = "simd128";

    fn products<const LANES: usize>(
        &self,
        rows: &Rows<'_>,
        inputs: [&[i8]; LANES],
        held: &[[i32; ROWS]; LANES],
    ) -> [[i32; ROWS]; LANES] {
        let mut numbers = *held;
        // Two lanes at a time: engines on x86-64 have 16 registers.
        for (numbers, inputs) in numbers.chunks_mut(2).zip(inputs.chunks(2)) {
            match (numbers, inputs) {
                ([first, second], &[one, other]) => {
                    [*first, *second] =
                        requantised(rows, products(rows, [one, other]), [*first, *second]);
                }
                ([first], &[one]) => {
                    [*first] = requantised(rows, products(rows, [one]), [*first]);
                }
                _ => {}
            }
        }
        numbers
    }

    fn blend(&self, rows: &Weighted<'_>, input: &[i8], width: usize) -> [Register; ROWS] {
        const QUADS: usize = WIDTH / 4;
        let mut sums = [[i32x4_splat(0); QUADS]; ROWS];
        for first in (0..rows.weights[0].len()).step_by(2) {
            let weights = rows.weights.map(|row| two(row, first));
            if weights == [0; ROWS] {
                continue; // most of a narrow filter
            }
            // Two lines, so that those of one column are neighbours.
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
            // Saturates at 127; nothing is negative.
            let [a, b, c, d] = sums.map(scaled);
            let (low, high) = (i16x8_narrow_i32x4(a, b), i16x8_narrow_i32x4(c, d));
            store(numbers, i8x16_narrow_i16x8(low, high));
        }
        numbers
    }
}

/// The sums of four rows, in each lane.
#[inline(always)]
fn products<const LANES: usize>(rows: &Rows<'_>, inputs: [&[i8]; LANES]) -> [v128; LANES] {
    let mut sums = [[i32x4_splat(0); ROWS]; LANES];
    let registers = inputs.first().map_or(0, |lane| lane.len().div_ceil(WIDTH));
    let (weights, whole) = (rows.weights.map(registers_of), inputs.map(registers_of));
    let full = weights.iter().chain(&whole).fold(registers, |least, row| least.min(row.len()));
    for at in 0..full {
        // SAFETY: no row and no lane has fewer than `full` registers.
        unsafe {
            let weights = weights.map(|row| row.get_unchecked(at));
            accumulate(&mut sums, weights, whole.map(|lane| lane.get_unchecked(at)));
        }
    }
    if full < registers {
        // The end of the matrix, within a register.
        let weights = rows.weights.map(|row| register(row, full * WIDTH));
        let inputs = inputs.map(|lane| register(lane, full * WIDTH));
        accumulate(&mut sums, weights.each_ref(), inputs.each_ref());
    }
    sums.map(|[a, b, c, d]| {
        // Halves of each row are added, then quarters.
        let [ac, bd] = [[a, c], [b, d]].map(|[x, y]| {
            let upper = i32x4_shuffle::<0, 1, 4, 5>(x, y);
            i32x4_add(upper, i32x4_shuffle::<2, 3, 6, 7>(x, y))
        });
        let even = i32x4_shuffle::<0, 4, 2, 6>(ac, bd);
        i32x4_add(even, i32x4_shuffle::<1, 5, 3, 7>(ac, bd))
    })
}

#[inline(always)]
fn accumulate<const LANES: usize>(
    sums: &mut [[v128; ROWS]; LANES],
    weights: [&Register; ROWS],
    inputs: [&Register; LANES],
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

/// `requantise(bias + held + sum)` of four rows, in each lane.
#[inline(always)]
fn requantised<const LANES: usize>(
    rows: &Rows<'_>,
    sums: [v128; LANES],
    held: [[i32; ROWS]; LANES],
) -> [[i32; ROWS]; LANES] {
    let scales = rows.scales.map(RowScale::read);
    let mut lanes = sums.into_iter().zip(held);
    [(); LANES].map(|()| {
        let Some((sums, held)) = lanes.next() else { return [0; ROWS] };
        let sums = words(sums);
        core::array::from_fn(|k| scales[k].requantise(scales[k].bias + held[k] + sums[k]))
    })
}

/// Two weights of a row from `first` on, zero after its end, as one number.
#[inline(always)]
fn two(row: &[i8], first: usize) -> i32 {
    let weight = |at| row.get(at).map_or(0, |&weight| i32::from(weight));
    weight(first) | weight(first + 1) << 16
}

/// Numbers of two registers in turn, from their low halves.
#[inline(always)]
fn low(a: v128, b: v128) -> v128 {
    i16x8_shuffle::<0, 8, 1, 9, 2, 10, 3, 11>(a, b)
}

/// Numbers of two registers in turn, from their high halves.
#[inline(always)]
fn high(a: v128, b: v128) -> v128 {
    i16x8_shuffle::<4, 12, 5, 13, 6, 14, 7, 15>(a, b)
}

/// Sixteen numbers as i16, in two registers.
#[inline(always)]
fn extend(numbers: &Register) -> [v128; 2] {
    let from = numbers.as_ptr();
    // SAFETY: both halves of the array have 8 bytes; the instruction asks for no alignment.
    unsafe { [i16x8_load_extend_i8x8(from), i16x8_load_extend_i8x8(from.add(8))] }
}

#[inline(always)]
fn store(numbers: &mut Register, register: v128) {
    // SAFETY: the array has room for all 16 bytes; the instruction asks for no alignment.
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
