//! Armv8-A with the dot product of Armv8.2 (Cortex-A55, A76 and later, Neoverse, Apple silicon).

#![allow(unsafe_code)]

use core::arch::aarch64::*;
use core::arch::asm;

use crate::arithmetic::RowScale;
use crate::kernels::generic::tile::{
    FilterRows, MatrixRows, ROWS, Register, Tile, WIDTH, register, registers_of,
};
use crate::slices::lenient::{behind, copy};

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

    /// Multiplies in registers, `rounds` times; returns the number of multiply-accumulates.
    #[cfg(feature = "std")]
    pub(in crate::kernels) fn multiply(&self, rounds: usize) -> usize {
        // SAFETY: `multiply` needs NEON and its dot product. A `Neon` exists only where the processor has both:
        // `detect` checks it, or the whole program is compiled for them.
        unsafe { multiply(rounds) }
    }
}

impl Tile for Neon {
    const NAME: &'static str = "neon-dotprod";

    fn products<const ITEMS: usize>(
        &self,
        rows: &MatrixRows<'_>,
        inputs: [&[i8]; ITEMS],
        residuals: &[[i32; ROWS]; ITEMS],
    ) -> [[i32; ROWS]; ITEMS] {
        // SAFETY: `products` needs NEON and its dot product. A `Neon` exists only where the processor has both:
        // `detect` checks it, or the whole program is compiled for them.
        unsafe { products(rows, inputs, residuals) }
    }

    fn resample(&self, rows: &FilterRows<'_>, input: &[i8], width: usize) -> [Register; ROWS] {
        // SAFETY: `resample` needs NEON and its dot product. A `Neon` exists only where the processor has both:
        // `detect` checks it, or the whole program is compiled for them.
        unsafe { resample(rows, input, width) }
    }
}

/// [`Tile::products`]: 4 rows x up to 4 items, 16 columns at a time.
///
/// 24 of the 32 registers are in use: 16 accumulators, 4 registers of weights and 4 of inputs. SDOT adds four
/// neighboring products to a lane:
///
/// ```text
/// weights of row r    w0  w1  w2  w3  | w4  ...  w7  | w8  ... w11 | w12 ... w15     i8
/// inputs of item i    x0  x1  x2  x3  | x4  ...  x7  | x8  ... x11 | x12 ... x15     i8
/// sums[i][r]          lane 0 += 0..=3 | lane 1 += 4..| lane 2 += .. | lane 3 += ...  i32
/// ```
///
/// Behind the last column, pairwise additions make of the four accumulators of an item one register, whose lanes are
/// the four rows; so are bias, multiplier and shift.
#[target_feature(enable = "neon,dotprod")]
fn products<const ITEMS: usize>(
    rows: &MatrixRows<'_>,
    inputs: [&[i8]; ITEMS],
    residuals: &[[i32; ROWS]; ITEMS],
) -> [[i32; ROWS]; ITEMS] {
    let zero = vdupq_n_s32(0);
    let mut sums = [[zero; ROWS]; ITEMS];
    let registers = inputs.first().map_or(0, |item| item.len().div_ceil(WIDTH));
    let (weights, whole) = (rows.weights.map(registers_of), inputs.map(registers_of));
    let full = weights.iter().chain(&whole).fold(registers, |least, row| least.min(row.len()));
    for at in 0..full {
        // SAFETY: `full` is the least number of registers that any of the rows and items has, and `at` is below it.
        let (weights, inputs) = unsafe {
            let at = |row: &[Register]| load(row.get_unchecked(at));
            (weights.map(at), whole.map(at))
        };
        accumulate(&mut sums, weights, inputs);
    }
    if full < registers {
        // The end of the matrix lies within a register: it is filled up with zeros.
        let weights = rows.weights.map(|row| load(&register(row, full * WIDTH)));
        let inputs = inputs.map(|item| load(&register(item, full * WIDTH)));
        accumulate(&mut sums, weights, inputs);
    }

    // Of each row: the bias; then the multiplier and, 16 bits above it, the shift.
    let scales = load_scales(&rows.scales);
    let multiplier = vandq_s32(scales.1, vdupq_n_s32(0xffff));
    let left = vnegq_s32(vshrq_n_s32::<16>(scales.1));
    let mut numbers = [[0; ROWS]; ITEMS];
    for ((numbers, sums), residual) in numbers.iter_mut().zip(sums).zip(residuals) {
        let [a, b, c, d] = sums;
        let sums = vpaddq_s32(vpaddq_s32(a, b), vpaddq_s32(c, d));
        let sums = vaddq_s32(vaddq_s32(sums, scales.0), load_words(residual));
        // Exact products, then a rounding shift to the right.
        let low = vmull_s32(vget_low_s32(sums), vget_low_s32(multiplier));
        let high = vmull_high_s32(sums, multiplier);
        let low = vrshlq_s64(low, vmovl_s32(vget_low_s32(left)));
        let high = vrshlq_s64(high, vmovl_high_s32(left));
        store_words(numbers, vmovn_high_s64(vmovn_s64(low), high));
    }
    numbers
}

