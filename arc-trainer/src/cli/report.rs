//! `arc-trainer report`

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::report;

/// Write one HTML page about a run or a model: curves, accuracy, where each glimpse looked.
#[derive(Args)]
#[command(after_help = "\
Examples:
  arc-trainer report runs/omniglot-small --out report
  arc-trainer report small.arc --out report --data images_background.zip")]
pub struct ReportArgs {
    /// A run folder or an integer model file
    #[arg(value_name = "RUN|FILE.arc")]
    pub source: PathBuf,
    /// Folder to write the page to, as index.html
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Drawings to try the model on [default: the run's validation alphabets; for a file,
    /// procedural glyphs]
    #[arg(long, value_name = "PATH")]
    pub data: Option<PathBuf>,
    /// One-shot episodes to measure on; as many pairs are drawn as these have trials
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub episodes: u32,
    /// Replace an index.html that is no report.
    #[arg(long)]
    pub overwrite: bool,
}

/// Runs the verb.
///
/// # Errors
/// If a file can't be read or written, or the drawings are too few.
pub fn run(args: ReportArgs) -> Result<()> {
    let page = report::write(
        &args.source,
        args.data.as_deref(),
        args.episodes as usize,
        &args.out,
        args.overwrite,
    )?;
    super::print(&page.display().to_string(), false)
}
