//! The networks that are timed, each in a folder that all peers read: the run, the model file, images.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::environment::Environment;
use super::folders::{make, workplace};
use crate::trainer::Trainer;
use crate::{paths, process};

/// What the small model is called in the tables.
pub const SMALL: &str = "small ConvARC";

/// A network and what is measured of it.
pub struct Subject {
    /// What it is called in the tables.
    pub controller: &'static str,
    /// Its folder.
    pub folder: PathBuf,
    /// What is measured.
    pub questions: &'static [Question],
}

/// One measurement of a network.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// What is done.
    pub task: Task,
    /// Pairs at once.
    pub batch: usize,
    /// The ratio to the best of the others that we want to reach.
    pub aim: f64,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Pairs are compared, each of other images, given by their features.
    Compare,
    /// One probe, given by its image, is compared with enrolled ones, given by their features.
    Identify,
}

impl Question {
    const fn compare(batch: usize, aim: f64) -> Self {
        Self { task: Task::Compare, batch, aim }
    }

    /// As the peers know it.
    pub fn name(&self) -> String {
        let task = match self.task {
            Task::Compare => "pairs",
            Task::Identify => "identify",
        };
        format!("{task}-{}", self.batch)
    }
}

const SMALLER: &[Question] =
    &[Question::compare(1, 8.0), Question::compare(20, 4.0), Question::compare(256, 2.5)];
const LARGER: &[Question] =
    &[Question::compare(1, 5.0), Question::compare(20, 2.5), Question::compare(256, 1.5)];
const IDENTIFY: &[Question] = &[Question { task: Task::Identify, batch: 20, aim: 3.0 }];

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
            subject("ARC, LSTM 128", "lstm128", SMALLER)?,
            subject("ARC, LSTM 512", "lstm512", LARGER)?,
            subject(SMALL, "small", IDENTIFY)?,
        ];
        subjects[0].untrained(trainer, &glyphs, 128)?;
        subjects[1].untrained(trainer, &glyphs, 512)?;
        subjects[2].copy("omniglot-small")?;
        for subject in &subjects {
            let mut images = environment.rust();
            process::run(images.arg("images").arg(&subject.folder).arg(&glyphs))?;
            for question in subject.questions {
                let mut build = environment.onnx();
                process::run(build.arg("build").arg(&subject.folder).arg(question.name()))?;
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
