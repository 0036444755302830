//! `arc-trainer inspect`

use std::path::PathBuf;

use clap::Args;

/// Show what is in a model file: sizes, RAM per use, multiply-accumulates, tables, provenance.
#[derive(Args)]
#[command(after_help = "\
Examples:
  arc-trainer inspect small.arc
  arc-trainer inspect small.arc --json")]
pub struct InspectArgs {
    /// The model file
    #[arg(value_name = "FILE.arc")]
    pub model: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}
