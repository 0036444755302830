//! What training minimises.

use tch::{Kind, Reduction, Tensor};

/// A loss to differentiate and the batch's accuracy, both scalars.
pub struct Loss {
    pub loss: Tensor,
    pub accuracy: Tensor,
}

/// For `[E, K, K]` logits whose diagonal holds the same-class pairs: cross-entropy of the right
/// support among a probe's and of the right probe among a support's, plus a binary cross-entropy
/// in which the K same and K*(K-1) different pairs weigh alike. Accuracy: of K-way decisions.
pub fn episodes(logits: &Tensor) -> Loss {
    let (e, k) = (logits.size()[0], logits.size()[1]);
    let options = (Kind::Int64, logits.device());
    let answers = Tensor::arange(k, options).expand([e, k], false).reshape([-1]);
    let rows = logits.reshape([-1, k]);
    let columns = logits.transpose(1, 2).reshape([-1, k]);
    let same = Tensor::eye(k, (Kind::Float, logits.device())).expand_as(logits);
    let balance = Tensor::from((k - 1) as f32).to_device(logits.device());
    let binary = logits.binary_cross_entropy_with_logits(
        &same,
        None::<Tensor>,
        Some(balance),
        Reduction::Mean,
    );
    Loss {
        loss: rows.cross_entropy_for_logits(&answers)
            + columns.cross_entropy_for_logits(&answers)
            + binary * (2.0 / k as f64),
        accuracy: rows.argmax(1, false).eq_tensor(&answers).to_kind(Kind::Float).mean(Kind::Float),
    }
}

/// For logits and targets (1 same, 0 different) of one shape: binary cross-entropy.
/// Accuracy: of the decision at logit 0.
pub fn pairs(logits: &Tensor, same: &Tensor) -> Loss {
    let right = logits.ge(0.0).eq_tensor(&same.ge(0.5));
    Loss {
        loss: logits.binary_cross_entropy_with_logits(
            same,
            None::<Tensor>,
            None::<Tensor>,
            Reduction::Mean,
        ),
        accuracy: right.to_kind(Kind::Float).mean(Kind::Float),
    }
}
