//! Verification: are two drawings of one character?

use anyhow::{Result, ensure};
use rand::SeedableRng;
use rand::distr::{Distribution, weighted::WeightedIndex};
use rand::seq::index;
use rand_chacha::ChaCha8Rng;

use super::across::two_of;
use super::{Answer, Plan, Trial};
use crate::data::Dataset;
use crate::printable::printable;

/// `pairs` pairs, every other one of the same character by two drawers, the others of two
/// characters of one alphabet; alphabets weighted by their number of characters.
///
/// # Errors
/// If no alphabet has two characters, a character has fewer than two drawings, or the pairs don't fit
/// in memory.
pub fn verify(dataset: &Dataset, pairs: usize, seed: u64) -> Result<Plan<'_>> {
    dataset.require_drawings(2)?;
    let groups: Vec<_> = dataset.groups.iter().filter(|g| g.classes.len() >= 2).collect();
    ensure!(
        !groups.is_empty(),
        "{}: no group has two classes to tell apart",
        printable(&dataset.name)
    );
    let weights = WeightedIndex::new(groups.iter().map(|group| group.classes.len()))?;

    Plan::ensure_fits(pairs, 1)?;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut plan = Plan::new("verify", 1, pairs);
    for pair in 0..pairs {
        let classes = &groups[weights.sample(&mut rng)].classes;
        let two = index::sample(&mut rng, classes.len(), 2);
        let same = pair % 2 == 0;
        let (probe, support) = two_of(&classes[two.index(0)], &mut rng);
        let support = if same { support } else { two_of(&classes[two.index(1)], &mut rng).0 };
        let (probe, support) = (plan.place(probe), plan.place(support));
        plan.trials.push(Trial { probe, supports: vec![support], answer: Answer::Same(same) });
    }
    Ok(plan)
}
