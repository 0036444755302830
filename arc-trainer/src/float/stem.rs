//! The layers in front of the gaze layer: convolutions and residual blocks.

use arc_runtime::format::body::MAX_LAYERS;
use serde::{Deserialize, Deserializer, Serialize};

use super::{Conv, FeatureMap};
use crate::config::LayerConfig;

/// A layer of the stem.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Layer {
    /// A 3x3 convolution, then ReLU.
    Conv(Conv),
    /// A residual block.
    Residual(Residual),
}

/// `relu(second(relu(first(x))) + shortcut(x))`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Residual {
    /// 3x3, of the block's stride.
    pub first: Conv,
    /// 1x1, of the block's stride; without one the shortcut is the input itself.
    pub shortcut: Option<Conv>,
    /// 3x3, of stride 1.
    pub second: Conv,
}

impl Layer {
    /// Layer number `k` of a stem with every weight zero.
    pub fn zeros(config: &LayerConfig, k: usize, inputs: usize) -> Self {
        let (outputs, stride) = (config.channels(), config.stride());
        match config {
            LayerConfig::Conv(_) => Self::Conv(Conv::zeros(3, stride, inputs, outputs)),
            LayerConfig::Residual(block) => {
                let projection = || Conv::zeros(1, stride, inputs, outputs);
                Self::Residual(Residual {
                    first: Conv::zeros(3, stride, inputs, outputs),
                    shortcut: block.projects(k, inputs).then(projection),
                    second: Conv::zeros(3, 1, outputs, outputs),
                })
            }
        }
    }

    /// The layer's map of `input`, showing `trace` what each of its
    /// [`convolutions`](Self::convolutions) leaves: the last one the layer's map.
    pub fn apply(&self, input: &FeatureMap, mut trace: impl FnMut(&FeatureMap)) -> FeatureMap {
        let output = match self {
            Self::Conv(conv) => conv.apply(input).relu(),
            Self::Residual(block) => {
                let inner = block.first.apply(input).relu();
                trace(&inner);
                let shortcut = block.shortcut.as_ref().map(|conv| conv.apply(input));
                shortcut.iter().for_each(&mut trace);
                let sum = block.second.apply(&inner);
                sum.plus(shortcut.as_ref().unwrap_or(input)).relu()
            }
        };
        trace(&output);
        output
    }

    /// Its convolutions: one, or the first, perhaps the shortcut, and the second of a block.
    pub fn convolutions(&self) -> impl Iterator<Item = &Conv> {
        let [first, shortcut, second] = match self {
            Self::Conv(conv) => [Some(conv), None, None],
            Self::Residual(Residual { first, shortcut, second }) => {
                [Some(first), shortcut.as_ref(), Some(second)]
            }
        };
        first.into_iter().chain(shortcut).chain(second)
    }

    /// Channels of its output.
    pub fn outputs(&self) -> usize {
        match self {
            Self::Conv(conv) => conv.kernel.outputs(),
            Self::Residual(block) => block.second.kernel.outputs(),
        }
    }

    /// Side of its output for an input of `side`.
    pub fn output_side(&self, side: usize) -> usize {
        match self {
            Self::Conv(conv) | Self::Residual(Residual { first: conv, .. }) => {
                conv.output_side(side)
            }
        }
    }

    /// Whether its convolutions fit each other and an input of `channels`.
    pub(super) fn fits(&self, channels: usize) -> bool {
        match self {
            Self::Conv(conv) => conv.fits(3, channels),
            Self::Residual(Residual { first, shortcut, second }) => {
                let outputs = second.kernel.outputs();
                let shortcut_fits = match shortcut {
                    None => first.stride == 1 && outputs == channels,
                    Some(conv) => {
                        conv.fits(1, channels)
                            && conv.stride == first.stride
                            && conv.kernel.outputs() == outputs
                    }
                };
                let second_fits = second.fits(3, first.kernel.outputs()) && second.stride == 1;
                first.fits(3, channels) && second_fits && shortcut_fits
            }
        }
    }
}

impl FeatureMap {
    /// The sum of two maps of one shape.
    fn plus(mut self, other: &Self) -> Self {
        assert_eq!((self.side, self.channels), (other.side, other.channels));
        self.values.iter_mut().zip(&other.values).for_each(|(v, o)| *v += o);
        self
    }
}

/// Decodes the layers of a stem: no more than an integer model may have. A layer takes a few bytes in
/// a file and fifty times as many in memory.
pub(super) fn layers<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Vec<T>, D::Error> {
    let layers = heapless::Vec::<T, MAX_LAYERS>::deserialize(from)?;
    Ok(layers.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::super::Linear;
    use super::*;

    /// A kernel whose center tap multiplies its one channel.
    fn scale(side: usize, stride: usize, factor: f32) -> Conv {
        let mut conv = Conv::zeros(side, stride, 1, 1);
        conv.kernel.weights[side * side / 2] = factor;
        conv
    }

    fn map(values: &[f32], side: usize) -> FeatureMap {
        FeatureMap { side, channels: 1, values: values.to_vec() }
    }

    #[test]
    fn a_block_adds_its_input_before_relu_and_not_within_the_branch() {
        let input = map(&[1.0, -2.0, 3.0, -4.0], 2);
        let block = |shortcut| {
            let (first, second) = (scale(3, 1, -1.0), scale(3, 1, 2.0));
            Layer::Residual(Residual { first, shortcut, second })
        };
        // The branch is 2 relu(-x): 0, 4, 0, 8.
        let mut traced = Vec::new();
        let output = block(None).apply(&input, |map| traced.push(map.values.clone()));
        assert_eq!(output.values, [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(traced, [vec![0.0, 2.0, 0.0, 4.0], output.values]);

        // A projection keeps its sign up to the sum.
        let shortcut = block(Some(scale(1, 1, -3.0)));
        let mut traced = Vec::new();
        let output = shortcut.apply(&input, |map| traced.push(map.values.clone()));
        assert_eq!(output.values, [0.0, 10.0, 0.0, 20.0]);
        assert_eq!(traced[1], [-3.0, 6.0, -9.0, 12.0]);
        assert_eq!(shortcut.convolutions().count(), traced.len());
    }

    #[test]
    fn shapes_that_do_not_add_up_do_not_fit() {
        let block = |shortcut, stride| {
            let (first, second) = (scale(3, stride, 1.0), scale(3, 1, 1.0));
            Layer::Residual(Residual { first, shortcut, second })
        };
        assert!(block(None, 1).fits(1) && block(Some(scale(1, 2, 1.0)), 2).fits(1));
        assert!(!block(None, 2).fits(1), "halved on one way alone");
        assert!(!block(Some(scale(1, 1, 1.0)), 2).fits(1), "strides that differ");
        assert!(!block(Some(scale(3, 1, 1.0)), 1).fits(1), "a wide shortcut");
        let wide = Conv { kernel: Linear::zeros(2, 9), ..scale(3, 1, 1.0) };
        let (first, second) = (scale(3, 1, 1.0), wide);
        assert!(!Layer::Residual(Residual { first, shortcut: None, second }).fits(1));
    }
}
