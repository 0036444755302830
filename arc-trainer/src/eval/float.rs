//! The float reference as a backend.

use arc_runtime::preparation::Preparation;

use super::Backend;
use crate::float::{self, FeatureMap, FloatModel, Rating};

impl Backend for FloatModel {
    type Features = FeatureMap;
    type Worker = ();

    fn name(&self) -> &'static str {
        "float"
    }

    fn image_side(&self) -> usize {
        self.image_side
    }

    fn preparation(&self) -> &Preparation {
        &self.preparation
    }

    fn worker(&self, _: usize) {}

    fn limit_glimpses(&mut self, per_image: usize) {
        self.glimpse.per_image = per_image;
    }

    fn extract(&self, (): &mut (), pixels: &[i8]) -> FeatureMap {
        self.extract(pixels)
    }

    fn ways(&self) -> Option<usize> {
        self.decision.ways()
    }

    fn logit(&self, (): &mut (), probe: &FeatureMap, support: &FeatureMap) -> f64 {
        self.logit(probe, support).expect("a network that compares pairs").into()
    }

    fn rate(&self, (): &mut (), probe: &FeatureMap, supports: &[&FeatureMap]) -> Vec<Rating> {
        self.rate(probe, supports)
    }

    fn probability(&self, logit: f64) -> f64 {
        f64::from(float::probability(logit as f32))
    }

    fn threshold(&self) -> f64 {
        0.0
    }
}
