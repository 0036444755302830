//! `arc-trainer compare`

use std::fmt;
use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;
use serde::Serialize;

use super::picture::{Ink, read_drawing};
use super::print;
use crate::eval::Backend;
use crate::model_file::{ModelFile, Question};

/// Say whether two pictures show the same thing.
#[derive(Args)]
#[command(after_help = "\
Examples:
  arc-trainer compare small.arc a.png b.png
  arc-trainer compare small.arc a.png b.png --json")]
pub struct CompareArgs {
    /// The model file
    #[arg(value_name = "FILE.arc")]
    pub model: PathBuf,
    /// The first picture, seen first
    #[arg(value_name = "A.png")]
    pub a: PathBuf,
    /// The second picture
    #[arg(value_name = "B.png")]
    pub b: PathBuf,
    /// What is ink in the pictures
    #[arg(long, value_enum)]
    pub ink: Option<Ink>,
    /// Compare in both orders and take the mean: which picture comes first decides a few pairs in a thousand otherwise
    #[arg(long)]
    pub both_orders: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Runs the verb.
///
/// # Errors
/// If the model or a picture can't be read, or the model compares no pairs.
pub fn run(args: CompareArgs) -> Result<()> {
    let file = ModelFile::read(&args.model)?;
    let comparison = file.open()?.answer(Compare { file: &file, args: &args })?;
    print(&comparison, args.json)
}

/// Whether the two pictures show the same thing.
struct Compare<'a> {
    file: &'a ModelFile,
    args: &'a CompareArgs,
}

impl Question for Compare<'_> {
    type Answer = Comparison;

    fn ask<B: Backend>(self, backend: B) -> Result<Comparison> {
        let Self { file, args } = self;
        ensure!(
            backend.ways().is_none(),
            "{}: an N-way model can't compare two pictures: take a model that was trained on pairs",
            file.shown()
        );
        let mut worker = backend.worker(1);
        let mut features = |path| {
            anyhow::Ok(backend.features(&mut worker, &read_drawing(path, args.ink, &backend)?))
        };
        let (a, b) = (features(&args.a)?, features(&args.b)?);
        let mut logit = backend.logit(&mut worker, &a, &b);
        if args.both_orders {
            logit = (logit + backend.logit(&mut worker, &b, &a)) / 2.0;
        }
        Ok(Comparison {
            verdict: if logit >= backend.threshold() { "same" } else { "different" },
            probability: backend.probability(logit),
            logit,
            threshold: backend.threshold(),
            a: args.a.display().to_string(),
            b: args.b.display().to_string(),
            model: file.name.clone(),
            backend: backend.name(),
        })
    }
}

/// What is printed.
#[derive(Debug, Serialize)]
struct Comparison {
    verdict: &'static str,
    probability: f64,
    logit: f64,
    /// The logit from which on the verdict is "same".
    threshold: f64,
    a: String,
    b: String,
    model: String,
    backend: &'static str,
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A pair may be more likely alike than not, and still not sure enough for the threshold.
        let unsure = self.verdict == "different" && self.probability > 0.5;
        let verdict = if unsure { "different, as not sure enough" } else { self.verdict };
        // As many digits as tell the logit from the threshold.
        let same = |digits: &usize| {
            format!("{:.digits$}", self.logit) == format!("{:.digits$}", self.threshold)
        };
        let digits = 2 + (2..6).take_while(same).count();
        write!(
            f,
            "{verdict}: probability of the same class {:.1} % (logit {:+.digits$}, \"same\" from {:+.digits$} on)",
            100.0 * self.probability,
            self.logit,
            self.threshold
        )
    }
}
