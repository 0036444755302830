//! Resampling for a core with a 32x32+64-bit multiply-accumulate (UMLAL): two columns in a product, so
//! far apart that their sums never overlap. The tile is 2 output lines x 4 columns.

#![allow(unsafe_code)]

use core::arch::naked_asm;

use crate::kernels::arm::rows::{self, FourRows};
use crate::kernels::{Kernels, Scalar};
use crate::layers::Filter;
use crate::slices::lenient::front;

/// An input line that counts for at least one of two output lines.
#[derive(Clone, Copy)]
#[repr(C)]
struct Entry {
    /// Bytes from the first line to this one; negative in the entry that ends the list.
    offset: i32,
    /// Its weight in each of the output lines.
    weights: [u32; 2],
}

/// Most input lines: the side of the greatest map.
const MAX_LINES: usize = 128;
type List = [Entry; MAX_LINES + 1];
const END: Entry = Entry { offset: -1, weights: [0; 2] };

/// How accumulators become outputs, where these go, and where the columns end.
#[repr(C)]
struct Target {
    half: i32,
    shift: u32,
    factors: [i32; 2],
    outputs: [*mut i8; 2],
    end: *const i8,
}

/// [`Kernels::resample`].
pub(super) fn resample<C: FourRows>(filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
    let outputs = filter.factors.len();
    let per_row = |len: usize| len.checked_div(outputs).unwrap_or(0).max(1);
    let (lines, width) = (per_row(filter.weights.len()), per_row(output.len()));
    if width == 1 {
        return rows::dots::<C>(filter, lines, input, output);
    }
    let there = lines.checked_mul(width).is_some_and(|numbers| numbers <= input.len());
    if width % 4 != 0 || lines > MAX_LINES || !there {
        return Scalar.resample(filter, input, output);
    }
    let mut list = [END; MAX_LINES + 1];
    let rows = filter.weights.chunks(2 * lines).zip(filter.factors.chunks(2));
    let mut outputs = output.chunks_exact_mut(width);
    for (weights, factors) in rows {
        list_lines(&mut list, weights, lines, width);
        let Some(one) = outputs.next().map(<[i8]>::as_mut_ptr) else { return };
        // Where there is no second line, its outputs go to the first line, which is written after it.
        let other = match factors {
            [_, _] => outputs.next().map_or(one, <[i8]>::as_mut_ptr),
            _ => one,
        };
        let factors = [0, 1].map(|row| factors.get(row).copied().unwrap_or(0));
        let mut target = Target {
            half: 1 << (filter.shift - 1),
            shift: filter.shift,
            factors,
            outputs: [one, other],
            end: front(input, width).as_ptr_range().end,
        };
        // SAFETY: `list_lines` lists offsets of the first `lines` lines of `width` numbers, and an end behind them.
        // `input` has at least `lines * width` numbers, as `there` says, so that it has `width` numbers from every
        // offset on. Both output lines are `width` long, as they come from `chunks_exact_mut`. `width` is a multiple
        // of 4 and not 0, as `per_row` gives at least 1.
        unsafe { resample_two(&list, input.as_ptr(), &mut target) };
    }
}

/// Lists the lines that count for two output lines, whose weights lie one after the other. Where there is only one
/// output line, the second has the same weights.
fn list_lines(list: &mut List, weights: &[i8], lines: usize, width: usize) {
    let first = front(weights, lines);
    let second = weights.get(lines..).filter(|row| !row.is_empty()).unwrap_or(first);
    let mut entries = list.iter_mut();
    let mut offset = 0;
    for (&one, &other) in first.iter().zip(second) {
        if one | other != 0
            && let Some(entry) = entries.next()
        {
            *entry = Entry { offset, weights: [one as u32, other as u32] };
        }
        offset += width as i32;
    }
    if let Some(entry) = entries.next() {
        *entry = END;
    }
}

/// 2 output lines x 4 columns at a time: 11 instructions for 8 products, and 26 for 4 outputs.
///
/// A product is of one weight and two columns, 24 bits apart; sums of 128 products of 127 times 127 take 21 bits:
///
/// ```text
/// word of a line at r1 + offset     x3 x2 x1 x0
/// r12 = word & 0xff0000ff           x3  0  0 x0
/// lr  = the same, rotated by 16     x1  0  0 x2
///
///                 columns 3 and 0   columns 1 and 2
/// output line 0     r5:r4             r7:r6            64 bits: the first column above bit 24
/// output line 1     r9:r8             r11:r10
/// ```
///
/// r0 the list, r2 the mask, r3 the weight of one output line, then of the other. Accumulators are not negative, so
/// that saturation is one-sided.
///
/// # Safety
/// The list ends with a negative offset. `n` bytes lie between `columns` and the target's end, where `n` is a multiple
/// of 4 and not 0. `n` bytes can be read from every other offset of the list on, counted from `columns`, and `n` bytes
/// can be written at both outputs.
#[unsafe(naked)]
unsafe extern "C" fn resample_two(list: &List, columns: *const i8, target: &mut Target) {
    naked_asm!(
        "push {{r0, r2, r4-r11, lr}}",
        "2: ldr r0, [sp]",
        "movw r2, #0x00ff",
        "movt r2, #0xff00",
        "movs r4, #0",
        "movs r5, #0",
        "movs r6, #0",
        "movs r7, #0",
        "mov r8, #0",
        "mov r9, #0",
        "mov r10, #0",
        "mov r11, #0",
        "b 4f",
        "3: ldr r12, [r1, r12]",
        "and lr, r2, r12, ror #16",
        "and r12, r2, r12",
        "umlal r4, r5, r3, r12",
        "umlal r6, r7, r3, lr",
        "ldr r3, [r0, #-4]",
        "umlal r8, r9, r3, r12",
        "umlal r10, r11, r3, lr",
        "4: ldrd r12, r3, [r0], #12",
        "cmp r12, #0",
        "bge 3b",
        ".macro finish factor, output, outer, outer_high, inner, inner_high",
        "ldr r3, [r0, #\\factor]",
        "lsr r2, \\outer, #24",
        "orr \\outer_high, r2, \\outer_high, lsl #8",
        "bic \\outer, \\outer, #0xff000000",
        "lsr r2, \\inner, #24",
        "orr \\inner_high, r2, \\inner_high, lsl #8",
        "bic \\inner, \\inner, #0xff000000",
        ".irp sum, \\outer, \\inner_high, \\inner, \\outer_high",
        "mla \\sum, \\sum, r3, r12",
        "lsr \\sum, \\sum, lr",
        "usat \\sum, #7, \\sum",
        ".endr",
        "orr \\outer, \\outer, \\inner_high, lsl #8",
        "orr \\outer, \\outer, \\inner, lsl #16",
        "orr \\outer, \\outer, \\outer_high, lsl #24",
        "ldr r2, [r0, #\\output]",
        "str \\outer, [r2], #4",
        "str r2, [r0, #\\output]",
        ".endm",
        "ldr r0, [sp, #4]",
        "ldrd r12, lr, [r0]",
        "finish 12, 20, r8, r9, r10, r11",
        "finish 8, 16, r4, r5, r6, r7",
        ".purgem finish",
        "adds r1, #4",
        "ldr r2, [r0, #24]",
        "cmp r1, r2",
        "bne 2b",
        "add sp, #8",
        "pop {{r4-r11, pc}}",
    )
}
