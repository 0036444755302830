//! Matrices over lanes of inputs, and convolutions as matrices over windows.

use core::array::from_fn;

use super::{LANES, ROWS, Rows, Tile, put};
use crate::arithmetic::sat16;
use crate::kernels::Lanes;
use crate::kernels::windows::windows;
use crate::model::Matrix;
use crate::parts::{behind, behind_mut, front};
use crate::stages::Convolution;

/// [`Kernels::linear`](crate::kernels::Kernels::linear).
pub(super) fn linear(tile: &impl Tile, matrix: &Matrix<'_>, x: Lanes<'_>, y: &mut [i16]) {
    let inputs = x.len().min(matrix.inputs());
    let mut lanes = x.iter().map(|lane| front(lane, inputs));
    let outputs = matrix.outputs().max(1);
    for y in y.chunks_mut(LANES * outputs) {
        let [a, b, c, d] = [(); LANES].map(|()| lanes.next().unwrap_or_default());
        match y.len() / outputs {
            4 => rows(tile, matrix, [a, b, c, d], y),
            3 => rows(tile, matrix, [a, b, c], y),
            2 => rows(tile, matrix, [a, b], y),
            _ => rows(tile, matrix, [a], y),
        }
    }
}

/// All rows of a matrix with some lanes.
fn rows<const LANES: usize>(
    tile: &impl Tile,
    matrix: &Matrix<'_>,
    inputs: [&[i8]; LANES],
    y: &mut [i16],
) {
    for (first, rows) in fours(matrix) {
        let numbers = tile.products(&rows, inputs, &[[0; ROWS]; LANES]);
        for (y, numbers) in y.chunks_exact_mut(matrix.outputs()).zip(numbers) {
            put(behind_mut(y, first), numbers.map(sat16));
        }
    }
}

/// [`Kernels::convolve`](crate::kernels::Kernels::convolve).
pub(super) fn convolve(
    tile: &impl Tile,
    convolution: &Convolution<'_>,
    input: &[i8],
    output: &mut [i8],
) {
    let outputs = convolution.outputs().max(1);
    windows(convolution, input, output, |windows, pixels| {
        let mut windows = windows.iter();
        for pixels in pixels.chunks_mut(LANES * outputs) {
            let [a, b, c, d] = [(); LANES].map(|()| windows.next().unwrap_or_default());
            match pixels.len() / outputs {
                4 => channels(tile, convolution, [a, b, c, d], pixels),
                3 => channels(tile, convolution, [a, b, c], pixels),
                2 => channels(tile, convolution, [a, b], pixels),
                _ => channels(tile, convolution, [a], pixels),
            }
        }
    });
}

/// All channels of some neighbouring pixels.
fn channels<const LANES: usize>(
    tile: &impl Tile,
    convolution: &Convolution<'_>,
    windows: [&[i8]; LANES],
    pixels: &mut [i8],
) {
    let (outputs, least) = (convolution.outputs(), convolution.least());
    for (first, rows) in fours(&convolution.matrix) {
        let mut held = [[0; ROWS]; LANES];
        if convolution.holds() {
            for (held, pixel) in held.iter_mut().zip(pixels.chunks_exact(outputs)) {
                for ((channel, held), &value) in (first..).zip(held).zip(behind(pixel, first)) {
                    *held = convolution.gain(channel) * i32::from(value);
                }
            }
        }
        let numbers = tile.products(&rows, windows, &held);
        for (pixel, numbers) in pixels.chunks_exact_mut(outputs).zip(numbers) {
            put(behind_mut(pixel, first), numbers.map(|number| number.clamp(least, 127) as i8));
        }
    }
}

/// The rows of a matrix in fours, with the number of the first.
fn fours<'m>(matrix: &Matrix<'m>) -> impl Iterator<Item = (usize, Rows<'m>)> {
    (0..).step_by(ROWS).zip(matrix.blocks()).map(|(first, (weights, scales))| {
        let scales = from_fn(|k| scales.get(k).or(scales.first()).copied().unwrap_or_default());
        (first, Rows { weights, scales })
    })
}
