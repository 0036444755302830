//! Convolutions, a pixel at a time, for a core that multiplies each input with the weights of four
//! rows.
//!
//! The tile is 4 output channels x 1 pixel. The window is not copied: each kernel row is added where it lies in the
//! map, and its weights begin at the same index in every row of the matrix.

use crate::arithmetic::RowScale;
use crate::kernels::arm::rows::{FourRows, ROWS};
use crate::kernels::arm::taps::taps;
use crate::layers::Convolution;
use crate::slices::lenient::behind;

/// A convolution, pixel by pixel.
pub(super) fn convolve<C: FourRows>(
    convolution: &Convolution<'_>,
    input: &[i8],
    output: &mut [i8],
) {
    let (side, least) = (convolution.output_side(), convolution.least());
    let mut pixels = output.chunks_exact_mut(convolution.outputs().max(1));
    for y in 0..side {
        for (x, pixel) in (0..side).zip(&mut pixels) {
            let window = taps(convolution, input, [y, x]);
            let blocks = pixel.chunks_mut(ROWS).zip(convolution.matrix.blocks());
            for (block, (pixel, (weights, scales))) in blocks.enumerate() {
                let mut sums = [0; ROWS];
                for (at, taps) in window.clone() {
                    C::add(weights.map(|weights| behind(weights, at)), taps, &mut sums);
                }
                let outputs = pixel.iter_mut().zip(scales).zip(sums).enumerate();
                for (row, ((out, &scale), sum)) in outputs {
                    let scale = RowScale::read(scale);
                    let residual = convolution.residual_gain(block * ROWS + row) * i32::from(*out);
                    *out = scale.requantize(scale.bias + sum + residual).clamp(least, 127) as i8;
                }
            }
        }
    }
}
