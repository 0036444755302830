//! `arc-trainer eval`

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, anyhow, ensure};
use clap::{Args, ValueEnum};

use crate::cli::print;
use crate::config::Config;
use crate::data::{Dataset, Drawing, OnBad, Run, load_runs_with};
use crate::eval::{self, Backend, Plan, Reordered, Report};
use crate::model_file::{AnyModel, ModelFile, Question};
use crate::printable::printable;
use crate::progress::note;

/// Measure a model's accuracy with the integer runtime.
#[derive(Args)]
#[command(after_help = "\
Examples:
  arc-trainer eval small.arc --data all_runs.zip --protocol lake
  arc-trainer eval small.arc --data images_background.zip --protocol within --way 20 --episodes 100
  arc-trainer eval small.arc --data images_background.zip --protocol verify --episodes 2000 --json
  arc-trainer eval small.arc --data images_background.zip --protocol open --split validation
  arc-trainer eval small.arc --data all_runs.zip --protocol lake --glimpses 4
  arc-trainer eval full.arc --data images_background.zip --protocol within --reorder 1")]
pub struct EvalArgs {
    /// The model file
    #[arg(value_name = "FILE.arc")]
    pub model: PathBuf,
    /// Omniglot or class folders, as a folder or a zip; for `lake` the 20 published runs
    #[arg(long, value_name = "PATH")]
    pub data: PathBuf,
    /// What is asked of the model
    #[arg(long, value_enum)]
    pub protocol: Protocol,
    /// Classes to choose from
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(2..))]
    pub way: u32,
    /// Episodes (`within`), trials (`across`, `open`) or pairs (`verify`) to draw [default: the protocol's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub episodes: Option<u32>,
    /// Seed that draws them
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub seed: u64,
    /// The alphabets to draw from, as the model's own training split the data
    #[arg(long, value_enum, default_value_t = Split::All)]
    pub split: Split,
    /// Decide after K glimpses of each image instead of the model's number
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u16).range(1..))]
    pub glimpses: Option<u16>,
    /// Ask a second time with each trial's supports shuffled by this seed, and say what that changes
    #[arg(long, value_name = "S")]
    pub reorder: Option<u64>,
    /// Stop at a picture that can't be read, instead of leaving it out; `lake` always does
    #[arg(long)]
    pub strict: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// How episodes are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Protocol {
    /// The 20 published runs, 400 trials, each decided alone
    Lake,
    /// N characters of one alphabet, supports by one drawer, probes by another
    Within,
    /// N characters of all alphabets
    Across,
    /// Same or different: half of the pairs each, different ones from one alphabet
    Verify,
    /// As `within`, one trial at a time, and every other probe is of none of the N
    Open,
}

/// A part of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Split {
    /// Everything
    All,
    /// The alphabets that the model was trained on
    Training,
    /// The alphabets held out of its training
    Validation,
}

impl Split {
    fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Training => "training",
            Self::Validation => "validation",
        }
    }
}

/// Decisions of a protocol unless `--episodes` says otherwise, about.
const TRIALS: usize = 2000;

/// Runs the verb.
///
/// # Errors
/// If model or data can't be read, or don't suit the protocol.
pub fn run(args: EvalArgs) -> Result<()> {
    let file = ModelFile::read(&args.model)?;
    let model = file.open()?;
    if let Some(k) = args.glimpses {
        let most = model.dimensions().glimpses_per_image;
        ensure!(
            usize::from(k) <= most,
            "--glimpses {k}: {} takes {most} of each image: give 1 to {most}",
            file.shown()
        );
    }
    let data = Data::load(&args, &model)?;
    let plan = data.plan(&args)?;
    ensure!(
        args.reorder.is_none() || args.protocol != Protocol::Verify,
        "--reorder: a pair has one support alone"
    );
    let glimpses = args.glimpses.map(usize::from);
    let evaluation = Evaluation { plan, glimpses, reorder: args.reorder };
    let report = model.answer(evaluation);
    let mut report = report.with_context(|| file.shown().into_owned())?;
    report.model = file.name.clone();
    report.data = data.name(&args.data);
    report.split = args.split.name();
    report.seed = args.seed;
    print(&report, args.json)
}

