//! Last state to score: a hidden ReLU layer, then one logistic unit.

use super::Score;
use crate::arithmetic::RowScale;
use crate::format::{LoadError, Part, body, equal};
use crate::kernels::Kernels;
use crate::layers::{Batch, Matrix};
use crate::slices::front_mut;

/// The checked head of a model that scores pairs.
#[derive(Debug, Clone, Copy)]
pub struct PairHead<'m> {
    hidden: Matrix<'m>,
    logit: Matrix<'m>,
}

impl<'m> PairHead<'m> {
    /// Checks the head for a controller of `state` units.
    ///
    /// # Errors
    /// If a size does not follow from the others, or a layer's content is out of range.
    pub fn new(head: &body::PairHead<'m>, state: usize) -> Result<Self, LoadError> {
        let (hidden, logit) = (&head.hidden, &head.logit);
        let part = Part::HeadHidden;
        equal(part, "the number of inputs", hidden.inputs.into(), state as u32)?;
        let part = Part::HeadLogit;
        equal(part, "the number of inputs", logit.inputs.into(), hidden.outputs.into())?;
        equal(part, "the number of outputs", logit.outputs.into(), 1)?;
        Ok(Self {
            hidden: Matrix::new(Part::HeadHidden, hidden)?,
            logit: Matrix::wide(Part::HeadLogit, logit)?,
        })
    }

    /// Every matrix that kernels multiply with.
    pub(crate) fn matrices(&mut self, each: &mut dyn FnMut(&mut Matrix<'m>)) {
        each(&mut self.hidden);
    }

    /// Units of the hidden layer.
    pub fn hidden_units(&self) -> usize {
        self.hidden.outputs()
    }

    /// The score of a state (Q0.7); `hidden` has room for the hidden units.
    pub fn score(&self, kernels: &impl Kernels, state: &[i8], hidden: &mut [i16]) -> Score {
        let hidden = front_mut(hidden, self.hidden_units());
        kernels.linear(&self.hidden, Batch::one(state), hidden);
        let dot = |(weights, scale): (&[i8], RowScale)| {
            let products = weights.iter().zip(&*hidden);
            let accumulator: i32 =
                products.map(|(&w, &x)| i32::from(w) * i32::from(x.max(0))).sum();
            scale.requantize_wide(scale.bias + accumulator)
        };
        let logit = self.logit.rows().map(dot).sum::<i64>();
        Score { logit: logit.clamp(-(1 << 30), 1 << 30) as i32 }
    }
}
