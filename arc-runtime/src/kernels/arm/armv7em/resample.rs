//! Resampling with SMLAD, which adds the products of two lines. The tile is 4 output lines x 2 columns.

#![allow(unsafe_code)]

use core::arch::naked_asm;

use crate::kernels::arm::rows::{self, FourRows, ROWS, fours};
use crate::kernels::{Kernels, Scalar};
use crate::layers::Filter;
use crate::slices::lenient::{behind_mut, front, front_mut, part};

/// Two input lines that count for at least one of four output lines.
#[derive(Clone, Copy)]
#[repr(C)]
struct Pair {
    /// Bytes from the first line of all to each of the two; negative in the entry that ends the list.
    offsets: [i32; 2],
    /// Both weights of each output line, that of the first of the two lines in the low half.
    weights: [u32; ROWS],
}

/// Most pairs of input lines: half the side of the greatest map. Even, as is the number of pairs in every list.
const MAX_PAIRS: usize = 64;
type List = [Pair; MAX_PAIRS + 1];
const END: Pair = Pair { offsets: [-1; 2], weights: [0; ROWS] };

/// How accumulators become outputs, where these go, and where the columns end.
#[repr(C)]
struct Target {
    half: i32,
    shift: u32,
    factors: [i32; ROWS],
    /// Bytes from the first output line to each of the four.
    offsets: [usize; ROWS],
    output: *mut i8,
    end: *const i8,
}

/// [`Kernels::resample`].
pub(super) fn resample<C: FourRows>(filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
    resample_each::<C>(filter, 1, input, output);
}

/// [`Kernels::resample_each`]: the filter's list of lines serves all inputs.
pub(super) fn resample_each<C: FourRows>(
    filter: &Filter<'_>,
    count: usize,
    input: &[i8],
    output: &mut [i8],
) {
    let over = |len: usize, parts: usize| len.checked_div(parts).unwrap_or(0).max(1);
    let outputs = filter.factors.len();
    let lines = over(filter.weights.len(), outputs);
    let (each_input, each_output) = (over(input.len(), count), over(output.len(), count));
    let width = over(each_output, outputs);
    let part = |k: usize| part(input, k * each_input, each_input);
    // Without this, the remainder of a division would give outputs to inputs that do not exist.
    let output = front_mut(output, count.saturating_mul(each_output));
    if width == 1 {
        let outputs = output.chunks_exact_mut(each_output).enumerate();
        return outputs.for_each(|(k, out)| rows::dots::<C>(filter, lines, part(k), out));
    }
    let there = lines.checked_mul(width).is_some_and(|numbers| numbers <= each_input);
    if width % 2 != 0 || lines > 2 * MAX_PAIRS || !there {
        let outputs = output.chunks_exact_mut(each_output).enumerate();
        return outputs.for_each(|(k, out)| Scalar.resample(filter, part(k), out));
    }
    let mut list = [END; MAX_PAIRS + 1];
    let rows = filter.weights.chunks_exact(lines).zip(filter.factors).enumerate();
    for rows in fours(rows) {
        list_pairs(&mut list, rows.map(|(_, (weights, _))| weights), width);
        let first = rows[0].0;
        for (k, output) in output.chunks_exact_mut(each_output).enumerate() {
            let (input, output) = (part(k), behind_mut(output, first * width));
            let mut target = Target {
                half: 1 << (filter.shift - 1),
                shift: filter.shift,
                factors: rows.map(|(_, (_, &factor))| factor),
                offsets: rows.map(|(row, _)| (row - first) * width),
                output: output.as_mut_ptr(),
                end: front(input, width).as_ptr_range().end,
            };
            // SAFETY: `list_pairs` puts an end behind an even number of pairs. Their offsets are those of the first
            // `lines` lines of `width` numbers, which `input` has, as `there` says. `width` is even and 2 or more, so
            // that `each_output` and `each_input` were not raised to 1: each of the `count` parts of the input is
            // whole. Each output is whole, too, and has `outputs` lines; the four rows are among them, as each row
            // has a factor.
            unsafe { resample_four(&list, input.as_ptr(), &mut target) };
        }
    }
}

