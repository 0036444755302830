//! A float model file of format version 1: a stem of convolutions alone, and a pair head.

use serde::Deserialize;

use super::file::layers;
use super::{
    Conv, Decision, FloatFile, FloatModel, Glimpse, Layer, Linear, Lstm, PairHead, Provenance,
};

/// The fields are those of [`FloatFile`].
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
    attention: Linear,
    head: PairHead,
}

impl From<File> for FloatFile {
    fn from(File { provenance, model }: File) -> Self {
        let Model { image_side, stem, glimpse, controller, attention, head } = model;
        let stem = stem.into_iter().map(Layer::Conv).collect();
        let decision = Decision::Pair(head);
        let model = FloatModel { image_side, stem, glimpse, controller, attention, decision };
        Self { provenance, model }
    }
}
