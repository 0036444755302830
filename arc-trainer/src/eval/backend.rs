//! What answers an evaluation: the float reference or the integer runtime.

use arc_runtime::{Comparator, Image, Model, Score};

use crate::data::Drawing;
use crate::float::{self, FeatureMap, FloatModel};

/// A network that scores pairs of images. It is shared by all threads.
pub trait Backend: Sync {
    /// What it keeps of an image.
    type Features: Send + Sync;

    /// Its name in reports.
    fn name(&self) -> &'static str;

    /// Side of the image that it takes.
    fn image_side(&self) -> usize;

    /// The features of an image: `image_side` rows of as many pixels, 0 (paper) to 127 (ink).
    fn extract(&self, pixels: &[i8]) -> Self::Features;

    /// The features of a drawing, scaled to the image's side.
    fn look(&self, drawing: &Drawing) -> Self::Features {
        self.extract(&drawing.at_side(self.image_side()))
    }

    /// The logit of "same class" for the probe with each of the supports.
    fn logits(&self, probe: &Self::Features, supports: &[&Self::Features]) -> Vec<f64>;

    /// The probability that a logit stands for.
    fn probability(&self, logit: f64) -> f64;

    /// The logit from which on a pair is accepted as of one class.
    fn threshold(&self) -> f64;
}

impl Backend for FloatModel {
    type Features = FeatureMap;

    fn name(&self) -> &'static str {
        "float"
    }

    fn image_side(&self) -> usize {
        self.image_side
    }

    fn extract(&self, pixels: &[i8]) -> FeatureMap {
        self.extract(pixels)
    }

    fn logits(&self, probe: &FeatureMap, supports: &[&FeatureMap]) -> Vec<f64> {
        supports.iter().map(|support| f64::from(self.logit(probe, support))).collect()
    }

    fn probability(&self, logit: f64) -> f64 {
        f64::from(float::probability(logit as f32))
    }

    fn threshold(&self) -> f64 {
        0.0
    }
}

/// The integer runtime with its portable kernels, which define the arithmetic.
#[derive(Debug)]
pub struct IntegerBackend<'m> {
    model: Model<'m>,
    glimpses: usize,
}

impl<'m> IntegerBackend<'m> {
    /// A backend for `model`.
    pub fn new(model: &Model<'m>) -> Self {
        Self { model: model.clone(), glimpses: model.dimensions().glimpses_per_image }
    }

    /// Decides after `per_image` glimpses of each image instead of the model's number.
    pub fn limit_glimpses(&mut self, per_image: usize) {
        self.glimpses = per_image;
    }

    /// A comparator of its own for each call, and so for each thread.
    pub(crate) fn comparator(&self) -> Comparator<'m, Vec<u32>> {
        let words = vec![0; self.model.dimensions().workspace_bytes() / 4];
        let comparator = Comparator::new(&self.model, words);
        let mut comparator = comparator.expect("as many words as the model needs");
        comparator.limit_glimpses(self.glimpses);
        comparator
    }
}

impl Backend for IntegerBackend<'_> {
    type Features = Vec<i8>;

    fn name(&self) -> &'static str {
        "scalar"
    }

    fn image_side(&self) -> usize {
        self.model.dimensions().image_side
    }

    fn extract(&self, pixels: &[i8]) -> Vec<i8> {
        let image = Image::new(self.image_side(), pixels).expect("pixels of the model's side");
        let mut features = vec![0; self.model.dimensions().feature_bytes()];
        let extracted = self.comparator().extract(&image, &mut features);
        extracted.expect("an image and features of the model's sizes");
        features
    }

    fn logits(&self, probe: &Vec<i8>, supports: &[&Vec<i8>]) -> Vec<f64> {
        let mut comparator = self.comparator();
        let mut logit = |support: &&Vec<i8>| {
            let score = comparator.compare_features(probe, support);
            f64::from(score.expect("features of one model").logit) / LOGIT_ONE
        };
        supports.iter().map(&mut logit).collect()
    }

    fn probability(&self, logit: f64) -> f64 {
        let score = Score { logit: (logit * LOGIT_ONE) as i32 };
        f64::from(self.model.probability(score)) / 32768.0
    }

    fn threshold(&self) -> f64 {
        f64::from(self.model.threshold().logit) / LOGIT_ONE
    }
}

/// The runtime's logits are in Q15.16.
const LOGIT_ONE: f64 = 65536.0;
