//! One-shot accuracy on held-out alphabets, by the protocol `within`.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tch::{Kind, Tensor, no_grad};

use super::batch::{alphabet, episode};
use super::canvas::Canvas;
use super::network::Network;

/// Characters of an episode, as far as an alphabet has them. An N-way network takes its own number,
/// and no alphabet with fewer.
const WAY: usize = 20;
/// The same episodes at every validation of every run.
const SEED: u64 = 20;

/// Right decisions and trials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    /// Probes given to their own support.
    pub correct: usize,
    /// Probes.
    pub trials: usize,
}

impl Score {
    /// Fraction right.
    pub fn accuracy(&self) -> f64 {
        self.correct as f64 / self.trials.max(1) as f64
    }
}

/// Scores `episodes` episodes of drawings as they are, at the model's own side.
pub fn one_shot(network: &Network, canvas: &Canvas, episodes: usize) -> Score {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut score = Score { correct: 0, trials: 0 };
    for _ in 0..episodes {
        let characters = alphabet(&mut rng, &canvas.sets[0]);
        let way = network.ways().unwrap_or(WAY.min(characters.len()));
        if way > characters.len() {
            continue;
        }
        let (probes, supports) = episode(&mut rng, characters, way);
        no_grad(|| {
            let images = canvas.ink(&[probes, supports].concat());
            let maps = network.features(&images, false);
            let n = way as i64;
            let ratings = network
                .rate(&maps.narrow(0, 0, n).unsqueeze(0), &maps.narrow(0, n, n).unsqueeze(0));
            let scores = ratings.ranking().squeeze_dim(0);
            let answers = Tensor::arange(n, (Kind::Int64, scores.device()));
            let right = scores.argmax(1, false).eq_tensor(&answers);
            score.correct += right.sum(Kind::Int64).int64_value(&[]) as usize;
            score.trials += way;
        });
    }
    score
}
