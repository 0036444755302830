//! `arc-trainer train` in a build without libtorch: says how to get one that trains.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;

/// Train a network (not in this build: it has no libtorch).
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub struct TrainArgs {
    #[arg(hide = true, trailing_var_arg = true, allow_hyphen_values = true)]
    ignored: Vec<OsString>,
}

/// Explains that this build cannot train.
pub fn run(_: TrainArgs) -> Result<ExitCode> {
    bail!(
        "this arc-trainer was built without training (feature `torch`); for one that trains: \
         cargo xtask setup && cargo build --release --package arc-trainer"
    )
}
