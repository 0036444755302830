//! Right and wrong answers, where some pictures show a model nothing.

use rayon::prelude::*;
use serde::Serialize;

use super::{Change, seed};
use crate::data::Drawing;
use crate::eval::{self, Answer, Backend, Plan};

/// What a model gets to see of the images of a plan.
pub struct Seen<F> {
    features: Vec<F>,
    /// Whether the preparation found nothing to be seen; the features are those of blank paper.
    refused: Vec<bool>,
}

/// How the trials of a plan were answered.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Score {
    /// Right answers per trial, 0 to 1. Of pairs, the model's own threshold decides.
    pub accuracy: f64,
    /// Trials.
    pub trials: usize,
    /// Trials that count as wrong because the preparation refused the probe or what it should have been matched with.
    pub refused: usize,
    /// Share of the different pairs that are accepted; for `verify` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub false_accepts: Option<f64>,
}

impl<F: Send + Sync> Seen<F> {
    /// Changes and prepares each image of a plan. Each draws its own chance, so that threads decide nothing.
    pub fn of<B: Backend<Features = F>>(
        backend: &B,
        plan: &Plan<'_>,
        change: Change,
        chance: seed::Chance,
    ) -> Self {
        let side = backend.image_side();
        let see = |worker: &mut B::Worker, (place, original): (usize, &&Drawing)| {
            let changed = change.apply(&original.picture(), &mut chance.of(place));
            let prepared = Drawing::prepared(changed, backend.preparation(), side).ok();
            let refused = prepared.is_none();
            let drawing = prepared.unwrap_or(Drawing { width: 1, height: 1, ink: vec![0] });
            (backend.features(worker, &drawing), refused)
        };
        let images = plan.images().par_iter().enumerate();
        let (features, refused) = images.map_init(|| backend.worker(1), see).unzip();
        Self { features, refused }
    }
}

impl Score {
    /// Asks a plan's trials, with images as they are seen as probes and as supports.
    ///
    /// # Panics
    /// If a trial is an open one, or the backend can't answer the plan: ask [`Backend::check`] first.
    pub fn of<B: Backend>(
        backend: &B,
        plan: &Plan<'_>,
        probes: &Seen<B::Features>,
        supports: &Seen<B::Features>,
    ) -> Self {
        let mut ratings = eval::rate_with(backend, plan, &probes.features, &supports.features);
        // What is refused can't be enrolled, and so it is never chosen.
        for (trial, ratings) in plan.trials.iter().zip(&mut ratings) {
            for (&support, rating) in trial.supports.iter().zip(ratings) {
                if supports.refused[support] {
                    rating.score = f64::NEG_INFINITY;
                }
            }
        }
        let chosen = eval::choices(plan, &ratings);
        let (mut correct, mut refused) = (0, 0);
        let (mut different, mut accepted) = (0, 0);
        for ((trial, ratings), chosen) in plan.trials.iter().zip(&ratings).zip(chosen) {
            let (asked_for, right) = match trial.answer {
                Answer::Support(answer) => {
                    (trial.supports[answer], chosen == trial.supports[answer])
                }
                Answer::Same(same) => {
                    let seen = !probes.refused[trial.probe];
                    let accept = seen && ratings[0].score >= backend.threshold();
                    different += usize::from(!same);
                    accepted += usize::from(!same && accept);
                    (trial.supports[0], accept == same)
                }
                Answer::Open(_) => panic!("stress asks no open trials"),
            };
            let lost = probes.refused[trial.probe] || supports.refused[asked_for];
            refused += usize::from(lost);
            correct += usize::from(right && !lost);
        }
        let trials = plan.trials.len();
        Self {
            accuracy: correct as f64 / trials.max(1) as f64,
            trials,
            refused,
            false_accepts: (different > 0).then(|| accepted as f64 / different as f64),
        }
    }
}
