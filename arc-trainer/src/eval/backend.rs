//! What answers an evaluation: the float reference or the integer runtime.

use anyhow::{Result, ensure};
use arc_runtime::kernels::{Host, Kernels};
use arc_runtime::model::Line;
use arc_runtime::stages::WayHead;
use arc_runtime::{Comparator, Image, Model, Score};

use super::{Answer, Plan};
use crate::data::Drawing;
use crate::float::{self, FeatureMap, FloatModel, Rating};

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

    /// Supports that it chooses among, if it can do nothing else: an N-way network.
    fn ways(&self) -> Option<usize>;

    /// The logit of "same class" for two images.
    ///
    /// # Panics
    /// If the network is an N-way one.
    fn logit(&self, probe: &Self::Features, support: &Self::Features) -> f64;

    /// The logits of many pairs `(probe, support)`, the same as one by one.
    ///
    /// # Panics
    /// If the network is an N-way one.
    fn logits(&self, pairs: &[(&Self::Features, &Self::Features)]) -> Vec<f64> {
        pairs.iter().map(|(probe, support)| self.logit(probe, support)).collect()
    }

    /// Rates the supports of a probe: each alone, in context or N-way, as the network decides.
    ///
    /// # Panics
    /// If an N-way network is given another number of supports.
    fn rate(&self, probe: &Self::Features, supports: &[&Self::Features]) -> Vec<Rating>;

    /// The probability that the logit of a pair stands for.
    fn probability(&self, logit: f64) -> f64;

    /// The logit from which on a pair is accepted as of one class.
    fn threshold(&self) -> f64;

    /// Checks that it can answer a plan.
    ///
    /// # Errors
    /// If an N-way network is asked about pairs, or about another number of supports.
    fn check(&self, plan: &Plan<'_>) -> Result<()> {
        let Some(ways) = self.ways() else { return Ok(()) };
        let asks_for_pairs = |answer| matches!(answer, Answer::Same(_) | Answer::Open(_));
        ensure!(
            !plan.trials.iter().any(|trial| asks_for_pairs(trial.answer)),
            "an N-way model can't say whether two images are of one class: take a model that was \
             trained on pairs"
        );
        ensure!(
            plan.way == ways,
            "the model chooses among {ways} supports, and {} has {}: --way {ways}",
            plan.protocol,
            plan.way
        );
        Ok(())
    }
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

    fn ways(&self) -> Option<usize> {
        self.decision.ways()
    }

    fn logit(&self, probe: &FeatureMap, support: &FeatureMap) -> f64 {
        self.logit(probe, support).expect("a network that compares pairs").into()
    }

    fn rate(&self, probe: &FeatureMap, supports: &[&FeatureMap]) -> Vec<Rating> {
        self.rate(probe, supports)
    }

    fn probability(&self, logit: f64) -> f64 {
        f64::from(float::probability(logit as f32))
    }

    fn threshold(&self) -> f64 {
        0.0
    }
}

/// Memory for a model's weights as the kernels of a host want them.
#[derive(Debug, Default)]
pub struct Packing(Vec<Line>);

impl Packing {
    /// The model with its weights packed in this memory.
    pub fn pack<'p>(&'p mut self, model: &Model<'p>) -> Model<'p> {
        self.0.resize(model.packed_lines(), Line::ZERO);
        model.pack(&mut self.0).expect("as many lines as the model needs")
    }
}

/// The integer runtime with the fastest kernels of this machine, or those that `ARC_KERNELS` names.
#[derive(Debug)]
pub struct IntegerBackend<'m> {
    model: Model<'m>,
    kernels: Host,
    glimpses: usize,
}

impl<'m> IntegerBackend<'m> {
    /// A backend for `model`.
    ///
    /// # Errors
    /// If this processor runs no kernels of the name that `ARC_KERNELS` has.
    pub fn new(model: &Model<'m>, packing: &'m mut Packing) -> Result<Self> {
        let glimpses = model.dimensions().glimpses_per_image;
        Ok(Self { model: packing.pack(model), kernels: Host::choose()?, glimpses })
    }

    /// Decides after `per_image` glimpses of each image instead of the model's number.
    pub fn limit_glimpses(&mut self, per_image: usize) {
        self.glimpses = per_image;
    }

    /// A comparator of its own for each call, and so for each thread.
    pub(crate) fn comparator(&self) -> Comparator<'m, Vec<u32>, Host> {
        self.comparator_in(self.model.dimensions().workspace_bytes())
    }

    /// A comparator with so much memory.
    fn comparator_in(&self, bytes: usize) -> Comparator<'m, Vec<u32>, Host> {
        let words = vec![0; bytes / 4];
        let comparator = Comparator::with_kernels(&self.model, words, self.kernels);
        let mut comparator = comparator.expect("as many words as the model needs");
        comparator.limit_glimpses(self.glimpses);
        comparator
    }
}

impl Backend for IntegerBackend<'_> {
    type Features = Vec<i8>;

    fn name(&self) -> &'static str {
        self.kernels.name()
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

    fn ways(&self) -> Option<usize> {
        self.model.decision().ways().map(WayHead::ways)
    }

    fn logit(&self, probe: &Vec<i8>, support: &Vec<i8>) -> f64 {
        let score = self.comparator().compare_features(probe, support);
        real(score.expect("features of a model that compares pairs"))
    }

    fn logits(&self, pairs: &[(&Vec<i8>, &Vec<i8>)]) -> Vec<f64> {
        let bytes = self.model.dimensions().lockstep_bytes(Host::LANES.min(pairs.len()));
        let mut comparator = self.comparator_in(bytes);
        let pairs = pairs.iter().map(|(probe, support)| (probe.as_slice(), support.as_slice()));
        let mut logits = Vec::with_capacity(pairs.len());
        let compared = comparator.compare_batch(pairs, |score| logits.push(real(score)));
        compared.expect("features of a model that compares pairs");
        logits
    }

    fn rate(&self, probe: &Vec<i8>, supports: &[&Vec<i8>]) -> Vec<Rating> {
        let lanes = Host::LANES.min(supports.len());
        let bytes = self.model.dimensions().identify_bytes(supports.len(), lanes);
        let mut comparator = self.comparator_in(bytes);
        let mut ratings = Vec::with_capacity(supports.len());
        let features = supports.iter().map(|support| support.as_slice());
        let rated = comparator.identify_features(probe, features, |rating| {
            ratings.push(Rating { score: real(rating.score), pair: rating.pair.map(real) });
        });
        rated.expect("as many features as the model takes");
        ratings
    }

    fn probability(&self, logit: f64) -> f64 {
        let score = Score { logit: (logit * LOGIT_ONE) as i32 };
        f64::from(self.model.probability(score)) / 32768.0
    }

    fn threshold(&self) -> f64 {
        f64::from(self.model.threshold().logit) / LOGIT_ONE
    }
}

fn real(score: Score) -> f64 {
    f64::from(score.logit) / LOGIT_ONE
}

/// The runtime's logits are in Q15.16.
const LOGIT_ONE: f64 = 65536.0;
