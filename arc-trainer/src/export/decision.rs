//! The decision of an integer model.

use anyhow::{Context as _, Result};
use arc_runtime::format::body;

use super::{Matrix, Units, units};
use crate::float;

/// What the last state is turned into, quantized.
#[derive(Debug, Clone)]
pub enum Decision {
    Pair(Head),
    Context(Head, Context),
    Ways(Matrix),
}

/// The pair head's layers.
#[derive(Debug, Clone)]
pub struct Head {
    hidden: Matrix,
    logit: Matrix,
}

/// The context's gates and output row.
#[derive(Debug, Clone)]
pub struct Context {
    forward: Matrix,
    backward: Matrix,
    score: Matrix,
}

impl Decision {
    /// Quantizes `decision` for activations of these units.
    ///
    /// # Errors
    /// Names the layer whose scale the runtime can't express.
    pub fn quantize(decision: &float::Decision, units: &Units) -> Result<Self> {
        Ok(match decision {
            float::Decision::Pair(head) => Self::Pair(Head::quantize(head, units)?),
            float::Decision::Context(head, context) => {
                Self::Context(Head::quantize(head, units)?, Context::quantize(context)?)
            }
            float::Decision::Ways(scores) => Self::Ways(
                Matrix::quantize(scores, |_| units::STATE, units::LOGIT)
                    .context("the layer of the N ways")?,
            ),
        })
    }

    /// The decision as a part of the model file.
    ///
    /// # Errors
    /// If a size doesn't fit in 16 bits.
    pub fn body(&self) -> Result<body::Decision<'_>> {
        Ok(match self {
            Self::Pair(head) => body::Decision::Pair(head.body()?),
            Self::Context(head, context) => body::Decision::Context(body::ContextHead {
                pair: head.body()?,
                forward: lstm(&context.forward).context("the context's forward LSTM")?,
                backward: lstm(&context.backward).context("the context's backward LSTM")?,
                score: context.score.linear().context("the context's score")?,
            }),
            Self::Ways(scores) => body::Decision::Ways(body::WayHead {
                scores: scores.linear().context("the layer of the N ways")?,
            }),
        })
    }
}

impl Head {
    fn quantize(head: &float::PairHead, units: &Units) -> Result<Self> {
        Ok(Self {
            hidden: Matrix::quantize(&head.hidden, |_| units::STATE, units.head)
                .context("the head's hidden layer")?,
            logit: Matrix::quantize(&head.logit, |_| units.head, units::LOGIT)
                .context("the head's logit")?,
        })
    }

    fn body(&self) -> Result<body::PairHead<'_>> {
        Ok(body::PairHead {
            hidden: self.hidden.linear().context("the head's hidden layer")?,
            logit: self.logit.linear().context("the head's logit")?,
        })
    }
}

impl Context {
    /// Embeddings and states are both in Q0.7: no range is needed.
    fn quantize(context: &float::Context) -> Result<Self> {
        let matrix = |layer, output| Matrix::quantize(layer, |_| units::STATE, output);
        Ok(Self {
            forward: matrix(&context.forward.gates, units::PREACTIVATION)
                .context("the context's forward LSTM")?,
            backward: matrix(&context.backward.gates, units::PREACTIVATION)
                .context("the context's backward LSTM")?,
            score: matrix(&context.score, units::LOGIT).context("the context's score")?,
        })
    }
}

/// An LSTM as a part of the model file.
///
/// # Errors
/// If a size doesn't fit in 16 bits.
pub fn lstm(gates: &Matrix) -> Result<body::Lstm<'_>> {
    let hidden = u16::try_from(gates.outputs() / 4).context("the state")?;
    Ok(body::Lstm { hidden, gates: gates.linear()? })
}