/// How well a model answers a plan.
struct Evaluation<'d> {
    plan: Plan<'d>,
    /// Glimpses of each image to decide after, instead of the model's number.
    glimpses: Option<usize>,
    /// The seed of another order of the supports.
    reorder: Option<u64>,
}

impl Question for Evaluation<'_> {
    type Answer = Report;

    fn ask<B: Backend>(self, mut backend: B) -> Result<Report> {
        let Self { mut plan, glimpses, reorder } = self;
        if let Some(per_image) = glimpses {
            backend.limit_glimpses(per_image);
        }
        backend.check(&plan)?;
        let start = Instant::now();
        let ratings = eval::rate(&backend, &plan);
        let mut report = Report::new(&plan, &ratings, backend.threshold());
        report.seconds = start.elapsed().as_secs_f64();
        report.backend = backend.name();
        if let Some(seed) = reorder {
            let before = eval::choices(&plan, &ratings);
            plan.reorder(seed);
            let ratings = eval::rate(&backend, &plan);
            let after = eval::choices(&plan, &ratings);
            let changed = before.iter().zip(&after).filter(|(before, after)| before != after);
            let changed = changed.count() as f64 / before.len().max(1) as f64;
            let accuracy = Report::new(&plan, &ratings, backend.threshold()).accuracy;
            report.reordered = Some(Reordered { accuracy, changed });
        }
        Ok(report)
    }
}

/// What the trials are drawn from.
enum Data {
    Runs(Vec<Run>),
    Drawings(Dataset),
}

impl Data {
    fn load(args: &EvalArgs, model: &AnyModel<'_>) -> Result<Self> {
        let (preparation, side) = (model.preparation(), model.dimensions().image_side);
        let draw = |picture| Drawing::prepared(picture, preparation, side);
        if args.protocol == Protocol::Lake {
            ensure!(args.split == Split::All, "--split does not apply to the published runs");
            return Ok(Self::Runs(load_runs_with(&args.data, draw)?));
        }
        let on_bad = OnBad::strict(args.strict);
        let drawings = Dataset::load_with(&args.data, on_bad, &[], |_, picture| draw(picture))?;
        if args.split == Split::All {
            return Ok(Self::Drawings(drawings));
        }
        let origin = model.provenance();
        if !drawings.is_named(&origin.trained_on) {
            note(format_args!(
                "the model was trained on {}, not on {}: the split says nothing about what it has seen",
                origin.shown_data(),
                printable(&drawings.name)
            ));
        }
        let config =
            Config::parse(&origin.config, &[]).context("the configuration in the model file")?;
        let held_out = config.data.validation_alphabets;
        let split = drawings.split(held_out, config.data.split_seed);
        let (training, validation) = split.map_err(|error| {
            anyhow!("{error}, as the model's training did: give the data of its training, or --split all")
        })?;
        Ok(Self::Drawings(match args.split {
            Split::Validation => {
                ensure!(held_out > 0, "the model's training held no alphabets out: --split all");
                validation
            }
            _ => training,
        }))
    }

    fn plan(&self, args: &EvalArgs) -> Result<Plan<'_>> {
        let way = args.way as usize;
        let episodes = |default: usize| args.episodes.map_or(default, |n| n as usize);
        match self {
            Self::Runs(runs) => {
                let plan = eval::lake(runs)?;
                ensure!(
                    way == plan.way && episodes(plan.episodes) == plan.episodes,
                    "--way and --episodes can't change the published runs: leave them out"
                );
                Ok(plan)
            }
            Self::Drawings(drawings) => match args.protocol {
                Protocol::Across => eval::across(drawings, way, episodes(TRIALS), args.seed),
                Protocol::Verify => eval::verify(drawings, episodes(TRIALS), args.seed),
                Protocol::Open => eval::open(drawings, way, episodes(TRIALS), args.seed),
                _ => eval::within(drawings, way, episodes(TRIALS.div_ceil(way)), args.seed),
            },
        }
    }

    fn name(&self, path: &Path) -> String {
        match self {
            Self::Drawings(drawings) => drawings.name.clone(),
            Self::Runs(_) => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        }
    }
}
