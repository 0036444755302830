//! Cortex-M4 and M7: two products in an instruction (SMLAD), of i16 pairs that SXTB16 makes of i8.

#![allow(unsafe_code)]

mod resample;

use core::arch::{asm, naked_asm};

use self::resample::{resample, resample_each};
use crate::kernels::arm::batch::{self, BatchOfFour, ITEMS};
use crate::kernels::arm::rows::{FourRows, ROWS};
use crate::kernels::sealed::Sealed;
use crate::kernels::{Kernels, Scalar, dot};
use crate::layers::{Batch, Convolution, Filter, Matrix};

/// Kernels of ARMv7E-M, the cores with DSP instructions: Cortex-M4 and M7.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Armv7em;

impl Sealed for Armv7em {}

impl Kernels for Armv7em {
    const NAME: &'static str = "armv7em";

    fn linear(&self, matrix: &Matrix<'_>, x: Batch<'_>, y: &mut [i16]) {
        batch::linear::<Self>(matrix, x, y);
    }

    fn convolve(&self, convolution: &Convolution<'_>, input: &[i8], output: &mut [i8]) {
        batch::convolve::<Self>(convolution, input, output);
    }

    fn resample(&self, filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
        resample::<Self>(filter, input, output);
    }

    fn resample_each(&self, filter: &Filter<'_>, count: usize, input: &[i8], output: &mut [i8]) {
        resample_each::<Self>(filter, count, input, output);
    }

    fn lstm_cell(&self, preactivations: &[i16], cell: &mut [i16], state: &mut [i8]) {
        Scalar.lstm_cell(preactivations, cell, state);
    }
}

/// Four columns of four items, as SMLAD multiplies them: pairs of i16.
///
/// ```text
///        item 0    item 1    item 2    item 3
/// even   x0 | x2   x0 | x2   x0 | x2   x0 | x2      the columns 0 and 2, the lower half first
/// odd    x1 | x3   x1 | x3   x1 | x3   x1 | x3      the columns 1 and 3
/// ```
///
/// These are the pairs that SXTB16 makes of a word of weights.
#[derive(Clone, Copy)]
pub(super) struct Quad {
    even: [u32; ITEMS],
    odd: [u32; ITEMS],
}

const QUADS: usize = 96;

impl BatchOfFour for Armv7em {
    type Inputs = [Quad; QUADS];
    const COLUMNS: usize = 4 * QUADS;
    const BLANK: Self::Inputs = [Quad { even: [0; ITEMS], odd: [0; ITEMS] }; QUADS];

    fn clear(inputs: &mut Self::Inputs, columns: usize) {
        let quads = inputs.iter_mut().take(columns.div_ceil(4));
        quads.for_each(|quad| *quad = Quad { even: [0; ITEMS], odd: [0; ITEMS] });
    }

    fn write(inputs: &mut Self::Inputs, item: usize, column: usize, x: &[i8]) {
        let (mut column, mut x) = (column, x);
        // Single columns up to a whole quad, then quads, then the single columns behind them.
        let ragged = x.len().min(column.wrapping_neg() % 4);
        let Some((head, rest)) = x.split_at_checked(ragged) else { return };
        write_each(inputs, item, column, head);
        (column, x) = (column + ragged, rest);
        let (words, tail) = x.as_chunks::<4>();
        let Some(quads) = inputs.get_mut(column / 4..) else { return };
        for (quad, &word) in quads.iter_mut().zip(words) {
            let word = u32::from_le_bytes(word.map(|x| x as u8));
            quad.even[item % ITEMS] = even_pair(word);
            quad.odd[item % ITEMS] = odd_pair(word);
        }
        write_each(inputs, item, column + 4 * words.len(), tail);
    }

    fn linear(matrix: &Matrix<'_>, len: usize, inputs: &Self::Inputs, outputs: &mut [i16]) -> bool {
        let Some(mut rows) = MatrixRows::new(matrix, len, inputs, outputs) else { return false };
        // SAFETY: `MatrixRows::new` made `rows` and checked its sizes. What it points to is borrowed here.
        unsafe { linear_rows(&mut rows) };
        true
    }

    fn convolve(matrix: &Matrix<'_>, windows: &Self::Inputs, outputs: &mut [i8]) -> bool {
        let rows = MatrixRows::new(matrix, matrix.inputs(), windows, outputs);
        let Some(mut rows) = rows else { return false };
        // SAFETY: `MatrixRows::new` made `rows` and checked its sizes. What it points to is borrowed here.
        unsafe { convolve_rows(&mut rows) };
        true
    }