/// Has as many accumulators as a tile.
#[cfg(feature = "std")]
#[target_feature(enable = "neon,dotprod")]
fn multiply(rounds: usize) -> usize {
    const ITEMS: usize = crate::kernels::generic::tile::ITEMS;
    let mut sums = [[vdupq_n_s32(0); ROWS]; ITEMS];
    for _ in 0..rounds {
        accumulate(&mut sums, [vdupq_n_s8(3); ROWS], [vdupq_n_s8(5); ITEMS]);
    }
    core::hint::black_box(sums);
    rounds * ITEMS * ROWS * WIDTH
}

/// Adds the products of 16 columns: `sums[i][r] += weights[r] . inputs[i]`.
#[target_feature(enable = "neon,dotprod")]
fn accumulate<const ITEMS: usize>(
    sums: &mut [[int32x4_t; ROWS]; ITEMS],
    weights: [int8x16_t; ROWS],
    inputs: [int8x16_t; ITEMS],
) {
    for (sums, input) in sums.iter_mut().zip(inputs) {
        for (sum, weights) in sums.iter_mut().zip(weights) {
            *sum = dot(*sum, weights, input);
        }
    }
}

/// [`Tile::resample`]: 4 output lines x 16 columns, 4 input lines at a time.
///
/// 16 accumulators, for each output line four of four columns. The input lines are interleaved, so that SDOT adds the
/// products of a column's four numbers to its lane:
///
/// ```text
/// line first      a0 a1 a2 ... a15      columns[0] = a0  b0  c0  d0  | a1 b1 c1 d1 | a2 .. | a3 b3 c3 d3
/// line first + 1  b0 b1 b2 ... b15  ->  columns[1] = a4  b4  c4  d4  | ...
/// line first + 2  c0 c1 c2 ... c15      columns[2] = a8  b8  c8  d8  | ...
/// line first + 3  d0 d1 d2 ... d15      columns[3] = a12 b12 c12 d12 | ...
/// weights of an output line             w0 w1 w2 w3, the same in every lane
/// ```
#[target_feature(enable = "neon,dotprod")]
fn resample(rows: &FilterRows<'_>, input: &[i8], width: usize) -> [Register; ROWS] {
    const QUADS: usize = WIDTH / 4;
    let mut sums = [[vdupq_n_s32(0); QUADS]; ROWS];
    for first in (0..rows.weights[0].len()).step_by(4) {
        let weights = rows.weights.map(|row| four(behind(row, first)));
        if weights == [0; ROWS] {
            continue; // most of a narrow filter
        }
        // Interleaved, the numbers of a column are neighbors.
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
        // A shift to the left by a negative number is a rounding shift to the right. Accumulators are not negative,
        // so that narrowing saturates at 127 alone.
        let [a, b, c, d] = sums.map(|sums| vrshlq_s32(vmulq_n_s32(sums, factor), left));
        let low = vqmovn_high_s32(vqmovn_s32(a), b);
        let high = vqmovn_high_s32(vqmovn_s32(c), d);
        store(numbers, vqmovn_high_s16(vqmovn_s16(low), high));
    }
    numbers
}

/// The first four weights as one number, with zeros behind their end.
#[inline(always)]
fn four(row: &[i8]) -> i32 {
    let mut weights = [0; 4];
    match row.first_chunk() {
        Some(four) => weights = *four,
        None => copy(&mut weights, row),
    }
    i32::from_le_bytes(weights.map(|weight| weight as u8))
}

/// In each 32-bit item, four products are added to the sum.
#[inline]
#[target_feature(enable = "neon,dotprod")]
fn dot(mut sum: int32x4_t, a: int8x16_t, b: int8x16_t) -> int32x4_t {
    // The intrinsic is not stable in Rust yet.
    // SAFETY: the instruction reads and writes the three registers alone. The processor has it, as this function is
    // compiled for the feature `dotprod`.
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
    // SAFETY: the array has the 16 bytes that are read, and the instruction needs no alignment.
    unsafe { vld1q_s8(numbers.as_ptr()) }
}

#[inline]
#[target_feature(enable = "neon")]
fn store(numbers: &mut Register, register: int8x16_t) {
    // SAFETY: the array has the 16 bytes that are written, and the instruction needs no alignment.
    unsafe { vst1q_s8(numbers.as_mut_ptr(), register) }
}

#[inline]
#[target_feature(enable = "neon")]
fn load_words(numbers: &[i32; 4]) -> int32x4_t {
    // SAFETY: the array has the four numbers that are read.
    unsafe { vld1q_s32(numbers.as_ptr()) }
}

#[inline]
#[target_feature(enable = "neon")]
fn store_words(numbers: &mut [i32; 4], register: int32x4_t) {
    // SAFETY: the array has the four numbers that are written.
    unsafe { vst1q_s32(numbers.as_mut_ptr(), register) }
}

/// The first word of each of four scales, and the second word of each.
#[inline]
#[target_feature(enable = "neon")]
fn load_scales(scales: &[[u8; RowScale::BYTES]; ROWS]) -> int32x4x2_t {
    let words = scales.as_flattened();
    let [low, high] = [words.first_chunk(), words.last_chunk()].map(|half: Option<&[u8; 16]>| {
        // SAFETY: `half` has the 16 bytes that are read, and the instruction needs no alignment.
        half.map_or(vdupq_n_s32(0), |half| unsafe { vreinterpretq_s32_u8(vld1q_u8(half.as_ptr())) })
    });
    int32x4x2_t(vuzp1q_s32(low, high), vuzp2q_s32(low, high))
}
