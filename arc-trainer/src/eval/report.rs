//! What an evaluation found.

use std::fmt;

use serde::Serialize;

use super::{Answer, OpenSet, Plan, Trial, Verification, wilson};
use crate::float::Rating;
use crate::printable::printable;

/// The result of one evaluation, printed as text or as one JSON object.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Name of the protocol.
    pub protocol: &'static str,
    /// Supports that a probe is compared with.
    pub way: usize,
    /// Draws of classes that the trials come from.
    pub episodes: usize,
    /// Images that the trials name; each passes the stem once.
    pub images: usize,
    /// Decisions.
    pub trials: usize,
    /// Right decisions. Of pairs, these are the balanced ones, "same" from logit 0 on; what the
    /// model's own threshold gives stands in `verification`. For `open`, the threshold decides.
    pub correct: usize,
    /// Right decisions per decision, 0 to 1.
    pub accuracy: f64,
    /// 95 % confidence interval of the accuracy (Wilson).
    pub ci95: [f64; 2],
    /// Trials in which several supports shared the highest score; the first of them was taken.
    pub ties: usize,
    /// Wall-clock time of the evaluation, loading not included.
    pub seconds: f64,
    /// File name of the model.
    pub model: String,
    /// What ran it.
    pub backend: &'static str,
    /// File or folder name of the data.
    pub data: String,
    /// The part of the data that was used.
    pub split: &'static str,
    /// Seed of the draws; 0 where nothing is drawn.
    pub seed: u64,
    /// What other thresholds than logit 0 give; for `verify` alone.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
    /// What another order of the supports changes; with `--reorder`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reordered: Option<Reordered>,
    /// What goes wrong where "none of these" is an answer; for `open` alone.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub open: Option<OpenSet>,
}

/// The same trials with each one's supports in another order.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Reordered {
    /// Right decisions per decision, 0 to 1.
    pub accuracy: f64,
    /// Share of the trials in which another support is taken, 0 to 1.
    pub changed: f64,
}

impl Report {
    /// Judges the ratings of a plan's trials, as [`rate`](super::rate) gives them, by a model that accepts pairs from `threshold` on.
    /// The fields that the plan doesn't know are left empty for the caller to fill.
    pub fn new(plan: &Plan<'_>, ratings: &[Vec<Rating>], threshold: f64) -> Self {
        let (mut correct, mut ties) = (0, 0);
        let (mut pairs, mut answers) = (Vec::new(), Vec::new());
        for (trial, ratings) in plan.trials.iter().zip(ratings) {
            match trial.answer {
                Answer::Support(answer) => {
                    let (first, tied) = best(ratings);
                    correct += usize::from(first == answer);
                    ties += usize::from(tied);
                }
                Answer::Same(same) => {
                    correct += usize::from((ratings[0].score >= 0.0) == same);
                    pairs.push((ratings[0].score, same));
                }
                Answer::Open(truth) => {
                    let (first, tied) = best(ratings);
                    let pair = ratings[first].pair;
                    let accepted = pair.is_none_or(|logit| logit >= threshold);
                    let found = accepted.then_some(first);
                    correct += usize::from(found == truth);
                    ties += usize::from(tied);
                    answers.push((truth, found));
                }
            }
        }
        let trials = plan.trials.len();
        Self {
            protocol: plan.protocol,
            way: plan.way,
            episodes: plan.episodes,
            images: plan.images().len(),
            trials,
            correct,
            accuracy: correct as f64 / trials.max(1) as f64,
            ci95: wilson(correct, trials),
            ties,
            seconds: 0.0,
            model: String::new(),
            backend: "",
            data: String::new(),
            split: "all",
            seed: 0,
            verification: Verification::of(&pairs, threshold),
            reordered: None,
            open: OpenSet::of(&answers, threshold),
        }
    }
}

/// The image of the support that each trial's probe is given to.
pub fn choices(plan: &Plan<'_>, ratings: &[Vec<Rating>]) -> Vec<usize> {
    let choice = |(trial, ratings): (&Trial, &Vec<Rating>)| trial.supports[best(ratings).0];
    plan.trials.iter().zip(ratings).map(choice).collect()
}

/// The first place of the highest score, and whether it has others.
fn best(ratings: &[Rating]) -> (usize, bool) {
    let mut best = 0;
    for (k, rating) in ratings.iter().enumerate() {
        if rating.score > ratings[best].score {
            best = k;
        }
    }
    (best, ratings.iter().filter(|rating| rating.score == ratings[best].score).count() > 1)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |x: f64| 100.0 * x;
        writeln!(
            f,
            "{:.2} %  ({} of {}; 95 % interval {:.2} to {:.2} %)",
            percent(self.accuracy),
            self.correct,
            self.trials,
            percent(self.ci95[0]),
            percent(self.ci95[1]),
        )?;
        if let Some(v) = self.verification {
            writeln!(
                f,
                "equal error rate {:.2} %; at best {:.2} %, from logit {:.2} on",
                percent(v.equal_error_rate),
                percent(v.best_accuracy),
                v.best_threshold,
            )?;
            writeln!(
                f,
                "at the model's threshold, logit {:.2}: {:.2} % falsely accepted, {:.2} % falsely \
                 rejected, {:.2} % right",
                v.threshold,
                percent(v.false_accept_rate),
                percent(v.false_reject_rate),
                percent(v.threshold_accuracy),
            )?;
        } else {
            writeln!(f, "{}, {}-way, {} episodes", self.protocol, self.way, self.episodes)?;
        }
        if let Some(Reordered { accuracy, changed }) = self.reordered {
            writeln!(
                f,
                "with the supports in another order {:.2} %; {:.2} % of the choices are others",
                percent(accuracy),
                percent(changed),
            )?;
        }
        if let Some(open) = self.open {
            writeln!(
                f,
                "at the model's threshold, logit {:.2}: of enrolled {:.2} % rejected and {:.2} % \
                 mistaken, of others {:.2} % accepted",
                open.threshold,
                percent(open.known_rejected),
                percent(open.known_mistaken),
                percent(open.unknown_accepted),
            )?;
        }
        write!(
            f,
            "{} on {} ({}), {} backend, {:.1} s",
            printable(&self.model),
            printable(&self.data),
            self.split,
            self.backend,
            self.seconds
        )
    }
}
