//! Open-set identification: which of these, or none of them?

use anyhow::{Result, ensure};
use rand::distr::{Distribution, weighted::WeightedIndex};
use rand::seq::index;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::{Answer, Plan, Trial};
use crate::data::Dataset;
use crate::printable::printable;

/// Each trial draws an alphabet, weighted by its number of characters, and `way` + 1 of its
/// characters: one drawer enrolls all but the last, and another draws the probe, of an enrolled
/// character and of the last one by turns.
///
/// # Errors
/// If no alphabet has `way` + 1 characters, a character has fewer than two drawings, or the trials
/// don't fit in memory.
pub fn open(dataset: &Dataset, way: usize, trials: usize, seed: u64) -> Result<Plan<'_>> {
    dataset.require_drawings(2)?;
    let fit: Vec<_> = dataset.groups.iter().filter(|group| group.classes.len() > way).collect();
    ensure!(
        !fit.is_empty(),
        "{}: no group has {way} classes and one more: lower --way",
        printable(&dataset.name)
    );
    let weights = WeightedIndex::new(fit.iter().map(|group| group.classes.len()))?;

    Plan::ensure_fits(trials, way)?;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut plan = Plan::new("open", way, trials);
    for trial in 0..trials {
        let classes = &fit[weights.sample(&mut rng)].classes;
        let drawn = index::sample(&mut rng, classes.len(), way + 1).into_vec();
        let drawers = drawn.iter().map(|&c| classes[c].drawings.len()).min().unwrap_or(0);
        let drawers = index::sample(&mut rng, drawers, 2);
        let by = |drawer: usize, place: usize| &classes[drawn[place]].drawings[drawer];
        let answer = (trial % 2 == 0).then(|| rng.random_range(0..way));
        let supports = (0..way).map(|k| plan.place(by(drawers.index(0), k))).collect();
        let probe = plan.place(by(drawers.index(1), answer.unwrap_or(way)));
        plan.trials.push(Trial { probe, supports, answer: Answer::Open(answer) });
    }
    Ok(plan)
}

/// Error rates where "none of these" is an answer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct OpenSet {
    /// The logit from which on the model accepts the best match.
    pub threshold: f64,
    /// Share of the probes of enrolled classes that are called "none of these".
    pub known_rejected: f64,
    /// Share of the probes of enrolled classes that are accepted as another class.
    pub known_mistaken: f64,
    /// Share of the probes of other classes that are accepted as one of the gallery's.
    pub unknown_accepted: f64,
}

impl OpenSet {
    /// From answers with their truth, both a place in the gallery or none; `None` unless both
    /// kinds of probes are there.
    pub fn of(answers: &[(Option<usize>, Option<usize>)], threshold: f64) -> Option<Self> {
        let (known, unknown): (Vec<_>, Vec<_>) =
            answers.iter().partition(|(truth, _)| truth.is_some());
        if known.is_empty() || unknown.is_empty() {
            return None;
        }
        let rejected = known.iter().filter(|(_, found)| found.is_none()).count();
        let right = known.iter().filter(|(truth, found)| truth == found).count();
        let accepted = unknown.iter().filter(|(_, found)| found.is_some()).count();
        let of_known = |count: usize| count as f64 / known.len() as f64;
        Some(Self {
            threshold,
            known_rejected: of_known(rejected),
            known_mistaken: of_known(known.len() - rejected - right),
            unknown_accepted: accepted as f64 / unknown.len() as f64,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_error_is_counted_among_its_own_probes() {
        let known = [(0, Some(0)), (1, Some(0)), (2, None), (3, Some(3)), (4, None)];
        let known = known.map(|(truth, found)| (Some(truth), found));
        let unknown = [None, Some(7)].map(|found| (None, found));
        let found = OpenSet::of(&[&known[..], &unknown].concat(), 1.5).unwrap();
        let expected = OpenSet {
            threshold: 1.5,
            known_rejected: 0.4,
            known_mistaken: 0.2,
            unknown_accepted: 0.5,
        };
        assert_eq!(found, expected);
        assert_eq!((OpenSet::of(&known, 1.5), OpenSet::of(&unknown, 1.5)), (None, None));
    }
}
