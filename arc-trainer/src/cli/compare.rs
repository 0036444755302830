//! `arc-trainer compare`

use std::path::PathBuf;

use clap::Args;

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
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}