/// Lists the lines that count for four output lines, two by two, and an end behind them.
fn list_pairs(list: &mut List, rows: [&[i8]; ROWS], width: usize) {
    let mut entries = list.iter_mut();
    let mut open: Option<&mut Pair> = None;
    for line in 0..rows[0].len() {
        let weights = rows.map(|row| row.get(line).map_or(0, |&weight| weight as u32));
        if weights.iter().fold(0, |all, weight| all | weight) == 0 {
            continue; // much of a narrow filter
        }
        let offset = (line * width) as i32;
        if let Some(pair) = open.take() {
            pair.offsets[1] = offset;
            let both = pair.weights.iter_mut().zip(weights);
            both.for_each(|(pair, weight)| *pair |= weight << 16);
        } else if let Some(pair) = entries.next() {
            *pair = Pair { offsets: [offset; 2], weights };
            open = Some(pair);
        }
    }
    // The loop takes two pairs at a time: their number has to be even, if need be by a pair that counts nothing.
    if entries.len() % 2 == MAX_PAIRS % 2
        && let Some(pair) = entries.next()
    {
        *pair = Pair { offsets: [0; 2], weights: [0; ROWS] };
    }
    if let Some(pair) = entries.next() {
        *pair = END;
    }
}

/// 4 output lines x 2 columns at a time: 17 instructions for 16 products, and 58 for 8 outputs.
///
/// ```text
/// two lines at r1 + offsets, two columns    line a: a0 a1    line b: b0 b1
/// r12 = a0 | b0                             lr = a1 | b1
///
///                  weights     column 0 (* r12)   column 1 (* lr)
/// output line 0      r2          r4                 r5
/// output line 1      r3          r6                 r7
/// output line 2      r2          r8                 r9
/// output line 3      r3          r10                r11
/// ```
///
/// r0 the list. Accumulators are not negative, so that saturation is one-sided.
///
/// # Safety
/// The list ends with negative offsets behind an even number of pairs. `n` bytes lie between `columns` and the target's
/// end, where `n` is even and not 0. `n` bytes can be read from every other offset of the list on, counted from
/// `columns`, and `n` bytes can be written at each offset of the target's output.
#[unsafe(naked)]
unsafe extern "C" fn resample_four(list: &List, columns: *const i8, target: &mut Target) {
    naked_asm!(
        "push {{r0, r2, r4-r11, lr}}",
        "2: ldr r0, [sp]",
        "movs r4, #0",
        "movs r5, #0",
        "movs r6, #0",
        "movs r7, #0",
        "mov r8, #0",
        "mov r9, #0",
        "mov r10, #0",
        "mov r11, #0",
        "ldrd r12, lr, [r0], #24",
        "b 4f",
        ".macro pair",
        "ldrh r12, [r1, r12]",
        "ldrh lr, [r1, lr]",
        "pkhbt r12, r12, lr, lsl #16",
        "uxtb16 lr, r12, ror #8",
        "uxtb16 r12, r12",
        "ldrd r2, r3, [r0, #-16]",
        "smlad r4, r12, r2, r4",
        "smlad r5, lr, r2, r5",
        "smlad r6, r12, r3, r6",
        "smlad r7, lr, r3, r7",
        "ldrd r2, r3, [r0, #-8]",
        "smlad r8, r12, r2, r8",
        "smlad r9, lr, r2, r9",
        "smlad r10, r12, r3, r10",
        "smlad r11, lr, r3, r11",
        "ldrd r12, lr, [r0], #24",
        ".endm",
        "3: pair",
        "pair",
        "4: cmp r12, #0",
        "bge 3b",
        ".purgem pair",
        "ldr r0, [sp, #4]",
        "ldrd r12, lr, [r0]",
        "ldr r3, [r0, #40]",
        ".macro finish row, even, odd",
        "ldr r2, [r0, #(8 + 4 * \\row)]",
        ".irp sum, \\even, \\odd",
        "mla \\sum, \\sum, r2, r12",
        "lsr \\sum, \\sum, lr",
        "usat \\sum, #7, \\sum",
        ".endr",
        "orr \\even, \\even, \\odd, lsl #8",
        "ldr r2, [r0, #(24 + 4 * \\row)]",
        "strh \\even, [r3, r2]",
        ".endm",
        "finish 3, r10, r11",
        "finish 2, r8, r9",
        "finish 1, r6, r7",
        "finish 0, r4, r5",
        ".purgem finish",
        "adds r3, #2",
        "str r3, [r0, #40]",
        "adds r1, #2",
        "ldr r2, [r0, #44]",
        "cmp r1, r2",
        "bne 2b",
        "add sp, #8",
        "pop {{r4-r11, pc}}",
    )
}
