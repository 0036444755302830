//! N-way one-shot: the last state of a controller that has seen the probe and all of its
//! supports, to a score for each.

use crate::format::{LoadError, Part, body, equal};
use crate::kernels::dot;
use crate::layers::Matrix;
use crate::network::Score;

/// The checked layer of a model that chooses among a fixed number of supports.
#[derive(Debug, Clone, Copy)]
pub struct WayHead<'m> {
    scores: Matrix<'m>,
}

impl<'m> WayHead<'m> {
    /// Checks the layer for a controller of `state` units.
    ///
    /// # Errors
    /// If it takes another number of inputs, or a row is out of range.
    pub fn new(head: &body::WayHead<'m>, state: usize) -> Result<Self, LoadError> {
        equal(Part::Ways, "the number of inputs", head.scores.inputs.into(), state as u32)?;
        Ok(Self { scores: Matrix::new(Part::Ways, &head.scores)? })
    }

    /// Supports that it chooses among (N).
    pub fn ways(&self) -> usize {
        self.scores.outputs()
    }

    /// The scores of the supports, in the order in which they were seen, of a state (Q0.7).
    pub fn scores<'a>(&'a self, state: &'a [i8]) -> impl Iterator<Item = Score> + 'a {
        let rows = self.scores.rows();
        rows.map(move |(weights, scale)| Score {
            // The accumulator is below 2^25, so that the logit is below 2^29.
            logit: scale.requantize(scale.bias + dot(weights, state)),
        })
    }
}
