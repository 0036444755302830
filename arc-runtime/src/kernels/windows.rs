//! The windows of a convolution side by side, as the lanes of a matrix product.

use super::Lanes;
use crate::stages::Convolution;

/// Windows at a time, and room for them: a window has at most 2,064 inputs.
const MOST: usize = 16;
const ROOM: usize = MOST * 2064;

/// Calls `each` with the windows of some neighbouring outputs, and those outputs, until all are
/// done. What a window lacks at the border is zero.
pub(super) fn windows(
    convolution: &Convolution<'_>,
    input: &[i8],
    output: &mut [i8],
    each: &mut dyn FnMut(Lanes<'_>, &mut [i8]),
) {
    let Convolution { input_side, inputs, stride, .. } = *convolution;
    let (side, output_side) = (convolution.kernel_side(), convolution.output_side());
    let (padding, inputs_of_window) = (side / 2, side * side * inputs);
    let mut room = [0; ROOM];
    let mut rows = output.chunks_exact_mut(output_side * convolution.outputs());
    for (y, row) in (0..input_side).step_by(stride).zip(&mut rows) {
        for (k, outputs) in row.chunks_mut(MOST * convolution.outputs()).enumerate() {
            let count = outputs.len() / convolution.outputs();
            let lanes = &mut room[..count * inputs_of_window];
            for (j, window) in lanes.chunks_exact_mut(inputs_of_window).enumerate() {
                let x = (k * MOST + j) * stride;
                let left = x.saturating_sub(padding);
                let right = (x + padding + 1).min(input_side);
                let from = (left + padding - x) * inputs;
                let taps = (right - left) * inputs;
                for (dy, kernel_row) in window.chunks_exact_mut(side * inputs).enumerate() {
                    let line = (y + dy).checked_sub(padding).filter(|&line| line < input_side);
                    let Some(line) = line else {
                        kernel_row.fill(0);
                        continue;
                    };
                    kernel_row[..from].fill(0);
                    kernel_row[from + taps..].fill(0);
                    let start = (line * input_side + left) * inputs;
                    kernel_row[from..from + taps].copy_from_slice(&input[start..][..taps]);
                }
            }
            each(Lanes::new(lanes, inputs_of_window, inputs_of_window), outputs);
        }
    }
}
