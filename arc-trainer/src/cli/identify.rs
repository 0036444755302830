//! `arc-trainer identify`

use std::path::PathBuf;

use clap::Args;

/// Say which class of a gallery each picture is of.
#[derive(Args)]
#[command(after_help = "\
Examples:
  arc-trainer identify small.arc --gallery parts/ camera.png
  arc-trainer identify small.arc --gallery parts/ shots/*.png --json")]
pub struct IdentifyArgs {
    /// The model file
    #[arg(value_name = "FILE.arc")]
    pub model: PathBuf,
    /// Folder of class folders with the enrolled pictures
    #[arg(long, value_name = "DIR")]
    pub gallery: PathBuf,
    /// The pictures to name
    #[arg(value_name = "PROBE.png", required = true)]
    pub probes: Vec<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}
