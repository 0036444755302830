//! `arc-trainer export`

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::export;
use crate::files::{check_writable, write_whole};
use crate::float::Run;
use crate::progress::note;

/// Turn a run's best checkpoint into a model file.
#[derive(Args)]
#[command(after_help = "\
Examples:
  arc-trainer export runs/omniglot-small --quantize i8 --out small.arc
  arc-trainer export runs/omniglot-small --quantize i8 --out small.arc --calibrate images_background.zip
  arc-trainer export runs/omniglot-small --quantize i8 --out strict.arc --false-accept 0.001
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
    /// Share of the pairs of different classes that the model may accept as of one class; its
    /// threshold is set for it on the held-out alphabets of the run's data
    #[arg(long, value_name = "SHARE", default_value_t = export::FALSE_ACCEPT, value_parser = share)]
    pub false_accept: f64,
}

/// How to store the weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Quantize {
    /// 8-bit integers, for every machine
    I8,
    /// Floats, for reference and for the host only
    None,
}

/// A share that a file can state: from one in a million to a half.
fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().map_err(|_| "not a number".to_owned())?;
    if (1e-6..=0.5).contains(&share) { Ok(share) } else { Err("not in 0.000001 to 0.5".into()) }
}

/// Runs the verb.
///
/// # Errors
/// If the run can't be read, doesn't fit the runtime, or the file can't be written.
pub fn run(args: ExportArgs) -> Result<()> {
    check_writable(&args.out)?;
    let run = Run::load(&args.run)?;
    let bytes = match args.quantize {
        Quantize::I8 => export::integer(&run, args.calibrate.as_deref(), args.false_accept)?,
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
