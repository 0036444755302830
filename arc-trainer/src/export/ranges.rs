//! The ranges of the activations, observed on real pairs.

use anyhow::{Result, ensure};
use rayon::prelude::*;

use crate::eval::Plan;
use crate::float::FloatModel;
use crate::progress::Progress;

/// The largest real value that each quantized activation is to hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranges {
    /// Output of each convolution of the stem, in the order of [`FloatModel::convolutions`]; the
    /// second one's of a block with the shortcut added.
    pub stem: Vec<f32>,
    /// Samples of the glimpses.
    pub glimpse: f32,
    /// Hidden units of the pair head; 0 without one.
    pub head: f32,
}

impl Ranges {
    /// Runs the float model over the plan's images and trials: pairs, or for an N-way model N
    /// supports each.
    ///
    /// # Errors
    /// If a layer's output was zero throughout: nothing to quantize.
    pub fn observe(model: &FloatModel, plan: &Plan<'_>) -> Result<Self> {
        let progress = Progress::new("calibrating", plan.images().len() + plan.trials.len());
        let images: Vec<_> = plan
            .images()
            .par_iter()
            .map(|drawing| {
                let mut layers = Vec::new();
                let features = model.extract_traced(&drawing.at_side(model.image_side), |map| {
                    layers.push(largest(&map.values));
                });
                progress.advance();
                (features, layers)
            })
            .collect();
        let pairs: Vec<_> = plan
            .trials
            .par_iter()
            .map(|trial| {
                let (probe, mut glimpses) = (&images[trial.probe].0, 0.0f32);
                let supports: Vec<_> = trial.supports.iter().map(|&s| &images[s].0).collect();
                let state = model.run(probe, &supports, |step| {
                    glimpses = glimpses.max(largest(step.glimpse));
                });
                progress.advance();
                let head = model.decision.pair();
                (glimpses, head.map_or(0.0, |head| largest(&head.hidden_units(&state.h))))
            })
            .collect();
        let over_images = |layer: usize| images.iter().map(|i| i.1[layer]).fold(0.0, f32::max);
        let ranges = Self {
            stem: (0..model.convolutions().count()).map(over_images).collect(),
            glimpse: pairs.iter().map(|p| p.0).fold(0.0, f32::max),
            head: pairs.iter().map(|p| p.1).fold(0.0, f32::max),
        };
        for (layer, range) in ranges.stem.iter().enumerate() {
            ensure!(*range > 0.0, "the stem's convolution {layer} is always 0: the model is dead");
        }
        ensure!(ranges.glimpse > 0.0, "the glimpses are always 0: the model is dead");
        Ok(ranges)
    }
}

/// The largest magnitude.
fn largest(values: &[f32]) -> f32 {
    values.iter().fold(0.0, |most, value| most.max(value.abs()))
}
