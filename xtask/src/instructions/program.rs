//! Running a program that counts.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::process;

/// Runs a program that counts; what it printed on standard output and on standard error.
pub fn output(command: &mut Command) -> Result<(String, String)> {
    let line = process::show(command);
    let output = command.output().with_context(|| format!("cannot start `{line}`"))?;
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "`{line}` failed ({}):\n{log}", output.status);
    Ok((String::from_utf8_lossy(&output.stdout).into_owned(), log))
}

/// A command that is ended after `seconds`.
pub fn within(seconds: u32, program: impl AsRef<Path>) -> Command {
    let mut command = Command::new("timeout");
    command.arg(seconds.to_string()).arg(program.as_ref());
    command
}
