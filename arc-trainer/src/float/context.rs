//! Full context: what the other pairs of a probe say about a pair.

use serde::{Deserialize, Serialize};

use super::{Linear, Lstm};

/// A bidirectional LSTM over the pairs' last states in a row (Shyam et al., 2017, section 4.2), and
/// the row that turns its two states at a pair into a correction of the pair's logit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Context {
    /// From the first pair to the last, over `[embedding | state]`, H + C numbers.
    pub forward: Lstm,
    /// From the last pair to the first.
    pub backward: Lstm,
    /// `[1][2 C]`, over `[forward state | backward state]`.
    pub score: Linear,
}

impl Context {
    /// A context of `units` in each direction over embeddings of `hidden` numbers, every weight
    /// zero.
    pub fn zeros(hidden: usize, units: usize) -> Self {
        let lstm = Lstm { gates: Linear::zeros(4 * units, hidden + units) };
        Self { forward: lstm.clone(), backward: lstm, score: Linear::zeros(1, 2 * units) }
    }

    /// Units of each direction (C).
    pub fn units(&self) -> usize {
        self.forward.hidden()
    }

    /// What is added to the logit of each pair.
    pub fn corrections(&self, embeddings: &[Vec<f32>]) -> Vec<f32> {
        let forward = states(&self.forward, embeddings.iter());
        let mut backward = states(&self.backward, embeddings.iter().rev());
        backward.reverse();
        let both = forward.into_iter().zip(backward);
        both.map(|(forward, backward)| self.score.apply(&[forward, backward].concat())[0]).collect()
    }
}

/// The states that an LSTM goes through.
fn states<'e>(lstm: &Lstm, embeddings: impl Iterator<Item = &'e Vec<f32>>) -> Vec<Vec<f32>> {
    let mut state = lstm.start();
    let step = |embedding: &Vec<f32>| {
        state = lstm.step(embedding, &state);
        state.h.clone()
    };
    embeddings.map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_direction_has_seen_what_lies_before_it() {
        // One unit that adds up its input: gates open, the candidate small enough for tanh to
        // be the identity; the row takes 1 of the forward state and 100 of the backward one.
        let mut context = Context::zeros(1, 1);
        for lstm in [&mut context.forward, &mut context.backward] {
            lstm.gates.bias = vec![50.0, 50.0, 0.0, 50.0];
            lstm.gates.weights[2 * 2] = 1e-3;
        }
        context.score.weights = vec![1e3, 1e5];
        let embeddings = [1.0, 2.0, 4.0].map(|x| vec![x]);
        let found = context.corrections(&embeddings);
        for (found, expected) in found.iter().zip([701.0, 603.0, 407.0]) {
            assert!((found - expected).abs() < 0.05, "{found} {expected}");
        }
    }
}
