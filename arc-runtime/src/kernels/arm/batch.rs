//! Layers for a core that multiplies each weight with the inputs of four items: of four pairs of a batch,
//! or of four neighboring pixels of a convolution.
//!
//! The tile is 1 row x 4 items. A row's weights are loaded one after the other, and each serves four accumulators,
//! which stay in registers:
//!
//! ```text
//!                    item 0   item 1   item 2   item 3
//! column 0  w[0]  *   x00      x10      x20      x30         inputs: written once by `write`, in the order
//! column 1  w[1]  *   x01      x11      x21      x31         in which the core loads them, for all rows
//!   ...
//!                    acc 0    acc 1    acc 2    acc 3
//! ```

use core::ops::Range;

use crate::arithmetic::{RowScale, sat16};
use crate::kernels::arm::rows::{self, FourRows};
use crate::kernels::arm::taps::{is_inside, taps};
use crate::layers::{Batch, Convolution, ConvolutionKind, Matrix};
use crate::slices::lenient::{front, part};

/// Items that share a loaded weight.
pub(super) const ITEMS: usize = 4;

/// The operations of a core that loads a weight once for four items.
pub(super) trait BatchOfFour {
    /// The inputs of four items, [`COLUMNS`](Self::COLUMNS) each.
    type Inputs;
    /// Most inputs of an item at a time; longer rows are multiplied in parts.
    const COLUMNS: usize;
    /// Inputs that are all zero.
    const BLANK: Self::Inputs;

    /// Writes zeros to the first `columns` columns of all items.
    fn clear(inputs: &mut Self::Inputs, columns: usize);

    /// Writes the inputs `x` of one item, from `column` on.
    fn write(inputs: &mut Self::Inputs, item: usize, column: usize, x: &[i8]);

    /// A matrix product of all rows and all four items at once, where the core has it; `outputs` are item after
    /// item, and the inputs are the first `len` columns. Returns whether it has written the outputs.
    fn linear(_: &Matrix<'_>, _len: usize, _: &Self::Inputs, _outputs: &mut [i16]) -> bool {
        false
    }

    /// The same for the windows of a convolution with ReLU and without a shortcut.
    fn convolve(_: &Matrix<'_>, _windows: &Self::Inputs, _outputs: &mut [i8]) -> bool {
        false
    }

    /// `accumulators[i] += weights . inputs of item i`, over as many columns as there are weights.
    fn add(weights: &[i8], inputs: &Self::Inputs, accumulators: &mut [i32; ITEMS]);
}

/// A matrix product, four items at a time.
pub(super) fn linear<C: BatchOfFour + FourRows>(matrix: &Matrix<'_>, x: Batch<'_>, y: &mut [i16]) {
    let outputs = matrix.outputs().max(1);
    for (x, y) in x.by(ITEMS).zip(y.chunks_mut((ITEMS * outputs).max(1))) {
        // One or two items are faster one after the other, with four rows that share an input.
        if x.iter().len() < 3 {
            rows::linear::<C>(matrix, x, y);
            continue;
        }
        let fill = |columns: Range<usize>, inputs: &mut C::Inputs| {
            for (item, x) in x.iter().enumerate() {
                C::write(inputs, item, 0, part(x, columns.start, columns.len()));
            }
        };
        let mut inputs = C::BLANK;
        // Inputs behind the last weight of a row do not count.
        let len = x.len().min(matrix.inputs());
        if len <= C::COLUMNS {
            fill(0..len, &mut inputs);
            if C::linear(matrix, len, &inputs, y) {
                continue;
            }
        }
        let mut y = parts_of(y, outputs);
        accumulate::<C>(matrix, len, &mut inputs, fill, |row, scale, sums| {
            for (y, sum) in y.iter_mut().zip(sums) {
                if let Some(y) = y.get_mut(row) {
                    *y = sat16(scale.requantize(scale.bias + sum));
                }
            }
        });
    }
}

