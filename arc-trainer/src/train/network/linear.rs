//! A linear layer with bias.

use rand_chacha::ChaCha8Rng;
use tch::Tensor;

use crate::train::Parameters;

#[derive(Debug)]
pub struct Linear {
    weight: Tensor,
    bias: Tensor,
}

impl Linear {
    pub fn new(
        p: &mut Parameters,
        rng: &mut ChaCha8Rng,
        name: &str,
        inputs: i64,
        outputs: i64,
    ) -> Self {
        let bound = 1.0 / (inputs as f32).sqrt();
        Self {
            weight: p.uniform(rng, &format!("{name}.weight"), &[outputs, inputs], bound),
            bias: p.uniform(rng, &format!("{name}.bias"), &[outputs], bound),
        }
    }

    /// Numbers that it gives.
    pub fn outputs(&self) -> usize {
        self.bias.numel()
    }

    /// `[.., inputs]` to `[.., outputs]`.
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x.linear(&self.weight, Some(&self.bias))
    }
}
