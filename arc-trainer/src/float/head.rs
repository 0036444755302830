//! From the last state to a decision.

use serde::{Deserialize, Serialize};

use super::Linear;
use super::lstm::sigmoid;

/// State -> hidden ReLU units -> logit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairHead {
    /// `[K][H]`.
    pub hidden: Linear,
    /// `[1][K]`.
    pub logit: Linear,
}

impl PairHead {
    /// The hidden units, after ReLU.
    pub fn hidden_units(&self, h: &[f32]) -> Vec<f32> {
        let mut units = self.hidden.apply(h);
        units.iter_mut().for_each(|v| *v = v.max(0.0));
        units
    }

    /// The logit of "both images are of one class".
    pub fn logit(&self, h: &[f32]) -> f32 {
        self.logit.apply(&self.hidden_units(h))[0]
    }
}

/// The probability that a logit stands for.
pub fn probability(logit: f32) -> f32 {
    sigmoid(logit)
}
