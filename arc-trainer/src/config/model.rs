//! The sizes of the network.

use std::ops::RangeInclusive;

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

use super::PreparationConfig;
use crate::limits;

/// What any size of a network may be.
const SIZES: RangeInclusive<usize> = 1..=4096;

/// Sizes of the network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelConfig {
    /// Side of the square input image, in pixels.
    pub image_side: usize,
    /// What happens to a picture before the network gets it.
    #[serde(default, skip_serializing_if = "PreparationConfig::is_none")]
    pub preparation: PreparationConfig,
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
    /// Supports that one controller sees, beside the probe, to choose among them; none to
    /// compare pairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ways: Option<usize>,
    /// Bias that the forget gate starts from.
    #[serde(default = "default_forget_bias")]
    pub forget_bias: f32,
    /// Layers before the gaze layer, each on the map of the one before; none for raw pixels.
    #[serde(default)]
    pub stem: Vec<LayerConfig>,
}

fn default_forget_bias() -> f32 {
    1.0
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

impl ModelConfig {
    /// Side of the map that glimpses are taken of: the image's, halved by each stride of 2.
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

    /// Checks that such a network can be made.
    ///
    /// # Errors
    /// Says which size is wrong.
    pub(super) fn check(&self) -> Result<()> {
        ensure!(
            self.ways.is_none() || (self.head, self.context) == (0, None),
            "model: ways leaves no pairs to score: take out head and context"
        );
        self.preparation.check()?;
        let decision = self.ways.unwrap_or(self.head);
        let sizes = [self.image_side, self.glimpse_side, self.glimpses, self.hidden, decision];
        let channels = self.stem.iter().map(LayerConfig::channels);
        ensure!(
            sizes.into_iter().chain(self.context).chain(channels).all(|n| SIZES.contains(&n)),
            "model: every size must be from {} to {}",
            SIZES.start(),
            SIZES.end()
        );
        ensure!(
            self.stem.iter().all(|layer| (1..=2).contains(&layer.stride())),
            "model.stem: strides must be 1 or 2"
        );
        ensure!(
            self.glimpse_side <= self.feature_side(),
            "model: a glimpse of side {} does not fit a feature map of side {}",
            self.glimpse_side,
            self.feature_side()
        );
        ensure!(
            self.weights() <= limits::WEIGHTS,
            "model: {} weights are more than {}: make it narrower",
            self.weights(),
            limits::WEIGHTS
        );
        Ok(())
    }
}
