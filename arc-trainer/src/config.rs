//! The training configuration: a TOML file that says everything about a run.
//!
//! The resolved form (after `--set` and `--data`) is kept in the run's folder and in the
//! exported model, so that any model can be traced back to what made it.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};

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

/// Sizes of the network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelConfig {
    /// Side of the square input image, in pixels.
    pub image_side: usize,
    /// Side of the square glimpse, in samples (N).
    pub glimpse_side: usize,
    /// Glimpses taken of each of the two images.
    pub glimpses: usize,
    /// Units of the LSTM's state (H).
    pub hidden: usize,
    /// Hidden units of the pair head; left out with `ways`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub head: usize,
    /// Units, in each direction, of the LSTM that sees all pairs of a probe in context; none to
    /// score each pair alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<usize>,
    /// Supports that one controller looks at, beside the probe, to choose among them; none to
    /// compare pairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ways: Option<usize>,
    /// Bias that the forget gate starts from.
    #[serde(default = "default_forget_bias")]
    pub forget_bias: f32,
    /// Layers before the attention, each on the map of the one before; none for raw pixels.
    #[serde(default)]
    pub stem: Vec<LayerConfig>,
}

fn default_forget_bias() -> f32 {
    1.0
}
fn is_false(flag: &bool) -> bool {
    !flag
}
fn is_none(range: &f64) -> bool {
    *range == 0.0
}
fn is_zero(n: &usize) -> bool {
    *n == 0
}

/// A layer of the stem: `{ channels = C, stride = S }` or `{ residual = C, stride = S }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "neither { channels, stride } nor { residual, stride }")]
pub enum LayerConfig {
    /// A 3x3 convolution.
    Conv(ConvConfig),
    /// A residual block.
    Residual(ResidualConfig),
}

impl LayerConfig {
    /// Channels of the layer's output.
    pub fn channels(&self) -> usize {
        match self {
            Self::Conv(conv) => conv.channels,
            Self::Residual(block) => block.residual,
        }
    }

    /// Step over the layer's input.
    pub fn stride(&self) -> usize {
        match self {
            Self::Conv(conv) => conv.stride,
            Self::Residual(block) => block.stride,
        }
    }
}

/// A 3x3 convolution, followed by batch norm and ReLU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConvConfig {
    /// Output channels.
    pub channels: usize,
    /// 1 or 2.
    pub stride: usize,
}

/// A residual block of two 3x3 convolutions, each with batch norm (He et al., 2016):
/// `relu(second(relu(first(x))) + shortcut(x))`.
///
/// ReLU stands behind the sum, where wide residual networks (Zagoruyko and Komodakis, 2016) have
/// batch norm and ReLU in front of each convolution. So every batch norm folds into the
/// convolution before it, and every map between blocks is 0 or above, as the runtime's are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResidualConfig {
    /// Channels of both convolutions.
    pub residual: usize,
    /// Step of the first convolution and of the shortcut, 1 or 2.
    pub stride: usize,
}

impl ResidualConfig {
    /// Whether the shortcut is a 1x1 convolution and not the input itself: where the shape
    /// changes, and over the image.
    pub fn projects(&self, layer: usize, inputs: usize) -> bool {
        layer == 0 || inputs != self.residual || self.stride != 1
    }
}

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

/// Optimisation.
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
    /// Optimiser steps.
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
    pub quantised: bool,
    /// Steps between two validations, each followed by a checkpoint.
    #[serde(default = "default_validate_every")]
    pub validate_every: u64,
    /// 20-way (or smaller, if the alphabets are) episodes per validation.
    #[serde(default = "default_validation_episodes")]
    pub validation_episodes: usize,
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

