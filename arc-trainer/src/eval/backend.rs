//! What answers an evaluation: the float reference or the integer runtime.

use anyhow::{Result, ensure};
use arc_runtime::preparation::Preparation;

use super::{Answer, Plan};
use crate::data::Drawing;
use crate::float::Rating;

/// A network that scores pairs of images. It is shared by all threads.
pub trait Backend: Sync {
    /// What it keeps of an image.
    type Features: Send + Sync;

    /// What one thread works with, from one call to the next.
    type Worker;

    /// Its name in reports.
    fn name(&self) -> &'static str;

    /// Side of the image that it takes.
    fn image_side(&self) -> usize;

    /// What is to be done with a picture before.
    fn preparation(&self) -> &Preparation;

    /// A worker for one thread, with room for `supports` of a probe.
    fn worker(&self, supports: usize) -> Self::Worker;

    /// Decides after `per_image` glimpses of each image instead of the model's number.
    fn limit_glimpses(&mut self, per_image: usize);

    /// The features of an image: `image_side` rows of as many pixels, 0 (paper) to 127 (ink).
    fn extract(&self, worker: &mut Self::Worker, pixels: &[i8]) -> Self::Features;

    /// The features of a drawing, scaled to the image's side.
    fn features(&self, worker: &mut Self::Worker, drawing: &Drawing) -> Self::Features {
        self.extract(worker, &drawing.at_side(self.image_side()))
    }

    /// Supports that it chooses among, if it can do nothing else: an N-way network.
    fn ways(&self) -> Option<usize>;

    /// The logit of "same class" for two images.
    ///
    /// # Panics
    /// If the network is an N-way one.
    fn logit(
        &self,
        worker: &mut Self::Worker,
        probe: &Self::Features,
        support: &Self::Features,
    ) -> f64;

    /// The logits of many pairs `(probe, support)`, the same as one by one.
    ///
    /// # Panics
    /// If the network is an N-way one.
    fn logits(
        &self,
        worker: &mut Self::Worker,
        pairs: &[(&Self::Features, &Self::Features)],
    ) -> Vec<f64> {
        pairs.iter().map(|(probe, support)| self.logit(worker, probe, support)).collect()
    }

    /// Rates the supports of a probe: each alone, in context or N-way, as the network decides.
    ///
    /// # Panics
    /// If an N-way network is given another number of supports, or the worker more than it has room for.
    fn rate(
        &self,
        worker: &mut Self::Worker,
        probe: &Self::Features,
        supports: &[&Self::Features],
    ) -> Vec<Rating>;

    /// The probability that the logit of a pair stands for.
    fn probability(&self, logit: f64) -> f64;

    /// The logit from which on a pair is accepted as of one class.
    fn threshold(&self) -> f64;

    /// Checks that it can answer a plan.
    ///
    /// # Errors
    /// If an N-way network gets pairs, or another number of supports.
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
