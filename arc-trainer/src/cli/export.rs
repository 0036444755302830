//! `arc-trainer export`

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::export;
use crate::files::write_whole;
use crate::float::Run;
use crate::progress::note;

/// Turn a run's best checkpoint into a model file.
#[derive(Args)]
#[command(after_help = "\
Examples:
  arc-trainer export runs/omniglot-small --quantize i8 --out small.arc
  arc-trainer export runs/omniglot-small --quantize i8 --out small.arc --calibrate images_background.zip
  arc-trainer export runs/omniglot-small --quantize none --out float.arc")]
pub struct ExportArgs {
    /// The run folder that `train` wrote, or a checkpoint inside of it
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

/// Runs the verb.
///
/// # Errors
/// If the run can't be read, doesn't fit the runtime, or the file can't be written.
pub fn run(args: ExportArgs) -> Result<()> {
    let run = Run::load(&args.run)?;
    let bytes = match args.quantize {
        Quantize::I8 => export::integer(&run, args.calibrate.as_deref())?,
        Quantize::None => export::float(&run)?,
    };
    write_whole(&args.out, &bytes)?;
    note(format_args!(
        "{}: {} bytes, from step {} of {}",
        args.out.display(),
        bytes.len(),
        run.steps,
        run.checkpoint.display()
    ));
    Ok(())
}
