//! What the last state is turned into.

use serde::{Deserialize, Serialize};

use super::{Context, Linear, PairHead};
use crate::config::ModelConfig;

/// How a network decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Decision {
    /// A logit for each pair (naive one-shot).
    Pair(PairHead),
    /// A logit for each pair, corrected by the other pairs of its probe (full-context one-shot).
    Context(PairHead, Context),
    /// A logit for each of a fixed number of supports, `[N][H]`, of one controller that has seen
    /// the probe and all of them (N-way one-shot).
    Ways(Linear),
}

/// How alike a probe and one of its supports are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rating {
    /// The logit that the supports are ranked by.
    pub score: f64,
    /// The logit of the pair alone; `None` from an N-way network.
    pub pair: Option<f64>,
}

impl Rating {
    /// A pair that is rated alone.
    pub fn alone(logit: f64) -> Self {
        Self { score: logit, pair: Some(logit) }
    }
}

impl Decision {
    /// The decision of a network of these sizes, every weight zero.
    pub fn zeros(sizes: &ModelConfig) -> Self {
        if let Some(ways) = sizes.ways {
            return Self::Ways(Linear::zeros(ways, sizes.hidden));
        }
        let head = PairHead {
            hidden: Linear::zeros(sizes.head, sizes.hidden),
            logit: Linear::zeros(1, sizes.head),
        };
        match sizes.context {
            Some(units) => Self::Context(head, Context::zeros(sizes.hidden, units)),
            None => Self::Pair(head),
        }
    }

    /// The head that scores a pair, of a network that compares pairs.
    pub fn pair(&self) -> Option<&PairHead> {
        match self {
            Self::Pair(head) | Self::Context(head, _) => Some(head),
            Self::Ways(_) => None,
        }
    }

    /// What corrects the pairs, of a network with full context.
    pub fn context(&self) -> Option<&Context> {
        match self {
            Self::Context(_, context) => Some(context),
            Self::Pair(_) | Self::Ways(_) => None,
        }
    }

    /// Supports that it chooses among, if their number is fixed.
    pub fn ways(&self) -> Option<usize> {
        match self {
            Self::Ways(scores) => Some(scores.outputs()),
            Self::Pair(_) | Self::Context(..) => None,
        }
    }

    /// All layers for states of `hidden` numbers: name, matrix, and the outputs and inputs that
    /// the other sizes ask for.
    pub(super) fn layers(&self, hidden: usize) -> Vec<(&'static str, &Linear, usize, usize)> {
        let mut layers = Vec::new();
        if let Some(PairHead { hidden: first, logit }) = self.pair() {
            let units = first.outputs();
            layers.push(("head's hidden layer", first, units, hidden));
            layers.push(("head's logit", logit, 1, units));
        }
        if let Some(Context { forward, backward, score }) = self.context() {
            let units = forward.hidden();
            layers.push(("context's forward LSTM", &forward.gates, 4 * units, hidden + units));
            layers.push(("context's backward LSTM", &backward.gates, 4 * units, hidden + units));
            layers.push(("context's score", score, 1, 2 * units));
        }
        if let Self::Ways(scores) = self {
            layers.push(("layer of the N ways", scores, scores.outputs(), hidden));
        }
        layers
    }
}
