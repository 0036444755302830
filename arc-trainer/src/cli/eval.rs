//! `arc-trainer eval`

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Measure a model's accuracy with the integer runtime.
#[derive(Args)]
#[command(after_help = "\
Examples:
  arc-trainer eval small.arc --data all_runs.zip --protocol lake
  arc-trainer eval small.arc --data images_background.zip --protocol within --way 20 --episodes 100
  arc-trainer eval small.arc --data images_background.zip --protocol verify --episodes 2000 --json")]
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
    /// Episodes (`within`), trials (`across`) or pairs (`verify`) to draw [default: the protocol's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub episodes: Option<u32>,
    /// Seed that draws them
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub seed: u64,
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
}
