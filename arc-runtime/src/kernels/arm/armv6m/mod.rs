//! Cortex-M0 and M0+: the only product is one of 32 bits, and only the eight low registers can be loaded.

#![allow(unsafe_code)]

mod resample;

use core::arch::naked_asm;

use self::resample::Columns;
use crate::kernels::arm::pixels;
use crate::kernels::arm::rows::{self, FourRows, ROWS};
use crate::kernels::sealed::Sealed;
use crate::kernels::{Kernels, Scalar};
use crate::layers::{Batch, Convolution, Filter, Matrix};

/// Kernels of ARMv6-M: Cortex-M0 and M0+.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Armv6m;

impl Sealed for Armv6m {}

impl Kernels for Armv6m {
    const NAME: &'static str = "armv6m";
    // Too few registers for several items to share a loaded weight, and each item takes memory.
    const MAX_BATCH: usize = 1;

    fn linear(&self, matrix: &Matrix<'_>, x: Batch<'_>, y: &mut [i16]) {
        rows::linear::<Self>(matrix, x, y);
    }

    fn convolve(&self, convolution: &Convolution<'_>, input: &[i8], output: &mut [i8]) {
        pixels::convolve::<Self>(convolution, input, output);
    }

    fn resample(&self, filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
        resample::resample::<Self>(filter, input, output);
    }

    fn lstm_cell(&self, preactivations: &[i16], cell: &mut [i16], state: &mut [i8]) {
        Scalar.lstm_cell(preactivations, cell, state);
    }
}

impl FourRows for Armv6m {
    fn add(weights: [&[i8]; ROWS], inputs: &[i8], accumulators: &mut [i32; ROWS]) {
        if inputs.is_empty() || weights.iter().any(|row| row.len() < inputs.len()) {
            return;
        }
        let rows = weights.map(|row| row.as_ptr());
        // SAFETY: `inputs` has at least one number and no row has fewer than `inputs`: otherwise this has returned.
        unsafe { add_rows(&rows, inputs.as_ptr(), inputs.len(), accumulators) };
    }
}

impl Columns for Armv6m {
    fn accumulate(weights: &[i8], words: &[u32], stride: usize) -> [u32; 4] {
        let mut sums = [0; 4];
        let (fours, rest) = weights.as_chunks::<4>();
        if let Some(whole) = fours.len().checked_sub(1) {
            // Both are below 2^16, so that the index of the last word does not wrap around.
            let small = (weights.len() | stride) >> 16 == 0;
            if !small || words.len() <= (4 * whole + 3) * stride {
                return sums;
            }
            // SAFETY: `weights` has `4 * fours` numbers, with at least one four. The last word that is read is
            // that of line `4 * whole + 3`; `words` is longer than its index.
            unsafe {
                add_columns(weights.as_ptr(), words.as_ptr(), 4 * stride, fours.len(), &mut sums)
            };
        }
        let lines = words.iter().skip(4 * fours.len() * stride).step_by(stride.max(1));
        for (&weight, word) in rest.iter().zip(lines) {
            let bytes = word.to_le_bytes();
            sums.iter_mut().zip(bytes).for_each(|(sum, x)| *sum += u32::from(x) * weight as u32);
        }
        sums
    }
}

