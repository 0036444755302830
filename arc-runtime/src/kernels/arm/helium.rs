//! Cortex-M55 and M85: the vector instructions of ARMv8.1-M (MVE, Helium), 16 products in one.

#![allow(unsafe_code)]

use core::arch::global_asm;

use crate::kernels::arm::pixels;
use crate::kernels::arm::rows::{self, FourRows, ROWS};
use crate::kernels::arm::taps::{is_inside, taps};
use crate::kernels::sealed::Sealed;
use crate::kernels::{Kernels, Scalar};
use crate::layers::{Batch, Convolution, ConvolutionKind, Filter, Matrix};
use crate::slices::lenient::{behind_mut, copy, front_mut};

/// Kernels of Helium: Cortex-M55 and M85.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Helium;

impl Sealed for Helium {}

impl Kernels for Helium {
    const NAME: &'static str = "helium";

    fn linear(&self, matrix: &Matrix<'_>, x: Batch<'_>, y: &mut [i16]) {
        let (blocks, rest) = (matrix.outputs() / ROWS, matrix.outputs() % ROWS);
        for (x, y) in x.iter().zip(y.chunks_exact_mut(matrix.outputs().max(1))) {
            let x = x.get(..matrix.inputs()).unwrap_or(x);
            if blocks > 0 {
                let mut rows = MatrixRows::new(matrix, x, y.as_mut_ptr(), [i16::MIN, i16::MAX]);
                // SAFETY: `MatrixRows::new` takes the whole blocks of the matrix, at least one, as `blocks` is not 0,
                // and a matrix has weights and a scale for each row. `x` is no longer than a row. `y` has an output for
                // each row, as it comes from `chunks_exact_mut`.
                unsafe { arc_helium_linear(&mut rows, x.as_ptr()) };
            }
            if rest > 0 {
                rows::one_item::<Self>(matrix, blocks, x, y);
            }
        }
    }

    fn convolve(&self, convolution: &Convolution<'_>, input: &[i8], output: &mut [i8]) {
        let Convolution { kind, matrix, .. } = convolution;
        let (side, outputs) = (convolution.output_side(), convolution.outputs());
        let whole = outputs % ROWS == 0 && matrix.inputs() <= WINDOW;
        if matches!(kind, ConvolutionKind::BlockSecond(_)) || !whole {
            return pixels::convolve::<Self>(convolution, input, output);
        }
        let least = convolution.least() as i16;
        let mut window = [0; WINDOW];
        for (at, pixel) in output.chunks_exact_mut(outputs.max(1)).enumerate() {
            let position = [at / side.max(1), at % side.max(1)];
            let window = front_mut(&mut window, matrix.inputs());
            if !is_inside(convolution, position) {
                window.fill(0);
            }
            for (at, taps) in taps(convolution, input, position) {
                copy(behind_mut(window, at), taps);
            }
            let mut rows = MatrixRows::new(matrix, window, pixel.as_mut_ptr(), [least, 127]);
            // SAFETY: the matrix's rows are whole blocks, as `whole` says, and at least one, as a matrix has a row. The
            // window is as long as a row: `matrix.inputs()`, which is at most `WINDOW`. `pixel` has an output for
            // each row, as it comes from `chunks_exact_mut`.
            unsafe { arc_helium_convolve(&mut rows, window.as_ptr()) };
        }
    }

    fn resample(&self, filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
        let outputs = filter.factors.len();
        let per_row = |len: usize| len.checked_div(outputs).unwrap_or(0).max(1);
        let (lines, width) = (per_row(filter.weights.len()), per_row(output.len()));
        if width == 1 {
            return rows::dots::<Self>(filter, lines, input, output);
        }
        let there = lines.checked_mul(width).is_some_and(|numbers| numbers <= input.len());
        if width % COLUMNS != 0 || !there {
            return Scalar.resample(filter, input, output);
        }
        let rows = filter.weights.chunks_exact(lines).zip(filter.factors);
        for ((weights, &factor), output) in rows.zip(output.chunks_exact_mut(width)) {
            let mut line = OutputLine {
                stride: width,
                factor,
                shift: -(filter.shift as i32),
                output: output.as_mut_ptr(),
                blocks: width / COLUMNS,
            };
            // SAFETY: `weights` has `lines` numbers, at least one, and `output` has `width`, which is whole blocks, at
            // least one: both come from chunks of these lengths. `input` has `lines` lines of `width` numbers, as
            // `there` says.
            unsafe { arc_helium_resample(&mut line, weights.as_ptr(), input.as_ptr(), lines) };
        }
    }

