//! The definition of every kernel, in plain integer code for any core.

use crate::arithmetic::activation::{SIGMOID, TANH};
use crate::arithmetic::{round_shift, sat8, sat16};
use crate::kernels::Kernels;
use crate::kernels::sealed::Sealed;
use crate::layers::{Batch, Convolution, Filter, Matrix};
use crate::slices::lenient::{behind, part};

/// Portable kernels; the definition of the arithmetic.
///
/// ```
/// use arc_runtime::kernels::{Native, Scalar};
/// use arc_runtime::{Comparator, Image, Model};
///
/// let model = Model::load(arc_runtime::include_model!("../../tests/data/tiny.arc"))?;
/// let words = vec![0; model.dimensions().workspace_words()];
/// let mut defined = Comparator::with_kernels(&model, words.clone(), Scalar)?;
/// let mut native = Comparator::with_kernels(&model, words, Native)?;
/// # let pixels = [100; 13 * 13];
/// # let image = Image::new(13, &pixels)?;
/// assert_eq!(native.compare(&image, &image)?, defined.compare(&image, &image)?);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scalar;

impl Sealed for Scalar {}

impl Kernels for Scalar {
    const NAME: &'static str = "scalar";

    // One output at a time: an item, then a row.
    fn linear(&self, matrix: &Matrix<'_>, x: Batch<'_>, y: &mut [i16]) {
        for (x, y) in x.iter().zip(y.chunks_exact_mut(matrix.outputs().max(1))) {
            for (y, (weights, scale)) in y.iter_mut().zip(matrix.rows()) {
                *y = sat16(scale.requantize(scale.bias + dot(weights, x)));
            }
        }
    }

    // One output at a time: a pixel, then a channel. A row of the matrix is laid out (kernel row, kernel column,
    // input), and the map (row, column, channel), so that a kernel row is one dot product.
    fn convolve(&self, convolution: &Convolution<'_>, input: &[i8], output: &mut [i8]) {
        let Convolution { input_side, inputs, stride, matrix, .. } = *convolution;
        let (side, least) = (convolution.kernel_side(), convolution.least());
        let padding = side / 2;
        let line = input_side * inputs;
        let mut pixels = output.chunks_exact_mut(matrix.outputs().max(1));
        for y in (0..input_side).step_by(stride.max(1)) {
            for (x, pixel) in (0..input_side).step_by(stride.max(1)).zip(&mut pixels) {
                // The taps of a kernel row are neighbors in the map, so that each row of the
                // window is one dot product; at the border it is shorter.
                let left = x.saturating_sub(padding);
                let right = (x + padding + 1).min(input_side);
                let (first_tap, taps) = ((left + padding - x) * inputs, (right - left) * inputs);
                let top = y.saturating_sub(padding);
                let rows = behind(input, top * line).chunks_exact(line.max(1));
                let rows = rows.take(y + padding + 1 - top);
                let window = rows.map(|row| part(row, left * inputs, taps));
                for (channel, (out, (weights, scale))) in
                    pixel.iter_mut().zip(matrix.rows()).enumerate()
                {
                    let kernel_rows = weights.chunks_exact((side * inputs).max(1));
                    let kernel_rows = kernel_rows.skip(top + padding - y);
                    let sums = kernel_rows
                        .zip(window.clone())
                        .map(|(kernel, row)| dot(part(kernel, first_tap, taps), row));
                    let residual = convolution.residual_gain(channel) * i32::from(*out);
                    let accumulator = scale.bias + residual + sums.sum::<i32>();
                    *out = scale.requantize(accumulator).clamp(least, 127) as i8;
                }
            }
        }
    }

    // One output line x 32 columns at a time: 32 accumulators, one weight, and as many columns of an input line.
    #[inline]
    fn resample(&self, filter: &Filter<'_>, input: &[i8], output: &mut [i8]) {
        // Columns of a block: so few that the accumulators stay in registers.
        const BLOCK: usize = 32;
        let outputs = filter.factors.len();
        let per_row = |len: usize| len.checked_div(outputs).unwrap_or(0).max(1);
        let (lines, width) = (per_row(filter.weights.len()), per_row(output.len()));
        let rows = filter.weights.chunks_exact(lines).zip(filter.factors);
        for ((weights, factor), output) in rows.zip(output.chunks_exact_mut(width)) {
            for (block, output) in output.chunks_mut(BLOCK).enumerate() {
                let mut sums = [0i32; BLOCK];
                for (&weight, line) in weights.iter().zip(input.chunks_exact(width)) {
                    if weight == 0 {
                        continue; // most of a narrow filter
                    }
                    for (sum, &value) in sums.iter_mut().zip(behind(line, block * BLOCK)) {
                        *sum += i32::from(weight) * i32::from(value);
                    }
                }
                for (output, sum) in output.iter_mut().zip(sums) {
                    *output = sat8(round_shift(sum * factor, filter.shift));
                }
            }
        }
    }

    #[inline]
    fn lstm_cell(&self, preactivations: &[i16], cell: &mut [i16], state: &mut [i8]) {
        let mut gates = preactivations.chunks_exact(cell.len().max(1));
        let mut gate = || gates.next().unwrap_or_default().iter();
        let (input, forget, candidate, output) = (gate(), gate(), gate(), gate());
        let gates = input.zip(forget).zip(candidate.zip(output));
        for (((&i, &f), (&u, &o)), (cell, state)) in gates.zip(cell.iter_mut().zip(state)) {
            let (i, f) = (i32::from(SIGMOID.at(i)), i32::from(SIGMOID.at(f)));
            let (u, o) = (i32::from(TANH.at(u)), i32::from(SIGMOID.at(o)));
            *cell = sat16(round_shift(f * i32::from(*cell) + ((i * u) >> 4), 15));
            let squashed = TANH.at(sat16(2 * i32::from(*cell)));
            *state = sat8(round_shift(o * i32::from(squashed), 23));
        }
    }
}

/// The sum of the products, over the length of the shorter of the two.
pub(crate) fn dot(weights: &[i8], x: &[i8]) -> i32 {
    let products = weights.iter().zip(x);
    products.map(|(&w, &x)| i32::from(w) * i32::from(x)).sum()
}