/// Random changes of the drawings. Angles in degrees, lengths in fractions of the image's side.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AugmentationConfig {
    /// Turn a whole episode by a multiple of 90 degrees: new characters.
    pub quarter_turns: bool,
    /// Mirror a whole episode, every other time: new characters.
    pub mirror: bool,
    /// Change shared by all drawings of an episode: new characters, as by a turn.
    #[serde(skip_serializing_if = "AffineConfig::is_none")]
    pub episode: AffineConfig,
    /// How far a rubber sheet under all drawings of an episode is pulled about.
    #[serde(skip_serializing_if = "is_none")]
    pub episode_elastic: f64,
    /// Variation shared by all drawings of one drawer in an episode.
    pub drawer: AffineConfig,
    /// Variation of each image on its own.
    pub image: AffineConfig,
    /// How far a rubber sheet under each image is pulled about, at 4 x 4 places, as a fraction of
    /// the side.
    pub elastic: f64,
    /// Chance of each input pixel to be blanked (the paper: 0.2).
    pub pixel_dropout: f64,
}

/// Ranges of a random affine map; each number is drawn uniformly from -range to range.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AffineConfig {
    /// Degrees.
    pub rotation: f64,
    /// Natural logarithm of the scale, drawn for each axis.
    pub scale: f64,
    /// Degrees.
    pub shear: f64,
    /// Fraction of the side.
    pub shift: f64,
}

impl AffineConfig {
    /// Whether it changes nothing.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// What any size of a network may be.
const SIZES: RangeInclusive<usize> = 1..=4096;

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
        ensure!(
            m.ways.is_none() || (m.head, m.context) == (0, None),
            "model: ways leaves no pairs to score: take out head and context"
        );
        let decision = m.ways.unwrap_or(m.head);
        let sizes = [m.image_side, m.glimpse_side, m.glimpses, m.hidden, decision];
        let channels = m.stem.iter().map(LayerConfig::channels);
        ensure!(
            sizes.into_iter().chain(m.context).chain(channels).all(|n| SIZES.contains(&n)),
            "model: every size must be from {} to {}",
            SIZES.start(),
            SIZES.end()
        );
        ensure!(
            m.stem.iter().all(|layer| (1..=2).contains(&layer.stride())),
            "model.stem: strides must be 1 or 2"
        );
        ensure!(
            m.glimpse_side <= m.feature_side(),
            "model: a glimpse of side {} does not fit a feature map of side {}",
            m.glimpse_side,
            m.feature_side()
        );
        ensure!(
            m.weights() <= limits::WEIGHTS,
            "model: {} weights are more than {}: make it narrower",
            m.weights(),
            limits::WEIGHTS
        );
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

impl ModelConfig {
    /// Side of the map that the attention reads: the image's, halved by each stride of 2.
    pub fn feature_side(&self) -> usize {
        self.stem.iter().fold(self.image_side, |side, layer| side.div_ceil(layer.stride()))
    }

    /// Channels of that map.
    pub fn channels(&self) -> usize {
        self.stem.last().map_or(1, LayerConfig::channels)
    }

    /// Numbers in one glimpse.
    pub fn glimpse_length(&self) -> usize {
        self.glimpse_side * self.glimpse_side * self.channels()
    }

    /// Weights of the network without its biases: none of its matrices has more.
    pub fn weights(&self) -> usize {
        let mut inputs = 1;
        let stem = self.stem.iter().enumerate().map(|(k, layer)| {
            let outputs = layer.channels();
            let kernels = match layer {
                LayerConfig::Conv(_) => 9 * inputs,
                LayerConfig::Residual(block) => {
                    9 * inputs + 9 * outputs + usize::from(block.projects(k, inputs)) * inputs
                }
            };
            inputs = outputs;
            outputs * kernels
        });
        let lstm = |units: usize, inputs: usize| 4 * units * (inputs + units);
        let decision = match self.ways {
            Some(ways) => ways * self.hidden,
            None => (self.hidden + 1) * self.head,
        };
        let context = self.context.map_or(0, |units| 2 * (lstm(units, self.hidden) + units));
        let controller = lstm(self.hidden, self.glimpse_length());
        stem.sum::<usize>() + controller + 3 * self.hidden + decision + context
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

    const SMALL: &str = include_str!("../../configs/omniglot-small.toml");

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
