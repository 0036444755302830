//! Convolutions, a pixel at a time, for a core that multiplies each input with the weights of four
//! rows.

use super::by_rows::{FourRows, ROWS};
use crate::arithmetic::RowScale;
use crate::parts::{behind, part};
#[cfg(kernels = "helium")]
use crate::parts::{behind_mut, copy};
use crate::stages::Convolution;

/// A convolution, pixel by pixel.
pub(super) fn convolve<C: FourRows>(
    convolution: &Convolution<'_>,
    input: &[i8],
    output: &mut [i8],
) {
    let Convolution { input_side, inputs, stride, matrix, .. } = *convolution;
    let (side, least) = (convolution.kernel_side(), convolution.least());
    let (padding, line) = (side / 2, input_side * inputs);
    let mut pixels = output.chunks_exact_mut(matrix.outputs().max(1));
    for y in (0..input_side).step_by(stride.max(1)) {
        for (x, pixel) in (0..input_side).step_by(stride.max(1)).zip(&mut pixels) {
            // The taps of a kernel row are neighbours in the map; at the border there are fewer.
            let (left, right) = (x.saturating_sub(padding), (x + padding + 1).min(input_side));
            let (top, bottom) = (y.saturating_sub(padding), (y + padding + 1).min(input_side));
            for (block, (pixel, (weights, scales))) in
                pixel.chunks_mut(ROWS).zip(matrix.blocks()).enumerate()
            {
                let mut sums = [0; ROWS];
                for row in top..bottom {
                    let tap = ((row + padding - y) * side + left + padding - x) * inputs;
                    let taps = part(input, row * line + left * inputs, (right - left) * inputs);
                    C::add(weights.map(|weights| behind(weights, tap)), taps, &mut sums);
                }
                let outputs = pixel.iter_mut().zip(scales).zip(sums).enumerate();
                for (row, ((out, &scale), sum)) in outputs {
                    let scale = RowScale::read(scale);
                    let held = convolution.gain(block * ROWS + row) * i32::from(*out);
                    *out = scale.requantise(scale.bias + sum + held).clamp(least, 127) as i8;
                }
            }
        }
    }
}

/// Puts the window of the output pixel in row `y` and column `x` together, with zeros beyond the
/// border; `window` is as long as a row of the matrix.
#[cfg(kernels = "helium")]
pub(super) fn window(
    convolution: &Convolution<'_>,
    input: &[i8],
    y: usize,
    x: usize,
    window: &mut [i8],
) {
    let Convolution { input_side, inputs, stride, .. } = *convolution;
    let (side, line) = (convolution.kernel_side(), input_side * inputs);
    let (padding, x) = (side / 2, x * stride);
    let (left, right) = (x.saturating_sub(padding), (x + padding + 1).min(input_side));
    let missing = (left + padding - x) * inputs;
    let kernel_rows = window.chunks_exact_mut((side * inputs).max(1)).enumerate();
    for (kernel_row, taps) in kernel_rows {
        let row = (y * stride + kernel_row).wrapping_sub(padding);
        let inside = if row < input_side { (right - left) * inputs } else { 0 };
        if inside < taps.len() {
            taps.fill(0);
        }
        copy(behind_mut(taps, missing), part(input, row * line + left * inputs, inside));
    }
}
