//! A convolution, and the maps that it goes from and to.

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

/// A convolution with batch norm folded in: 3x3 with zero padding of one pixel, or 1x1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conv {
    /// Input channels.
    pub channels: usize,
    /// Step of the kernel over the input, 1 or 2.
    pub stride: usize,
    /// One row per output channel over the patch `[3][3][input channel]`, or `[input channel]`.
    pub kernel: Linear,
}

impl FeatureMap {
    /// Raises what is below 0 to it.
    pub fn relu(mut self) -> Self {
        self.values.iter_mut().for_each(|v| *v = v.max(0.0));
        self
    }
}

impl Conv {
    /// Side of the output map for an input of `side`.
    pub fn output_side(&self, side: usize) -> usize {
        side.div_ceil(self.stride)
    }

    /// All weights and biases zero, for a kernel of `side` x `side`.
    pub fn zeros(side: usize, stride: usize, channels: usize, outputs: usize) -> Self {
        Self { channels, stride, kernel: Linear::zeros(outputs, side * side * channels) }
    }

    /// Side of the kernel: 3 or 1.
    pub fn side(&self) -> usize {
        if self.kernel.inputs == self.channels { 1 } else { 3 }
    }

    /// `kernel * input + bias` at every place.
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
        }
        FeatureMap { side, channels, values }
    }

    /// The neighborhood of an input place under the kernel, zero outside of the map.
    fn gather(&self, input: &FeatureMap, row: usize, column: usize, patch: &mut [f32]) {
        let (side, padding) = (self.side(), self.side() / 2);
        let inside = padding..input.side + padding;
        for (tap, values) in patch.chunks_exact_mut(self.channels).enumerate() {
            let (y, x) = (row + tap / side, column + tap % side); // of the padded map
            if inside.contains(&y) && inside.contains(&x) {
                let start = ((y - padding) * input.side + (x - padding)) * self.channels;
                values.copy_from_slice(&input.values[start..start + self.channels]);
            } else {
                values.fill(0.0);
            }
        }
    }

    /// Whether it takes maps of `channels` and its kernel has the shape of one of `side`.
    pub(super) fn fits(&self, side: usize, channels: usize) -> bool {
        let outputs = self.kernel.outputs();
        self.channels == channels
            && matches!(self.stride, 1 | 2)
            && outputs > 0
            && self.kernel.has_shape(outputs, side * side * channels)
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
    fn the_center_tap_copies_and_the_corner_tap_shifts_in_zeros() {
        let map = counting_map(3);
        assert_eq!(shift(4, 1).apply(&map), map);
        assert_eq!(shift(0, 1).apply(&map).values, [0., 0., 0., 0., 1., 2., 0., 4., 5.]);
    }

    #[test]
    fn a_kernel_of_one_place_mixes_channels_alone() {
        let map = FeatureMap { side: 3, channels: 2, values: (0..18).map(|v| v as f32).collect() };
        let kernel = Linear { inputs: 2, weights: vec![1.0, -1.0, 0.0, 2.0], bias: vec![0.5, 0.0] };
        let out = Conv { channels: 2, stride: 2, kernel }.apply(&map);
        assert_eq!(out.values, [-0.5, 2.0, -0.5, 10.0, -0.5, 26.0, -0.5, 34.0]);
        assert_eq!(out.relu().values, [0.0, 2.0, 0.0, 10.0, 0.0, 26.0, 0.0, 34.0]);
    }

    #[test]
    fn a_stride_of_two_starts_at_the_first_pixel_and_rounds_up() {
        let out = shift(4, 2).apply(&counting_map(5));
        assert_eq!(out.side, 3);
        assert_eq!(out.values, [1., 3., 5., 11., 13., 15., 21., 23., 25.]);
    }
}
