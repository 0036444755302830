//! `cargo xtask public-api`: the public interface of `arc-runtime` is written down beside it, so that a change
//! of the interface shows in review.

mod compare;
mod hidden;
mod rustdoc;
#[cfg(test)]
mod tests;

use std::fs;

use anyhow::{Context, Result};

use crate::paths;

/// The record, below the root.
const RECORD: &str = "arc-runtime/PUBLIC-API.txt";

/// What each record begins with.
const HEADER: &str = "\
# The public interface of arc-runtime on x86-64 Linux, with the features std and signed.
# `cargo xtask public-api --bless` writes this file. Hidden items, and traits that are derived or automatic,
# are left out.
";

#[derive(clap::Args)]
pub struct Options {
    /// Write the record anew, after a change that is meant
    #[arg(long)]
    bless: bool,
}

/// Compares, or writes the record anew.
pub fn run(options: &Options) -> Result<()> {
    if !options.bless {
        return check();
    }
    let now = interface()?.context("there is nothing to write the record from")?;
    fs::write(paths::root().join(RECORD), now).with_context(|| format!("writing {RECORD}"))?;
    eprintln!("wrote {RECORD}");
    Ok(())
}

/// Holds the interface against its record. Where the interface cannot be told, this says so and passes.
///
/// # Errors
///
/// If they differ; the error shows the lines.
pub fn check() -> Result<()> {
    let Some(now) = interface()? else { return Ok(()) };
    let recorded = fs::read_to_string(paths::root().join(RECORD)).with_context(|| {
        format!("reading {RECORD}, which `cargo xtask public-api --bless` writes")
    })?;
    compare::same(&recorded, &now)?;
    println!("the public interface is that of {RECORD}");
    Ok(())
}

/// What a record made now would say; nothing where that cannot be told.
fn interface() -> Result<Option<String>> {
    // Each architecture has kernels of its own, and there is one record.
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        println!("SKIPPED the public interface: the record is that of Linux on x86-64");
        return Ok(None);
    }
    Ok(rustdoc::interface()?.map(|items| format!("{HEADER}{items}")))
}
