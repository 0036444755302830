//! The release build of `arc-trainer`, and what its verbs answer.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::{paths, process, setup};

/// The program.
pub struct Trainer(PathBuf);

impl Trainer {
    /// Builds all of it.
    ///
    /// # Errors
    ///
    /// If libtorch can't be installed or the build fails.
    pub fn build() -> Result<Self> {
        setup::libtorch::ensure()?;
        Self::build_with(&[])
    }

    /// Builds every verb but `train`: libtorch is not needed.
    ///
    /// # Errors
    ///
    /// If the build fails.
    pub fn build_without_training() -> Result<Self> {
        Self::build_with(&["--no-default-features"])
    }

    fn build_with(options: &[&str]) -> Result<Self> {
        let mut build = process::cargo();
        build.args(["build", "--release", "--package", "arc-trainer"]).args(options);
        process::run(&mut build)?;
        Ok(Self(paths::target()?.join("release/arc-trainer")))
    }

    /// The program's file.
    pub fn program(&self) -> &Path {
        &self.0
    }

    /// A command of this verb, run in the project's root.
    pub fn verb(&self, verb: &str) -> Command {
        let mut command = Command::new(&self.0);
        command.current_dir(paths::root()).arg(verb);
        command
    }
}

/// Runs a command and reads the JSON object that it prints for `--json`.
///
/// # Errors
///
/// If it fails, or prints something else.
pub fn json<T: DeserializeOwned>(command: &mut Command) -> Result<T> {
    let answer = process::read(command.arg("--json"))?;
    serde_json::from_str(&answer)
        .with_context(|| format!("`{}` printed: {answer}", process::show(command)))
}

/// What `eval` measured.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Evaluation {
    /// Right decisions per decision.
    pub accuracy: f64,
    /// 95 % interval of the accuracy.
    pub ci95: [f64; 2],
    /// Decisions.
    pub trials: u64,
    /// For `verify` alone.
    #[serde(flatten)]
    pub verification: Option<Verification>,
    /// For `open` alone.
    #[serde(flatten)]
    pub open: Option<OpenSet>,
    /// With `--reorder` alone.
    pub reordered: Option<Reordered>,
}

/// The same trials with their supports in another order.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Reordered {
    /// Right decisions per decision.
    pub accuracy: f64,
    /// Trials in which another support is taken.
    pub changed: f64,
}

/// What thresholds on the logit give, as shares of the pairs of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Verification {
    /// Where both kinds of error are as frequent.
    pub equal_error_rate: f64,
    /// Different pairs that the model's own threshold accepts.
    pub false_accept_rate: f64,
    /// Same pairs that it rejects.
    pub false_reject_rate: f64,
    /// Accuracy of its decisions.
    pub threshold_accuracy: f64,
}

/// What goes wrong where "none of these" is an answer.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct OpenSet {
    /// Probes of enrolled classes that are called none of these.
    pub known_rejected: f64,
    /// Probes of enrolled classes that are accepted as another.
    pub known_mistaken: f64,
    /// Other probes that are accepted.
    pub unknown_accepted: f64,
}

/// What `inspect` says of a model file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Inspection {
    /// Length of the file.
    pub file_bytes: u64,
    /// Sizes of the network.
    pub dimensions: Dimensions,
    /// Bytes of the runtime's memory; a float reference has none.
    pub ram: Option<Ram>,
    /// Multiply-accumulates.
    pub macs: Macs,
    /// Bytes of each part's weights.
    pub weights: Weights,
}

/// Sizes of the network.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Dimensions {
    /// Glimpses taken of each image.
    pub glimpses_per_image: u64,
    /// Units of each direction of the full context; 0 without one.
    #[serde(default)]
    pub context_units: u64,
    /// Supports of an N-way model, which answers nothing else; 0 for one that compares pairs.
    #[serde(default)]
    pub ways: u64,
}

/// Bytes of the runtime's memory.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Ram {
    /// To compare a pair.
    pub workspace: u64,
    /// To identify among 20 enrolled images, which it holds; none if it takes another number.
    pub gallery_20: Option<u64>,
}

/// Multiply-accumulates.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Macs {
    /// From two images to their score; none if it compares no pairs.
    pub pair: Option<u64>,
    /// From a probe to its scores with 20 enrolled images; none if it takes another number.
    pub gallery_20: Option<u64>,
}

/// Bytes of each part's weights.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Weights {
    /// Of the convolutions; 0 for raw pixels.
    pub stem: u64,
}
