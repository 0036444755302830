//! Cortex-M55 and M85: the vector instructions of ARMv8.1-M (MVE, Helium), 16 products in one.

#![allow(unsafe_code)]

use core::arch::global_asm;

use super::by_rows::{self, FourRows, ROWS};
use super::sealed::Sealed;
use super::taps::{is_inside, taps};
use super::{Filter, Kernels, Lanes, Scalar, by_pixels};
use crate::model::Matrix;
use crate::parts::{behind_mut, copy, front_mut};
use crate::stages::{Convolution, Kind};

/// Kernels of Helium: Cortex-M55 and M85.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Helium;

impl Sealed for Helium {}

impl Kernels for Helium {
    const NAME: &'static str = "helium";

    fn linear(&self, matrix: &Matrix<'_>, x: Lanes<'_>, y: &mut [i16]) {
        let (blocks, rest) = (matrix.outputs() / ROWS, matrix.outputs() % ROWS);
        for (x, y) in x.iter().zip(y.chunks_exact_mut(matrix.outputs().max(1))) {
            let x = x.get(..matrix.inputs()).unwrap_or(x);
            if blocks > 0 {
                let mut rows = Rows::new(matrix, x, y.as_mut_ptr(), [i16::MIN, i16::MAX]);
                // SAFETY: `Rows::new` takes whole blocks of the matrix's rows, at least one, and their scales. `x` is
                // cut to its inputs, or shorter; `chunks_exact_mut` gives an output for each row.
                unsafe { arc_helium_linear(&mut rows, x.as_ptr()) };
            }
            if rest > 0 {
                by_rows::lane::<Self>(matrix, blocks, x, y);
            }
        }
    }

    fn convolve(&self, convolution: &Convolution<'_>, input: &[i8], output: &mut [i8]) {
        let Convolution { kind, matrix, .. } = convolution;
        let (side, outputs) = (convolution.output_side(), convolution.outputs());
        let whole = outputs % ROWS == 0 && matrix.inputs() <= WINDOW;
        if matches!(kind, Kind::Second(_)) || !whole {
            return by_pixels::convolve::<Self>(convolution, input, output);
        }
        let least = convolution.least() as i16;
        let mut window = [0; WINDOW];
        for (place, pixel) in output.chunks_exact_mut(outputs.max(1)).enumerate() {
            let place = [place / side.max(1), place % side.max(1)];
            let window = front_mut(&mut window, matrix.inputs());
            if !is_inside(convolution, place) {
                window.fill(0);
            }
            for (at, taps) in taps(convolution, input, place) {
                copy(behind_mut(window, at), taps);
            }
            let mut rows = Rows::new(matrix, window, pixel.as_mut_ptr(), [least, 127]);
            // SAFETY: the matrix's rows are whole blocks, at least one as a matrix has a row. The window is as long
            // as they are, which is at most `WINDOW`; `chunks_exact_mut` gives an output for each row.
            unsafe { arc_helium_convolve(&mut rows, window.as_ptr()) };
        }
    }

    fn blend(&self, filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
        let outputs = filter.factors.len();
        let per_row = |len: usize| len.checked_div(outputs).unwrap_or(0).max(1);
        let (lines, width) = (per_row(filter.weights.len()), per_row(output.len()));
        if width == 1 {
            return by_rows::dots::<Self>(filter, lines, input, output);
        }
        let there = lines.checked_mul(width).is_some_and(|numbers| numbers <= input.len());
        if width % BLEND != 0 || !there {
            return Scalar.blend(filter, input, output);
        }
        let rows = filter.weights.chunks_exact(lines).zip(filter.factors);
        for ((weights, &factor), output) in rows.zip(output.chunks_exact_mut(width)) {
            let mut line = Line {
                stride: width,
                factor,
                shift: -(filter.shift as i32),
                output: output.as_mut_ptr(),
                blocks: width / BLEND,
            };
            // SAFETY: `chunks_exact` gives `lines` weights, at least one, and `width` outputs: whole blocks.
            // The input has as many lines of that width.
            unsafe { arc_helium_blend(&mut line, weights.as_ptr(), input.as_ptr(), lines) };
        }
    }

