//! The windows of a convolution side by side, as the items of a batch that a matrix is multiplied with.
//!
//! ```text
//! map                         band: kernel rows, zero padded      windows, `apart` from each other
//!   row y - 1  ......abcde..    | a b c d e ... 0 |                 | abc fgh klm 0 | bcd ghi lmn 0 | ...
//!   row y      ......fghij..    | f g h i j ... 0 |                   pixel 0         pixel 1
//!   row y + 1  ......klmno..    | k l m n o ... 0 |
//! ```
//!
//! A letter is a pixel with all of its channels.

use crate::layers::{Batch, Convolution};
use crate::slices::lenient::{behind, behind_mut, copy, front_mut, part, split_mut};

/// Numbers that are copied at a time.
const CHUNK: usize = 16;
/// Most inputs of a window: an accumulator of more products of i8 could exceed 2^25.
const INPUTS: usize = (1 << 25) / (128 * 127);
/// Bytes for windows: at least four of them.
const WINDOWS_BYTES: usize = 4 * (INPUTS + 2 * CHUNK);
/// Bytes for the part of the map under these windows: with a stride of 2 up to twice as many.
const BAND_BYTES: usize = 2 * WINDOWS_BYTES;

/// The part of a map that lies under some neighboring windows.
pub(in crate::kernels) struct Band<'a> {
    /// The lines of the map under the kernel, one after the other. Zeros stand outside of the map, and
    /// [`CHUNK`] zeros behind each line.
    pub numbers: &'a [i8],
    /// Bytes from the start of a line to that of the next.
    pub line: usize,
    /// Bytes from a window to the next.
    pub step: usize,
}

/// Calls `each` with the band of some neighboring pixels and with their outputs, until all pixels of the output
/// map are done.
#[inline]
pub(in crate::kernels) fn bands(
    convolution: &Convolution<'_>,
    input: &[i8],
    output: &mut [i8],
    mut each: impl FnMut(Band<'_>, &mut [i8]),
) {
    let mut band = [0; BAND_BYTES];
    let (side, outputs) = (convolution.output_side(), convolution.outputs().max(1));
    let most = WINDOWS_BYTES / apart(convolution);
    for (y, row) in output.chunks_exact_mut((side * outputs).max(1)).enumerate() {
        for (group, pixels) in row.chunks_mut((most * outputs).max(1)).enumerate() {
            let count = pixels.len() / outputs;
            each(band_of(convolution, input, [y, group * most], count, &mut band), pixels);
        }
    }
}

/// Bytes from an assembled window to the next: its inputs, and the chunk of zeros that ends it.
fn apart(convolution: &Convolution<'_>) -> usize {
    (convolution.matrix.inputs() + CHUNK).next_multiple_of(CHUNK)
}

/// Calls `each` with the windows of some neighboring pixels and with their outputs, until all pixels of the
/// output map are done.
///
/// Inputs outside of the map are zero, and zeros follow each window up to a multiple of 16.
#[inline]
pub(in crate::kernels) fn windows(
    convolution: &Convolution<'_>,
    input: &[i8],
    output: &mut [i8],
    mut each: impl FnMut(Batch<'_>, &mut [i8]),
) {
    let mut assembled = [0; WINDOWS_BYTES];
    let (inputs, apart) = (convolution.matrix.inputs(), apart(convolution));
    let outputs = convolution.outputs().max(1);
    bands(convolution, input, output, |band, pixels| {
        let used = front_mut(&mut assembled, pixels.len() / outputs * apart);
        assemble(convolution, &band, apart, used);
        each(Batch::new(used, apart, inputs.next_multiple_of(CHUNK)), pixels);
    });
}

/// Copies the part of the map under `count` windows to `band`; the first window is that of output `[y, x]`.
fn band_of<'a>(
    convolution: &Convolution<'_>,
    input: &[i8],
    [y, x]: [usize; 2],
    count: usize,
    band: &'a mut [i8; BAND_BYTES],
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

/// Copies the windows from the band, `apart` from each other.
fn assemble(convolution: &Convolution<'_>, band: &Band<'_>, apart: usize, windows: &mut [i8]) {
    let taps = convolution.kernel_side() * convolution.inputs;
    // A known number of whole chunks is copied without a call. Bytes copied behind a kernel row are overwritten
    // by the next one, and in the end by zeros.
    match taps.div_ceil(CHUNK) {
        1 => each_row(convolution, band, apart, windows, chunks::<1>),
        3 => each_row(convolution, band, apart, windows, chunks::<3>),
        6 => each_row(convolution, band, apart, windows, chunks::<6>),
        _ => {
            each_row(convolution, band, apart, windows, |to, from| copy(front_mut(to, taps), from))
        }
    }
}

/// Calls `write` for each kernel row of each window: with the window from this row on, and the band from its taps
/// on.
#[inline(always)]
fn each_row(
    convolution: &Convolution<'_>,
    band: &Band<'_>,
    apart: usize,
    windows: &mut [i8],
    write: impl Fn(&mut [i8], &[i8]),
) {
    let Band { numbers, line, step } = *band;
    let side = convolution.kernel_side();
    let taps = side * convolution.inputs;
    for (pixel, window) in windows.chunks_exact_mut(apart).enumerate() {
        for row in 0..side {
            write(behind_mut(window, row * taps), behind(numbers, row * line + pixel * step));
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
