//! `cargo xtask results`: measures the committed models and writes what they can do.

pub mod markdown;
mod measure;
mod memory;
mod page;
mod plot;
mod published;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use crate::paths;
use crate::trainer::Trainer;
use measure::{Bench, Scale};

/// Where the data are and how much of them is used.
#[derive(clap::Args)]
pub struct Options {
    /// Folder with Omniglot's images_background.zip and all_runs.zip
    /// [default: $ARC_OMNIGLOT, or ../shared/omniglot]
    #[arg(long, value_name = "DIR")]
    omniglot: Option<PathBuf>,
    /// Few trials, to see the page: it is written to the target folder, and nothing else is
    #[arg(long)]
    quick: bool,
}

/// Runs the verb.
pub fn run(options: &Options) -> Result<()> {
    let omniglot = options.omniglot.clone().unwrap_or_else(paths::omniglot);
    for zip in ["images_background.zip", "all_runs.zip"] {
        let zip = omniglot.join(zip);
        ensure!(zip.exists(), "{} is missing: give its folder by --omniglot DIR", zip.display());
    }
    let scale = if options.quick { Scale::QUICK } else { Scale::FULL };
    let omniglot = std::path::absolute(omniglot)?;
    let results = Bench::new(&Trainer::build_without_training()?, omniglot, scale)?.run()?;

    let root = paths::root();
    let docs = if options.quick { paths::target()?.join("results") } else { root.join("docs") };
    let write = |path: PathBuf, text: String| {
        fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
        eprintln!("wrote {}", path.display());
        anyhow::Ok(())
    };
    write(docs.join("results.svg"), plot::plot(&results)?)?;
    write(docs.join("results.md"), page::page(&results))?;
    if options.quick {
        return Ok(());
    }
    let readme = root.join("README.md");
    let text =
        fs::read_to_string(&readme).with_context(|| format!("reading {}", readme.display()))?;
    let text = page::replace_summary(&text, &page::summary(&results))
        .with_context(|| readme.display().to_string())?;
    write(readme, text)
}
