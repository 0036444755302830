//! A whole evaluation, `arc-trainer eval`: 2,000 trials among 20 drawings of Omniglot each.

use std::path::{Path, PathBuf, absolute};

use anyhow::{Result, ensure};
use arc_runtime::kernels::Host;
use serde::Deserialize;

use super::measure::median;
use super::speed;
use crate::paths;
use crate::trainer::{self, Trainer};

/// Times that every setting has its turn.
const ROUNDS: usize = 3;
/// The model, seen from the project's root.
pub const MODEL: &str = "models/omniglot-small.arc";
/// What is evaluated, on the alphabets that the model was not trained on.
pub const QUESTION: [&str; 8] =
    ["--protocol", "within", "--split", "validation", "--episodes", "100", "--way", "20"];

/// What `arc-trainer eval` says in one setting.
#[derive(Debug, Clone, Deserialize)]
pub struct Evaluation {
    /// Threads that it was given.
    #[serde(skip)]
    pub threads: usize,
    /// The set of kernels.
    pub backend: String,
    /// From the drawings in memory to all answers.
    pub seconds: f64,
    /// Images whose features are computed, each once.
    pub images: u64,
    /// Pairs in a trial.
    pub way: u64,
    /// Decisions.
    pub trials: u64,
    /// Right ones.
    pub correct: u64,
}

impl Evaluation {
    /// Pairs that are compared in a second.
    pub fn pairs_per_s(&self) -> f64 {
        (self.way * self.trials) as f64 / self.seconds
    }
}

/// The drawings, if they are on this machine.
///
/// # Errors
///
/// If there is no current folder to find them from.
pub fn drawings() -> Result<Option<PathBuf>> {
    let zip = absolute(paths::omniglot().join("images_background.zip"))?;
    if !zip.exists() {
        eprintln!("SKIPPED: no {}; set ARC_OMNIGLOT to the folder that holds it", zip.display());
        return Ok(None);
    }
    Ok(Some(zip))
}

/// Evaluates [`MODEL`] with the kernels of this machine's choice on one thread and on all, and with its
/// other kernels on all. All settings take turns; the seconds are medians.
///
/// # Errors
///
/// If the verb fails, or kernels differ in what they decide.
pub fn measure(trainer: &Trainer, drawings: &Path) -> Result<Vec<Evaluation>> {
    let settings = settings()?;
    let mut rounds = vec![Vec::new(); settings.len()];
    for round in 1..=ROUNDS {
        eprintln!("evaluating {} settings, round {round} of {ROUNDS}", settings.len());
        for (&(kernels, threads), evaluations) in settings.iter().zip(&mut rounds) {
            let mut eval = trainer.verb("eval");
            eval.arg(MODEL).arg("--data").arg(drawings).args(QUESTION);
            eval.env(arc_runtime::kernels::VARIABLE, kernels);
            eval.env("RAYON_NUM_THREADS", threads.to_string());
            let evaluation: Evaluation = trainer::json(&mut eval)?;
            evaluations.push(Evaluation { threads, ..evaluation });
        }
    }
    let first = rounds[0][0].clone();
    for other in rounds.iter().flatten() {
        ensure!(
            other.correct == first.correct,
            "{MODEL} decides {} of {} trials right with the kernels {}, and {} with {}",
            first.correct,
            first.trials,
            first.backend,
            other.correct,
            other.backend
        );
    }
    let middle = |evaluations: Vec<Evaluation>| Evaluation {
        seconds: median(evaluations.iter().map(|evaluation| evaluation.seconds).collect()),
        ..evaluations[0].clone()
    };
    Ok(rounds.into_iter().map(middle).collect())
}

/// Kernels and threads.
fn settings() -> Result<Vec<(&'static str, usize)>> {
    let (chosen, threads) = (speed::kernels()?, speed::threads()?);
    let all = threads[threads.len() - 1];
    let mut settings = vec![(chosen, 1)];
    settings.extend((all > 1).then_some((chosen, all)));
    let others = Host::available().map(|set| set.name()).filter(|&name| name != chosen);
    settings.extend(others.map(|name| (name, all)));
    Ok(settings)
}
