//! The command line: one file per verb, each with its arguments and a `run`.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

pub mod compare;
pub mod eval;
pub mod export;
pub mod identify;
pub mod inspect;
mod output;
pub mod report;
#[cfg_attr(not(feature = "torch"), path = "no_train.rs")]
mod train;

pub use output::print;

/// Trains, exports, evaluates and explains ARC models: one-shot visual comparison in integers.
#[derive(Parser)]
#[command(name = "arc-trainer", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Train(train::TrainArgs),
}

impl Verb {
    fn run(self) -> Result<()> {
        match self {
            Self::Train(args) => train::run(args),
        }
    }
}

/// Runs the command line of this process: exit code 0 done, 1 failed, 2 wrong usage.
pub fn main() -> ExitCode {
    match Cli::parse().verb.run() {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads our output has seen enough, as `head` does: no failure of ours.
        Err(error) if error.is::<output::Closed>() => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
