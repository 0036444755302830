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
pub use backend::{Backend, IntegerBackend};
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
    plan.trials
        .par_iter()
        .map(|trial| {
            let probe = &features[trial.probe];
            let supports: Vec<_> = trial.supports.iter().map(|&i| &features[i]).collect();
            let ratings = match trial.answer {
                Answer::Same(_) => vec![Rating::alone(backend.logit(probe, supports[0]))],
                Answer::Support(_) | Answer::Open(_) => backend.rate(probe, &supports),
            };
            progress.advance();
            ratings
        })
        .collect()
}
