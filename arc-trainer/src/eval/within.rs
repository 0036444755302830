//! One-shot classification among the characters of one alphabet.

use anyhow::{Result, ensure};
use rand::SeedableRng;
use rand::distr::{Distribution, weighted::WeightedIndex};
use rand::seq::index;
use rand_chacha::ChaCha8Rng;

use super::Plan;
use crate::data::Dataset;
use crate::printable::printable;
use crate::progress::note;

/// Each episode draws an alphabet, weighted by its number of characters, `way` of its
/// characters, one drawer for the supports and another for the probes, and tries all probes.
///
/// # Errors
/// If no alphabet has `way` characters, a character has fewer than two drawings, or the trials don't
/// fit in memory.
pub fn within(dataset: &Dataset, way: usize, episodes: usize, seed: u64) -> Result<Plan<'_>> {
    dataset.require_drawings(2)?;
    let (fit, small): (Vec<_>, Vec<_>) =
        dataset.groups.iter().partition(|group| group.classes.len() >= way);
    if !small.is_empty() {
        let names: Vec<_> = small.iter().map(|group| printable(&group.name)).collect();
        note(format_args!("skipped, fewer than {way} characters: {}", names.join(", ")));
    }
    ensure!(
        !fit.is_empty(),
        "{}: no group has {way} classes: lower --way",
        printable(&dataset.name)
    );
    let weights = WeightedIndex::new(fit.iter().map(|group| group.classes.len()))?;

    Plan::ensure_fits(episodes.saturating_mul(way), way)?;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut plan = Plan::new("within", way, episodes);
    for _ in 0..episodes {
        let classes = &fit[weights.sample(&mut rng)].classes;
        let drawn = index::sample(&mut rng, classes.len(), way).into_vec();
        let drawers = drawn.iter().map(|&c| classes[c].drawings.len()).min().unwrap_or(0);
        let drawers = index::sample(&mut rng, drawers, 2);
        let by = |drawer: usize| drawn.iter().map(move |&c| &classes[c].drawings[drawer]);
        plan.ask(by(drawers.index(0)), by(drawers.index(1)).enumerate());
    }
    Ok(plan)
}
