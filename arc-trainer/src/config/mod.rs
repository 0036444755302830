//! The training configuration: a TOML file that says everything about a run.
//!
//! The resolved form (after `--set` and `--data`) is kept in the run's folder and in the
//! exported model, so that any model can be traced back to what made it.

mod augmentation;
mod data;
mod model;
mod pictures;
mod preparation;
mod training;

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};

pub use augmentation::{AffineConfig, AugmentationConfig};
pub use data::{DataConfig, Negatives, SetConfig};
pub use model::{ConvConfig, LayerConfig, ModelConfig, ResidualConfig};
pub use pictures::{PictureChange, PictureConfig};
pub use preparation::{ContrastConfig, InkConfig, PhotoConfig, PolarityConfig, PreparationConfig};
pub use training::{Recipe, TrainingConfig};

use crate::printable::{printable, printable_path};
use crate::{input, limits};

/// Everything that defines a training run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The profile's name; names the run's folder and the model.
    pub name: String,
    /// Seed of the initial weights, the batches and the augmentation.
    pub seed: u64,
    /// The network.
    pub model: ModelConfig,
    /// What it is trained and validated on.
    pub data: DataConfig,
    /// How the weights are found.
    pub training: TrainingConfig,
    /// How the drawings are varied.
    pub augmentation: AugmentationConfig,
}

impl Config {
    /// Reads `file` and applies `key=value` overrides in order.
    ///
    /// # Errors
    /// Names the file or the override that can't be read, and why.
    pub fn load(file: &Path, overrides: &[String]) -> Result<Self> {
        let text = input::read_text(file, limits::CONFIG)
            .with_context(|| format!("can't read the configuration {}", printable_path(file)))?;
        let in_file = || format!("in {}", printable_path(file));
        let written = Self::from_toml(&text).with_context(in_file)?;
        let config = written.overridden(overrides)?;
        // The file is to blame for what is wrong without the overrides too.
        config.check().with_context(|| match written.check() {
            Ok(()) => format!("in --set {}", overrides.join(" --set ")),
            Err(_) => in_file(),
        })?;
        Ok(config)
    }

    /// Parses TOML text and applies `key=value` overrides in order.
    ///
    /// # Errors
    /// Says which key or value is wrong.
    pub fn parse(text: &str, overrides: &[String]) -> Result<Self> {
        let config = Self::from_toml(text)?.overridden(overrides)?;
        config.check()?;
        Ok(config)
    }

    /// What the text says, not yet checked.
    fn from_toml(text: &str) -> Result<Self> {
        // A model file may hold any text in the place of a configuration.
        input::read_at_most(text.as_bytes(), limits::CONFIG, &mut Vec::new())?;
        Ok(toml::from_str(text)?)
    }

    /// The configuration with `key=value` overrides applied in order, not yet checked.
    fn overridden(&self, overrides: &[String]) -> Result<Self> {
        let mut config = self.clone();
        for entry in overrides {
            let apply = || -> Result<Self> {
                // Into the complete form, so that it reaches keys left at their default.
                let mut table = toml::Table::try_from(&config)?;
                set(&mut table, entry)?;
                Ok(table.try_into()?)
            };
            config = apply().with_context(|| format!("in --set {entry}"))?;
        }
        Ok(config)
    }