    fn lstm_cell(&self, preactivations: &[i16], cell: &mut [i16], state: &mut [i8]) {
        Scalar.lstm_cell(preactivations, cell, state);
    }
}

impl FourRows for Helium {
    fn add(weights: [&[i8]; ROWS], inputs: &[i8], accumulators: &mut [i32; ROWS]) {
        if weights.iter().any(|row| row.len() < inputs.len()) {
            return;
        }
        let rows = weights.map(|row| row.as_ptr());
        // SAFETY: no row has fewer numbers than `inputs`: otherwise this has returned.
        unsafe { arc_helium_add(&rows, inputs.as_ptr(), inputs.len(), accumulators) };
    }
}

/// Most inputs of a convolution whose window is copied together: 3 x 3 of 128 channels.
const WINDOW: usize = 9 * 128;
/// Columns that are resampled at a time.
const COLUMNS: usize = 16;

/// Whole blocks of four rows, for one item, and where their outputs go.
#[repr(C)]
struct MatrixRows<T> {
    weights: *const i8,
    scales: *const [u8; 8],
    outputs: *mut T,
    blocks: usize,
    /// Bytes from row to row of the weights.
    stride: usize,
    /// Number of inputs, at most `stride`.
    len: usize,
    least: i32,
    most: i32,
}

impl<T> MatrixRows<T> {
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

/// How an output line is resampled, and where it goes.
#[repr(C)]
struct OutputLine {
    /// Bytes from one input line to the next.
    stride: usize,
    factor: i32,
    /// A shift to the left: negative.
    shift: i32,
    output: *mut i8,
    /// Blocks of [`COLUMNS`] columns.
    blocks: usize,
}

unsafe extern "C" {
    /// 4 rows x 1 item, 16 columns at a time: 10 instructions for 64 products.
    ///
    /// ```text
    /// q0          16 inputs at r3
    /// q1, q2      16 weights of a row, in turn
    ///
    ///             row 0   row 1   row 2   row 3
    /// pointer     r5      r7      r9      r11
    /// accumulator r4      r6      r8      r10       VMLADAVA adds all 16 products to a general register
    /// ```
    ///
    /// The last columns are fewer: the loop (WLSTP, LETP) masks the lanes behind them.
    ///
    /// # Safety
    /// `inputs` and every row have `len` numbers.
    fn arc_helium_add(
        rows: &[*const i8; ROWS],
        inputs: *const i8,
        len: usize,
        accumulators: &mut [i32; ROWS],
    );

    /// The outputs of `rows`, four rows at a time with the loop of [`arc_helium_add`], requantized and saturated to
    /// i16: the lanes of q0 are then the four rows, of q1 their biases, of q2 their multipliers, of q3 their shifts.
    ///
    /// # Safety
    /// `rows` has at least one block. Its weights, scales and outputs have four rows for each block. `inputs` and each
    /// row have `len` numbers.
    fn arc_helium_linear(rows: &mut MatrixRows<i16>, inputs: *const i8);

    /// The same, saturated to `least` and `most` and stored as i8.
    ///
    /// # Safety
    /// `rows` has at least one block. Its weights, scales and outputs have four rows for each block. `inputs` and each
    /// row have `len` numbers.
    fn arc_helium_convolve(rows: &mut MatrixRows<i8>, inputs: *const i8);

    /// 1 output line x 16 columns at a time, an input line after the other: 11 instructions for 16 products.
    ///
    /// ```text
    /// r5 line:  x0 ... x3 | x4 ... x7 | x8 ... x11 | x12 ... x15     i8, loaded to q4 as four i32
    ///      * r7 the line's weight, at r4
    ///              q0          q1          q2           q3            accumulators, i32
    /// ```
    ///
    /// # Safety
    /// `lines` is at least 1, and so is `line.blocks`. `weights` has `lines` numbers. `input` has `lines` lines,
    /// `line.stride` apart; each of them and the output have `line.blocks * 16` numbers.
    fn arc_helium_resample(
        line: &mut OutputLine,
        weights: *const i8,
        input: *const i8,
        lines: usize,
    );
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
    // r3 inputs, r2 their number, r5 r7 r9 r11 rows, r4 r6 r8 r10 accumulators: VMLADAVA needs even registers.
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
    // r12 the `MatrixRows`, r1 the inputs, r0 the weights of the next block.
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
    // Biases and scales may be unaligned. They are copied to the stack, from where VLD2 loads them apart.
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
    "arc_function arc_helium_resample",
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
