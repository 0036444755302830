//! `cargo xtask demo`: the main job from training to an integer decision, in minutes.

mod pictures;
mod results;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::trainer::Trainer;
use crate::{paths, process, trainer};
use results::Table;

/// What to train on.
#[derive(clap::Args)]
pub struct Options {
    /// Omniglot or class folders, as a folder or a zip [default: procedural glyphs]
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,
    /// A setting of configs/demo.toml to change; may be given several times
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
}

/// Runs the demo.
pub fn run(options: &Options) -> Result<()> {
    let start = Instant::now();
    let trainer = Trainer::build()?;
    let folder = paths::root().join("runs/demo");
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;

    let data = match &options.data {
        Some(path) => Data::from_user(path)?,
        None => Data::glyphs(&trainer, &folder)?,
    };

    heading("Training");
    let run = folder.join("run");
    let mut train = trainer.verb("train");
    train.args(["--config", "configs/demo.toml", "--overwrite", "--data"]).arg(&data.training);
    train.arg("--out").arg(&run);
    for setting in &options.set {
        train.args(["--set", setting]);
    }
    process::run(&mut train)?;

    heading("Exporting to 8-bit integers, and to floats for reference");
    let integer = folder.join("demo.arc");
    let float = folder.join("demo-float.arc");
    for (kind, file) in [("i8", &integer), ("none", &float)] {
        let mut export = trainer.verb("export");
        process::run(export.arg(&run).args(["--quantize", kind, "--out"]).arg(file))?;
    }

    heading("Comparing two pairs with the integer runtime");
    let pictures = pictures::pick(&data.unseen, &folder.join("pictures"))?;
    for (relation, other) in
        [("one character", &pictures.same), ("two characters", &pictures.other)]
    {
        println!("{relation}:");
        process::run(trainer.verb("compare").arg(&integer).arg(&pictures.first).arg(other))?;
    }

    heading("One-shot classification, 20-way");
    let mut table = Table::new(&integer, &float)?;
    for (protocol, data, split) in data.evaluations() {
        let measure = |model: &Path| {
            let mut eval = trainer.verb("eval");
            eval.arg(model).arg("--data").arg(data).args(["--protocol", protocol]);
            trainer::json(eval.args(["--way", "20", "--split", split]))
        };
        table.add(protocol, measure(&integer)?, measure(&float)?);
    }
    println!("{table}");

    heading("Report");
    let report = folder.join("report");
    process::run(trainer.verb("report").arg(&run).arg("--out").arg(&report))?;
    println!("curves and glimpses: {}", report.join("index.html").display());
    println!("the whole demo took {:.1} minutes", start.elapsed().as_secs_f64() / 60.0);
    Ok(())
}

fn heading(text: &str) {
    println!("\n== {text}");
}

/// What to train on and what to measure on.
struct Data {
    training: PathBuf,
    unseen: PathBuf,
    /// The 20 published runs.
    lake: Option<PathBuf>,
}

impl Data {
    /// Two sets of glyphs with no character in common.
    fn glyphs(trainer: &Trainer, folder: &Path) -> Result<Self> {
        heading("Drawing alphabets");
        let draw = |name: &str, seed: &str| {
            let set = folder.join(name);
            if !set.exists() {
                let unfinished = folder.join(format!("{name}.unfinished"));
                if unfinished.exists() {
                    fs::remove_dir_all(&unfinished)?;
                }
                process::run(
                    trainer.verb("data").args(["synth", "--seed", seed, "--out"]).arg(&unfinished),
                )?;
                fs::rename(&unfinished, &set)?;
            }
            anyhow::Ok(set)
        };
        Ok(Self { training: draw("glyphs", "1")?, unseen: draw("unseen-glyphs", "2")?, lake: None })
    }

    /// Omniglot's published runs are measured too where they lie beside or in it.
    fn from_user(path: &Path) -> Result<Self> {
        ensure!(path.exists(), "--data {}: no such folder or zip", path.display());
        let path = std::path::absolute(path)?;
        let folder = if path.is_dir() { Some(path.as_path()) } else { path.parent() };
        let lake = folder.map(|folder| folder.join("all_runs.zip")).filter(|zip| zip.exists());
        let images = path.join("images_background.zip");
        let images = if images.exists() { images } else { path };
        Ok(Self { training: images.clone(), unseen: images, lake })
    }

    /// Protocol, data, and which of its alphabets: only those that the training held out.
    fn evaluations(&self) -> impl Iterator<Item = (&'static str, &Path, &'static str)> {
        let split = if self.unseen == self.training { "validation" } else { "all" };
        let lake = self.lake.as_deref().map(|runs| ("lake", runs, "all"));
        std::iter::once(("within", self.unseen.as_path(), split)).chain(lake)
    }
}
