//! What a run reports: one JSON object a line in `metrics.jsonl`.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::files::write_whole;
use crate::{input, limits};

/// One line of the metrics file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Line {
    /// Averages over the steps since the line before.
    Train {
        /// Steps done.
        step: u64,
        /// Mean loss.
        loss: f64,
        /// Mean accuracy: of `way`-way decisions, or of pairs in the pairs recipe.
        accuracy: f64,
        /// The learning rate of the last step.
        rate: f64,
        /// Pairs trained on per second.
        pairs_per_second: f64,
        /// Seconds of training so far.
        seconds: f64,
    },
    /// One-shot accuracy on the held-out alphabets.
    Validation {
        /// Steps done.
        step: u64,
        /// Fraction right.
        accuracy: f64,
        /// Of how many trials.
        trials: usize,
        /// Seconds of training so far.
        seconds: f64,
    },
}

impl Line {
    /// Steps done when the line was written.
    pub fn step(&self) -> u64 {
        match self {
            Self::Train { step, .. } | Self::Validation { step, .. } => *step,
        }
    }
}

/// Sums over the steps since the last line.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// Steps summed.
    pub steps: u64,
    /// Sum of their losses.
    pub loss: f64,
    /// Sum of their accuracies.
    pub accuracy: f64,
    /// Seconds they took.
    pub seconds: f64,
}

/// The open metrics file.
#[derive(Debug)]
pub struct Metrics {
    path: PathBuf,
    file: File,
}

impl Metrics {
    /// Opens `path`, dropping the lines after `step`: a resumed run writes those again.
    ///
    /// # Errors
    /// Names the file.
    pub fn open(path: &Path, step: u64) -> Result<Self> {
        let before = if path.exists() { read(path)? } else { Vec::new() };
        let mut text = Vec::new();
        for line in before.iter().filter(|line| line.step() <= step) {
            serde_json::to_writer(&mut text, line)?;
            text.push(b'\n');
        }
        write_whole(path, &text)?;
        let file = File::options()
            .append(true)
            .open(path)
            .with_context(|| format!("can't write the metrics {}", path.display()))?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// Appends a line.
    ///
    /// # Errors
    /// Names the file, when the disk is full.
    pub fn write(&mut self, line: &Line) -> Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.file.write_all(&text).with_context(|| {
            format!(
                "can't append to {}: make room, then go on with --resume; the last checkpoint is unharmed",
                self.path.display()
            )
        })
    }
}

/// All whole lines of a metrics file; a last line cut off by a crash is passed over.
///
/// # Errors
/// Names the file that can't be read.
pub fn read(path: &Path) -> Result<Vec<Line>> {
    let text = input::read(path, limits::METRICS)
        .with_context(|| format!("can't read the metrics {}", path.display()))?;
    let lines = text.split(|byte| *byte == b'\n');
    Ok(lines.filter_map(|line| serde_json::from_slice(line).ok()).collect())
}
