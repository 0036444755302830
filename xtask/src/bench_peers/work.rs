//! The multiply-accumulates that an answer needs, whoever computes it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use arc_runtime::{Dimensions, Model};

use super::subject::{Question, Task};

/// Multiply-accumulates of a network's parts.
///
/// They are fewer than [`Dimensions::comparison_macs`]: in the first step the state is zero, so that nothing is
/// multiplied by it, and all pairs of a probe share that step.
#[derive(Debug, Clone, Copy)]
pub struct Work {
    /// The stem, of an image.
    pub stem: u64,
    /// The first step, of a probe.
    pub first: u64,
    /// The other steps and the head, of a pair.
    pub rest: u64,
    /// Steps of a pair, the first included.
    pub steps: u64,
    /// Bytes of weights that a pair takes when it is alone, so that each product reads its own.
    pub weights: u64,
}

impl Work {
    /// That of a model file.
    ///
    /// # Errors
    ///
    /// If it can't be read.
    pub fn of(model: &Path) -> Result<Self> {
        let name = || model.display().to_string();
        let bytes = fs::read(model).with_context(name)?;
        Ok(Self::from(&Model::load(&bytes).with_context(name)?.dimensions()))
    }

    /// Of one probe and its supports, from their features to their scores.
    pub fn comparison(&self, supports: u64) -> u64 {
        self.first + supports * self.rest
    }

    /// Of all pairs of a question.
    pub fn answer(&self, question: &Question) -> u64 {
        let batch = question.batch as u64;
        match question.task {
            Task::Compare => batch * self.comparison(1),
            Task::Identify => self.stem + self.comparison(batch),
        }
    }
}

impl From<&Dimensions> for Work {
    fn from(d: &Dimensions) -> Self {
        let head = d.head_hidden * (d.hidden + 1);
        let pair = d.comparison_macs();
        let steps = 2 * d.glimpses_per_image as u64;
        let step = (pair - head as u64) / steps;
        // Of the gates, and of the three numbers of the gaze.
        let by_state = (4 * d.hidden + 3) * d.hidden;
        let first = step - by_state as u64;
        // A step's products without the resampling, whose weights are the filters'.
        let weights = by_state + 4 * d.hidden * d.glimpse_len();
        let weights = steps * weights as u64 + head as u64 - by_state as u64;
        Self { stem: d.stem_macs, first, rest: pair - step, steps, weights }
    }
}
