//! The affine map that every layer is made of.

use serde::{Deserialize, Serialize};

/// `W x + b`, the weights row by row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Linear {
    /// Input length.
    pub inputs: usize,
    /// `[outputs][inputs]`.
    pub weights: Vec<f32>,
    /// `[outputs]`.
    pub bias: Vec<f32>,
}

impl Linear {
    /// All weights and biases zero.
    pub fn zeros(outputs: usize, inputs: usize) -> Self {
        Self { inputs, weights: vec![0.0; outputs * inputs], bias: vec![0.0; outputs] }
    }

    /// Output length.
    pub fn outputs(&self) -> usize {
        self.bias.len()
    }

    /// The weights of each output in turn.
    pub fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.weights.chunks_exact(self.inputs)
    }

    /// `W x + b` into `output`.
    ///
    /// # Panics
    /// If `input` or `output` has another length than the matrix asks for.
    pub fn apply_into(&self, input: &[f32], output: &mut [f32]) {
        assert_eq!(input.len(), self.inputs);
        assert_eq!(output.len(), self.outputs());
        for ((out, row), bias) in output.iter_mut().zip(self.rows()).zip(&self.bias) {
            *out = bias + dot(row, input);
        }
    }

    /// `W x + b`.
    pub fn apply(&self, input: &[f32]) -> Vec<f32> {
        let mut output = vec![0.0; self.outputs()];
        self.apply_into(input, &mut output);
        output
    }

    /// Whether the arrays have the lengths that the two dimensions ask for.
    pub(super) fn has_shape(&self, outputs: usize, inputs: usize) -> bool {
        self.inputs == inputs
            && inputs > 0
            && self.bias.len() == outputs
            && Some(self.weights.len()) == outputs.checked_mul(inputs)
    }
}

/// Inner product in sixteen partial sums: the compiler may not reorder float additions, so
/// the order that suits SIMD registers is written out, and is the same on every host.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 16;
    let (a_blocks, a_tail) = a.as_chunks::<LANES>();
    let (b_blocks, b_tail) = b.as_chunks::<LANES>();
    let mut sums = [0.0f32; LANES];
    for (a, b) in a_blocks.iter().zip(b_blocks) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let tail: f32 = a_tail.iter().zip(b_tail).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + tail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn affine_map_of_a_length_with_a_tail() {
        let inputs = 35;
        let input: Vec<f32> = (0..inputs).map(|i| i as f32).collect();
        let layer = Linear {
            inputs,
            weights: [vec![1.0; inputs], input.clone()].concat(),
            bias: vec![0.5, -1.0],
        };
        let sum = (0..35).sum::<i32>() as f32;
        let squares = (0..35).map(|i| i * i).sum::<i32>() as f32;
        assert_eq!(layer.apply(&input), [sum + 0.5, squares - 1.0]);
    }
}