/// Resamples one output line x 4 columns, which are a word of each input line, four lines at a time: 54
/// instructions for 16 products. `stride` is the bytes from a line's word to that of the next line.
///
/// A multiplication is of one weight and two columns, 16 bits apart. Their sums stay apart for four lines, as
/// 4 * 127 * 127 is below 2^16:
///
/// ```text
/// a line's word   x3   x2   x1   x0        r4 = 0x00ff00ff
///  & r4            0   x2    0   x0   * weight, added to r5
///  >> 8 & r4       0   x3    0   x1   * weight, added to r6
/// every 4 lines:  r10 += r5 low, r11 += r6 low, r12 += r5 high, lr += r6 high      columns 0, 1, 2, 3
/// ```
///
/// r0 weights, r1 words, r8 stride, r9 the end of the weights; r3 the weight, r7 and r2 the word.
///
/// # Safety
/// `fours` is at least 1. `weights` has `4 * fours` numbers, and there is an aligned word at `words` and after each
/// of the first `4 * fours - 1` strides.
#[unsafe(naked)]
unsafe extern "C" fn add_columns(
    weights: *const i8,
    words: *const u32,
    stride: usize,
    fours: usize,
    sums: &mut [u32; 4],
) {
    naked_asm!(
        "push {{r4-r7, lr}}",
        "mov r4, r8",
        "mov r5, r9",
        "mov r6, r10",
        "mov r7, r11",
        "push {{r4-r7}}",
        "mov r8, r2",
        "lsls r3, r3, #2",
        "adds r3, r0, r3",
        "mov r9, r3",
        "movs r2, #0",
        "mov r10, r2",
        "mov r11, r2",
        "mov r12, r2",
        "mov lr, r2",
        // Bytes 0 and 2 of a word.
        "movs r4, #255",
        "lsls r5, r4, #16",
        "orrs r4, r5",
        "2: movs r5, #0",
        "movs r6, #0",
        ".irp line, 0, 1, 2, 3",
        "ldrb r3, [r0, #\\line]",
        "ldr r7, [r1]",
        "add r1, r8",
        "movs r2, r7",
        "ands r2, r4",
        "muls r2, r3",
        "adds r5, r2",
        "lsrs r7, r7, #8",
        "ands r7, r4",
        "muls r7, r3",
        "adds r6, r7",
        ".endr",
        "uxth r2, r5",
        "add r10, r2",
        "uxth r2, r6",
        "add r11, r2",
        "lsrs r5, r5, #16",
        "add r12, r5",
        "lsrs r6, r6, #16",
        "add lr, r6",
        "adds r0, #4",
        "cmp r0, r9",
        "bne 2b",
        "ldr r0, [sp, #36]",
        "mov r1, r10",
        "mov r2, r11",
        "mov r3, r12",
        "mov r4, lr",
        "stmia r0!, {{r1-r4}}",
        "pop {{r4-r7}}",
        "mov r8, r4",
        "mov r9, r5",
        "mov r10, r6",
        "mov r11, r7",
        "pop {{r4-r7, pc}}",
    )
}

/// 4 rows x 1 item, a column at a time: 14 instructions for 4 products.
///
/// ```text
/// r6  end of the inputs          r0       the input             r7  a weight, then its product
/// r1  end of row 0               r8  accumulator 0
/// r3  end of row 1               r9  accumulator 1
/// r4  end of row 2               r10 accumulator 2
/// r2  end of row 3               r11 accumulator 3
/// r5  the index of the column, from -len up to 0
/// ```
///
/// A signed byte can only be loaded from the sum of two registers: all rows share the index, which counts from their
/// ends. High registers can be added to, and so hold the accumulators.
///
/// # Safety
/// `len` is at least 1. `inputs` and every row have `len` numbers.
#[unsafe(naked)]
unsafe extern "C" fn add_rows(
    rows: &[*const i8; ROWS],
    inputs: *const i8,
    len: usize,
    sums: &mut [i32; ROWS],
) {
    naked_asm!(
        "push {{r3-r7, lr}}",
        "mov r4, r8",
        "mov r5, r9",
        "mov r6, r10",
        "mov r7, r11",
        "push {{r4-r7}}",
        "ldmia r3!, {{r4-r7}}",
        "mov r8, r4",
        "mov r9, r5",
        "mov r10, r6",
        "mov r11, r7",
        "adds r6, r1, r2",
        "rsbs r5, r2, #0",
        "ldmia r0!, {{r1, r3, r4, r7}}",
        "adds r1, r1, r2",
        "adds r3, r3, r2",
        "adds r4, r4, r2",
        "adds r2, r7, r2",
        ".macro column",
        "ldrsb r0, [r6, r5]",
        "ldrsb r7, [r1, r5]",
        "muls r7, r0",
        "add r8, r7",
        "ldrsb r7, [r3, r5]",
        "muls r7, r0",
        "add r9, r7",
        "ldrsb r7, [r4, r5]",
        "muls r7, r0",
        "add r10, r7",
        "ldrsb r7, [r2, r5]",
        "muls r7, r0",
        "add r11, r7",
        "adds r5, #1",
        ".endm",
        // Up to a multiple of four columns from the end, then four at a time.
        "2: lsls r0, r5, #30",
        "beq 4f",
        "column",
        "b 2b",
        "3: .rept 4",
        "column",
        ".endr",
        "4: cmp r5, #0",
        "bne 3b",
        ".purgem column",
        "pop {{r4-r7}}",
        "mov r0, r8",
        "mov r1, r9",
        "mov r2, r10",
        "mov r3, r11",
        "mov r8, r4",
        "mov r9, r5",
        "mov r10, r6",
        "mov r11, r7",
        "pop {{r4}}",
        "stmia r4!, {{r0-r3}}",
        "pop {{r4-r7, pc}}",
    )
}
