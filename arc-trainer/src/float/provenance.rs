//! Where a model comes from.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::printable::printable;

/// Where a model comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The profile's name, such as `omniglot-small`.
    pub profile: String,
    /// What it was trained on.
    pub trained_on: String,
    /// The training configuration, resolved, as TOML.
    pub config: String,
    /// The seed of the training run.
    pub seed: u64,
    /// Optimizer steps taken.
    pub steps: u64,
}

impl Provenance {
    /// The profile's name on a terminal or a page.
    pub fn shown_profile(&self) -> Cow<'_, str> {
        shown(&self.profile, "an unnamed profile")
    }

    /// The name of the training data on a terminal or a page.
    pub fn shown_data(&self) -> Cow<'_, str> {
        shown(&self.trained_on, "unnamed data")
    }
}

fn shown<'a>(name: &'a str, unnamed: &'a str) -> Cow<'a, str> {
    if name.trim().is_empty() { unnamed.into() } else { printable(name) }
}
