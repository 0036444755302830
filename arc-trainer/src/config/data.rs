//! What a network is trained and validated on.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Training and validation data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    /// Folder or zip in a layout that `Dataset::load` knows; `--data` overrides it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// More data of the same kinds of layout, all of it to train on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<PathBuf>,
    /// Alphabets kept out of training, to validate on.
    pub validation_alphabets: usize,
    /// Seed that draws them.
    #[serde(default)]
    pub split_seed: u64,
}