    fn add(weights: &[i8], inputs: &Self::Inputs, accumulators: &mut [i32; ITEMS]) {
        let (words, rest) = weights.as_chunks::<4>();
        let quads = words.len().min(QUADS);
        if quads > 0 {
            // SAFETY: `quads` is at least 1, at most the number of whole words in `weights`, and at most `QUADS`, the
            // quads that `inputs` has.
            unsafe { add_items(words.as_ptr().cast(), inputs.as_ptr(), quads, accumulators) };
        }
        if let (false, Some(quad)) = (rest.is_empty(), inputs.get(quads)) {
            let word =
                rest.iter().rev().fold(0, |word, &weight| word << 8 | u32::from(weight as u8));
            let (even, odd) = (even_pair(word), odd_pair(word));
            for ((sum, &x), &z) in accumulators.iter_mut().zip(&quad.even).zip(&quad.odd) {
                *sum = smlad(odd, z, smlad(even, x, *sum));
            }
        }
    }
}

impl FourRows for Armv7em {
    fn add(weights: [&[i8]; ROWS], inputs: &[i8], accumulators: &mut [i32; ROWS]) {
        if weights.iter().any(|row| row.len() < inputs.len()) {
            return;
        }
        let (words, rest) = inputs.as_chunks::<4>();
        if !words.is_empty() {
            let rows = weights.map(|row| row.as_ptr());
            // SAFETY: `words` are the whole words of `inputs`, at least one. No row is shorter than `inputs`, or this
            // has returned, so that every row has as many words.
            unsafe { add_rows(&rows, words.as_ptr().cast(), words.len(), accumulators) };
        }
        let done = 4 * words.len();
        for (sum, row) in accumulators.iter_mut().zip(weights) {
            *sum += dot(row.get(done..).unwrap_or_default(), rest);
        }
    }
}

/// Writes inputs of an item one by one.
#[inline(never)] // only for the few columns beside whole quads
fn write_each(inputs: &mut [Quad; QUADS], item: usize, column: usize, x: &[i8]) {
    for (column, &x) in (column..).zip(x) {
        let Some(quad) = inputs.get_mut(column / 4) else { return };
        let pairs = if column % 2 == 0 { &mut quad.even } else { &mut quad.odd };
        let pair = &mut pairs[item % ITEMS];
        let x = u32::from(i16::from(x) as u16);
        *pair = if column % 4 < 2 { *pair & 0xffff_0000 | x } else { *pair & 0xffff | x << 16 };
    }
}

/// Bytes 0 and 2 of a word as i16.
#[inline(always)]
fn even_pair(word: u32) -> u32 {
    let pair;
    // SAFETY: the instruction reads and writes registers alone. It belongs to the DSP extension, which every target
    // that this module is compiled for has.
    unsafe {
        asm!("sxtb16 {}, {}", lateout(reg) pair, in(reg) word, options(pure, nomem, nostack, preserves_flags))
    };
    pair
}

/// Bytes 1 and 3 of a word as i16.
#[inline(always)]
fn odd_pair(word: u32) -> u32 {
    let pair;
    // SAFETY: the instruction reads and writes registers alone. It belongs to the DSP extension, which every target
    // that this module is compiled for has.
    unsafe {
        asm!("sxtb16 {}, {}, ror #8", lateout(reg) pair, in(reg) word, options(pure, nomem, nostack, preserves_flags))
    };
    pair
}

/// Both products of two pairs, added to a sum.
#[inline(always)]
fn smlad(one: u32, other: u32, sum: i32) -> i32 {
    let total;
    // SAFETY: the instruction reads and writes registers alone. It belongs to the DSP extension, which every target
    // that this module is compiled for has.
    unsafe {
        asm!("smlad {}, {}, {}, {}", lateout(reg) total, in(reg) one, in(reg) other, in(reg) sum, options(pure, nomem, nostack, preserves_flags))
    };
    total
}

/// All rows of a matrix, for four items.
#[repr(C)]
struct MatrixRows<T> {
    weights: *const i8,
    /// Bytes from row to row.
    stride: usize,
    scales: *const [u8; 8],
    rows: usize,
    inputs: *const Quad,
    quads: usize,
    outputs: *mut T,
    /// Bytes from the outputs of an item to those of the next.
    apart: usize,
    /// The tail is the word that ends a row, where the row is not whole quads. Its lowest bits belong to the last
    /// whole quad: this is the number of these bits, which are shifted out. 0 without a tail.
    tail_shift: usize,
    /// Bytes from the end of the whole quads to the tail, negative.
    tail: isize,
}

