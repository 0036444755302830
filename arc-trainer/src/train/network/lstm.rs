//! Long short-term memory: the controller's, and those of the context.

use rand_chacha::ChaCha8Rng;
use tch::{Device, Kind, Tensor, no_grad};

use crate::train::Parameters;

/// An LSTM cell, gates in the order input, forget, candidate, output.
#[derive(Debug)]
pub struct Lstm {
    weight_x: Tensor,
    weight_h: Tensor,
    bias: Tensor,
    /// Units of the state.
    pub hidden: i64,
}

/// The LSTM's state: output `h` and cell `c`, each `[n, H]`.
#[derive(Debug)]
pub struct LstmState {
    /// The output, in -1..1.
    pub h: Tensor,
    /// The cell.
    pub c: Tensor,
}

impl LstmState {
    /// Before the first step.
    pub fn zero(n: i64, hidden: i64, device: Device) -> Self {
        let zero = Tensor::zeros([n, hidden], (Kind::Float, device));
        Self { h: zero.shallow_clone(), c: zero }
    }
}

impl Lstm {
    pub(super) fn new(
        p: &mut Parameters,
        rng: &mut ChaCha8Rng,
        name: &str,
        inputs: i64,
        hidden: i64,
        forget_bias: f32,
    ) -> Self {
        let bound = 1.0 / (hidden as f32).sqrt();
        let weight_x = p.uniform(rng, &format!("{name}.weight_x"), &[4 * hidden, inputs], bound);
        let weight_h = p.uniform(rng, &format!("{name}.weight_h"), &[4 * hidden, hidden], bound);
        let bias = p.constant(&format!("{name}.bias"), 4 * hidden, 0.0);
        let _ = no_grad(|| bias.narrow(0, hidden, hidden).fill_(f64::from(forget_bias)));
        Self { weight_x, weight_h, bias, hidden }
    }

    /// One step from `state`, on glimpses `[n, inputs]`.
    pub fn step(&self, x: &Tensor, state: &LstmState) -> LstmState {
        let gates = x.linear(&self.weight_x, Some(&self.bias))
            + state.h.linear(&self.weight_h, None::<Tensor>);
        let gates = gates.chunk(4, 1);
        let keep = gates[1].sigmoid() * &state.c;
        Self::output(&gates, keep + Self::admit(&gates))
    }

    /// The step from the zero state, where neither h nor c contributes.
    pub fn first_step(&self, x: &Tensor) -> LstmState {
        let gates = x.linear(&self.weight_x, Some(&self.bias)).chunk(4, 1);
        let c = Self::admit(&gates);
        Self::output(&gates, c)
    }

    fn admit(gates: &[Tensor]) -> Tensor {
        gates[0].sigmoid() * gates[2].tanh()
    }

    fn output(gates: &[Tensor], c: Tensor) -> LstmState {
        LstmState { h: gates[3].sigmoid() * c.tanh(), c }
    }
}