/// A convolution, four neighboring pixels at a time.
pub(super) fn convolve<C: BatchOfFour>(
    convolution: &Convolution<'_>,
    input: &[i8],
    output: &mut [i8],
) {
    let Convolution { matrix, .. } = convolution;
    let (side, outputs, least) =
        (convolution.output_side(), convolution.outputs(), convolution.least());
    let relu =
        matches!(convolution.kind, ConvolutionKind::Standalone | ConvolutionKind::BlockFirst);
    let mut inputs = C::BLANK;
    let rows = output.chunks_exact_mut((side * outputs).max(1)).enumerate();
    for (y, row) in rows {
        for (group, pixels) in row.chunks_mut((ITEMS * outputs).max(1)).enumerate() {
            let positions = group * ITEMS..side.min((group + 1) * ITEMS);
            let fill = |columns: Range<usize>, inputs: &mut C::Inputs| {
                window::<C>(convolution, input, y, positions.clone(), columns, inputs);
            };
            let len = matrix.inputs();
            if len <= C::COLUMNS {
                fill(0..len, &mut inputs);
                if relu && C::convolve(matrix, &inputs, pixels) {
                    continue;
                }
            }
            let mut pixels = parts_of(pixels, outputs);
            accumulate::<C>(matrix, len, &mut inputs, fill, |channel, scale, sums| {
                let gain = convolution.residual_gain(channel);
                for (pixel, sum) in pixels.iter_mut().zip(sums) {
                    if let Some(out) = pixel.get_mut(channel) {
                        let sum = scale.bias + gain * i32::from(*out) + sum;
                        *out = scale.requantize(sum).clamp(least, 127) as i8;
                    }
                }
            });
        }
    }
}

/// The outputs of each item, `each` long; those of missing items are empty.
fn parts_of<T>(outputs: &mut [T], each: usize) -> [&mut [T]; ITEMS] {
    let mut parts = outputs.chunks_mut(each.max(1));
    [(); ITEMS].map(|()| parts.next().unwrap_or_default())
}

/// Writes the given `columns` of the windows of neighboring pixels in output row `y`, a window to an item.
fn window<C: BatchOfFour>(
    convolution: &Convolution<'_>,
    input: &[i8],
    y: usize,
    positions: Range<usize>,
    columns: Range<usize>,
    inputs: &mut C::Inputs,
) {
    if ![positions.start, positions.end - 1].into_iter().all(|x| is_inside(convolution, [y, x])) {
        C::clear(inputs, columns.len());
    }
    for (item, x) in positions.enumerate() {
        for (at, taps) in taps(convolution, input, [y, x]) {
            let (from, to) = (at.max(columns.start), (at + taps.len()).min(columns.end));
            if from < to {
                C::write(inputs, item, from - columns.start, part(taps, from - at, to - from));
            }
        }
    }
}

/// Calls `each` with the accumulators of every row, without bias, over `len` columns.
///
/// If these columns fit, they are in `inputs` already. Otherwise `fill` writes them in parts, and a block of rows
/// shares each part:
///
/// ```text
/// for each block of 32 rows:
///     for each part of COLUMNS columns:
///         fill(part)
///         for each row of the block: accumulators[row] += weights of the part . inputs
/// ```
fn accumulate<C: BatchOfFour>(
    matrix: &Matrix<'_>,
    len: usize,
    inputs: &mut C::Inputs,
    mut fill: impl FnMut(Range<usize>, &mut C::Inputs),
    mut each: impl FnMut(usize, RowScale, [i32; ITEMS]),
) {
    /// Rows of a block: their accumulators are kept from part to part.
    const BLOCK: usize = 32;
    if len <= C::COLUMNS {
        for (row, (weights, scale)) in matrix.rows().enumerate() {
            let mut sums = [0; ITEMS];
            C::add(front(weights, len), inputs, &mut sums);
            each(row, scale, sums);
        }
        return;
    }
    for block in (0..matrix.outputs()).step_by(BLOCK) {
        let rows = matrix.rows().enumerate().skip(block).take(BLOCK);
        let mut sums = [[0; ITEMS]; BLOCK];
        for start in (0..len).step_by(C::COLUMNS) {
            let columns = start..len.min(start + C::COLUMNS);
            fill(columns.clone(), inputs);
            for ((_, (weights, _)), sums) in rows.clone().zip(&mut sums) {
                C::add(part(weights, start, columns.len()), inputs, sums);
            }
        }
        rows.zip(sums).for_each(|((row, (_, scale)), sums)| each(row, scale, sums));
    }
}
