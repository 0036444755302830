//! What the last states are turned into.

use rand_chacha::ChaCha8Rng;
use tch::Tensor;

use super::linear::Linear;
use super::lstm::{Lstm, LstmState};
use crate::config::ModelConfig;
use crate::train::Parameters;

/// How a network decides.
#[derive(Debug)]
pub enum Decision {
    /// Each pair alone (naive one-shot).
    Pair(PairHead),
    /// Each pair, corrected by the other pairs of its probe (full-context one-shot).
    Context(PairHead, Context),
    /// A score for each of a fixed number of supports (N-way one-shot).
    Ways(Linear),
}

/// How alike probes and supports are, as logits `[E, K, L]`.
#[derive(Debug)]
pub struct Ratings {
    /// Of each pair alone; none from an N-way network.
    pub pairs: Option<Tensor>,
    /// What the supports of a probe are ranked by, where that is not the pair alone.
    pub scores: Option<Tensor>,
}

impl Ratings {
    /// Of pairs that are rated alone.
    pub fn alone(pairs: Tensor) -> Self {
        Self { pairs: Some(pairs), scores: None }
    }

    /// What the supports of a probe are ranked by.
    ///
    /// # Panics
    /// If nothing was rated.
    pub fn ranking(&self) -> &Tensor {
        self.scores.as_ref().or(self.pairs.as_ref()).expect("every network rates")
    }
}

impl Decision {
    pub(super) fn new(p: &mut Parameters, rng: &mut ChaCha8Rng, config: &ModelConfig) -> Self {
        let hidden = config.hidden as i64;
        if let Some(ways) = config.ways {
            return Self::Ways(Linear::new(p, rng, "ways", hidden, ways as i64));
        }
        let head = config.head as i64;
        let head = PairHead {
            hidden: Linear::new(p, rng, "head.hidden", hidden, head),
            logit: Linear::new(p, rng, "head.logit", head, 1),
        };
        let Some(units) = config.context else { return Self::Pair(head) };
        let units = units as i64;
        let mut lstm = |name| Lstm::new(p, rng, name, hidden, units, config.forget_bias);
        let (forward, backward) = (lstm("context.forward"), lstm("context.backward"));
        let score = Linear::new(p, rng, "context.score", 2 * units, 1);
        Self::Context(head, Context { forward, backward, score })
    }
}

/// `[n, H]` to a logit, through one layer of ReLUs.
#[derive(Debug)]
pub struct PairHead {
    hidden: Linear,
    logit: Linear,
}

impl PairHead {
    /// Logits `[E, K, L]` of last states `[E, K, L, H]`.
    pub fn logits(&self, states: &Tensor) -> Tensor {
        self.logit.forward(&self.hidden.forward(states).relu()).squeeze_dim(-1)
    }
}

/// A bidirectional LSTM over the last states of a probe's pairs (Shyam et al., 2017, section 4.2),
/// and the row that turns its two states at a pair into a correction of the pair's logit.
#[derive(Debug)]
pub struct Context {
    forward: Lstm,
    backward: Lstm,
    score: Linear,
}

impl Context {
    /// What to add to the logits: `[E, K, L]`, of last states `[E, K, L, H]`.
    pub fn corrections(&self, states: &Tensor) -> Tensor {
        let pairs = states.size()[2];
        let forward = Self::walk(&self.forward, states, 0..pairs);
        let mut backward = Self::walk(&self.backward, states, (0..pairs).rev());
        backward.reverse();
        let both = [Tensor::stack(&forward, 2), Tensor::stack(&backward, 2)];
        self.score.forward(&Tensor::cat(&both, -1)).squeeze_dim(-1)
    }

    /// The states `[E, K, C]` at each pair, in the order in which they are walked over.
    fn walk(lstm: &Lstm, states: &Tensor, order: impl Iterator<Item = i64>) -> Vec<Tensor> {
        let (e, k) = (states.size()[0], states.size()[1]);
        let mut state = LstmState::zero(e * k, lstm.hidden, states.device());
        let mut found = Vec::new();
        for pair in order {
            state = lstm.step(&states.select(2, pair).flatten(0, 1), &state);
            found.push(state.h.view([e, k, lstm.hidden]));
        }
        found
    }
}
