//! `arc-trainer stress`

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};

use super::print;
use crate::data::{Dataset, Drawing, OnBad, Picture, Run, load_runs_with};
use crate::eval::{self, Backend, Plan};
use crate::model_file::{AnyModel, ModelFile, Question};
use crate::stress::{self, Stress};

/// Measure what changes of light, pen, place, paper and camera cost a model.
#[derive(Args)]
#[command(after_help = "\
Examples:
  arc-trainer stress small.arc --data all_runs.zip
  arc-trainer stress small.arc --data images_background.zip --protocol within --episodes 50 --seed 1
  arc-trainer stress small.arc --data images_background.zip --protocol verify --json

Every change is made on the pictures before they are prepared for the model: once on all of them, and once on the
probes alone, while the supports stay as they are. A picture on which nothing is left to be seen is a wrong answer,
and counted as refused. The same seed gives the same trials and the same changes. Lengths in pixels are for a picture
whose longer side has 105, and grow with it.")]
pub struct StressArgs {
    /// The model file
    #[arg(value_name = "FILE.arc")]
    pub model: PathBuf,
    /// Omniglot or class folders, as a folder or a zip; for `lake` the 20 published runs
    #[arg(long, value_name = "PATH")]
    pub data: PathBuf,
    /// What is asked of the model
    #[arg(long, value_enum, default_value_t = Protocol::Lake)]
    pub protocol: Protocol,
    /// Classes to choose from
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(2..))]
    pub way: u32,
    /// Episodes (`within`), trials (`across`) or pairs (`verify`) to draw [default: the protocol's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub episodes: Option<u32>,
    /// Seed that draws them, and what the changes leave to chance
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub seed: u64,
    /// Print one JSON array
    #[arg(long)]
    pub json: bool,
}

/// How trials are drawn, as for `eval`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Protocol {
    /// The 20 published runs, 400 trials, each decided alone
    Lake,
    /// N characters of one alphabet, supports by one drawer, probes by another
    Within,
    /// N characters of all alphabets
    Across,
    /// Same or different, at the model's threshold, with the share of false accepts
    Verify,
}

/// Trials unless `--episodes` says otherwise, as many as `lake` has: they are asked some seventy times.
const TRIALS: usize = 400;

/// Pairs unless `--episodes` says otherwise.
const PAIRS: usize = 2000;

/// Runs the verb.
///
/// # Errors
/// If model or data can't be read, or don't suit the protocol.
pub fn run(args: StressArgs) -> Result<()> {
    let file = ModelFile::read(&args.model)?;
    let model = file.open()?;
    let data = Data::load(&args, &model)?;
    let plan = data.plan(&args)?;
    let stress = model.answer(Measure { plan, seed: args.seed });
    let mut stress = stress.with_context(|| file.shown().into_owned())?;
    stress.model = file.name.clone();
    stress.data = data.name(&args.data);
    print(&stress, args.json)
}

/// How well a model answers a plan under all changes.
struct Measure<'d> {
    plan: Plan<'d>,
    seed: u64,
}

impl Question for Measure<'_> {
    type Answer = Stress;

    fn ask<B: Backend>(self, backend: B) -> Result<Stress> {
        let Self { plan, seed } = self;
        backend.check(&plan)?;
        let start = Instant::now();
        Ok(Stress {
            rows: stress::run(&backend, &plan, seed),
            protocol: plan.protocol,
            way: plan.way,
            model: String::new(),
            data: String::new(),
            backend: backend.name(),
            seconds: start.elapsed().as_secs_f64(),
        })
    }
}

/// What the trials are drawn from, as it is before any change.
enum Data {
    Runs(Vec<Run>),
    Drawings(Dataset),
}

impl Data {
    fn load(args: &StressArgs, model: &AnyModel<'_>) -> Result<Self> {
        let (preparation, side) = (model.preparation(), model.dimensions().image_side);
        let draw = |picture: Picture| {
            // A picture that is refused as it is says nothing about changes. `eval` takes none either, so that both
            // draw the same trials.
            Drawing::prepared(picture.clone(), preparation, side)?;
            Ok(stress::original(picture))
        };
        Ok(match args.protocol {
            Protocol::Lake => Self::Runs(load_runs_with(&args.data, draw)?),
            _ => {
                let draw = |_, picture| draw(picture);
                Self::Drawings(Dataset::load_with(&args.data, OnBad::Skip, &[], draw)?)
            }
        })
    }

    fn plan(&self, args: &StressArgs) -> Result<Plan<'_>> {
        let way = args.way as usize;
        let episodes = |default: usize| args.episodes.map_or(default, |n| n as usize);
        match (self, args.protocol) {
            (Self::Runs(runs), _) => {
                let plan = eval::lake(runs)?;
                ensure!(
                    way == plan.way && episodes(plan.episodes) == plan.episodes,
                    "--way and --episodes can't change the published runs: leave them out"
                );
                Ok(plan)
            }
            (Self::Drawings(drawings), Protocol::Across) => {
                eval::across(drawings, way, episodes(TRIALS), args.seed)
            }
            (Self::Drawings(drawings), Protocol::Verify) => {
                eval::verify(drawings, episodes(PAIRS), args.seed)
            }
            (Self::Drawings(drawings), _) => {
                eval::within(drawings, way, episodes(TRIALS.div_ceil(way)), args.seed)
            }
        }
    }

    fn name(&self, path: &Path) -> String {
        match self {
            Self::Drawings(drawings) => drawings.name.clone(),
            Self::Runs(_) => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        }
    }
}
