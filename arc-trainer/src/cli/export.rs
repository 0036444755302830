//! `arc-trainer export`

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Turn a run's best checkpoint into a model file.
#[derive(Args)]
#[command(after_help = "\
Examples:
  arc-trainer export runs/omniglot-small --quantize i8 --out small.arc
  arc-trainer export runs/omniglot-small --quantize i8 --out small.arc --calibrate images_background.zip
  arc-trainer export runs/omniglot-small --quantize none --out float.arc")]
pub struct ExportArgs {
    /// The run folder that `train` wrote
    pub run: PathBuf,
    /// How to store the weights
    #[arg(long, value_enum, value_name = "KIND")]
    pub quantize: Quantize,
    /// The model file to write
    #[arg(long, value_name = "FILE.arc")]
    pub out: PathBuf,
    /// Images that set the ranges of the activations [default: the run's training data]
    #[arg(long, value_name = "PATH")]
    pub calibrate: Option<PathBuf>,
}

/// How to store the weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Quantize {
    /// 8-bit integers, for every machine
    I8,
    /// Floats, for reference and for the host only
    None,
}
