//! The weights of each part of a network.

use arc_runtime::format::body::{self, Body, ContextHead, Decision, Layer, PairHead};
use serde::Serialize;

use crate::float::{self, FloatModel, Linear};

/// A number for each part of a network, such as the bytes of its weights with their biases and scales.
#[derive(Debug, Serialize)]
pub struct Weights {
    /// Image to features.
    pub stem: usize,
    /// Glimpse and state to state.
    pub controller: usize,
    /// State to gaze.
    #[serde(rename = "attention")]
    pub gaze_layer: usize,
    /// Pair head, or the layer of an N-way model.
    pub head: usize,
    /// Pairs of a probe to the corrections of their logits.
    #[serde(skip_serializing_if = "is_zero")]
    pub context: usize,
    /// All of them.
    pub total: usize,
}

fn is_zero(n: &usize) -> bool {
    *n == 0
}

impl Weights {
    fn new([stem, controller, gaze_layer, head, context]: [usize; 5]) -> Self {
        let total = stem + controller + gaze_layer + head + context;
        Self { stem, controller, gaze_layer, head, context, total }
    }

    /// The bytes of a float model's parts.
    pub fn of_floats(model: &FloatModel) -> Self {
        let bytes = |layer: &Linear| 4 * (layer.weights.len() + layer.bias.len());
        let pair = |head: &float::PairHead| bytes(&head.hidden) + bytes(&head.logit);
        let context = |c: &float::Context| {
            bytes(&c.forward.gates) + bytes(&c.backward.gates) + bytes(&c.score)
        };
        let (head, context) = match &model.decision {
            float::Decision::Pair(head) => (pair(head), 0),
            float::Decision::Context(head, c) => (pair(head), context(c)),
            float::Decision::Ways(scores) => (bytes(scores), 0),
        };
        let stem = model.convolutions().map(|conv| bytes(&conv.kernel)).sum();
        let (controller, gaze_layer) = (bytes(&model.controller.gates), bytes(&model.gaze_layer));
        Self::new([stem, controller, gaze_layer, head, context])
    }

    /// The bytes of an integer model's parts.
    pub fn of_integers(body: &Body<'_>) -> Self {
        Self::counted(body, |weights, scales| weights.len() + scales.len())
    }

    /// The weights of an integer model's parts, without biases, scales and residual gains.
    pub fn alone(body: &Body<'_>) -> Self {
        Self::counted(body, |weights, _| weights.len())
    }

    /// `count` is given the bytes of a layer's weights, and of what scales them.
    fn counted(body: &Body<'_>, count: impl Fn(&[u8], &[u8]) -> usize) -> Self {
        let linear = |layer: &body::Linear<'_>| count(layer.weights, layer.scales);
        let layer = |layer: &Layer<'_>| {
            let convolutions = layer.convolutions().map(|conv| count(conv.weights, conv.scales));
            let gains = match layer {
                Layer::Conv(_) => 0,
                Layer::Residual(block) => count(&[], block.gains),
            };
            convolutions.sum::<usize>() + gains
        };
        let pair = |head: &PairHead<'_>| linear(&head.hidden) + linear(&head.logit);
        let context = |c: &ContextHead<'_>| {
            linear(&c.forward.gates) + linear(&c.backward.gates) + linear(&c.score)
        };
        let (head, context) = match &body.decision {
            Decision::Pair(head) => (pair(head), 0),
            Decision::Context(head) => (pair(&head.pair), context(head)),
            Decision::Ways(head) => (linear(&head.scores), 0),
        };
        let stem = body.stem.iter().map(layer).sum();
        let (controller, gaze_layer) = (linear(&body.controller.gates), linear(&body.gaze));
        Self::new([stem, controller, gaze_layer, head, context])
    }
}