    /// The configuration as TOML text.
    ///
    /// # Panics
    /// Never: every value of the type has a TOML form.
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(self).expect("a configuration is plain data")
    }

    fn check(&self) -> Result<()> {
        let m = &self.model;
        ensure!(
            Path::new(&self.name).file_name().is_some_and(|name| name == self.name.as_str())
                && !self.name.trim().is_empty()
                && printable(&self.name) == self.name,
            "name: a plain file name is wanted, neither blank nor with control characters"
        );
        m.check()?;
        self.data.check()?;
        self.augmentation.pictures.check()?;
        let t = &self.training;
        ensure!(
            t.learning_rate > 0.0 && t.clip > 0.0,
            "training: learning_rate and clip must be above 0"
        );
        ensure!((0.0..=1.0).contains(&t.final_rate), "training.final_rate must be from 0 to 1");
        ensure!(t.weight_decay >= 0.0, "training.weight_decay must not be negative");
        ensure!((0.0..1.0).contains(&t.average), "training.average must be at least 0 and below 1");
        ensure!(
            [self.augmentation.elastic, self.augmentation.episode_elastic]
                .iter()
                .all(|range| (0.0..1.0).contains(range)),
            "augmentation: elastic and episode_elastic must be at least 0 and below 1"
        );
        ensure!(
            t.validate_every >= 1 && t.validation_episodes >= 1,
            "training: validate_every and validation_episodes must be at least 1"
        );
        ensure!(
            (0.0..1.0).contains(&self.augmentation.pixel_dropout),
            "augmentation.pixel_dropout must be at least 0 and below 1"
        );
        match t.recipe {
            Recipe::Episodes { episodes, way } => {
                ensure!(episodes >= 1 && way >= 2, "training.recipe: episodes >= 1 and way >= 2");
                ensure!(
                    m.ways.is_none_or(|ways| ways == way),
                    "training.recipe: a network of {} ways trains on episodes of as many",
                    m.ways.unwrap_or_default()
                );
            }
            Recipe::Pairs { pairs } => {
                ensure!(pairs >= 2 && pairs % 2 == 0, "training.recipe: an even number of pairs");
                ensure!(
                    (m.ways, m.context) == (None, None),
                    "training.recipe: pairs teach neither ways nor context: use episodes"
                );
            }
        }
        Ok(())
    }
}

