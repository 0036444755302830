//! `arc-trainer train`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use tch::{Cuda, Device};

use super::stop::Stop;
use crate::config::Config;
use crate::export;
use crate::progress::note;
use crate::run::RunFolder;
use crate::train::{Outcome, Trainer};

/// Train a network and keep its checkpoints in a run's folder.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  arc-trainer train --config configs/omniglot-small.toml --data images_background.zip
  arc-trainer train --config configs/omniglot-small.toml --data DIR --set steps=2000 --set name=quick
  arc-trainer train --config configs/omniglot-full.toml --start runs/omniglot-full-naive
  arc-trainer train --resume runs/omniglot-small

Ctrl-C, SIGTERM and SIGHUP save a checkpoint and stop, with exit code 130, 143 or 129; --resume goes on as if the
run had never stopped. A second one stops at once.")]
pub struct TrainArgs {
    /// Configuration file (TOML).
    #[arg(
        long,
        value_name = "FILE.toml",
        required_unless_present = "resume",
        conflicts_with = "resume"
    )]
    config: Option<PathBuf>,
    /// Training data: Omniglot's folder or zip, or any folder of class folders.
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,
    /// Where to compute.
    #[arg(long, value_enum, default_value_t = DeviceName::Cpu)]
    device: DeviceName,
    /// Go on with a run from its last checkpoint, with the same data and configuration; steps,
    /// learning rate and validate_every may change.
    #[arg(long, value_name = "RUN")]
    resume: Option<PathBuf>,
    /// Start from the best weights of another run, as far as it has the same parts.
    #[arg(long, value_name = "RUN", conflicts_with = "resume")]
    start: Option<PathBuf>,
    /// Stop before the first step if a picture can't be read, instead of leaving it out.
    #[arg(long)]
    strict: bool,
    /// Override a value of the configuration; may be given several times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Folder of the run [default: runs/NAME].
    #[arg(long, value_name = "RUN", conflicts_with = "resume")]
    out: Option<PathBuf>,
    /// Replace a run that the folder already holds.
    #[arg(long, conflicts_with = "resume")]
    overwrite: bool,
    /// Threads of libtorch [default: all cores].
    #[arg(long, value_name = "T")]
    threads: Option<i32>,
}

/// Where to compute.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum DeviceName {
    /// This machine's cores.
    Cpu,
    /// The first CUDA device; needs a libtorch built with CUDA.
    Cuda,
}

/// Runs the verb.
///
/// # Errors
/// If there is nothing to train with, the run diverges, or its folder can't be used.
pub fn run(args: TrainArgs) -> Result<ExitCode> {
    let device = match args.device {
        DeviceName::Cpu => Device::Cpu,
        DeviceName::Cuda => {
            ensure!(
                Cuda::is_available(),
                "--device cuda: this libtorch finds no CUDA device; use a CUDA build of libtorch 2.11 (LIBTORCH=...), or --device cpu"
            );
            Device::Cuda(0)
        }
    };
    if let Some(threads) = args.threads {
        ensure!(threads >= 1, "--threads: at least 1");
        tch::set_num_threads(threads);
    }
    let resume = args.resume.is_some();
    let data = args.data.map(|data| {
        std::path::absolute(&data).with_context(|| format!("--data {}", data.display()))
    });
    let data = data.transpose()?;
    let (folder, mut config) = match args.resume {
        Some(run) => {
            let (folder, mut config) = RunFolder::open(&run, &args.set)?;
            config.data.path = data.or(config.data.path);
            (folder, config)
        }
        None => {
            let file = args.config.expect("clap asks for --config without --resume");
            let mut config = Config::load(&file, &args.set)?;
            config.data.path = data.or(config.data.path);
            config.training.start = args.start.or(config.training.start);
            let path = args.out.unwrap_or_else(|| PathBuf::from("runs").join(&config.name));
            (RunFolder::new(&path, args.overwrite)?, config)
        }
    };

    config.data.strict |= args.strict;
    export::check_sizes(&config.model)?;
    let steps = config.training.steps;
    let mut trainer = Trainer::new(folder.clone(), config, device, resume)?;
    note(format_args!(
        "{}: {} weights, {} of {steps} steps done, {} threads",
        folder.path().display(),
        trainer.parameter_count(),
        trainer.progress().step,
        tch::get_num_threads()
    ));
    let stop = Stop::listen()?;
    match trainer.run(stop.asked())? {
        Outcome::Finished => {
            if let Some((accuracy, step)) = trainer.progress().best {
                note(format_args!(
                    "best: {:.2} % on held-out alphabets, at step {step}",
                    100.0 * accuracy
                ));
            }
            note(format_args!(
                "next: arc-trainer export {} --quantize i8 --out FILE.arc",
                folder.path().display()
            ));
            Ok(ExitCode::SUCCESS)
        }
        Outcome::Interrupted => {
            note(format_args!(
                "stopped and saved at step {}; go on with: arc-trainer train --resume {}",
                trainer.progress().step,
                folder.path().display()
            ));
            Ok(stop.exit_code())
        }
    }
}
