//! The windows of a convolution side by side, as the lanes of a matrix product on a core with wide
//! registers.

use super::Lanes;
use crate::parts::{behind, behind_mut, copy, front_mut, part, split_mut};
use crate::stages::Convolution;

/// Numbers that are copied at a time.
const CHUNK: usize = 16;
/// Most inputs of a window: a sum of more products of i8 could leave its bound of 2^25.
const INPUTS: usize = (1 << 25) / (128 * 127);
/// Room for windows: for at least four of them.
const ROOM: usize = 4 * (INPUTS + 2 * CHUNK);
/// Room for what of the map they see: most where the kernel leaves out every other column.
const BAND: usize = 2 * ROOM;

/// What some neighbouring windows see of a map.
pub(super) struct Band<'a> {
    /// The lines of the map under the kernel one after the other, zeros where there is none, and some
    /// room behind each.
    pub numbers: &'a [i8],
    /// From the start of a line to that of the next.
    pub line: usize,
    /// From a window to the next.
    pub step: usize,
}

/// Calls `each` with what the windows of some neighbouring outputs see, and those outputs, until all are
/// done.
#[inline]
pub(super) fn bands(
    convolution: &Convolution<'_>,
    input: &[i8],
    output: &mut [i8],
    mut each: impl FnMut(Band<'_>, &mut [i8]),
) {
    let mut band = [0; BAND];
    let (side, outputs) = (convolution.output_side(), convolution.outputs().max(1));
    let most = ROOM / apart(convolution);
    for (y, row) in output.chunks_exact_mut((side * outputs).max(1)).enumerate() {
        for (group, pixels) in row.chunks_mut((most * outputs).max(1)).enumerate() {
            let count = pixels.len() / outputs;
            each(seen(convolution, input, [y, group * most], count, &mut band), pixels);
        }
    }
}

/// From a window that is put together to the next: with room for the chunk that ends it.
fn apart(convolution: &Convolution<'_>) -> usize {
    (convolution.matrix.inputs() + CHUNK).next_multiple_of(CHUNK)
}

/// Calls `each` with the windows of some neighbouring outputs, and those outputs, until all are
/// done.
///
/// What a window lacks at the border is zero, and zeros follow it up to a multiple of 16.
#[inline]
pub(super) fn windows(
    convolution: &Convolution<'_>,
    input: &[i8],
    output: &mut [i8],
    mut each: impl FnMut(Lanes<'_>, &mut [i8]),
) {
    let mut room = [0; ROOM];
    let (inputs, apart) = (convolution.matrix.inputs(), apart(convolution));
    let outputs = convolution.outputs().max(1);
    bands(convolution, input, output, |band, pixels| {
        let lanes = front_mut(&mut room, pixels.len() / outputs * apart);
        assemble(convolution, &band, apart, lanes);
        each(Lanes::new(lanes, apart, inputs.next_multiple_of(CHUNK)), pixels);
    });
}

/// What `count` windows see, from that of output `[y, x]` on: the lines of the map under the kernel
/// one after the other, zeros where there is none, and a chunk behind each.
fn seen<'a>(
    convolution: &Convolution<'_>,
    input: &[i8],
    [y, x]: [usize; 2],
    count: usize,
    band: &'a mut [i8; BAND],
) -> Band<'a> {
    let Convolution { input_side, inputs, stride, .. } = *convolution;
    let side = convolution.kernel_side();
    let (y, x, padding) = (y * stride, x * stride, side / 2);
    let columns = count.saturating_sub(1) * stride + side;
    let (left, right) = (x.saturating_sub(padding), (x + columns - padding).min(input_side));
    let line = columns * inputs + CHUNK;
    let numbers = front_mut(band, side * line);
    for (row, line) in (y..).zip(numbers.chunks_exact_mut(line)) {
        let row = row.wrapping_sub(padding);
        if row >= input_side {
            line.fill(0);
            continue;
        }
        let (before, line) = split_mut(line, (left + padding - x) * inputs);
        let (inside, after) = split_mut(line, (right - left) * inputs);
        before.fill(0);
        copy(inside, part(input, (row * input_side + left) * inputs, inside.len()));
        after.fill(0);
    }
    Band { numbers, line, step: stride * inputs }
}

/// Puts the windows together, `apart` from each other.
fn assemble(convolution: &Convolution<'_>, band: &Band<'_>, apart: usize, windows: &mut [i8]) {
    let taps = convolution.kernel_side() * convolution.inputs;
    // Whole chunks, of a number that the compiler knows, are copied without a call. What is too much
    // is overwritten by the next kernel row.
    match taps.div_ceil(CHUNK) {
        1 => each_row(convolution, band, apart, windows, chunks::<1>),
        3 => each_row(convolution, band, apart, windows, chunks::<3>),
        6 => each_row(convolution, band, apart, windows, chunks::<6>),
        _ => {
            each_row(convolution, band, apart, windows, |to, from| copy(front_mut(to, taps), from))
        }
    }
}

/// Calls `put` for each kernel row of each window: with the window from there on, and the band from
/// its taps on.
#[inline(always)]
fn each_row(
    convolution: &Convolution<'_>,
    band: &Band<'_>,
    apart: usize,
    windows: &mut [i8],
    put: impl Fn(&mut [i8], &[i8]),
) {
    let Band { numbers, line, step } = *band;
    let side = convolution.kernel_side();
    let taps = side * convolution.inputs;
    for (place, window) in windows.chunks_exact_mut(apart).enumerate() {
        for row in 0..side {
            put(behind_mut(window, row * taps), behind(numbers, row * line + place * step));
        }
        chunks::<1>(behind_mut(window, side * taps), &[0; CHUNK]);
    }
}

/// Copies `N` chunks.
#[inline(always)]
fn chunks<const N: usize>(to: &mut [i8], from: &[i8]) {
    let to = to.as_chunks_mut::<CHUNK>().0.first_chunk_mut::<N>();
    if let (Some(to), Some(from)) = (to, from.as_chunks().0.first_chunk()) {
        *to = *from;
    }
}
