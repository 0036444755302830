//! Cortex-M3: one product in an instruction (MLA), and many registers loaded by one (LDM).

#![allow(unsafe_code)]

use core::arch::naked_asm;

use super::blend::blend;
use super::by_lanes::{self, FourLanes, LANES};
use super::by_rows::{FourRows, ROWS};
use super::sealed::Sealed;
use super::{Filter, Kernels, Lanes, Scalar};
use crate::model::Matrix;
use crate::stages::Convolution;

/// Kernels of ARMv7-M: Cortex-M3, and the cores of ARMv8-M Mainline, such as Cortex-M33.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Armv7m;

impl Sealed for Armv7m {}

impl Kernels for Armv7m {
    const NAME: &'static str = "armv7m";

    fn linear(&self, matrix: &Matrix<'_>, x: Lanes<'_>, y: &mut [i16]) {
        by_lanes::linear::<Self>(matrix, x, y);
    }

    fn convolve(&self, convolution: &Convolution<'_>, input: &[i8], output: &mut [i8]) {
        by_lanes::convolve::<Self>(convolution, input, output);
    }

    fn blend(&self, filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
        blend::<Self>(filter, input, output);
    }

    fn lstm_cell(&self, sums: &[i16], cell: &mut [i16], state: &mut [i8]) {
        Scalar.lstm_cell(sums, cell, state);
    }
}

const COLUMNS: usize = 384;

impl FourLanes for Armv7m {
    /// The inputs of all lanes in a column, and then those of the next.
    type Inputs = [[i32; LANES]; COLUMNS];
    const COLUMNS: usize = COLUMNS;
    const BLANK: Self::Inputs = [[0; LANES]; COLUMNS];

    fn clear(inputs: &mut Self::Inputs, columns: usize) {
        inputs.iter_mut().take(columns).for_each(|column| *column = [0; LANES]);
    }

    fn put(inputs: &mut Self::Inputs, lane: usize, column: usize, x: &[i8]) {
        let Some(columns) = inputs.get_mut(column..) else { return };
        for (column, &x) in columns.iter_mut().zip(x) {
            column[lane % LANES] = x.into();
        }
    }

    fn add(weights: &[i8], inputs: &Self::Inputs, sums: &mut [i32; LANES]) {
        let columns = weights.len().min(COLUMNS);
        if columns > 0 {
            // SAFETY: `columns` is at most the length of `weights`, and at most `COLUMNS`, the columns in `inputs`.
            unsafe { add_lanes(weights.as_ptr(), inputs.as_ptr(), columns, sums) };
        }
    }
}

impl FourRows for Armv7m {
    fn add(weights: [&[i8]; ROWS], inputs: &[i8], sums: &mut [i32; ROWS]) {
        if inputs.is_empty() || weights.iter().any(|row| row.len() < inputs.len()) {
            return;
        }
        let rows = weights.map(|row| row.as_ptr());
        // SAFETY: the inputs are not empty and no row is shorter: the check above returned otherwise.
        unsafe { add_rows(&rows, inputs.as_ptr(), inputs.len(), sums) };
    }
}

/// One row with four lanes, 6 instructions for 4 products; `columns` is at least 1.
///
/// # Safety
/// `weights` has `columns` numbers, `inputs` as many columns.
#[unsafe(naked)]
unsafe extern "C" fn add_lanes(
    weights: *const i8,
    inputs: *const [i32; LANES],
    columns: usize,
    sums: &mut [i32; LANES],
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

/// Four rows with one lane, 9 instructions for 4 products; `len` is at least 1.
///
/// # Safety
/// `inputs` and every row have `len` numbers.
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
