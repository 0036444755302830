//! How the weights are found.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Optimization.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingConfig {
    /// What a batch is made of.
    pub recipe: Recipe,
    /// Run whose best weights are started from, as far as it has them in the same shapes; none for
    /// random weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<PathBuf>,
    /// Parts of the network that are trained, by the beginnings of their tensors' names; empty for
    /// all of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// Optimizer steps.
    pub steps: u64,
    /// AdamW's peak learning rate.
    pub learning_rate: f64,
    /// Steps of linear warm-up to it.
    #[serde(default)]
    pub warmup: u64,
    /// Fraction of the peak that the cosine decay ends at; 1 keeps the rate constant.
    #[serde(default = "default_final_rate")]
    pub final_rate: f64,
    /// Decoupled weight decay, on matrices and kernels alone.
    #[serde(default)]
    pub weight_decay: f64,
    /// Largest norm of the whole gradient.
    #[serde(default = "default_clip")]
    pub clip: f64,
    /// Decay of the running average of the weights that is validated and kept; 0 keeps the
    /// weights themselves.
    #[serde(default)]
    pub average: f64,
    /// Whether the forward pass sees weights, features, glimpses and states rounded to 8 bits, as
    /// the export will round them; validation sees them exact.
    #[serde(default, skip_serializing_if = "is_false")]
    pub quantized: bool,
    /// Steps between two validations, each followed by a checkpoint.
    #[serde(default = "default_validate_every")]
    pub validate_every: u64,
    /// 20-way (or smaller, if the alphabets are) episodes per validation.
    #[serde(default = "default_validation_episodes")]
    pub validation_episodes: usize,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

fn default_final_rate() -> f64 {
    0.02
}

fn default_clip() -> f64 {
    1.0
}

fn default_validate_every() -> u64 {
    1000
}

fn default_validation_episodes() -> usize {
    40
}

/// What a batch is made of, and so what the loss is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Recipe {
    /// Each episode takes `way` characters of one alphabet, drawn by two people, and scores
    /// all `way * way` pairs. Loss: softmax cross-entropy over rows and over columns, plus a
    /// class-balanced binary cross-entropy.
    Episodes {
        /// Episodes per step.
        episodes: usize,
        /// Characters per episode.
        way: usize,
    },
    /// The paper's: half of the pairs show one character, half two characters of one
    /// alphabet. Loss: binary cross-entropy.
    Pairs {
        /// Pairs per step.
        pairs: usize,
    },
}
