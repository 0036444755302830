//! `arc-trainer report`

use std::path::PathBuf;

use clap::Args;

/// Write one HTML page about a run or a model: curves, accuracy, where each glimpse looked.
#[derive(Args)]
#[command(after_help = "\
Examples:
  arc-trainer report runs/omniglot-small --out report
  arc-trainer report small.arc --out report")]
pub struct ReportArgs {
    /// A run folder or a model file
    #[arg(value_name = "RUN|FILE.arc")]
    pub source: PathBuf,
    /// Folder to write the page to
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}