    fn lstm_cell(&self, sums: &[i16], cell: &mut [i16], state: &mut [i8]) {
        Scalar.lstm_cell(sums, cell, state);
    }
}

impl FourRows for Helium {
    fn add(weights: [&[i8]; ROWS], inputs: &[i8], sums: &mut [i32; ROWS]) {
        if weights.iter().any(|row| row.len() < inputs.len()) {
            return;
        }
        let rows = weights.map(|row| row.as_ptr());
        // SAFETY: no row is shorter than the inputs: the check above returned otherwise.
        unsafe { arc_helium_add(&rows, inputs.as_ptr(), inputs.len(), sums) };
    }
}

/// Most inputs of a convolution whose window is put together: 128 channels.
const WINDOW: usize = 9 * 128;
/// Columns that are blended at a time.
const BLEND: usize = 16;

/// Whole blocks of four rows with one lane, and where their outputs go.
#[repr(C)]
struct Rows<T> {
    weights: *const i8,
    scales: *const [u8; 8],
    outputs: *mut T,
    blocks: usize,
    /// From row to row.
    stride: usize,
    /// Inputs, at most `stride`.
    len: usize,
    least: i32,
    most: i32,
}

impl<T> Rows<T> {
    fn new(matrix: &Matrix<'_>, x: &[i8], outputs: *mut T, [least, most]: [i16; 2]) -> Self {
        Self {
            weights: matrix.weights().as_ptr(),
            scales: matrix.scales().as_ptr(),
            outputs,
            blocks: matrix.outputs() / ROWS,
            stride: matrix.inputs(),
            len: x.len(),
            least: least.into(),
            most: most.into(),
        }
    }
}

/// An output line of a blend.
#[repr(C)]
struct Line {
    stride: usize,
    factor: i32,
    /// To the left, that is, negative.
    shift: i32,
    output: *mut i8,
    blocks: usize,
}

unsafe extern "C" {
    /// Adds to four sums the products of four rows with the inputs: 10 instructions for 64 products.
    ///
    /// # Safety
    /// `inputs` and every row have `len` numbers.
    fn arc_helium_add(
        rows: &[*const i8; ROWS],
        inputs: *const i8,
        len: usize,
        sums: &mut [i32; ROWS],
    );

    /// The outputs of `rows`, requantised and saturated.
    ///
    /// # Safety
    /// There is at least one block, all that `rows` points to has as many rows, and `inputs` and
    /// each row `len` numbers.
    fn arc_helium_linear(rows: &mut Rows<i16>, inputs: *const i8);

    /// The same to i8.
    ///
    /// # Safety
    /// As for [`arc_helium_linear`].
    fn arc_helium_convolve(rows: &mut Rows<i8>, inputs: *const i8);

    /// A weighted sum of lines: 11 instructions for 16 products.
    ///
    /// # Safety
    /// There are `lines` weights and lines, at least one; the lines, `stride` apart, and the output
    /// have at least one block.
    fn arc_helium_blend(line: &mut Line, weights: *const i8, input: *const i8, lines: usize);
}

