//! The drawings of a run, training and held-out ones apart.

use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};

use crate::config::{Config, Recipe};
use crate::data::Dataset;
use crate::printable::printable;
use crate::progress::note;
use crate::run::Origin;

/// Drawings are kept at this many times the image's side, so that augmentation loses no detail.
pub const CANVAS_SCALE: usize = 3;

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
        // Read twice, each time at the side at which one of the two parts is looked at.
        let canvas = CANVAS_SCALE * config.model.image_side;
        let data = read(path, canvas)?;
        let extra = config.data.extra.as_deref().map(|extra| read(extra, canvas)).transpose()?;
        let origin = Origin::new(config, &data, extra.as_ref());
        let (mut training, _) = split(data, config)?;
        let (_, validation) = split(read(path, config.model.image_side)?, config)?;
        training.groups.extend(extra.into_iter().flat_map(|extra| extra.groups));

        let (least, remedy) = match config.training.recipe {
            Recipe::Episodes { way, .. } => (way, ": lower training.recipe.episodes.way"),
            Recipe::Pairs { .. } => (2, ""),
        };
        for small in training.groups.extract_if(.., |group| group.classes.len() < least) {
            note(format_args!(
                "left out, fewer than {least} characters: {}",
                printable(&small.name)
            ));
        }
        ensure!(
            !training.groups.is_empty(),
            "{}: no alphabet to train on has the {least} characters that a batch takes{remedy}",
            path.display()
        );
        Ok(Self { training, validation, origin })
    }
}

fn read(path: &Path, side: usize) -> Result<Dataset> {
    let data = Dataset::load(path, side)?;
    data.require_drawings(2)?;
    Ok(data)
}

fn split(data: Dataset, config: &Config) -> Result<(Dataset, Dataset)> {
    let split = data.split(config.data.validation_alphabets, config.data.split_seed);
    split.map_err(|error| anyhow!("{error}: lower data.validation_alphabets"))
}
