//! Matrix products over the items of a batch, and convolutions as matrix products over windows.
//!
//! Both are cut into tiles of [`ROWS`] rows and up to [`ITEMS`] items, for [`Tile::products`]:
//!
//! ```text
//! for each 4 items (pairs of the batch, or neighboring pixels):
//!     for each 4 rows of the matrix:
//!         16 outputs = tile.products(rows, items)
//! ```

use core::array::from_fn;

use crate::arithmetic::sat16;
use crate::kernels::generic::tile::{ITEMS, MatrixRows, ROWS, Tile, store};
use crate::kernels::generic::windows::windows;
use crate::layers::{Batch, Convolution, Matrix};
use crate::slices::lenient::{behind, behind_mut, front};

/// [`Kernels::linear`](crate::kernels::Kernels::linear).
pub(super) fn linear(tile: &impl Tile, matrix: &Matrix<'_>, x: Batch<'_>, y: &mut [i16]) {
    let inputs = x.len().min(matrix.inputs());
    let mut items = x.iter().map(|item| front(item, inputs));
    let outputs = matrix.outputs().max(1);
    for y in y.chunks_mut(ITEMS * outputs) {
        let [a, b, c, d] = [(); ITEMS].map(|()| items.next().unwrap_or_default());
        match y.len() / outputs {
            4 => rows(tile, matrix, [a, b, c, d], y),
            3 => rows(tile, matrix, [a, b, c], y),
            2 => rows(tile, matrix, [a, b], y),
            _ => rows(tile, matrix, [a], y),
        }
    }
}

/// All rows of a matrix with `ITEMS` items, four rows at a time.
fn rows<const ITEMS: usize>(
    tile: &impl Tile,
    matrix: &Matrix<'_>,
    inputs: [&[i8]; ITEMS],
    y: &mut [i16],
) {
    for (first, rows) in fours(matrix) {
        let numbers = tile.products(&rows, inputs, &[[0; ROWS]; ITEMS]);
        for (y, numbers) in y.chunks_exact_mut(matrix.outputs()).zip(numbers) {
            store(behind_mut(y, first), numbers.map(sat16));
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
        for pixels in pixels.chunks_mut(ITEMS * outputs) {
            let [a, b, c, d] = [(); ITEMS].map(|()| windows.next().unwrap_or_default());
            match pixels.len() / outputs {
                4 => channels(tile, convolution, [a, b, c, d], pixels),
                3 => channels(tile, convolution, [a, b, c], pixels),
                2 => channels(tile, convolution, [a, b], pixels),
                _ => channels(tile, convolution, [a], pixels),
            }
        }
    });
}

/// All channels of `ITEMS` neighboring pixels, four channels at a time.
fn channels<const ITEMS: usize>(
    tile: &impl Tile,
    convolution: &Convolution<'_>,
    windows: [&[i8]; ITEMS],
    pixels: &mut [i8],
) {
    let (outputs, least) = (convolution.outputs(), convolution.least());
    for (first, rows) in fours(&convolution.matrix) {
        let mut residuals = [[0; ROWS]; ITEMS];
        if convolution.adds_residual() {
            for (residual, pixel) in residuals.iter_mut().zip(pixels.chunks_exact(outputs)) {
                for ((channel, residual), &value) in
                    (first..).zip(residual).zip(behind(pixel, first))
                {
                    *residual = convolution.residual_gain(channel) * i32::from(value);
                }
            }
        }
        let numbers = tile.products(&rows, windows, &residuals);
        for (pixel, numbers) in pixels.chunks_exact_mut(outputs).zip(numbers) {
            store(behind_mut(pixel, first), numbers.map(|number| number.clamp(least, 127) as i8));
        }
    }
}

/// The rows of a matrix in fours, with the number of the first. In the last four, the first row stands in for
/// missing ones.
fn fours<'m>(matrix: &Matrix<'m>) -> impl Iterator<Item = (usize, MatrixRows<'m>)> {
    (0..).step_by(ROWS).zip(matrix.blocks()).map(|(first, (weights, scales))| {
        let scales = from_fn(|k| scales.get(k).or(scales.first()).copied().unwrap_or_default());
        (first, MatrixRows { weights, scales })
    })
}