/// Applies one `key=value`. The key is a dotted path, or a bare name that occurs in one section only.
fn set(table: &mut toml::Table, entry: &str) -> Result<()> {
    let (key, value) = entry.split_once('=').context("key=value is wanted")?;
    let (key, value) = (key.trim(), value.trim());
    // A value that is not TOML by itself is taken as a string: --set name=mine
    let value = format!("v = {value}")
        .parse::<toml::Table>()
        .ok()
        .and_then(|mut t| t.remove("v"))
        .unwrap_or_else(|| toml::Value::String(value.to_owned()));

    let path: Vec<String> = if key.contains('.') || table.contains_key(key) {
        key.split('.').map(str::to_owned).collect()
    } else {
        let sections: Vec<&String> = ["model", "data", "training", "augmentation"]
            .into_iter()
            .filter_map(|name| table.get_key_value(name))
            .filter(|(_, v)| v.as_table().is_some_and(|t| t.contains_key(key)))
            .map(|(name, _)| name)
            .collect();
        match sections[..] {
            [section] => vec![section.clone(), key.to_owned()],
            [] => bail!("the configuration has no key '{key}'; write section.key to add one"),
            _ => bail!("'{key}' is in several sections; write section.key"),
        }
    };
    let (last, sections) = path.split_last().expect("split gives at least one part");
    let mut place = table;
    for section in sections {
        place = place
            .entry(section.clone())
            .or_insert_with(|| toml::Value::Table(toml::Table::new()))
            .as_table_mut()
            .with_context(|| format!("'{section}' is not a section"))?;
    }
    place.insert(last.clone(), value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = include_str!("../../../configs/omniglot-small.toml");

    #[test]
    fn resolved_form_reads_back_the_same() {
        let config = Config::parse(SMALL, &[]).unwrap();
        assert_eq!(Config::parse(&config.to_toml(), &[]).unwrap(), config);
    }

    #[test]
    fn layers_of_both_kinds_read_back_the_same() {
        let set = "model.stem=[{channels=3,stride=2},{residual=5,stride=1}]".to_owned();
        let config = Config::parse(SMALL, &[set]).unwrap();
        let layers = [
            LayerConfig::Conv(ConvConfig { channels: 3, stride: 2 }),
            LayerConfig::Residual(ResidualConfig { residual: 5, stride: 1 }),
        ];
        assert_eq!((config.model.stem.as_slice(), config.model.channels()), (&layers[..], 5));
        assert_eq!(Config::parse(&config.to_toml(), &[]).unwrap(), config);
    }

    #[test]
    fn overrides_by_path_and_by_bare_name() {
        let sets = ["steps=7", "model.hidden=32", "name=mine", "seed=3"].map(String::from);
        let config = Config::parse(SMALL, &sets).unwrap();
        assert_eq!((config.training.steps, config.model.hidden), (7, 32));
        assert_eq!((config.name.as_str(), config.seed), ("mine", 3));
    }

    #[test]
    fn wrong_overrides_are_named() {
        for (bad, named) in [
            ("nonsense=1", "no key 'nonsense'"),
            ("steps", "key=value is wanted"),
            ("scale=1", "no key 'scale'"),
            ("name.first=1", "'name' is not a section"),
            ("model.nonsense=1", "unknown field `nonsense`"),
            ("steps=\"x\"", "steps"),
        ] {
            let error = format!("{:#}", Config::parse(SMALL, &[bad.to_owned()]).unwrap_err());
            assert!(error.contains(named), "{bad}: {error}");
        }
    }

    #[test]
    fn what_can_not_work_is_refused_by_name() {
        for (bad, named) in [
            ("model.glimpse_side=40", "side 40 does not fit"),
            ("hidden=0", "every size"),
            ("hidden=100000000000", "every size"),
            ("model.stem=[{channels=4,stride=3}]", "strides must be 1 or 2"),
            ("model.stem=[{residual=4,stride=0}]", "strides must be 1 or 2"),
            ("model.stem=[{residual=0,stride=1}]", "every size"),
            ("model.stem=[{residual=4,channels=4,stride=1}]", "nor { residual, stride }"),
            ("model.context=0", "every size"),
            ("model.ways=20", "take out head"),
            ("learning_rate=-1.0", "learning_rate"),
            ("learning_rate=nan", "learning_rate"),
            ("clip=0.0", "clip"),
            ("pixel_dropout=1.0", "pixel_dropout"),
            ("name=..", "name"),
            ("name=\" \"", "neither blank"),
            ("name=\"a\\u001b[2Jb\"", "control characters"),
            ("hidden=4096", "weights are more than"),
            ("model.stem=[{channels=4096,stride=1},{channels=4096,stride=1}]", "weights are more"),
        ] {
            let error = format!("{:#}", Config::parse(SMALL, &[bad.to_owned()]).unwrap_err());
            assert!(error.contains(named), "{bad}: {error}");
        }
    }

    #[test]
    fn what_is_wrong_is_blamed_on_the_file_or_on_the_override() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("run.toml");
        let error = |text: &str, sets: &[&str]| {
            std::fs::write(&file, text).unwrap();
            let sets: Vec<_> = sets.iter().map(|&set| set.to_owned()).collect();
            Config::load(&file, &sets).map_err(|error| format!("{error:#}"))
        };
        for set in ["nonsense=1", "steps=\"x\"", "model.nonsense=1", "hidden=0", "clip=0.0"] {
            let error = error(SMALL, &["seed=3", set]).unwrap_err();
            assert!(error.starts_with("in --set") && error.contains(set), "{error}");
            assert!(!error.contains("run.toml"), "{error}");
        }
        let broken = SMALL.replace("seed", "sed");
        assert!(error(&broken, &["steps=7"]).unwrap_err().contains("run.toml"));
        let zero = SMALL.replace("hidden = ", "hidden = 0 # ");
        assert!(error(&zero, &["steps=7"]).unwrap_err().contains("run.toml"));
        assert!(error(&zero, &["hidden=8"]).is_ok(), "an override may mend the file");
    }
}
