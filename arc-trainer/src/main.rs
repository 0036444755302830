//! The `arc-trainer` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    arc_trainer::cli::main()
}
