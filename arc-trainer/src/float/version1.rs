//! A float model file of format version 1: a stem of convolutions alone, and a pair head.

use arc_runtime::preparation::Preparation;
use serde::Deserialize;

use super::stem::layers;
use super::{Conv, Decision, FloatModel, Glimpse, Layer, Linear, Lstm, PairHead, Provenance};

/// The fields are those of [`FloatFile`](super::FloatFile).
#[derive(Deserialize)]
pub(super) struct File {
    provenance: Provenance,
    model: Model,
}

#[derive(Deserialize)]
struct Model {
    image_side: usize,
    #[serde(deserialize_with = "layers")]
    stem: Vec<Conv>,
    glimpse: Glimpse,
    controller: Lstm,
    gaze_layer: Linear,
    head: PairHead,
}

impl File {
    /// What the file says, as a file of today does.
    pub(super) fn into_parts(self) -> (Provenance, FloatModel) {
        let Model { image_side, stem, glimpse, controller, gaze_layer, head } = self.model;
        let stem = stem.into_iter().map(Layer::Conv).collect();
        let decision = Decision::Pair(head);
        let preparation = Preparation::None;
        let model =
            FloatModel { image_side, stem, glimpse, controller, gaze_layer, decision, preparation };
        (self.provenance, model)
    }
}
