//! Full context: what the other pairs of a probe say about a pair.

use crate::arithmetic::RowScale;
use crate::format::body::ContextHead;
use crate::format::{LoadError, Part, equal};
use crate::kernels::{Kernels, dot};
use crate::layers::Matrix;
use crate::network::{Lstm, LstmState, Score};
use crate::slices::{copy, split};

/// A bidirectional LSTM over the pairs' embeddings in a row (Shyam et al., section 4.2), and the
/// row that turns its two states at a pair into a correction of the pair's score.
#[derive(Debug, Clone, Copy)]
pub struct Context<'m> {
    forward: Lstm<'m>,
    backward: Lstm<'m>,
    /// The output row.
    weights: &'m [i8],
    scale: RowScale,
}

/// The buffers of a context while it runs.
#[derive(Debug)]
pub struct ContextScratch<'w> {
    /// `[embedding | state]`: H + C numbers.
    pub concatenated: &'w mut [i8],
    /// C numbers.
    pub cell: &'w mut [i16],
    /// [`context_preactivation_len`](crate::Dimensions::context_preactivation_len) numbers.
    pub preactivations: &'w mut [i16],
}

impl<'m> Context<'m> {
    /// Checks the context for embeddings of `state` numbers.
    ///
    /// # Errors
    /// If a size does not follow from the others, or a layer's content is out of range.
    pub fn new(head: &ContextHead<'m>, state: usize) -> Result<Self, LoadError> {
        let forward = Lstm::new(Part::ContextForward, &head.forward, state)?;
        let backward = Lstm::new(Part::ContextBackward, &head.backward, state)?;
        let (part, units) = (Part::ContextBackward, forward.hidden() as u32);
        equal(part, "the number of units", backward.hidden(), units)?;
        let part = Part::ContextScore;
        equal(part, "the number of inputs", head.score.inputs.into(), 2 * units)?;
        equal(part, "the number of outputs", head.score.outputs.into(), 1)?;
        // A matrix has the rows that it says.
        let row = Matrix::new(part, &head.score)?.rows().next();
        let (weights, scale) = row.ok_or(LoadError::Body)?;
        Ok(Self { forward, backward, weights, scale })
    }

    /// Every matrix that kernels multiply with.
    pub(crate) fn matrices(&mut self, each: &mut dyn FnMut(&mut Matrix<'m>)) {
        self.forward.matrices(each);
        self.backward.matrices(each);
    }

    /// Units of each direction (C).
    pub fn units(&self) -> usize {
        self.forward.hidden()
    }

    /// Reads the embeddings, H numbers each in Q0.7, in both directions and leaves in `accumulators` the
    /// output row's for each of them, to be given to [`correct`](Self::correct).
    pub fn read(
        &self,
        kernels: &impl Kernels,
        embeddings: &[i8],
        accumulators: &mut [i32],
        scratch: &mut ContextScratch<'_>,
    ) {
        let (forward, backward) = split(self.weights, self.units());
        let embeddings =
            embeddings.chunks_exact((scratch.concatenated.len() - self.units()).max(1));
        accumulators.fill(self.scale.bias);
        let pairs = embeddings.clone().zip(&mut *accumulators);
        pass(&self.forward, forward, kernels, pairs, scratch);
        let pairs = embeddings.zip(accumulators).rev();
        pass(&self.backward, backward, kernels, pairs, scratch);
    }

    /// A pair's score with the correction that its accumulator stands for, within +-2^30.
    pub fn correct(&self, pair: Score, accumulator: i32) -> Score {
        // |accumulator| < 2^25, so that the correction is below 2^29.
        let logit = pair.logit + self.scale.requantize(accumulator);
        Score { logit: logit.clamp(-(1 << 30), 1 << 30) }
    }
}

/// Runs one direction over the pairs and adds to each accumulator what the direction's half of the
/// output row makes of its state.
fn pass<'e>(
    lstm: &Lstm<'_>,
    weights: &[i8],
    kernels: &impl Kernels,
    pairs: impl Iterator<Item = (&'e [i8], &'e mut i32)>,
    scratch: &mut ContextScratch<'_>,
) {
    let mut state = LstmState::new(lstm.hidden(), scratch.concatenated, scratch.cell);
    for (embedding, accumulator) in pairs {
        copy(state.input_mut(0), embedding);
        lstm.step(kernels, &mut state, 1, scratch.preactivations);
        *accumulator += dot(weights, state.state(0));
    }
}
