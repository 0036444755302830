//! What the last state is turned into.

use crate::format::{LoadError, Part, body};
use crate::layers::Matrix;
use crate::network::{Context, PairHead, WayHead};

/// The checked decision of a model.
#[derive(Debug, Clone, Copy)]
pub enum Decision<'m> {
    /// A score for each pair (naive one-shot).
    Pair(PairHead<'m>),
    /// A score for each pair, corrected by the other pairs of its probe (full-context one-shot).
    Context(PairHead<'m>, Context<'m>),
    /// A score for each of a fixed number of supports, all of them seen by one controller.
    Ways(WayHead<'m>),
}

impl<'m> Decision<'m> {
    /// Checks the decision for a controller of `state` units.
    ///
    /// # Errors
    /// If a size does not follow from the others, or a layer's content is out of range.
    pub fn new(decision: &body::Decision<'m>, state: usize) -> Result<Self, LoadError> {
        Ok(match decision {
            body::Decision::Pair(head) => Self::Pair(PairHead::new(head, state)?),
            body::Decision::Context(_) if !cfg!(feature = "context") => {
                let (part, feature) = (Part::ContextForward, "context");
                return Err(LoadError::NotBuilt { part, feature });
            }
            body::Decision::Context(head) => {
                Self::Context(PairHead::new(&head.pair, state)?, Context::new(head, state)?)
            }
            body::Decision::Ways(_) if !cfg!(feature = "ways") => {
                return Err(LoadError::NotBuilt { part: Part::Ways, feature: "ways" });
            }
            body::Decision::Ways(head) => Self::Ways(WayHead::new(head, state)?),
        })
    }

    /// Every matrix that kernels multiply with.
    pub(crate) fn matrices(&mut self, each: &mut dyn FnMut(&mut Matrix<'m>)) {
        match self {
            Self::Pair(head) => head.matrices(each),
            Self::Context(head, context) => {
                head.matrices(each);
                context.matrices(each);
            }
            Self::Ways(_) => {} // one product for each probe
        }
    }

    /// The head that scores a pair, of a model that compares pairs.
    pub fn pair(&self) -> Option<&PairHead<'m>> {
        match self {
            Self::Pair(head) | Self::Context(head, _) => Some(head),
            Self::Ways(_) => None,
        }
    }

    /// What corrects the scores of pairs, of a model with full context.
    pub fn context(&self) -> Option<&Context<'m>> {
        match self {
            Self::Context(_, context) => Some(context),
            Self::Pair(_) | Self::Ways(_) => None,
        }
    }

    /// The layer that chooses among supports, of an N-way model.
    pub fn ways(&self) -> Option<&WayHead<'m>> {
        match self {
            Self::Ways(head) => Some(head),
            Self::Pair(_) | Self::Context(..) => None,
        }
    }
}
