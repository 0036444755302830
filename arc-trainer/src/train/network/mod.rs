//! The Attentive Recurrent Comparator on libtorch.
//!
//! All pairs of a grid of episodes are scored at once: `E` episodes, `K` probes and `L` supports
//! each, `E*K*L` pairs. Every image passes the stem once; the pairs share its feature map.

mod attention;
mod linear;
mod lstm;
mod stem;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tch::{Device, Tensor};

use super::Parameters;
use crate::config::ModelConfig;
pub use attention::{Attention, filter_bank};
use linear::Linear;
pub use lstm::{Lstm, State};
pub use stem::Stem;

/// The network with its parameters.
#[derive(Debug)]
pub struct Network {
    /// The tensors, by the names of the checkpoint.
    pub parameters: Parameters,
    /// Images to feature maps.
    pub stem: Stem,
    /// State to glimpse.
    pub attention: Attention,
    /// Glimpse and state to state.
    pub controller: Lstm,
    hidden: Linear,
    logit: Linear,
    glimpses: usize,
}

impl Network {
    /// A network with random weights from `seed`.
    pub fn new(config: &ModelConfig, seed: u64, device: Device) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut p = Parameters::new(device);
        let (hidden, head) = (config.hidden as i64, config.head as i64);
        let stem = Stem::new(&mut p, &mut rng, config);
        let controller = Lstm::new(&mut p, &mut rng, config);
        let attention = Attention::new(&mut p, &mut rng, config);
        let hidden = Linear::new(&mut p, &mut rng, "head.hidden", hidden, head);
        let logit = Linear::new(&mut p, &mut rng, "head.logit", head, 1);
        Self {
            parameters: p,
            stem,
            attention,
            controller,
            hidden,
            logit,
            glimpses: config.glimpses,
        }
    }

    /// Logits of all pairs, `[E, K, L]`.
    ///
    /// `probes` is `[E, K, side, channels * side]` and `supports` `[E, L, side, channels * side]`,
    /// both as [`Stem::features`] gives them.
    pub fn compare(&self, probes: &Tensor, supports: &Tensor) -> Tensor {
        let (e, k, l) = (probes.size()[0], probes.size()[1], supports.size()[1]);
        let hidden = self.controller.hidden;

        // The first glimpse depends on the probe alone: one step serves all of its pairs.
        let state = State::zero(e * k, hidden, probes.device());
        let glimpse =
            self.attention.glimpse(&probes.flatten(0, 1), &state.h.view([e * k, 1, hidden]));
        let first = self.controller.first_step(&glimpse.flatten(0, 1));
        let spread = |t: &Tensor| {
            t.view([e * k, 1, hidden])
                .expand([e * k, l, hidden], false)
                .reshape([e * k * l, hidden])
        };
        let mut state = State { h: spread(&first.h), c: spread(&first.c) };

        for step in 1..2 * self.glimpses {
            let glimpse = if step % 2 == 0 {
                self.attention
                    .glimpse(&probes.flatten(0, 1), &state.h.view([e * k, l, hidden]))
                    .flatten(0, 1)
            } else {
                // Grouped by support, so that all its pairs read one copy of its map.
                let by_support = state.h.view([e, k, l, hidden]).transpose(1, 2);
                self.attention
                    .glimpse(&supports.flatten(0, 1), &by_support.reshape([e * l, k, hidden]))
                    .view([e, l, k, -1])
                    .transpose(1, 2)
                    .reshape([e * k * l, -1])
            };
            state = self.controller.step(&glimpse, &state);
        }
        self.score(&state.h).view([e, k, l])
    }

    /// Logits `[n]` of final states `[n, H]`.
    pub fn score(&self, h: &Tensor) -> Tensor {
        self.logit.forward(&self.hidden.forward(h).relu()).squeeze_dim(1)
    }
}