impl<T> MatrixRows<T> {
    /// The rows of a matrix and the first `len` columns of four items. `None` unless `len` is 4 to `4 * QUADS` and no
    /// more than the inputs of the matrix, the matrix has a row, and `outputs` has an output for each row and item.
    /// Weights behind these columns do not count.
    ///
    /// A matrix has `inputs` weights and a scale for each row, so that every row has `len` numbers. The columns
    /// behind the whole quads of a row are read as the word that ends these `len` numbers: it begins within the row,
    /// as `len` is 4 or more. It is multiplied with the quad behind the whole ones, which exists as the whole ones are
    /// then less than `QUADS`.
    fn new(
        matrix: &Matrix<'_>,
        len: usize,
        inputs: &[Quad; QUADS],
        outputs: &mut [T],
    ) -> Option<Self> {
        let (quads, rest, rows) = (len / 4, len % 4, matrix.outputs());
        let there = (4..=4 * QUADS).contains(&len) && len <= matrix.inputs();
        (there && rows > 0 && outputs.len() == ITEMS * rows).then(|| Self {
            weights: matrix.weights().as_ptr(),
            stride: matrix.inputs(),
            scales: matrix.scales().as_ptr(),
            rows,
            inputs: inputs.as_ptr(),
            quads,
            outputs: outputs.as_mut_ptr(),
            apart: rows * size_of::<T>(),
            tail_shift: if rest > 0 { 8 * (4 - rest) } else { 0 },
            tail: rest as isize - 4,
        })
    }
}

/// 1 row x 4 items, `r2` quads of columns, at least one: 13 instructions for 16 products.
///
/// ```text
/// row at r0    w0 w1 w2 w3 (r3)  --SXTB16-->  r12 = w0 | w2,  r3 = w1 | w3
///
/// quad at r1           item 0   item 1   item 2   item 3
/// even, then odd         r8       r9       r10      r11        * r12, then * r3
/// accumulators           r4       r5       r6       r7
/// ```
macro_rules! quads {
    () => {
        "
        .macro products
        ldm r1!, {{r8-r11}}
        sxtb16 r12, r3
        sxtb16 r3, r3, ror #8
        smlad r4, r12, r8, r4
        smlad r5, r12, r9, r5
        smlad r6, r12, r10, r6
        smlad r7, r12, r11, r7
        ldm r1!, {{r8-r11}}
        smlad r4, r3, r8, r4
        smlad r5, r3, r9, r5
        smlad r6, r3, r10, r6
        smlad r7, r3, r11, r7
        .endm
        .macro quad
        ldr r3, [r0], #4
        products
        .endm
        subs r2, #12
        blo 3f
        2: .rept 12
        quad
        .endr
        subs r2, #12
        bhs 2b
        3: adds r2, #12
        beq 5f
        4: quad
        subs r2, #1
        bne 4b
        5: .purgem quad
        "
    };
}

/// The outputs of the [`MatrixRows`] at `r0`, row by row with `quads!`, saturated by `$saturate` to `$bits` and stored
/// by `$store`, `$step` bytes each.
///
/// `lr` points to the [`MatrixRows`], whose weights, scales, rows and outputs are advanced. Behind the products, r8 is
/// the multiplier, r9 the shift, r10 the half that rounds, r0 the output of item 0 and r1 the bytes to the next item.
macro_rules! rows {
    ($saturate:literal, $bits:literal, $store:literal, $step:literal) => {
        naked_asm!(
            "push {{r0, r4-r11, lr}}",
            "1: ldr lr, [sp]",
            "ldrd r0, r3, [lr]",
            "add r3, r0",
            "str r3, [lr]",
            "ldr r3, [lr, #8]",
            "ldrd r1, r2, [lr, #16]",
            "ldr r4, [r3]",
            "mov r5, r4",
            "mov r6, r4",
            "mov r7, r4",
            quads!(),
            "ldrd r2, r3, [lr, #32]",
            "cbz r2, 6f",
            "ldr r3, [r0, r3]",
            "lsr r3, r2",
            "products",
            "6: .purgem products",
            "ldrd r3, r2, [lr, #8]",
            "ldrh r8, [r3, #4]",
            "ldrb r9, [r3, #6]",
            "adds r3, #8",
            "subs r2, #1",
            "strd r3, r2, [lr, #8]",
            // As `RowScale::requantize`: SMMLA adds the half to the high word of the product.
            "lsl r8, r8, #16",
            "cmp r9, #41",
            "it hi",
            "movhi r9, #41",
            "sub r12, r9, #11",
            "sub r9, r9, #10",
            "mov r10, #1",
            "lsl r10, r10, r12",
            "ldrd r0, r1, [lr, #24]",
            concat!("add r3, r0, #", $step),
            "str r3, [lr, #24]",
            ".irp sum, r4, r5, r6, r7",
            "lsl \\sum, \\sum, #6",
            "smmla \\sum, \\sum, r8, r10",
            "asr \\sum, \\sum, r9",
            concat!($saturate, " \\sum, ", $bits, " \\sum"),
            ".endr",
            concat!($store, " r4, [r0]"),
            concat!($store, " r5, [r0, r1]"),
            "add r0, r0, r1, lsl #1",
            concat!($store, " r6, [r0]"),
            concat!($store, " r7, [r0, r1]"),
            "cmp r2, #0",
            "bne 1b",
            "pop {{r0, r4-r11, pc}}",
        )
    };
}

