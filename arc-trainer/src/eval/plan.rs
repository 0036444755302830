//! The trials of an evaluation.

use std::collections::HashMap;

use anyhow::{Result, ensure};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::data::Drawing;
use crate::float::Rating;
use crate::limits;

/// Images and the comparisons of them.
#[derive(Debug, Default)]
pub struct Plan<'d> {
    /// Name of the protocol.
    pub protocol: &'static str,
    /// Supports that a probe is compared with.
    pub way: usize,
    /// Draws of classes that the trials come from.
    pub episodes: usize,
    /// The comparisons.
    pub trials: Vec<Trial>,
    images: Vec<&'d Drawing>,
    indices: HashMap<*const Drawing, usize>,
}

/// One probe against its supports; numbers are indices in [`Plan::images`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The image in question.
    pub probe: usize,
    /// What it is compared with.
    pub supports: Vec<usize>,
    /// The truth.
    pub answer: Answer,
}

/// The truth about a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Which of the supports is of the probe's class.
    Support(usize),
    /// Whether the only support is of the probe's class.
    Same(bool),
    /// Which of the supports is of the probe's class, or `None` of them: the model may say so
    /// too.
    Open(Option<usize>),
}

impl<'d> Plan<'d> {
    /// A plan without trials yet.
    pub fn new(protocol: &'static str, way: usize, episodes: usize) -> Self {
        Self { protocol, way, episodes, ..Self::default() }
    }

    /// Checks that the trials fit in memory, with the ratings of all their supports.
    ///
    /// # Errors
    /// Names the limit and the remedy.
    pub fn ensure_fits(trials: usize, supports: usize) -> Result<()> {
        // A list of indices and one of ratings, each in a block of its own.
        const BLOCK: usize = 32;
        let support = size_of::<usize>() + size_of::<Rating>();
        let trial = size_of::<Trial>() + size_of::<Vec<Rating>>() + 2 * BLOCK;
        let trial = supports.saturating_mul(support).saturating_add(trial);
        let bytes = trials.saturating_mul(trial) as u64;
        ensure!(
            bytes <= limits::TRIALS,
            "{trials} trials of {supports} supports take more than {} MiB: lower --episodes",
            limits::TRIALS >> 20
        );
        Ok(())
    }

    /// The images that the trials name, each once.
    pub fn images(&self) -> &[&'d Drawing] {
        &self.images
    }

    /// The index of a drawing in [`images`](Self::images).
    pub fn place(&mut self, drawing: &'d Drawing) -> usize {
        *self.indices.entry(drawing).or_insert_with(|| {
            self.images.push(drawing);
            self.images.len() - 1
        })
    }

    /// Shuffles the supports of each trial; the truth goes with them.
    pub fn reorder(&mut self, seed: u64) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        for trial in &mut self.trials {
            let mut order: Vec<usize> = (0..trial.supports.len()).collect();
            order.shuffle(&mut rng);
            trial.supports = order.iter().map(|&k| trial.supports[k]).collect();
            if let Answer::Support(answer) | Answer::Open(Some(answer)) = &mut trial.answer {
                *answer = order.iter().position(|k| k == answer).expect("every place once");
            }
        }
    }

    /// Adds the trials of an episode: each probe, with the index of its answer, against all of
    /// the supports.
    pub fn ask(
        &mut self,
        supports: impl IntoIterator<Item = &'d Drawing>,
        probes: impl IntoIterator<Item = (usize, &'d Drawing)>,
    ) {
        let supports: Vec<usize> = supports.into_iter().map(|s| self.place(s)).collect();
        for (answer, probe) in probes {
            let (probe, supports) = (self.place(probe), supports.clone());
            self.trials.push(Trial { probe, supports, answer: Answer::Support(answer) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_truth_goes_with_its_support() {
        let answers = [Answer::Support(3), Answer::Open(Some(7)), Answer::Open(None)];
        let trial = |answer| Trial { probe: 99, supports: (10..30).collect(), answer };
        let mut plan = Plan { trials: answers.map(trial).to_vec(), ..Plan::new("within", 20, 1) };
        plan.reorder(4);
        let [a, b, c] = &plan.trials[..] else { panic!("three trials") };
        for trial in [a, b, c] {
            let mut sorted = trial.supports.clone();
            sorted.sort_unstable();
            assert!(sorted.iter().copied().eq(10..30));
            assert_ne!(trial.supports, sorted);
        }
        assert_ne!(a.supports, b.supports, "each trial has an order of its own");
        assert!(matches!(a.answer, Answer::Support(k) if a.supports[k] == 13));
        assert!(matches!(b.answer, Answer::Open(Some(k)) if b.supports[k] == 17));
        assert_eq!(c.answer, Answer::Open(None));
    }
}
