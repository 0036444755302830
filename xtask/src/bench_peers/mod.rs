//! `cargo xtask bench-peers`: the runtime beside other engines that run the same network with the same weights.

mod environment;
mod folders;
mod measure;
mod omniglot;
mod page;
mod peer;
mod plot;
mod speed;
mod subject;
#[cfg(test)]
mod tests;
mod work;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::paths;
use crate::trainer::Trainer;
use environment::Environment;
use measure::Case;
use page::Measured;
use speed::Network;
use subject::{SMALL, Subject};

/// What becomes of the measurements.
#[derive(clap::Args)]
pub struct Options {
    /// Print one JSON array of the runtime beside the others
    #[arg(long)]
    json: bool,
    /// Measure more threads, other kernels and a whole evaluation too, and write docs/speed-KERNELS.md and its plot
    #[arg(long)]
    write: bool,
}

/// Runs the verb.
pub fn run(options: &Options) -> Result<()> {
    let drawings = if options.write { omniglot::drawings()? } else { None };
    let trainer = Trainer::build()?;
    let environment = Environment::ensure()?;
    let subjects = Subject::all(&trainer, &environment)?;
    let cases = measure::all(&environment, &subjects)?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&cases)?);
    } else {
        println!("{}", page::table(&cases));
    }

    let folder = if options.write { paths::root().join("docs") } else { paths::target()? };
    let name = page::name(speed::kernels()?);
    write(folder.join(format!("{name}.svg")), &plot::plot(&cases)?)?;
    if options.write {
        let measured = by_itself(&trainer, &subjects, cases, drawings.as_deref())?;
        write(folder.join(format!("{name}.md")), &page::page(&measured))?;
    }
    Ok(())
}

/// What else the page shows.
fn by_itself(
    trainer: &Trainer,
    subjects: &[Subject],
    cases: Vec<Case>,
    drawings: Option<&Path>,
) -> Result<Measured> {
    let mut networks = Vec::new();
    for subject in subjects {
        let (name, model) = (subject.controller, subject.model());
        networks.push(Network::new(name, model, name == SMALL)?);
    }
    let tiny = paths::root().join("models/omniglot-tiny.arc");
    networks.push(Network::new("tiny ARC", tiny, true)?);
    let speeds = speed::measure(trainer, &networks)?;
    let evaluate = |drawings| omniglot::measure(trainer, drawings);
    let omniglot = drawings.map(evaluate).transpose()?.map(|found| (SMALL, found));
    Ok(Measured { cases, networks, kernels: speed::kernels()?, speeds, omniglot })
}

fn write(path: PathBuf, text: &str) -> Result<()> {
    fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
    eprintln!("wrote {}", path.display());
    Ok(())
}
