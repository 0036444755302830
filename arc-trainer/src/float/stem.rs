//! The convolutions in front of the attention, and the feature map they make.

use serde::{Deserialize, Serialize};

use super::Linear;

/// A square map laid out (row, column, channel).
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureMap {
    /// Rows and columns.
    pub side: usize,
    /// Values at each place.
    pub channels: usize,
    /// `side * side * channels` values.
    pub values: Vec<f32>,
}

/// A 3x3 convolution with zero padding of one pixel, batch norm folded in, then ReLU.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conv {
    /// Input channels.
    pub channels: usize,
    /// Step of the kernel over the input, 1 or 2.
    pub stride: usize,
    /// One row per output channel over the patch `[3][3][input channel]`.
    pub kernel: Linear,
}

impl Conv {
    /// Side of the output map for an input of `side`.
    pub fn output_side(&self, side: usize) -> usize {
        side.div_ceil(self.stride)
    }

    /// `max(0, kernel * input + bias)`.
    pub fn apply(&self, input: &FeatureMap) -> FeatureMap {
        assert_eq!(input.channels, self.channels);
        let side = self.output_side(input.side);
        let channels = self.kernel.outputs();
        let mut values = vec![0.0; side * side * channels];
        let mut patch = vec![0.0; self.kernel.inputs];
        for (place, out) in values.chunks_exact_mut(channels).enumerate() {
            let (row, column) = (place / side * self.stride, place % side * self.stride);
            self.gather(input, row, column, &mut patch);
            self.kernel.apply_into(&patch, out);
            out.iter_mut().for_each(|v| *v = v.max(0.0));
        }
        FeatureMap { side, channels, values }
    }

    /// The 3x3 neighbourhood of an input place, zero outside of the map.
    fn gather(&self, input: &FeatureMap, row: usize, column: usize, patch: &mut [f32]) {
        for (tap, values) in patch.chunks_exact_mut(self.channels).enumerate() {
            let (y, x) = (row + tap / 3, column + tap % 3); // of the map padded by one
            if (1..=input.side).contains(&y) && (1..=input.side).contains(&x) {
                let start = ((y - 1) * input.side + (x - 1)) * self.channels;
                values.copy_from_slice(&input.values[start..start + self.channels]);
            } else {
                values.fill(0.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A kernel that copies one tap of its input channel.
    fn shift(tap: usize, stride: usize) -> Conv {
        let mut weights = vec![0.0; 9];
        weights[tap] = 1.0;
        Conv { channels: 1, stride, kernel: Linear { inputs: 9, weights, bias: vec![0.0] } }
    }

    fn counting_map(side: usize) -> FeatureMap {
        FeatureMap { side, channels: 1, values: (1..=side * side).map(|v| v as f32).collect() }
    }

    #[test]
    fn the_centre_tap_copies_and_the_corner_tap_shifts_in_zeros() {
        let map = counting_map(3);
        assert_eq!(shift(4, 1).apply(&map), map);
        assert_eq!(shift(0, 1).apply(&map).values, [0., 0., 0., 0., 1., 2., 0., 4., 5.]);
    }

    #[test]
    fn a_stride_of_two_starts_at_the_first_pixel_and_rounds_up() {
        let out = shift(4, 2).apply(&counting_map(5));
        assert_eq!(out.side, 3);
        assert_eq!(out.values, [1., 3., 5., 11., 13., 15., 21., 23., 25.]);
    }
}
