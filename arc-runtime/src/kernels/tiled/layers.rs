//! Matrices over lanes of inputs, and convolutions as matrices over windows.

use super::windows::Inputs;
use super::{LANES, ROWS, Rows, Tile};
use crate::arithmetic::{RowScale, sat16};
use crate::kernels::Lanes;
use crate::model::Matrix;
use crate::parts::{behind, copy};
use crate::stages::{Convolution, Kind};

/// [`Kernels::linear`](crate::kernels::Kernels::linear).
pub(in crate::kernels) fn linear(
    tile: &impl Tile,
    matrix: &Matrix<'_>,
    x: Lanes<'_>,
    y: &mut [i16],
) {
    let mut inputs = Inputs::new(x.len().min(matrix.inputs()));
    let outputs = matrix.outputs().max(1);
    let mut x = x.iter();
    for y in y.chunks_mut(LANES * outputs) {
        let lanes = y.len() / outputs;
        (0..lanes).zip(&mut x).for_each(|(lane, x)| inputs.set(lane, x));
        match lanes {
            4 => rows::<4>(tile, matrix, &inputs, y),
            3 => rows::<3>(tile, matrix, &inputs, y),
            2 => rows::<2>(tile, matrix, &inputs, y),
            _ => rows::<1>(tile, matrix, &inputs, y),
        }
    }
}

/// All rows of a matrix with some lanes.
fn rows<const LANES: usize>(tile: &impl Tile, matrix: &Matrix<'_>, inputs: &Inputs, y: &mut [i16]) {
    let outputs = matrix.outputs();
    for (first, rows) in blocks(matrix) {
        let numbers = tile.products(&rows, inputs.registers::<LANES>(), &[[0; ROWS]; LANES]);
        for (y, numbers) in y.chunks_exact_mut(outputs).zip(numbers) {
            copy(y.get_mut(first..).unwrap_or_default(), &numbers.map(sat16));
        }
    }
}

/// [`Kernels::convolve`](crate::kernels::Kernels::convolve).
pub(in crate::kernels) fn convolve(
    tile: &impl Tile,
    convolution: &Convolution<'_>,
    input: &[i8],
    output: &mut [i8],
) {
    let mut windows = Inputs::new(convolution.matrix.inputs());
    let outputs = convolution.outputs().max(1);
    for (group, pixels) in output.chunks_mut(LANES * outputs).enumerate() {
        let lanes = pixels.len() / outputs;
        for lane in 0..lanes {
            windows.gather(lane, convolution, input, LANES * group + lane);
        }
        match lanes {
            4 => channels::<4>(tile, convolution, &windows, pixels),
            3 => channels::<3>(tile, convolution, &windows, pixels),
            2 => channels::<2>(tile, convolution, &windows, pixels),
            _ => channels::<1>(tile, convolution, &windows, pixels),
        }
    }
}

/// All channels of some neighbouring pixels.
fn channels<const LANES: usize>(
    tile: &impl Tile,
    convolution: &Convolution<'_>,
    windows: &Inputs,
    pixels: &mut [i8],
) {
    let (outputs, least) = (convolution.outputs(), convolution.least());
    for (first, rows) in blocks(&convolution.matrix) {
        let mut held = [[0; ROWS]; LANES];
        if matches!(convolution.kind, Kind::Second(_)) {
            for (held, pixel) in held.iter_mut().zip(pixels.chunks_exact(outputs)) {
                for ((channel, held), &value) in (first..).zip(held).zip(behind(pixel, first)) {
                    *held = convolution.gain(channel) * i32::from(value);
                }
            }
        }
        let numbers = tile.products(&rows, windows.registers::<LANES>(), &held);
        for (pixel, numbers) in pixels.chunks_exact_mut(outputs).zip(numbers) {
            let pixel = pixel.get_mut(first..).unwrap_or_default();
            copy(pixel, &numbers.map(|number| number.clamp(least, 127) as i8));
        }
    }
}

/// The rows of a matrix in fours, with the number of the first; the last row stands for those that
/// lack at the end.
fn blocks<'m>(matrix: &Matrix<'m>) -> impl Iterator<Item = (usize, Rows<'m>)> {
    let (inputs, weights) = (matrix.inputs(), matrix.weights());
    let blocks = matrix.scales().chunks(ROWS).zip(0..);
    blocks.map(move |(some, block)| {
        let last = some.len() - 1;
        let mut rows = Rows { weights: [&[]; ROWS], scales: [[0; RowScale::BYTES]; ROWS] };
        for (k, (weight, scale)) in rows.weights.iter_mut().zip(&mut rows.scales).enumerate() {
            let k = k.min(last);
            *weight = behind(weights, (ROWS * block + k) * inputs);
            *scale = some[k];
        }
        (ROWS * block, rows)
    })
}
