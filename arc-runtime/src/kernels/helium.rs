//! Cortex-M55 and M85: the vector instructions of ARMv8.1-M (MVE, Helium), 16 products in one.

#![allow(unsafe_code)]

use core::arch::global_asm;

use super::by_pixels;
use super::by_rows::{self, FourRows, ROWS};
use super::{Filter, Kernels, Lanes, Scalar};
use crate::model::Matrix;
use crate::stages::Convolution;

/// Kernels of Helium: Cortex-M55 and M85.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Helium;

impl Kernels for Helium {
    const NAME: &'static str = "helium";

    fn linear(&self, matrix: &Matrix<'_>, x: Lanes<'_>, y: &mut [i16]) {
        by_rows::linear::<Self>(matrix, x, y);
    }

    fn convolve(&self, convolution: &Convolution<'_>, input: &[i8], output: &mut [i8]) {
        by_pixels::convolve::<Self>(convolution, input, output);
    }

    fn blend(&self, filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
        Scalar.blend(filter, input, output);
    }

    fn lstm_cell(&self, sums: &[i16], cell: &mut [i16], state: &mut [i8]) {
        Scalar.lstm_cell(sums, cell, state);
    }
}

impl FourRows for Helium {
    fn add(weights: [&[i8]; ROWS], inputs: &[i8], sums: &mut [i32; ROWS]) {
        if inputs.is_empty() || weights.iter().any(|row| row.len() < inputs.len()) {
            return;
        }
        let rows = weights.map(|row| row.as_ptr());
        // SAFETY: no row is shorter than the inputs, and there are some; `sums` is four numbers.
        unsafe { arc_helium_add_rows(&rows, inputs.as_ptr(), inputs.len(), sums) };
    }
}

unsafe extern "C" {
    /// Four rows with one lane, 10 instructions for 64 products; `len` is at least 1.
    ///
    /// # Safety
    /// `inputs` and every row have `len` numbers.
    fn arc_helium_add_rows(
        rows: &[*const i8; ROWS],
        inputs: *const i8,
        len: usize,
        sums: &mut [i32; ROWS],
    );
}

global_asm!(
    ".cpu cortex-m55",
    ".section .text.arc_helium_add_rows,\"ax\",%progbits",
    ".global arc_helium_add_rows",
    ".type arc_helium_add_rows,%function",
    ".thumb_func",
    "arc_helium_add_rows:",
    "push {{r3-r11, lr}}",
    // The sums in even registers, as VMLADAVA wants them.
    "ldrd r4, r6, [r3]",
    "ldrd r8, r10, [r3, #8]",
    "ldrd r5, r7, [r0]",
    "ldrd r9, r11, [r0, #8]",
    "dlstp.8 lr, r2",
    "2: vldrb.8 q0, [r1], #16",
    "vldrb.8 q1, [r5], #16",
    "vmladava.s8 r4, q0, q1",
    "vldrb.8 q2, [r7], #16",
    "vmladava.s8 r6, q0, q2",
    "vldrb.8 q1, [r9], #16",
    "vmladava.s8 r8, q0, q1",
    "vldrb.8 q2, [r11], #16",
    "vmladava.s8 r10, q0, q2",
    "letp lr, 2b",
    "pop {{r3}}",
    "strd r4, r6, [r3]",
    "strd r8, r10, [r3, #8]",
    "pop {{r4-r11, pc}}",
);
