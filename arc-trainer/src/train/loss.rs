//! What training minimizes.

use tch::{Kind, Reduction, Tensor};

use super::network::Ratings;

/// A loss to differentiate and the batch's accuracy, both scalars.
pub struct Loss {
    pub loss: Tensor,
    pub accuracy: Tensor,
}

/// The loss of a grid of episodes, `[E, K, K]`, whose diagonal holds the same-class pairs: of the
/// pairs alone, of the ranking where it is another, or of both. The accuracy is the ranking's.
pub fn episodes(ratings: &Ratings) -> Loss {
    let pairs = ratings.pairs.as_ref().map(grid);
    let scores = ratings.scores.as_ref().map(choices);
    match (pairs, scores) {
        (Some(pairs), Some(scores)) => {
            Loss { loss: pairs.loss + scores.loss, accuracy: scores.accuracy }
        }
        (one, other) => one.or(other).expect("every network rates"),
    }
}

/// Cross-entropy of the right support among a probe's. Accuracy: of K-way decisions.
fn choices(logits: &Tensor) -> Loss {
    let (e, k) = (logits.size()[0], logits.size()[1]);
    let answers =
        Tensor::arange(k, (Kind::Int64, logits.device())).expand([e, k], false).reshape([-1]);
    let rows = logits.reshape([-1, k]);
    Loss {
        loss: rows.cross_entropy_for_logits(&answers),
        accuracy: rows.argmax(1, false).eq_tensor(&answers).to_kind(Kind::Float).mean(Kind::Float),
    }
}

/// Cross-entropy of the right support among a probe's and of the right probe among a support's,
/// plus a binary cross-entropy in which the K same and K*(K-1) different pairs weigh alike.
fn grid(logits: &Tensor) -> Loss {
    let k = logits.size()[1];
    let same = Tensor::eye(k, (Kind::Float, logits.device())).expand_as(logits);
    let balance = Tensor::from((k - 1) as f32).to_device(logits.device());
    let binary = logits.binary_cross_entropy_with_logits(
        &same,
        None::<Tensor>,
        Some(balance),
        Reduction::Mean,
    );
    let (rows, columns) = (choices(logits), choices(&logits.transpose(1, 2)));
    Loss { loss: rows.loss + columns.loss + binary * (2.0 / k as f64), accuracy: rows.accuracy }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn episodes_follow_the_formula() {
        const K: usize = 3;
        let grids: [[[f64; K]; K]; 2] = [
            [[2.0, -1.0, 0.5], [1.5, 1.0, -2.0], [0.0, 0.25, -0.5]],
            [[-1.0, 0.0, 3.0], [0.5, 2.5, 1.0], [-0.75, 1.0, 1.25]],
        ];
        let (mut one_shot, mut binary, mut right) = (0.0, 0.0, 0.0);
        let log_sum = |logits: [f64; K]| logits.map(f64::exp).iter().sum::<f64>().ln();
        for grid in &grids {
            for (i, row) in grid.iter().enumerate() {
                one_shot += log_sum(*row) + log_sum(grid.map(|row| row[i])) - 2.0 * row[i];
                right += f64::from(u8::from(row.iter().all(|&logit| logit <= row[i])));
                for (j, logit) in row.iter().enumerate() {
                    // -ln sigmoid(x) = ln(1 + exp(-x)); a same pair weighs as K-1 different ones.
                    let (sign, weight) = if i == j { (-1.0, (K - 1) as f64) } else { (1.0, 1.0) };
                    binary += weight * (sign * logit).exp().ln_1p();
                }
            }
        }
        let probes = (grids.len() * K) as f64;
        let expected = one_shot / probes + 2.0 / K as f64 * binary / (probes * K as f64);

        let flat: Vec<f32> = grids.iter().flatten().flatten().map(|&v| v as f32).collect();
        let logits = Tensor::from_slice(&flat).view([2, K as i64, K as i64]);
        let found = episodes(&Ratings::alone(logits));
        assert!((found.loss.double_value(&[]) - expected).abs() < 1e-5, "{expected}");
        assert!((found.accuracy.double_value(&[]) - right / probes).abs() < 1e-6);
    }

    #[test]
    fn a_ranking_of_its_own_adds_its_choices_to_the_loss_of_the_pairs() {
        let pairs = Tensor::from_slice(&[1.0f32, -1.0, 0.5, 2.0]).view([1, 2, 2]);
        let scores = Tensor::from_slice(&[0.0f32, 1.0, -1.0, 3.0]).view([1, 2, 2]);
        let alone = episodes(&Ratings::alone(pairs.copy())).loss.double_value(&[]);
        let ratings = |pairs| Ratings { pairs, scores: Some(scores.copy()) };
        let ways = episodes(&ratings(None));
        let choices = (1f64.exp().ln_1p() + (-4f64).exp().ln_1p()) / 2.0;
        assert!((ways.loss.double_value(&[]) - choices).abs() < 1e-6);
        let context = episodes(&ratings(Some(pairs)));
        assert!((context.loss.double_value(&[]) - choices - alone).abs() < 1e-6);
        for found in [ways, context] {
            assert_eq!(found.accuracy.double_value(&[]), 0.5, "of the ranking, not of the pairs");
        }
    }

    #[test]
    fn pairs_follow_the_formula() {
        let found = pairs(
            &Tensor::from_slice(&[2.0f32, -1.0, 0.0, 3.0]),
            &Tensor::from_slice(&[1.0f32, 1.0, 1.0, 0.0]),
        );
        let expected = [-2.0f64, 1.0, 0.0, 3.0].map(|x| x.exp().ln_1p()).iter().sum::<f64>() / 4.0;
        assert!((found.loss.double_value(&[]) - expected).abs() < 1e-6);
        assert_eq!(found.accuracy.double_value(&[]), 0.5, "a logit of 0 says same");
    }
}
