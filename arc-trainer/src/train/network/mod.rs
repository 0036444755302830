//! The Attentive Recurrent Comparator on libtorch.
//!
//! All pairs of a grid of episodes are scored at once: `E` episodes, `K` probes and `L` supports
//! each, `E*K*L` pairs. Every image passes the stem once; the pairs share its feature map.

mod decision;
mod gaze;
mod linear;
mod lstm;
mod stem;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tch::{Device, Tensor};

use super::{Parameters, rounding};
use crate::config::ModelConfig;
use decision::Decision;
pub use decision::Ratings;
pub use gaze::{GazeLayer, filter_bank};
pub use lstm::{Lstm, LstmState};
pub use stem::Stem;

/// The network with its parameters.
#[derive(Debug)]
pub struct Network {
    /// The tensors, by the names of the checkpoint.
    pub parameters: Parameters,
    /// Images to feature maps.
    pub stem: Stem,
    /// State to glimpse.
    pub gaze_layer: GazeLayer,
    /// Glimpse and state to state.
    pub controller: Lstm,
    /// States to scores.
    pub decision: Decision,
    glimpses: usize,
    /// Whether features, glimpses and states are rounded as the export will round them.
    pub rounds: bool,
}

impl Network {
    /// A network with random weights from `seed`.
    pub fn new(config: &ModelConfig, seed: u64, device: Device) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut p = Parameters::new(device);
        let (inputs, hidden) = (config.glimpse_length() as i64, config.hidden as i64);
        let stem = Stem::new(&mut p, &mut rng, config);
        let controller = Lstm::new(&mut p, &mut rng, "lstm", inputs, hidden, config.forget_bias);
        let gaze_layer = GazeLayer::new(&mut p, &mut rng, config);
        let decision = Decision::new(&mut p, &mut rng, config);
        Self {
            parameters: p,
            stem,
            gaze_layer,
            controller,
            decision,
            glimpses: config.glimpses,
            rounds: false,
        }
    }

    /// Supports that it chooses among, if their number is fixed.
    pub fn ways(&self) -> Option<usize> {
        match &self.decision {
            Decision::Ways(scores) => Some(scores.outputs()),
            Decision::Pair(_) | Decision::Context(..) => None,
        }
    }

    /// Feature maps, as [`Stem::features`] gives them.
    pub fn features(&self, images: &Tensor, training: bool) -> Tensor {
        let maps = self.stem.features(images, training);
        if self.rounds { rounding::samples(&maps) } else { maps }
    }

    /// Rates every support of every probe.
    ///
    /// `probes` is `[E, K, side, channels * side]` and `supports` `[E, L, side, channels * side]`,
    /// both as [`features`](Self::features) gives them.
    pub fn rate(&self, probes: &Tensor, supports: &Tensor) -> Ratings {
        match &self.decision {
            Decision::Pair(head) => {
                Ratings::alone(head.logits(&self.embed_pairs(probes, supports)))
            }
            Decision::Context(head, context) => {
                let embeddings = self.embed_pairs(probes, supports);
                let pairs = head.logits(&embeddings);
                let scores = &pairs + context.corrections(&embeddings);
                Ratings { pairs: Some(pairs), scores: Some(scores) }
            }
            Decision::Ways(ways) => {
                let scores = ways.forward(&self.embed_all(probes, supports));
                Ratings { pairs: None, scores: Some(scores) }
            }
        }
    }

    /// Last states `[E, K, L, H]` of a controller that sees a probe and one support in turn.
    fn embed_pairs(&self, probes: &Tensor, supports: &Tensor) -> Tensor {
        let (e, k, l) = (probes.size()[0], probes.size()[1], supports.size()[1]);
        let hidden = self.controller.hidden;

        // The first glimpse depends on the probe alone: one step serves all of its pairs.
        let first = self.first_step(probes);
        let spread = |t: &Tensor| {
            t.view([e * k, 1, hidden])
                .expand([e * k, l, hidden], false)
                .reshape([e * k * l, hidden])
        };
        let mut state = LstmState { h: spread(&first.h), c: spread(&first.c) };

        for step in 1..2 * self.glimpses {
            let glimpse = if step % 2 == 0 {
                self.gaze_layer
                    .glimpse(&probes.flatten(0, 1), &state.h.view([e * k, l, hidden]))
                    .flatten(0, 1)
            } else {
                // Grouped by support, so that all its pairs read one copy of its map.
                let by_support = state.h.view([e, k, l, hidden]).transpose(1, 2);
                self.gaze_layer
                    .glimpse(&supports.flatten(0, 1), &by_support.reshape([e * l, k, hidden]))
                    .view([e, l, k, -1])
                    .transpose(1, 2)
                    .reshape([e * k * l, -1])
            };
            state = self.step(&glimpse, &state);
        }
        state.h.view([e, k, l, hidden])
    }

    /// Last states `[E, K, H]` of a controller that sees a probe and all supports in turn.
    fn embed_all(&self, probes: &Tensor, supports: &Tensor) -> Tensor {
        let (e, k, l) = (probes.size()[0], probes.size()[1], supports.size()[1]);
        let hidden = self.controller.hidden;
        let mut state = self.first_step(probes);
        for step in 1..(1 + l) * self.glimpses as i64 {
            let glimpse = match step % (1 + l) {
                0 => self
                    .gaze_layer
                    .glimpse(&probes.flatten(0, 1), &state.h.view([e * k, 1, hidden])),
                seen => self
                    .gaze_layer
                    .glimpse(&supports.select(1, seen - 1), &state.h.view([e, k, hidden])),
            };
            state = self.step(&glimpse.flatten(0, 1), &state);
        }
        state.h.view([e, k, hidden])
    }

    /// The state `[E * K, H]` after the first glimpse of each probe.
    fn first_step(&self, probes: &Tensor) -> LstmState {
        let probes = probes.flatten(0, 1);
        let (n, hidden) = (probes.size()[0], self.controller.hidden);
        let start = LstmState::zero(n, hidden, probes.device());
        let glimpse = self.gaze_layer.glimpse(&probes, &start.h.view([n, 1, hidden]));
        let glimpse = glimpse.flatten(0, 1);
        if self.rounds {
            let LstmState { h, c } = self.controller.first_step(&rounding::samples(&glimpse));
            return LstmState { h: rounding::state(&h), c };
        }
        self.controller.first_step(&glimpse)
    }

    fn step(&self, glimpse: &Tensor, state: &LstmState) -> LstmState {
        if self.rounds {
            let LstmState { h, c } = self.controller.step(&rounding::samples(glimpse), state);
            return LstmState { h: rounding::state(&h), c };
        }
        self.controller.step(glimpse, state)
    }
}
