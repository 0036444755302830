//! Armv8-A with the dot product of Armv8.2 (Cortex-A55, A76 and later, Neoverse, Apple silicon).

#![allow(unsafe_code)]

use core::arch::aarch64::*;
use core::arch::asm;

use super::tiled::{ROWS, Register, Rows, Tile, WIDTH, Weighted, register, registers_of};
use crate::arithmetic::RowScale;
use crate::parts::{behind, copy};

/// Kernels for processors with NEON and its dot product.
///
/// Where a program is not compiled for such processors, only [`detect`](Self::detect) makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(all(target_feature = "neon", target_feature = "dotprod")), non_exhaustive)]
pub struct Neon;

impl Neon {
    /// `None` if the processor has no dot product; without the feature `std`, if the program is not
    /// compiled for it.
    pub fn detect() -> Option<Self> {
        #[cfg(feature = "std")]
        let has = std::arch::is_aarch64_feature_detected!("neon")
            && std::arch::is_aarch64_feature_detected!("dotprod");
        #[cfg(not(feature = "std"))]
        let has = cfg!(all(target_feature = "neon", target_feature = "dotprod"));
        has.then_some(Self)
    }

    /// Multiplies in registers, so many rounds; returns the number of multiply-accumulates.
    #[cfg(feature = "std")]
    pub(super) fn multiply(&self, rounds: usize) -> usize {
        // SAFETY: there is a `Neon` only where the processor has NEON and its dot products.
        unsafe { multiply(rounds) }
    }
}

impl Tile for Neon {
    const NAME: &'static str = "neon-dotprod";

    fn products<const LANES: usize>(
        &self,
        rows: &Rows<'_>,
        inputs: [&[i8]; LANES],
        held: &[[i32; ROWS]; LANES],
    ) -> [[i32; ROWS]; LANES] {
        // SAFETY: there is a `Neon` only where the processor has NEON and its dot products.
        unsafe { products(rows, inputs, held) }
    }

    fn blend(&self, rows: &Weighted<'_>, input: &[i8], width: usize) -> [Register; ROWS] {
        // SAFETY: there is a `Neon` only where the processor has NEON and its dot products.
        unsafe { blend(rows, input, width) }
    }
}

#[target_feature(enable = "neon,dotprod")]
fn products<const LANES: usize>(
    rows: &Rows<'_>,
    inputs: [&[i8]; LANES],
    held: &[[i32; ROWS]; LANES],
) -> [[i32; ROWS]; LANES] {
    let zero = vdupq_n_s32(0);
    let mut sums = [[zero; ROWS]; LANES];
    let registers = inputs.first().map_or(0, |lane| lane.len().div_ceil(WIDTH));
    let (weights, whole) = (rows.weights.map(registers_of), inputs.map(registers_of));
    let full = weights.iter().chain(&whole).fold(registers, |least, row| least.min(row.len()));
    for at in 0..full {
        // SAFETY: no row and no lane has fewer than `full` registers.
        let (weights, inputs) = unsafe {
            let at = |row: &[Register]| load(row.get_unchecked(at));
            (weights.map(at), whole.map(at))
        };
        accumulate(&mut sums, weights, inputs);
    }
    if full < registers {
        // The end of the matrix, within a register.
        let weights = rows.weights.map(|row| load(&register(row, full * WIDTH)));
        let inputs = inputs.map(|lane| load(&register(lane, full * WIDTH)));
        accumulate(&mut sums, weights, inputs);
    }

    // Per row: bias; multiplier and, 16 bits above it, shift.
    let scales = load_scales(&rows.scales);
    let multiplier = vandq_s32(scales.1, vdupq_n_s32(0xffff));
    let left = vnegq_s32(vshrq_n_s32::<16>(scales.1));
    let mut numbers = [[0; ROWS]; LANES];
    for ((numbers, sums), held) in numbers.iter_mut().zip(sums).zip(held) {
        let [a, b, c, d] = sums;
        let sums = vpaddq_s32(vpaddq_s32(a, b), vpaddq_s32(c, d));
        let sums = vaddq_s32(vaddq_s32(sums, scales.0), load_words(held));
        // Exact products, then a rounding shift to the right.
        let low = vmull_s32(vget_low_s32(sums), vget_low_s32(multiplier));
        let high = vmull_high_s32(sums, multiplier);
        let low = vrshlq_s64(low, vmovl_s32(vget_low_s32(left)));
        let high = vrshlq_s64(high, vmovl_high_s32(left));
        store_words(numbers, vmovn_high_s64(vmovn_s64(low), high));
    }
    numbers
}

/// As many sums at once as a tile has.
#[cfg(feature = "std")]
#[target_feature(enable = "neon,dotprod")]
fn multiply(rounds: usize) -> usize {
    const LANES: usize = super::tiled::LANES;
    let mut sums = [[vdupq_n_s32(0); ROWS]; LANES];
    for _ in 0..rounds {
        accumulate(&mut sums, [vdupq_n_s8(3); ROWS], [vdupq_n_s8(5); LANES]);
    }
    core::hint::black_box(sums);
    rounds * LANES * ROWS * WIDTH
}

