//! Evaluation protocols, on integer models through the runtime and on float models through
//! the reference.
//!
//! A protocol turns data and a seed into a [`Plan`]: which images, and which comparisons of
//! them. A [`Backend`] answers the plan; a [`Report`] says how well.

mod across;
mod backend;
mod float;
mod integer;
mod lake;
mod open;
mod plan;
mod report;
mod statistics;
mod verify;
mod within;

use rayon::prelude::*;

pub use across::across;
pub use backend::Backend;
pub use integer::{IntegerBackend, Packing};
pub use lake::lake;
pub use open::{OpenSet, open};
pub use plan::{Answer, Plan, Trial};
pub use report::{Reordered, Report, choices};
pub use statistics::{Verification, wilson};
pub use verify::verify;
pub use within::within;

use crate::data::Drawing;
use crate::float::Rating;
use crate::progress::Progress;

/// The scores that [`rate`] gives.
///
/// # Panics
/// Like [`rate`].
pub fn run<B: Backend>(backend: &B, plan: &Plan<'_>) -> Vec<Vec<f64>> {
    scores(&rate(backend, plan))
}

/// The scores of ratings.
pub fn scores(ratings: &[Vec<Rating>]) -> Vec<Vec<f64>> {
    let scores = |ratings: &Vec<Rating>| ratings.iter().map(|rating| rating.score).collect();
    ratings.iter().map(scores).collect()
}

/// The ratings of each trial's supports, in the plan's order; in a trial of one pair, of the pair
/// alone. The number of threads changes nothing.
///
/// Every image passes the stem once, and a thread keeps its worker from trial to trial.
///
/// # Panics
/// If the backend can't answer the plan: ask [`Backend::check`] first.
pub fn rate<B: Backend>(backend: &B, plan: &Plan<'_>) -> Vec<Vec<Rating>> {
    let progress = Progress::new("evaluating", plan.images().len() + plan.trials.len());
    let images = plan.images().par_iter();
    let extract = |worker: &mut B::Worker, drawing: &&Drawing| {
        let features = backend.features(worker, drawing);
        progress.advance();
        features
    };
    let features: Vec<_> = images.map_init(|| backend.worker(1), extract).collect();

    rate_features(backend, plan, [&features; 2], || progress.advance())
}

/// The same with features that the caller has taken of the plan's images, as the probes of trials and as their
/// supports.
///
/// # Panics
/// Like [`rate`].
pub fn rate_with<B: Backend>(
    backend: &B,
    plan: &Plan<'_>,
    probes: &[B::Features],
    supports: &[B::Features],
) -> Vec<Vec<Rating>> {
    rate_features(backend, plan, [probes, supports], || {})
}

/// The ratings of each trial's supports, from features of the images as probes and as supports; `advance` is called
/// after each trial.
fn rate_features<B: Backend>(
    backend: &B,
    plan: &Plan<'_>,
    features: [&[B::Features]; 2],
    advance: impl Fn() + Sync,
) -> Vec<Vec<Rating>> {
    let supports = plan.trials.iter().map(|trial| trial.supports.len()).max().unwrap_or(1);
    let blocks = plan.trials.par_chunks(BLOCK);
    let rate = |worker: &mut B::Worker, trials: &[Trial]| -> Vec<_> {
        let runs = trials.chunk_by(|one, next| is_pair(one) == is_pair(next));
        let ratings = runs.flat_map(|run| rate_run(backend, worker, features, run)).collect();
        trials.iter().for_each(|_| advance());
        ratings
    };
    blocks.map_init(|| backend.worker(supports), rate).flatten_iter().collect()
}

/// Trials that a thread takes at a time: enough pairs for a batch, and few enough for every
/// thread to have some.
const BLOCK: usize = 16;

/// Whether a trial is one pair: same or different?
fn is_pair(trial: &Trial) -> bool {
    matches!(trial.answer, Answer::Same(_))
}

/// The ratings of trials that are all pairs, or none of them.
fn rate_run<B: Backend>(
    backend: &B,
    worker: &mut B::Worker,
    [probes, supports]: [&[B::Features]; 2],
    trials: &[Trial],
) -> Vec<Vec<Rating>> {
    if trials.iter().all(is_pair) {
        let pair = |trial: &Trial| (&probes[trial.probe], &supports[trial.supports[0]]);
        let logits = backend.logits(worker, &trials.iter().map(pair).collect::<Vec<_>>());
        return logits.into_iter().map(|logit| vec![Rating::alone(logit)]).collect();
    }
    let rate = |trial: &Trial| {
        let supports: Vec<_> = trial.supports.iter().map(|&place| &supports[place]).collect();
        backend.rate(worker, &probes[trial.probe], &supports)
    };
    trials.iter().map(rate).collect()
}
