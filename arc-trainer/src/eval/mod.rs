//! Evaluation protocols, on integer models through the runtime and on float models through
//! the reference.
//!
//! A protocol turns data and a seed into a [`Plan`]: which images, and which comparisons of
//! them. A [`Backend`] answers the plan; a [`Report`] says how well.

mod across;
mod backend;
mod lake;
mod open;
mod plan;
mod report;
mod statistics;
mod verify;
mod within;

use rayon::prelude::*;

pub use across::across;
pub use backend::{Backend, IntegerBackend, Packing};
pub use lake::lake;
pub use open::{OpenSet, open};
pub use plan::{Answer, Plan, Trial};
pub use report::{Reordered, Report, choices};
pub use statistics::{Verification, wilson};
pub use verify::verify;
pub use within::within;

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

/// The ratings of each trial's supports, in the plan's order whatever the number of threads; the
/// pair alone where the question is whether two images are of one class.
///
/// Every image passes the stem once, however many trials it takes part in.
///
/// # Panics
/// If the backend can't answer the plan: ask [`Backend::check`] first.
pub fn rate<B: Backend>(backend: &B, plan: &Plan<'_>) -> Vec<Vec<Rating>> {
    let progress = Progress::new("evaluating", plan.images().len() + plan.trials.len());
    let features: Vec<B::Features> = plan
        .images()
        .par_iter()
        .map(|drawing| {
            let features = backend.look(drawing);
            progress.advance();
            features
        })
        .collect();
    let blocks = plan.trials.par_chunks(BLOCK).flat_map_iter(|trials| {
        let runs = trials.chunk_by(|one, next| is_pair(one) == is_pair(next));
        let ratings: Vec<_> = runs.flat_map(|run| rate_run(backend, &features, run)).collect();
        trials.iter().for_each(|_| progress.advance());
        ratings
    });
    blocks.collect()
}

/// Trials that a thread takes at a time: enough pairs to go in lock-step, and few enough for every
/// thread to have some.
const BLOCK: usize = 16;

/// Whether all that is asked is if two images are of one class.
fn is_pair(trial: &Trial) -> bool {
    matches!(trial.answer, Answer::Same(_))
}

/// The ratings of trials that are all pairs, or none of them.
fn rate_run<B: Backend>(
    backend: &B,
    features: &[B::Features],
    trials: &[Trial],
) -> Vec<Vec<Rating>> {
    if trials.iter().all(is_pair) {
        let pair = |trial: &Trial| (&features[trial.probe], &features[trial.supports[0]]);
        let logits = backend.logits(&trials.iter().map(pair).collect::<Vec<_>>());
        return logits.into_iter().map(|logit| vec![Rating::alone(logit)]).collect();
    }
    let rate = |trial: &Trial| {
        let supports: Vec<_> = trial.supports.iter().map(|&place| &features[place]).collect();
        backend.rate(&features[trial.probe], &supports)
    };
    trials.iter().map(rate).collect()
}
