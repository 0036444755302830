//! The command line: one file per verb, each with its arguments and a `run`.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::progress::note;

mod bench;
mod compare;
mod data;
mod eval;
mod export;
mod identify;
mod inspect;
mod keygen;
mod output;
mod picture;
mod prepare;
mod report;
mod sign;
#[cfg(feature = "torch")]
mod stop;
mod stress;
#[cfg_attr(not(feature = "torch"), path = "no_train.rs")]
mod train;
mod verify;

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
    #[command(subcommand)]
    Data(data::Verb),
    Train(train::TrainArgs),
    Export(export::ExportArgs),
    Eval(eval::EvalArgs),
    Compare(compare::CompareArgs),
    Identify(identify::IdentifyArgs),
    Inspect(inspect::InspectArgs),
    Prepare(prepare::PrepareArgs),
    Stress(stress::StressArgs),
    Bench(bench::BenchArgs),
    Report(report::ReportArgs),
    Keygen(keygen::KeygenArgs),
    Sign(sign::SignArgs),
    Verify(verify::VerifyArgs),
}

impl Verb {
    fn run(self) -> Result<ExitCode> {
        match self {
            Self::Train(args) => return train::run(args),
            Self::Prepare(args) => return prepare::run(args),
            Self::Identify(args) => return identify::run(args),
            Self::Data(verb) => data::run(verb),
            Self::Export(args) => export::run(args),
            Self::Eval(args) => eval::run(args),
            Self::Compare(args) => compare::run(args),
            Self::Inspect(args) => inspect::run(args),
            Self::Stress(args) => stress::run(args),
            Self::Bench(args) => bench::run(args),
            Self::Report(args) => report::run(args),
            Self::Keygen(args) => keygen::run(args),
            Self::Sign(args) => sign::run(args),
            Self::Verify(args) => verify::run(args),
        }?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Runs the command line of this process: exit code 0 done, 1 failed, 2 wrong usage, and 128 with
/// the signal's number for a training that was stopped.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // It quotes arguments, which may be names that a shell has filled in.
        Err(error) if error.use_stderr() => {
            note(error.render().to_string().trim_end());
            return ExitCode::from(2);
        }
        Err(help) => help.exit(),
    };
    match cli.verb.run() {
        Ok(code) => code,
        // Whoever reads our output has seen enough, as `head` does: no failure of ours.
        Err(error) if error.is::<output::Closed>() => ExitCode::SUCCESS,
        Err(error) => {
            note(format_args!("error: {error:#}"));
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
