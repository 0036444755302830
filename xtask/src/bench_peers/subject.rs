//! The networks that are timed, each in a folder that all peers read: the run, the model file, images.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::environment::Environment;
use super::{make, workplace};
use crate::trainer::Trainer;
use crate::{paths, process};

/// A network and what is asked of it.
pub struct Subject {
    /// What it is called in the tables.
    pub controller: &'static str,
    /// Its folder.
    pub folder: PathBuf,
    /// The questions, as the peers know them, and their pairs.
    pub questions: &'static [(&'static str, usize)],
}

const BATCHES: &[(&str, usize)] = &[("pairs-1", 1), ("pairs-20", 20), ("pairs-256", 256)];
const IDENTIFY: &[(&str, usize)] = &[("identify-20", 20)];

impl Subject {
    /// Prepares all of them: ARC on raw pixels with untrained weights, and the small ConvARC.
    ///
    /// # Errors
    ///
    /// If a folder can't be written or a verb of the trainer fails.
    pub fn all(trainer: &Trainer, environment: &Environment) -> Result<Vec<Self>> {
        let glyphs = glyphs(trainer)?;
        let subject = |controller, name: &str, questions| {
            let folder = workplace()?.join(name);
            make(&folder)?;
            anyhow::Ok(Self { controller, folder, questions })
        };
        let subjects = vec![
            subject("ARC, LSTM 128", "lstm128", BATCHES)?,
            subject("ARC, LSTM 512", "lstm512", BATCHES)?,
            subject("small ConvARC", "small", IDENTIFY)?,
        ];
        subjects[0].untrained(trainer, &glyphs, 128)?;
        subjects[1].untrained(trainer, &glyphs, 512)?;
        subjects[2].copy("omniglot-small")?;
        for subject in &subjects {
            let mut images = environment.rust();
            process::run(images.arg("images").arg(&subject.folder).arg(&glyphs))?;
            for (question, _) in subject.questions {
                let mut build = environment.onnx();
                process::run(build.arg("build").arg(&subject.folder).arg(question))?;
            }
        }
        Ok(subjects)
    }

    /// The run's folder.
    fn run(&self) -> PathBuf {
        self.folder.join("run")
    }

    /// The model file.
    pub fn model(&self) -> PathBuf {
        self.folder.join("model.arc")
    }

    /// Leaves the random weights that a training would start from.
    fn untrained(&self, trainer: &Trainer, data: &Path, hidden: usize) -> Result<()> {
        let mut train = trainer.verb("train");
        train.args(["--config", "configs/bench.toml", "--overwrite", "--data"]).arg(data);
        train.args(["--set", &format!("model.hidden={hidden}"), "--out"]).arg(self.run());
        process::run(&mut train)?;
        let mut export = trainer.verb("export");
        export.arg(self.run()).args(["--quantize", "i8", "--out"]).arg(self.model());
        process::run(&mut export)
    }

    /// Takes a model that comes with the project.
    fn copy(&self, name: &str) -> Result<()> {
        make(&self.run())?;
        let models = paths::root().join("models");
        let mut files = vec![(models.join(format!("{name}.arc")), self.model())];
        for file in ["config.toml", "best.safetensors"] {
            files.push((models.join(name).join(file), self.run().join(file)));
        }
        for (from, to) in files {
            fs::copy(&from, &to)
                .with_context(|| format!("copying {} to {}", from.display(), to.display()))?;
        }
        Ok(())
    }
}

/// Drawings to calibrate with and to compare.
fn glyphs(trainer: &Trainer) -> Result<PathBuf> {
    let whole = workplace()?.join("glyphs");
    if !whole.exists() {
        let fresh = paths::scratch(&workplace()?)?;
        let drawn = fresh.path().join("glyphs");
        let mut draw = trainer.verb("data");
        draw.args(["synth", "--alphabets", "8", "--seed", "1", "--out"]).arg(&drawn);
        process::run(&mut draw)?;
        fs::rename(&drawn, &whole).with_context(|| format!("writing {}", whole.display()))?;
    }
    Ok(whole)
}
