//! A long short-term memory: the controller's, and those of the context.

use serde::{Deserialize, Serialize};

use super::Linear;

/// LSTM weights: `4 H` rows over `[input | state]`, the gates in the order input, forget,
/// candidate, output. The controller's input is a glimpse (row, column, channel).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lstm {
    /// The four gates' rows, with both biases of the usual two in one.
    pub gates: Linear,
}

/// What the controller remembers: hidden state and cell, each `[H]`.
#[derive(Debug, Clone, PartialEq)]
pub struct LstmState {
    /// Hidden state, each value in -1..1.
    pub h: Vec<f32>,
    /// Cell.
    pub c: Vec<f32>,
}

impl Lstm {
    /// Units of the state (H).
    pub fn hidden(&self) -> usize {
        self.gates.outputs() / 4
    }

    /// The state before the first step: zeros.
    pub fn start(&self) -> LstmState {
        LstmState { h: vec![0.0; self.hidden()], c: vec![0.0; self.hidden()] }
    }

    /// One step: `c' = f c + i g` and `h' = o tanh(c')`.
    pub fn step(&self, input: &[f32], state: &LstmState) -> LstmState {
        let hidden = self.hidden();
        let gates = self.gates.apply(&[input, &state.h].concat());
        let mut next = self.start();
        for unit in 0..hidden {
            let i = sigmoid(gates[unit]);
            let f = sigmoid(gates[hidden + unit]);
            let g = libm::tanhf(gates[2 * hidden + unit]);
            let o = sigmoid(gates[3 * hidden + unit]);
            next.c[unit] = f * state.c[unit] + i * g;
            next.h[unit] = o * libm::tanhf(next.c[unit]);
        }
        next
    }
}

/// `1 / (1 + exp(-x))`.
pub(super) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + libm::expf(-x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_come_in_the_order_input_forget_candidate_output() {
        // One unit, no inputs that matter: the biases alone open and shut the gates.
        let lstm = |bias: [f32; 4]| Lstm {
            gates: Linear { inputs: 2, weights: vec![0.0; 8], bias: bias.to_vec() },
        };
        let before = LstmState { h: vec![0.0], c: vec![0.7] };
        let kept = lstm([-50.0, 50.0, 1.0, 50.0]).step(&[0.0], &before);
        assert!((kept.c[0] - 0.7).abs() < 1e-6);
        assert!((kept.h[0] - 0.7f32.tanh()).abs() < 1e-6);
        let written = lstm([50.0, -50.0, 0.5, -50.0]).step(&[0.0], &before);
        assert!((written.c[0] - 0.5f32.tanh()).abs() < 1e-6);
        assert!(written.h[0].abs() < 1e-6);
    }
}