/// 1 row x 4 items, as `quads!` has it.
///
/// # Safety
/// `quads` is at least 1. `weights` has `quads` words, at any address, and `inputs` as many quads.
#[unsafe(naked)]
unsafe extern "C" fn add_items(
    weights: *const u32,
    inputs: *const Quad,
    quads: usize,
    sums: &mut [i32; ITEMS],
) {
    naked_asm!(
        "push {{r3-r11, lr}}",
        "ldm r3, {{r4-r7}}",
        quads!(),
        ".purgem products",
        "pop {{r3}}",
        "stm r3, {{r4-r7}}",
        "pop {{r4-r11, pc}}",
    )
}

/// All rows, saturated to i16: 54 instructions for 4 outputs, beside the products.
///
/// # Safety
/// `rows` is as [`MatrixRows::new`] made it, used for the first time, and what it points to is still borrowed.
#[unsafe(naked)]
unsafe extern "C" fn linear_rows(rows: &mut MatrixRows<i16>) {
    rows!("ssat", "#16,", "strh", "2")
}

/// All rows, saturated to 0..=127.
///
/// # Safety
/// `rows` is as [`MatrixRows::new`] made it, used for the first time, and what it points to is still borrowed.
#[unsafe(naked)]
unsafe extern "C" fn convolve_rows(rows: &mut MatrixRows<i8>) {
    rows!("usat", "#7,", "strb", "1")
}

/// 4 rows x 1 item, four columns at a time: 23 instructions for 16 products.
///
/// ```text
/// inputs at r1   x0 x1 x2 x3  --SXTB16-->  r12 = x0 | x2,  r0 = x1 | x3
///
/// row 0 at r4    w0 w1 w2 w3  --SXTB16-->  r3  = w0 | w2,  lr = w1 | w3     accumulator r8
/// row 1 at r5    the same registers, one row after the other                            r9
/// row 2 at r6                                                                           r10
/// row 3 at r7                                                                           r11
/// ```
///
/// # Safety
/// `words` is at least 1. `inputs` and every row have `words` words, at any address.
#[unsafe(naked)]
unsafe extern "C" fn add_rows(
    rows: &[*const i8; ROWS],
    inputs: *const u32,
    words: usize,
    sums: &mut [i32; ROWS],
) {
    naked_asm!(
        "push {{r3-r11, lr}}",
        "ldm r3, {{r8-r11}}",
        "ldm r0, {{r4-r7}}",
        ".macro row pointer, sum",
        "ldr lr, [\\pointer], #4",
        "sxtb16 r3, lr",
        "sxtb16 lr, lr, ror #8",
        "smlad \\sum, r3, r12, \\sum",
        "smlad \\sum, lr, r0, \\sum",
        ".endm",
        ".macro word",
        "ldr r0, [r1], #4",
        "sxtb16 r12, r0",
        "sxtb16 r0, r0, ror #8",
        "row r4, r8",
        "row r5, r9",
        "row r6, r10",
        "row r7, r11",
        ".endm",
        "lsrs r2, #1",
        "bcc 3f",
        "word",
        "cmp r2, #0",
        "beq 5f",
        "3: word",
        "word",
        "subs r2, #1",
        "bne 3b",
        "5: .purgem word",
        ".purgem row",
        "pop {{r3}}",
        "stm r3, {{r8-r11}}",
        "pop {{r4-r11, pc}}",
    )
}