global_asm!(
    ".cpu cortex-m55",
    ".macro arc_function name",
    ".section .text.\\name,\"ax\",%progbits",
    ".global \\name",
    ".type \\name,%function",
    ".thumb_func",
    "\\name:",
    ".endm",
    // r3 inputs, r2 their number, r5 r7 r9 r11 rows, r4 r6 r8 r10 sums: VMLADAVA wants even ones.
    ".macro arc_products",
    "wlstp.8 lr, r2, 4f",
    "3: vldrb.8 q0, [r3], #16",
    "vldrb.8 q1, [r5], #16",
    "vmladava.s8 r4, q0, q1",
    "vldrb.8 q2, [r7], #16",
    "vmladava.s8 r6, q0, q2",
    "vldrb.8 q1, [r9], #16",
    "vmladava.s8 r8, q0, q1",
    "vldrb.8 q2, [r11], #16",
    "vmladava.s8 r10, q0, q2",
    "letp lr, 3b",
    "4:",
    ".endm",
    "arc_function arc_helium_add",
    "push {{r3-r11, lr}}",
    "ldrd r4, r6, [r3]",
    "ldrd r8, r10, [r3, #8]",
    "ldrd r5, r7, [r0]",
    "ldrd r9, r11, [r0, #8]",
    "mov r3, r1",
    "arc_products",
    "pop {{r3}}",
    "strd r4, r6, [r3]",
    "strd r8, r10, [r3, #8]",
    "pop {{r4-r11, pc}}",
    // r12 the rows, r1 the inputs, r0 the next block's weights.
    ".macro arc_rows store, step",
    "push {{r4-r11, lr}}",
    "sub sp, #36",
    "mov r12, r0",
    "ldr r0, [r12]",
    "2: ldrd r3, r2, [r12, #16]",
    "mov r5, r0",
    "adds r7, r5, r3",
    "add r9, r7, r3",
    "add r11, r9, r3",
    "add r0, r11, r3",
    "movs r4, #0",
    "movs r6, #0",
    "mov r8, #0",
    "mov r10, #0",
    "mov r3, r1",
    "arc_products",
    // Biases and scales may lie anywhere: on the stack they are aligned, to be told apart.
    "ldr r2, [r12, #4]",
    "vldrb.8 q1, [r2], #16",
    "vldrb.8 q2, [r2], #16",
    "str r2, [r12, #4]",
    "vstrw.32 q1, [sp]",
    "vstrw.32 q2, [sp, #16]",
    "vld20.32 {{q1, q2}}, [sp]",
    "vld21.32 {{q1, q2}}, [sp]",
    "vmov q0[2], q0[0], r4, r8",
    "vmov q0[3], q0[1], r6, r10",
    "vadd.i32 q0, q0, q1",
    "vshr.u32 q3, q2, #16", // shift
    "vshl.i32 q2, q2, #16", // multiplier
    "vshl.i32 q0, q0, #6",
    "vmulh.s32 q0, q0, q2", // sum * multiplier / 2^10
    "vmov.i32 q1, #10",
    "vsub.i32 q3, q1, q3",
    "vrshl.s32 q0, q0, q3",
    "ldrd r2, r3, [r12, #24]",
    "vdup.32 q1, r2",
    "vdup.32 q2, r3",
    "vmax.s32 q0, q0, q1",
    "vmin.s32 q0, q0, q2",
    "ldrd r2, r3, [r12, #8]",
    "\\store q0, [r2], #\\step",
    "subs r3, #1",
    "strd r2, r3, [r12, #8]",
    "bne 2b",
    "add sp, #36",
    "pop {{r4-r11, pc}}",
    ".endm",
    "arc_function arc_helium_linear",
    "arc_rows vstrh.32, 8",
    "arc_function arc_helium_convolve",
    "arc_rows vstrb.32, 4",
    "arc_function arc_helium_blend",
    "push {{r4-r8, lr}}",
    "vpush {{d8-d9}}",
    "2: mov r4, r1",
    "mov r5, r2",
    "vmov.i32 q0, #0",
    "vmov.i32 q1, #0",
    "vmov.i32 q2, #0",
    "vmov.i32 q3, #0",
    "ldr r6, [r0]",
    "dls lr, r3",
    "3: ldrb r7, [r4], #1",
    "vldrb.u32 q4, [r5]",
    "vmla.s32 q0, q4, r7",
    "vldrb.u32 q4, [r5, #4]",
    "vmla.s32 q1, q4, r7",
    "vldrb.u32 q4, [r5, #8]",
    "vmla.s32 q2, q4, r7",
    "vldrb.u32 q4, [r5, #12]",
    "vmla.s32 q3, q4, r7",
    "add r5, r6",
    "le lr, 3b",
    "ldrd r6, r7, [r0, #4]",
    "ldrd r5, r8, [r0, #12]",
    "vmov.i32 q4, #127",
    ".irp sums, q0, q1, q2, q3",
    "vmul.i32 \\sums, \\sums, r6",
    "vrshl.s32 \\sums, r7",
    "vmin.s32 \\sums, \\sums, q4",
    "vstrb.32 \\sums, [r5], #4",
    ".endr",
    "adds r2, #16",
    "subs r8, #1",
    "strd r5, r8, [r0, #12]",
    "bne 2b",
    "vpop {{d8-d9}}",
    "pop {{r4-r8, pc}}",
    ".purgem arc_function",
    ".purgem arc_products",
    ".purgem arc_rows",
);
