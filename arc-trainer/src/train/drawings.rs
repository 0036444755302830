//! The drawings of a run, training and held-out ones apart.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::config::{Config, Recipe};
use crate::data::Dataset;
use crate::progress::note;
use crate::run::Origin;

/// What a run trains on and is validated on.
pub struct Drawings {
    /// Alphabets to train on, those too small for the recipe left out.
    pub training: Dataset,
    /// Held-out alphabets.
    pub validation: Dataset,
    /// What tells them, and the configuration, from any other.
    pub origin: Origin,
}

impl Drawings {
    /// Reads what the configuration names.
    ///
    /// # Errors
    /// If the data can't be read, or leave nothing to train on.
    pub fn load(config: &Config) -> Result<Self> {
        let path = config.data.path.as_deref().context("no training data: give --data PATH")?;
        let (data, extra) = (read(path)?, config.data.extra.as_deref().map(read).transpose()?);
        let origin = Origin::new(config, &data, extra.as_ref());
        let (mut training, validation) =
            data.split(config.data.validation_alphabets, config.data.split_seed)?;
        training.groups.extend(extra.into_iter().flat_map(|extra| extra.groups));

        let (least, remedy) = match config.training.recipe {
            Recipe::Episodes { way, .. } => (way, ": lower training.recipe.episodes.way"),
            Recipe::Pairs { .. } => (2, ""),
        };
        for small in training.groups.extract_if(.., |group| group.classes.len() < least) {
            note(format_args!("left out, fewer than {least} characters: {}", small.name));
        }
        ensure!(
            !training.groups.is_empty(),
            "{}: no alphabet to train on has the {least} characters that a batch takes{remedy}",
            path.display()
        );
        Ok(Self { training, validation, origin })
    }
}

fn read(path: &Path) -> Result<Dataset> {
    let data = Dataset::load(path)?;
    data.require_drawings(2)?;
    Ok(data)
}
