//! Cortex-M4 and M7: two products in an instruction (SMLAD), of i16 pairs that SXTB16 makes of i8.

#![allow(unsafe_code)]

use core::arch::{asm, naked_asm};

use super::blend_pairs::{blend, blend_each};
use super::by_lanes::{self, FourLanes, LANES};
use super::by_rows::{FourRows, ROWS};
use super::sealed::Sealed;
use super::{Filter, Kernels, Lanes, Scalar};
use crate::model::Matrix;
use crate::stages::Convolution;

/// Kernels of ARMv7E-M, the cores with DSP instructions: Cortex-M4 and M7.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Armv7em;

impl Sealed for Armv7em {}

impl Kernels for Armv7em {
    const NAME: &'static str = "armv7em";

    fn linear(&self, matrix: &Matrix<'_>, x: Lanes<'_>, y: &mut [i16]) {
        by_lanes::linear::<Self>(matrix, x, y);
    }

    fn convolve(&self, convolution: &Convolution<'_>, input: &[i8], output: &mut [i8]) {
        by_lanes::convolve::<Self>(convolution, input, output);
    }

    fn blend(&self, filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
        blend::<Self>(filter, input, output);
    }

    fn blend_each(&self, filter: &Filter<'_>, count: usize, input: &[i8], output: &mut [i8]) {
        blend_each::<Self>(filter, count, input, output);
    }

    fn lstm_cell(&self, sums: &[i16], cell: &mut [i16], state: &mut [i8]) {
        Scalar.lstm_cell(sums, cell, state);
    }
}

/// Four columns of four lanes: the even columns of each lane in a word, then the odd ones.
#[derive(Clone, Copy)]
pub(super) struct Quad {
    even: [u32; LANES],
    odd: [u32; LANES],
}

const QUADS: usize = 96;

impl FourLanes for Armv7em {
    type Inputs = [Quad; QUADS];
    const COLUMNS: usize = 4 * QUADS;
    const BLANK: Self::Inputs = [Quad { even: [0; LANES], odd: [0; LANES] }; QUADS];

    fn clear(inputs: &mut Self::Inputs, columns: usize) {
        let quads = inputs.iter_mut().take(columns.div_ceil(4));
        quads.for_each(|quad| *quad = Quad { even: [0; LANES], odd: [0; LANES] });
    }

    fn put(inputs: &mut Self::Inputs, lane: usize, column: usize, x: &[i8]) {
        let (mut column, mut x) = (column, x);
        // Up to a whole quad, then quads, then what is left.
        let ragged = x.len().min(column.wrapping_neg() % 4);
        let Some((head, rest)) = x.split_at_checked(ragged) else { return };
        put_each(inputs, lane, column, head);
        (column, x) = (column + ragged, rest);
        let (words, tail) = x.as_chunks::<4>();
        let Some(quads) = inputs.get_mut(column / 4..) else { return };
        for (quad, &word) in quads.iter_mut().zip(words) {
            let word = u32::from_le_bytes(word.map(|x| x as u8));
            quad.even[lane % LANES] = even_pair(word);
            quad.odd[lane % LANES] = odd_pair(word);
        }
        put_each(inputs, lane, column + 4 * words.len(), tail);
    }

    fn linear(matrix: &Matrix<'_>, len: usize, inputs: &Self::Inputs, outputs: &mut [i16]) -> bool {
        let Some(mut rows) = Rows::new(matrix, len, inputs, outputs) else { return false };
        // SAFETY: the rows are as `Rows::new` makes them, of what is borrowed here.
        unsafe { linear_rows(&mut rows) };
        true
    }

    fn convolve(matrix: &Matrix<'_>, windows: &Self::Inputs, outputs: &mut [i8]) -> bool {
        let rows = Rows::new(matrix, matrix.inputs(), windows, outputs);
        let Some(mut rows) = rows else { return false };
        // SAFETY: the rows are as `Rows::new` makes them, of what is borrowed here.
        unsafe { convolve_rows(&mut rows) };
        true
    }

    fn add(weights: &[i8], inputs: &Self::Inputs, sums: &mut [i32; LANES]) {
        let (words, rest) = weights.as_chunks::<4>();
        let quads = words.len().min(QUADS);
        if quads > 0 {
            // SAFETY: `quads` is at most the number of words in `weights`, and at most `QUADS`, the quads in `inputs`.
            unsafe { add_lanes(words.as_ptr().cast(), inputs.as_ptr(), quads, sums) };
        }
        if let (false, Some(quad)) = (rest.is_empty(), inputs.get(quads)) {
            let word =
                rest.iter().rev().fold(0, |word, &weight| word << 8 | u32::from(weight as u8));
            let (even, odd) = (even_pair(word), odd_pair(word));
            for ((sum, &x), &z) in sums.iter_mut().zip(&quad.even).zip(&quad.odd) {
                *sum = smlad(odd, z, smlad(even, x, *sum));
            }
        }
    }
}

