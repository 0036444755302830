//! Cortex-M3: one product in an instruction (MLA), and many registers loaded by one (LDM).

#![allow(unsafe_code)]

mod resample;

use core::arch::naked_asm;

use self::resample::resample;
use crate::kernels::arm::batch::{self, BatchOfFour, ITEMS};
use crate::kernels::arm::rows::{FourRows, ROWS};
use crate::kernels::sealed::Sealed;
use crate::kernels::{Kernels, Scalar};
use crate::layers::{Batch, Convolution, Filter, Matrix};

/// Kernels of ARMv7-M: Cortex-M3, and the cores of ARMv8-M Mainline, such as Cortex-M33.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Armv7m;

impl Sealed for Armv7m {}

impl Kernels for Armv7m {
    const NAME: &'static str = "armv7m";

    fn linear(&self, matrix: &Matrix<'_>, x: Batch<'_>, y: &mut [i16]) {
        batch::linear::<Self>(matrix, x, y);
    }

    fn convolve(&self, convolution: &Convolution<'_>, input: &[i8], output: &mut [i8]) {
        batch::convolve::<Self>(convolution, input, output);
    }

    fn resample(&self, filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
        resample::<Self>(filter, input, output);
    }

    fn lstm_cell(&self, preactivations: &[i16], cell: &mut [i16], state: &mut [i8]) {
        Scalar.lstm_cell(preactivations, cell, state);
    }
}

const COLUMNS: usize = 384;

impl BatchOfFour for Armv7m {
    /// The inputs of all items in a column, then those of the next column.
    type Inputs = [[i32; ITEMS]; COLUMNS];
    const COLUMNS: usize = COLUMNS;
    const BLANK: Self::Inputs = [[0; ITEMS]; COLUMNS];

    fn clear(inputs: &mut Self::Inputs, columns: usize) {
        inputs.iter_mut().take(columns).for_each(|column| *column = [0; ITEMS]);
    }

    fn write(inputs: &mut Self::Inputs, item: usize, column: usize, x: &[i8]) {
        let Some(columns) = inputs.get_mut(column..) else { return };
        for (column, &x) in columns.iter_mut().zip(x) {
            column[item % ITEMS] = x.into();
        }
    }

    fn add(weights: &[i8], inputs: &Self::Inputs, accumulators: &mut [i32; ITEMS]) {
        let columns = weights.len().min(COLUMNS);
        if columns > 0 {
            // SAFETY: `columns` is at least 1, at most the length of `weights`, and at most `COLUMNS`, the columns
            // that `inputs` has.
            unsafe { add_items(weights.as_ptr(), inputs.as_ptr(), columns, accumulators) };
        }
    }
}

impl FourRows for Armv7m {
    fn add(weights: [&[i8]; ROWS], inputs: &[i8], accumulators: &mut [i32; ROWS]) {
        if inputs.is_empty() || weights.iter().any(|row| row.len() < inputs.len()) {
            return;
        }
        let rows = weights.map(|row| row.as_ptr());
        // SAFETY: `inputs` has at least one number and no row has fewer than `inputs`: otherwise this has returned.
        unsafe { add_rows(&rows, inputs.as_ptr(), inputs.len(), accumulators) };
    }
}

/// 1 row x 4 items, a column at a time: 6 instructions for 4 products.
///
/// ```text
/// inputs in memory: x00 x10 x20 x30 | x01 x11 x21 x31 | ...      i32: item, column
///
///                 item 0   item 1   item 2   item 3
/// inputs            r8       r9       r10      r11      at r1, one LDM for a column
/// r3 weight  *      |        |        |        |        at r0
/// accumulators      r4       r5       r6       r7
/// ```
///
/// # Safety
/// `columns` is at least 1. `weights` has `columns` numbers, and `inputs` as many columns.
#[unsafe(naked)]
unsafe extern "C" fn add_items(
    weights: *const i8,
    inputs: *const [i32; ITEMS],
    columns: usize,
    sums: &mut [i32; ITEMS],
) {
    naked_asm!(
        "push {{r3-r11, lr}}",
        "ldm r3, {{r4-r7}}",
        ".macro column",
        "ldrsb r3, [r0], #1",
        "ldm r1!, {{r8-r11}}",
        "mla r4, r3, r8, r4",
        "mla r5, r3, r9, r5",
        "mla r6, r3, r10, r6",
        "mla r7, r3, r11, r7",
        ".endm",
        "ands lr, r2, #7",
        "beq 3f",
        "2: column",
        "subs lr, #1",
        "bne 2b",
        "3: lsrs r2, #3",
        "beq 5f",
        "4: .rept 8",
        "column",
        ".endr",
        "subs r2, #1",
        "bne 4b",
        "5: .purgem column",
        "pop {{r3}}",
        "stm r3, {{r4-r7}}",
        "pop {{r4-r11, pc}}",
    )
}

/// 4 rows x 1 item, a column at a time: 9 instructions for 4 products.
///
/// ```text
/// r1 inputs:  r0 an input
/// r4 row 0:   r3  a weight  *  r0  ->  r8  accumulator 0
/// r5 row 1:   r12                      r9
/// r6 row 2:   r3                       r10
/// r7 row 3:   r12                      r11
/// ```
///
/// r3 and r12 take turns, so that no product waits for the load in front of it.
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
        "push {{r3-r11, lr}}",
        "ldm r3, {{r8-r11}}",
        "ldm r0, {{r4-r7}}",
        ".macro column",
        "ldrsb r0, [r1], #1",
        "ldrsb r3, [r4], #1",
        "ldrsb r12, [r5], #1",
        "mla r8, r0, r3, r8",
        "ldrsb r3, [r6], #1",
        "mla r9, r0, r12, r9",
        "ldrsb r12, [r7], #1",
        "mla r10, r0, r3, r10",
        "mla r11, r0, r12, r11",
        ".endm",
        "ands lr, r2, #3",
        "beq 3f",
        "2: column",
        "subs lr, #1",
        "bne 2b",
        "3: lsrs r2, #2",
        "beq 5f",
        "4: .rept 4",
        "column",
        ".endr",
        "subs r2, #1",
        "bne 4b",
        "5: .purgem column",
        "pop {{r3}}",
        "stm r3, {{r8-r11}}",
        "pop {{r4-r11, pc}}",
    )
}
