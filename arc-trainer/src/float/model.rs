//! The whole network.

use anyhow::{Result, ensure};
use arc_runtime::Dimensions;
use arc_runtime::preparation::Preparation;
use serde::{Deserialize, Serialize};

use super::stem::layers;
use super::{
    Context, Conv, Decision, FeatureMap, Gaze, Layer, Linear, Lstm, LstmState, Rating, glimpse,
};
use crate::config::ModelConfig;

/// How the images are sampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Glimpse {
    /// Rows and columns of one glimpse (N).
    pub side: usize,
    /// Glimpses taken of each image.
    pub per_image: usize,
}

/// An attentive recurrent comparator, in f32.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FloatModel {
    /// Side of the square input image in pixels.
    pub image_side: usize,
    /// Layers before the gaze layer; none for raw pixels.
    #[serde(deserialize_with = "layers")]
    pub stem: Vec<Layer>,
    /// How the images are sampled.
    pub glimpse: Glimpse,
    /// The LSTM.
    pub controller: Lstm,
    /// State to (y, x, d) before tanh, `[3][H]`.
    pub gaze_layer: Linear,
    /// State to logits.
    pub decision: Decision,
    /// What happens to a picture before; files before version 4 end without it.
    #[serde(skip_deserializing)]
    pub preparation: Preparation,
}

/// One glimpse and the state that it left, as [`FloatModel::run`] shows it to a hook.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// Number of the step. The first glimpse is of the probe, the next ones are of the supports in turn.
    pub index: usize,
    /// Where the glimpse was taken.
    pub gaze: Gaze,
    /// What it saw, (row, column, channel).
    pub glimpse: &'a [f32],
    /// The state after the step.
    pub state: &'a LstmState,
}

impl FloatModel {
    /// A network of these sizes with every weight zero.
    pub fn zeros(sizes: &ModelConfig) -> Self {
        let mut channels = 1;
        let stem = sizes.stem.iter().enumerate().map(|(k, layer)| {
            Layer::zeros(layer, k, std::mem::replace(&mut channels, layer.channels()))
        });
        let inputs = sizes.glimpse_length() + sizes.hidden;
        Self {
            image_side: sizes.image_side,
            stem: stem.collect(),
            glimpse: Glimpse { side: sizes.glimpse_side, per_image: sizes.glimpses },
            controller: Lstm { gates: Linear::zeros(4 * sizes.hidden, inputs) },
            gaze_layer: Linear::zeros(3, sizes.hidden),
            decision: Decision::zeros(sizes),
            preparation: sizes.preparation.runtime(),
        }
    }

    /// The features of one image: `pixels` are `image_side` rows of `image_side` values,
    /// 0 for paper and 127 for full ink, as the integer runtime takes them.
    ///
    /// # Panics
    /// If `pixels` has another length.
    pub fn extract(&self, pixels: &[i8]) -> FeatureMap {
        self.extract_traced(pixels, |_| ())
    }

    /// [`extract`](Self::extract), showing `trace` what each of the
    /// [`convolutions`](Self::convolutions) leaves.
    pub fn extract_traced(&self, pixels: &[i8], mut trace: impl FnMut(&FeatureMap)) -> FeatureMap {
        assert_eq!(pixels.len(), self.image_side * self.image_side);
        let mut map = FeatureMap {
            side: self.image_side,
            channels: 1,
            values: pixels.iter().map(|&p| f32::from(p) / 127.0).collect(),
        };
        for layer in &self.stem {
            map = layer.apply(&map, &mut trace);
        }
        map
    }

    /// The stem's convolutions in order, those of a block one after the other.
    pub fn convolutions(&self) -> impl Iterator<Item = &Conv> {
        self.stem.iter().flat_map(Layer::convolutions)
    }

    /// Where the next glimpse is taken.
    pub fn gaze(&self, h: &[f32]) -> Gaze {
        let p = self.gaze_layer.apply(h);
        Gaze { y: libm::tanhf(p[0]), x: libm::tanhf(p[1]), d: libm::tanhf(p[2]) }
    }