#[target_feature(enable = "neon,dotprod")]
fn accumulate<const LANES: usize>(
    sums: &mut [[int32x4_t; ROWS]; LANES],
    weights: [int8x16_t; ROWS],
    inputs: [int8x16_t; LANES],
) {
    for (sums, input) in sums.iter_mut().zip(inputs) {
        for (sum, weights) in sums.iter_mut().zip(weights) {
            *sum = dot(*sum, weights, input);
        }
    }
}

#[target_feature(enable = "neon,dotprod")]
fn blend(rows: &Weighted<'_>, input: &[i8], width: usize) -> [Register; ROWS] {
    const QUADS: usize = WIDTH / 4;
    let mut sums = [[vdupq_n_s32(0); QUADS]; ROWS];
    for first in (0..rows.weights[0].len()).step_by(4) {
        let weights = rows.weights.map(|row| four(behind(row, first)));
        if weights == [0; ROWS] {
            continue; // most of a narrow filter
        }
        // Four lines, so that those of one column are neighbours.
        let [a, b, c, d] = [0, 1, 2, 3].map(|k| load(&register(input, (first + k) * width)));
        let [ab, cd] = [vzip1q_s8(a, b), vzip1q_s8(c, d)].map(|pair| vreinterpretq_s16_s8(pair));
        let [ef, gh] = [vzip2q_s8(a, b), vzip2q_s8(c, d)].map(|pair| vreinterpretq_s16_s8(pair));
        let columns =
            [vzip1q_s16(ab, cd), vzip2q_s16(ab, cd), vzip1q_s16(ef, gh), vzip2q_s16(ef, gh)];
        let columns = columns.map(|quad| vreinterpretq_s8_s16(quad));
        for (sums, weights) in sums.iter_mut().zip(weights) {
            let weights = vreinterpretq_s8_s32(vdupq_n_s32(weights));
            for (sum, columns) in sums.iter_mut().zip(columns) {
                *sum = dot(*sum, columns, weights);
            }
        }
    }
    let left = vdupq_n_s32(-(rows.shift as i32));
    let mut numbers = [[0; WIDTH]; ROWS];
    for ((numbers, sums), factor) in numbers.iter_mut().zip(sums).zip(rows.factors) {
        // A rounding shift to the right, then the least of it and 127, of what is not negative.
        let [a, b, c, d] = sums.map(|sums| vrshlq_s32(vmulq_n_s32(sums, factor), left));
        let low = vqmovn_high_s32(vqmovn_s32(a), b);
        let high = vqmovn_high_s32(vqmovn_s32(c), d);
        store(numbers, vqmovn_high_s16(vqmovn_s16(low), high));
    }
    numbers
}

/// The first four weights, zero after their end, as one number.
#[inline(always)]
fn four(row: &[i8]) -> i32 {
    let mut weights = [0; 4];
    match row.first_chunk() {
        Some(four) => weights = *four,
        None => copy(&mut weights, row),
    }
    i32::from_le_bytes(weights.map(|weight| weight as u8))
}

/// In each 32-bit lane, four products are added to the sum.
#[inline]
#[target_feature(enable = "neon,dotprod")]
fn dot(mut sum: int32x4_t, a: int8x16_t, b: int8x16_t) -> int32x4_t {
    // SAFETY: changes its operand alone; the instruction is there, as the function's feature says.
    // (The intrinsic is not stable in Rust yet.)
    unsafe {
        asm!(
            "sdot {0:v}.4s, {1:v}.16b, {2:v}.16b",
            inout(vreg) sum, in(vreg) a, in(vreg) b,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
    sum
}

#[inline]
#[target_feature(enable = "neon")]
fn load(numbers: &Register) -> int8x16_t {
    // SAFETY: the array has all 16 bytes; the instruction asks for no alignment.
    unsafe { vld1q_s8(numbers.as_ptr()) }
}

#[inline]
#[target_feature(enable = "neon")]
fn store(numbers: &mut Register, register: int8x16_t) {
    // SAFETY: the array has room for all 16 bytes.
    unsafe { vst1q_s8(numbers.as_mut_ptr(), register) }
}

#[inline]
#[target_feature(enable = "neon")]
fn load_words(numbers: &[i32; 4]) -> int32x4_t {
    // SAFETY: the array has all four numbers.
    unsafe { vld1q_s32(numbers.as_ptr()) }
}

#[inline]
#[target_feature(enable = "neon")]
fn store_words(numbers: &mut [i32; 4], register: int32x4_t) {
    // SAFETY: the array has room for all four numbers.
    unsafe { vst1q_s32(numbers.as_mut_ptr(), register) }
}

/// The first and the second word of each scale.
#[inline]
#[target_feature(enable = "neon")]
fn load_scales(scales: &[[u8; RowScale::BYTES]; ROWS]) -> int32x4x2_t {
    let words = scales.as_flattened();
    let [low, high] = [words.first_chunk(), words.last_chunk()].map(|half: Option<&[u8; 16]>| {
        // SAFETY: the array has all 16 bytes; the instruction asks for no alignment.
        half.map_or(vdupq_n_s32(0), |half| unsafe { vreinterpretq_s32_u8(vld1q_u8(half.as_ptr())) })
    });
    int32x4x2_t(vuzp1q_s32(low, high), vuzp2q_s32(low, high))
}