impl FourRows for Armv7em {
    fn add(weights: [&[i8]; ROWS], inputs: &[i8], sums: &mut [i32; ROWS]) {
        if weights.iter().any(|row| row.len() < inputs.len()) {
            return;
        }
        let (words, rest) = inputs.as_chunks::<4>();
        if !words.is_empty() {
            let rows = weights.map(|row| row.as_ptr());
            // SAFETY: `words` are whole words of the inputs, and no row is shorter than the inputs: the check above returned otherwise.
            unsafe { add_rows(&rows, words.as_ptr().cast(), words.len(), sums) };
        }
        let done = 4 * words.len();
        for (sum, row) in sums.iter_mut().zip(weights) {
            *sum += super::dot(row.get(done..).unwrap_or_default(), rest);
        }
    }
}

/// Writes inputs of a lane one by one.
#[inline(never)] // it is for the few columns beside whole quads
fn put_each(inputs: &mut [Quad; QUADS], lane: usize, column: usize, x: &[i8]) {
    for (column, &x) in (column..).zip(x) {
        let Some(quad) = inputs.get_mut(column / 4) else { return };
        let pairs = if column % 2 == 0 { &mut quad.even } else { &mut quad.odd };
        let pair = &mut pairs[lane % LANES];
        let x = u32::from(i16::from(x) as u16);
        *pair = if column % 4 < 2 { *pair & 0xffff_0000 | x } else { *pair & 0xffff | x << 16 };
    }
}

/// Bytes 0 and 2 of a word as i16.
#[inline(always)]
fn even_pair(word: u32) -> u32 {
    let pair;
    // SAFETY: an instruction on registers alone, which the target has.
    unsafe {
        asm!("sxtb16 {}, {}", lateout(reg) pair, in(reg) word, options(pure, nomem, nostack, preserves_flags))
    };
    pair
}

/// Bytes 1 and 3 of a word as i16.
#[inline(always)]
fn odd_pair(word: u32) -> u32 {
    let pair;
    // SAFETY: an instruction on registers alone, which the target has.
    unsafe {
        asm!("sxtb16 {}, {}, ror #8", lateout(reg) pair, in(reg) word, options(pure, nomem, nostack, preserves_flags))
    };
    pair
}

/// Both products of two pairs, added to a sum.
#[inline(always)]
fn smlad(one: u32, other: u32, sum: i32) -> i32 {
    let total;
    // SAFETY: an instruction on registers alone, which the target has.
    unsafe {
        asm!("smlad {}, {}, {}, {}", lateout(reg) total, in(reg) one, in(reg) other, in(reg) sum, options(pure, nomem, nostack, preserves_flags))
    };
    total
}

/// All rows of a matrix with four lanes.
#[repr(C)]
struct Rows<T> {
    weights: *const i8,
    /// From row to row.
    stride: usize,
    scales: *const [u8; 8],
    rows: usize,
    inputs: *const Quad,
    quads: usize,
    outputs: *mut T,
    /// Bytes from lane to lane of the outputs.
    apart: usize,
    /// Bits of the word that ends a row which are not behind its last whole quad; 0 if all are quads.
    tail_shift: usize,
    /// That word's place behind the quads, negative.
    tail: isize,
}

impl<T> Rows<T> {
    /// The rows of a matrix and the first `len` columns of four lanes: `None` unless these are 4 to `4 * QUADS`, the
    /// matrix has as many inputs, and a row, and `outputs` are those of four lanes. Inputs behind the columns count
    /// for nothing.
    ///
    /// A matrix has `inputs` weights and a scale for each row, so that every row has `len` numbers. What is left
    /// behind the whole quads of a row is read as the word that ends it: it begins in the row, and its products are
    /// with the quad behind the whole ones, of which there are then less than `QUADS`.
    fn new(
        matrix: &Matrix<'_>,
        len: usize,
        inputs: &[Quad; QUADS],
        outputs: &mut [T],
    ) -> Option<Self> {
        let (quads, rest, rows) = (len / 4, len % 4, matrix.outputs());
        let there = (4..=4 * QUADS).contains(&len) && len <= matrix.inputs();
        (there && rows > 0 && outputs.len() == LANES * rows).then(|| Self {
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

/// `r4-r7 +=` a row at `r0` with `r2` quads at `r1`, at least one: 13 instructions for 16 products.
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

/// The outputs of [`Rows`] at `r0`, saturated by `$saturate` to `$bits` and stored by `$store`, `$step` bytes each.
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
            // As `RowScale::requantise`: SMMLA adds the half to the high word of the product.
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

/// One row with four lanes; `quads` is at least 1.
///
/// # Safety
/// `weights` has `quads` words, at any address, and `inputs` as many quads.
#[unsafe(naked)]
unsafe extern "C" fn add_lanes(
    weights: *const u32,
    inputs: *const Quad,
    quads: usize,
    sums: &mut [i32; LANES],
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

/// All rows, saturated to i16: 54 instructions for 4 outputs beside the products.
///
/// # Safety
/// The lengths are as [`Rows::new`] has them.
#[unsafe(naked)]
unsafe extern "C" fn linear_rows(rows: &mut Rows<i16>) {
    rows!("ssat", "#16,", "strh", "2")
}

/// All rows, saturated to 0..=127.
///
/// # Safety
/// The lengths are as [`Rows::new`] has them.
#[unsafe(naked)]
unsafe extern "C" fn convolve_rows(rows: &mut Rows<i8>) {
    rows!("usat", "#7,", "strb", "1")
}

/// Four rows with one lane, 23 instructions for 16 products; `words` is at least 1.
///
/// # Safety
/// `inputs` and every row have `words` words, at any address.
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
