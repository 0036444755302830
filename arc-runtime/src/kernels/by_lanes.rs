//! Layers for a core that multiplies each weight with the inputs of four lanes: of four pairs in
//! lock-step, or of four neighbouring pixels of a convolution.
//!
//! The lanes' inputs are brought into the form in which the multiplier takes them once, and serve
//! all rows of the matrix.

use core::ops::Range;

use super::Lanes;
use super::by_rows::{self, FourRows};
use super::taps::{is_inside, taps};
use crate::arithmetic::{RowScale, sat16};
use crate::model::Matrix;
use crate::parts::{front, part};
use crate::stages::{Convolution, Kind};

/// Lanes that share a weight.
pub(super) const LANES: usize = 4;

/// What a core provides.
pub(super) trait FourLanes {
    /// The inputs of four lanes, [`COLUMNS`](Self::COLUMNS) each.
    type Inputs;
    /// Most inputs of a lane at a time; longer rows are taken in parts.
    const COLUMNS: usize;
    /// Inputs that are all zero.
    const BLANK: Self::Inputs;

    /// Makes the first columns of all lanes zero.
    fn clear(inputs: &mut Self::Inputs, columns: usize);

    /// Writes inputs of one lane, from a column on.
    fn put(inputs: &mut Self::Inputs, lane: usize, column: usize, x: &[i8]);

    /// The outputs of all four lanes through a matrix, lane after lane, where the core does this in
    /// one go; the inputs are the first `len` columns.
    fn linear(_: &Matrix<'_>, _len: usize, _: &Self::Inputs, _outputs: &mut [i16]) -> bool {
        false
    }

    /// The same for the windows of a convolution with ReLU that adds to nothing.
    fn convolve(_: &Matrix<'_>, _windows: &Self::Inputs, _outputs: &mut [i8]) -> bool {
        false
    }

    /// Adds to each lane's sum the products of the weights with its first inputs.
    fn add(weights: &[i8], inputs: &Self::Inputs, sums: &mut [i32; LANES]);
}

/// A matrix, four lanes at a time.
pub(super) fn linear<C: FourLanes + FourRows>(matrix: &Matrix<'_>, x: Lanes<'_>, y: &mut [i16]) {
    let outputs = matrix.outputs().max(1);
    for (x, y) in x.by(LANES).zip(y.chunks_mut((LANES * outputs).max(1))) {
        // Two lanes alone are faster one after the other.
        if x.iter().len() < 3 {
            by_rows::linear::<C>(matrix, x, y);
            continue;
        }
        let fill = |columns: Range<usize>, inputs: &mut C::Inputs| {
            for (lane, x) in x.iter().enumerate() {
                C::put(inputs, lane, 0, part(x, columns.start, columns.len()));
            }
        };
        let mut inputs = C::BLANK;
        // A row has no weights for more.
        let len = x.len().min(matrix.inputs());
        if len <= C::COLUMNS {
            fill(0..len, &mut inputs);
            if C::linear(matrix, len, &inputs, y) {
                continue;
            }
        }
        let mut y = parts_of(y, outputs);
        sums::<C>(matrix, len, &mut inputs, fill, |row, scale, sums| {
            for (y, sum) in y.iter_mut().zip(sums) {
                if let Some(y) = y.get_mut(row) {
                    *y = sat16(scale.requantise(scale.bias + sum));
                }
            }
        });
    }
}

/// A convolution, four neighbouring pixels at a time.
pub(super) fn convolve<C: FourLanes>(
    convolution: &Convolution<'_>,
    input: &[i8],
    output: &mut [i8],
) {
    let Convolution { matrix, .. } = convolution;
    let (side, outputs, least) =
        (convolution.output_side(), convolution.outputs(), convolution.least());
    let relu = matches!(convolution.kind, Kind::Plain | Kind::First);
    let mut inputs = C::BLANK;
    let rows = output.chunks_exact_mut((side * outputs).max(1)).enumerate();
    for (y, row) in rows {
        for (group, pixels) in row.chunks_mut((LANES * outputs).max(1)).enumerate() {
            let places = group * LANES..side.min((group + 1) * LANES);
            let fill = |columns: Range<usize>, inputs: &mut C::Inputs| {
                window::<C>(convolution, input, y, places.clone(), columns, inputs);
            };
            let len = matrix.inputs();
            if len <= C::COLUMNS {
                fill(0..len, &mut inputs);
                if relu && C::convolve(matrix, &inputs, pixels) {
                    continue;
                }
            }
            let mut pixels = parts_of(pixels, outputs);
            sums::<C>(matrix, len, &mut inputs, fill, |channel, scale, sums| {
                let gain = convolution.gain(channel);
                for (pixel, sum) in pixels.iter_mut().zip(sums) {
                    if let Some(out) = pixel.get_mut(channel) {
                        let sum = scale.bias + gain * i32::from(*out) + sum;
                        *out = scale.requantise(sum).clamp(least, 127) as i8;
                    }
                }
            });
        }
    }
}

/// Where the outputs of each lane go; those that are not there have no room.
fn parts_of<T>(outputs: &mut [T], each: usize) -> [&mut [T]; LANES] {
    let mut parts = outputs.chunks_mut(each.max(1));
    [(); LANES].map(|()| parts.next().unwrap_or_default())
}

/// Writes a part of the windows of neighbouring pixels in output row `y`, one to a lane.
fn window<C: FourLanes>(
    convolution: &Convolution<'_>,
    input: &[i8],
    y: usize,
    places: Range<usize>,
    columns: Range<usize>,
    inputs: &mut C::Inputs,
) {
    if ![places.start, places.end - 1].into_iter().all(|x| is_inside(convolution, [y, x])) {
        C::clear(inputs, columns.len());
    }
    for (lane, x) in places.enumerate() {
        for (at, taps) in taps(convolution, input, [y, x]) {
            let (from, to) = (at.max(columns.start), (at + taps.len()).min(columns.end));
            if from < to {
                C::put(inputs, lane, from - columns.start, part(taps, from - at, to - from));
            }
        }
    }
}

/// The sums of products of every row with the lanes' inputs: `len` columns, which are there already
/// if they fit; otherwise `fill` writes them in parts.
fn sums<C: FourLanes>(
    matrix: &Matrix<'_>,
    len: usize,
    inputs: &mut C::Inputs,
    mut fill: impl FnMut(Range<usize>, &mut C::Inputs),
    mut each: impl FnMut(usize, RowScale, [i32; LANES]),
) {
    /// Rows that share the inputs where these have to be written in parts.
    const BLOCK: usize = 32;
    if len <= C::COLUMNS {
        for (row, (weights, scale)) in matrix.rows().enumerate() {
            let mut sums = [0; LANES];
            C::add(front(weights, len), inputs, &mut sums);
            each(row, scale, sums);
        }
        return;
    }
    for block in (0..matrix.outputs()).step_by(BLOCK) {
        let rows = matrix.rows().enumerate().skip(block).take(BLOCK);
        let mut sums = [[0; LANES]; BLOCK];
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