    /// Takes glimpses of the images in turn, the probe first, then each support, and returns the
    /// last state. A pair has one support, an N-way network all of them.
    pub fn run(
        &self,
        probe: &FeatureMap,
        supports: &[&FeatureMap],
        mut trace: impl FnMut(Step<'_>),
    ) -> LstmState {
        let mut state = self.controller.start();
        let images = 1 + supports.len();
        for index in 0..images * self.glimpse.per_image {
            let map = if index % images == 0 { probe } else { supports[index % images - 1] };
            let gaze = self.gaze(&state.h);
            let glimpse = glimpse(map, gaze, self.glimpse.side);
            state = self.controller.step(&glimpse, &state);
            trace(Step { index, gaze, glimpse: &glimpse, state: &state });
        }
        state
    }

    /// The logit of "both images are of one class"; `None` from an N-way network.
    pub fn logit(&self, probe: &FeatureMap, support: &FeatureMap) -> Option<f32> {
        let head = self.decision.pair()?;
        Some(head.logit(&self.run(probe, &[support], |_| ()).h))
    }

    /// Rates all supports of a probe, in their order.
    ///
    /// # Panics
    /// If an N-way network is given another number of supports.
    pub fn rate(&self, probe: &FeatureMap, supports: &[&FeatureMap]) -> Vec<Rating> {
        let last = |supports: &[&FeatureMap]| self.run(probe, supports, |_| ()).h;
        let embeddings = || supports.iter().map(|support| last(&[support]));
        match &self.decision {
            Decision::Pair(head) => {
                let logits = embeddings().map(|h| head.logit(&h));
                logits.map(f64::from).map(Rating::alone).collect()
            }
            Decision::Context(head, context) => {
                let embeddings: Vec<_> = embeddings().collect();
                let corrections = context.corrections(&embeddings);
                let rate = |(h, correction): (&Vec<f32>, f32)| {
                    let logit = f64::from(head.logit(h));
                    Rating { score: logit + f64::from(correction), pair: Some(logit) }
                };
                embeddings.iter().zip(corrections).map(rate).collect()
            }
            Decision::Ways(scores) => {
                assert_eq!(supports.len(), scores.outputs());
                let scores = scores.apply(&last(supports));
                scores.into_iter().map(|score| Rating { score: score.into(), pair: None }).collect()
            }
        }
    }

    /// Side and channels of the feature map.
    pub fn feature_shape(&self) -> (usize, usize) {
        self.stem.iter().fold((self.image_side, 1), |(side, _), layer| {
            (layer.output_side(side), layer.outputs())
        })
    }

    /// The sizes that the runtime would work with, were the model quantized.
    pub fn dimensions(&self) -> Dimensions {
        let (feature_side, channels) = self.feature_shape();
        let (mut side, mut stem_macs) = (self.image_side, 0);
        for layer in &self.stem {
            // Every convolution of a layer has as many positions as its output.
            side = layer.output_side(side);
            let weights = layer.convolutions().map(|conv| conv.kernel.weights.len());
            stem_macs += (side * side * weights.sum::<usize>()) as u64;
        }
        Dimensions {
            image_side: self.image_side,
            feature_side,
            channels,
            stem_map_bytes: 0, // of the runtime's memory, which a float model has no use for
            stem_macs,
            glimpse_side: self.glimpse.side,
            glimpses_per_image: self.glimpse.per_image,
            hidden: self.controller.hidden(),
            head_hidden: self.decision.pair().map_or(0, |head| head.hidden.outputs()),
            context_units: self.decision.context().map_or(0, Context::units),
            ways: self.decision.ways().unwrap_or(0),
        }
    }

    /// Whether every matrix has the shape that its neighbors ask for, and every weight is
    /// a number.
    ///
    /// # Errors
    /// The first part that doesn't fit.
    pub fn check(&self) -> Result<()> {
        ensure!(
            (1..=1024).contains(&self.image_side),
            "image side {} is not in 1..=1024",
            self.image_side
        );
        let mut channels = 1;
        for (k, layer) in self.stem.iter().enumerate() {
            ensure!(layer.fits(channels), "the stem's layer {k} does not fit its input");
            channels = layer.outputs();
        }
        let (side, _) = self.feature_shape();
        ensure!(
            (1..=side).contains(&self.glimpse.side) && (1..=1024).contains(&self.glimpse.per_image),
            "{} glimpses of side {} do not fit a feature map of side {side}",
            self.glimpse.per_image,
            self.glimpse.side
        );
        let hidden = self.controller.hidden();
        let seen = self.glimpse.side * self.glimpse.side * channels;
        let mut parts = vec![
            ("controller", &self.controller.gates, 4 * hidden, seen + hidden),
            ("gaze layer", &self.gaze_layer, 3, hidden),
        ];
        parts.extend(self.decision.layers(hidden));
        for &(name, layer, outputs, inputs) in &parts {
            ensure!(
                outputs > 0 && layer.has_shape(outputs, inputs),
                "the {name} is not a matrix of {outputs} x {inputs}"
            );
        }
        let layers = self.convolutions().map(|c| &c.kernel).chain(parts.iter().map(|p| p.1));
        for layer in layers {
            let finite = layer.weights.iter().chain(&layer.bias).all(|v| v.is_finite());
            ensure!(finite, "a weight is infinite or not a number");
        }
        Ok(())
    }
}
