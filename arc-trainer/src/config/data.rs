//! What a network is trained and validated on.

use std::path::PathBuf;

use anyhow::{Result, ensure};
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
    /// Other data sets, each with its share of the episodes; the data at `path` have the rest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sets: Vec<SetConfig>,
    /// Alphabets kept out of training, to validate on.
    pub validation_alphabets: usize,
    /// Seed that draws them.
    #[serde(default)]
    pub split_seed: u64,
    /// Whether a picture that can't be read ends the training, in place of being left out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub strict: bool,
}

/// A data set beside the first one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetConfig {
    /// Folder or zip. A relative path starts at the folder that `data.path` lies in.
    pub path: PathBuf,
    /// Share of the episodes that are drawn from it.
    pub share: f64,
    /// What an episode's classes have in common.
    #[serde(default)]
    pub negatives: Negatives,
    /// Share of each group's classes, the last ones by name, that is not trained on, to be measured.
    #[serde(default)]
    pub held_out: f64,
    /// Names of files that are left out, in whatever folder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leave_out: Vec<String>,
    /// Whether its pictures may be turned by quarters and mirrored as `augmentation` says.
    #[serde(default = "yes")]
    pub turns: bool,
    /// Whether they show strokes, which another pen could have drawn.
    #[serde(default = "yes")]
    pub strokes: bool,
}

fn yes() -> bool {
    true
}

/// Which classes are told apart in one episode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Negatives {
    /// Those of one group: letters of an alphabet, writers of a name.
    #[default]
    Within,
    /// Any: the groups are only folders.
    Across,
}

impl DataConfig {
    /// Checks the shares.
    ///
    /// # Errors
    /// Says which number is wrong.
    pub(super) fn check(&self) -> Result<()> {
        let shares = self.sets.iter().map(|set| set.share);
        ensure!(
            shares.clone().all(|share| share > 0.0) && shares.sum::<f64>() < 1.0,
            "data.sets: every share must be above 0, and all together below 1, which the data at data.path have the rest of"
        );
        ensure!(
            self.sets.iter().all(|set| (0.0..1.0).contains(&set.held_out)),
            "data.sets: held_out must be at least 0 and below 1"
        );
        Ok(())
    }
}
