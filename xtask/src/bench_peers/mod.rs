//! `cargo xtask bench-peers`: the runtime beside other engines that run the same network with the same weights.

mod environment;
mod measure;
mod page;
mod peer;
mod plot;
mod subject;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::paths;
use crate::trainer::Trainer;
use environment::Environment;
use subject::Subject;

/// What becomes of the measurements.
#[derive(clap::Args)]
pub struct Options {
    /// Print one JSON array
    #[arg(long)]
    json: bool,
    /// Write docs/speed.md and its plot
    #[arg(long)]
    write: bool,
}

/// Runs the verb.
pub fn run(options: &Options) -> Result<()> {
    let trainer = Trainer::build()?;
    let environment = Environment::ensure()?;
    let subjects = Subject::all(&trainer, &environment)?;
    let cases = measure::all(&environment, &subjects)?;
    let machines = subjects.iter().map(|subject| measure::alone(&trainer, subject));
    let page = page::page(&cases, &machines.collect::<Result<Vec<_>>>()?);

    let folder = if options.write { paths::root().join("docs") } else { paths::target()? };
    write(folder.join("speed.svg"), &plot::plot(&cases)?)?;
    if options.write {
        write(folder.join("speed.md"), &page)?;
    }
    if options.json {
        println!("{}", serde_json::to_string_pretty(&cases)?);
    } else {
        println!("{}", page::table(&cases));
    }
    Ok(())
}

fn write(path: PathBuf, text: &str) -> Result<()> {
    fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
    eprintln!("wrote {}", path.display());
    Ok(())
}

/// The folder with the programs of the peers.
pub fn programs() -> PathBuf {
    paths::root().join("bench-peers")
}

/// The folder for what is only needed to measure.
fn workplace() -> Result<PathBuf> {
    let folder = paths::target()?.join("peers");
    make(&folder)?;
    Ok(folder)
}

fn make(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))
}
