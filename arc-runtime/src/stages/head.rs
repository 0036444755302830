//! Last state to score: a hidden ReLU layer, then one logistic unit.

use crate::kernels::{Kernels, Lanes};
use crate::model::body;
use crate::model::{LoadError, Matrix, Part, RowScale, equal};
use crate::parts::front_mut;

/// How alike two images are. What it means for a model, [`Model::probability`] and
/// [`Model::accepts`] say.
///
/// [`Model::probability`]: crate::Model::probability
/// [`Model::accepts`]: crate::Model::accepts
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Score {
    /// The logit in Q15.16: 0 is undecided, above is alike.
    pub logit: i32,
}

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
        kernels.linear(&self.hidden, Lanes::one(state), hidden);
        let dot = |(weights, scale): (&[i8], RowScale)| {
            let products = weights.iter().zip(&*hidden);
            let sum: i32 = products.map(|(&w, &x)| i32::from(w) * i32::from(x.max(0))).sum();
            scale.requantise_wide(scale.bias + sum)
        };
        let logit = self.logit.rows().map(dot).sum::<i64>();
        Score { logit: logit.clamp(-(1 << 30), 1 << 30) as i32 }
    }
}
