//! The integer runtime as a backend.

use anyhow::Result;
use arc_runtime::kernels::{Host, Kernels};
use arc_runtime::layers::Line;
use arc_runtime::network::WayHead;
use arc_runtime::preparation::Preparation;
use arc_runtime::{Comparator, Image, Model, Score};

use super::Backend;
use crate::float::Rating;

/// Memory for a model's weights as the kernels of a host want them.
#[derive(Debug, Default)]
pub struct Packing(Vec<Line>);

impl Packing {
    /// The model with its weights packed in this memory.
    fn pack<'p>(&'p mut self, model: &Model<'p>) -> Model<'p> {
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

    /// The model, its weights packed.
    pub fn model(&self) -> &Model<'m> {
        &self.model
    }

    /// The chosen kernels.
    pub fn kernels(&self) -> Host {
        self.kernels
    }
}

impl<'m> Backend for IntegerBackend<'m> {
    type Features = Vec<i8>;
    type Worker = Comparator<'m, Vec<u32>, Host>;

    fn name(&self) -> &'static str {
        self.kernels.name()
    }

    fn image_side(&self) -> usize {
        self.model.dimensions().image_side
    }

    fn preparation(&self) -> &Preparation {
        self.model.preparation()
    }

    fn worker(&self, supports: usize) -> Self::Worker {
        let words = self.model.dimensions().identify_words(supports, Host::MAX_BATCH);
        let comparator = Comparator::with_kernels(&self.model, vec![0; words], self.kernels);
        let mut comparator = comparator.expect("as many words as the model needs");
        comparator.limit_glimpses(self.glimpses);
        comparator
    }

    fn limit_glimpses(&mut self, per_image: usize) {
        self.glimpses = per_image;
    }

    fn extract(&self, worker: &mut Self::Worker, pixels: &[i8]) -> Vec<i8> {
        let image = Image::new(self.image_side(), pixels).expect("pixels of the model's side");
        let mut features = vec![0; self.model.dimensions().feature_bytes()];
        let extracted = worker.extract(&image, &mut features);
        extracted.expect("an image and features of the model's sizes");
        features
    }

    fn ways(&self) -> Option<usize> {
        self.model.network().decision.ways().map(WayHead::ways)
    }

    fn logit(&self, worker: &mut Self::Worker, probe: &Vec<i8>, support: &Vec<i8>) -> f64 {
        let score = worker.compare_features(probe, support);
        real(score.expect("features of a model that compares pairs"))
    }

    fn logits(&self, worker: &mut Self::Worker, pairs: &[(&Vec<i8>, &Vec<i8>)]) -> Vec<f64> {
        let pairs = pairs.iter().map(|(probe, support)| (probe.as_slice(), support.as_slice()));
        let mut logits = Vec::with_capacity(pairs.len());
        let compared = worker.compare_batch(pairs, |score| logits.push(real(score)));
        compared.expect("features of a model that compares pairs");
        logits
    }

    fn rate(
        &self,
        worker: &mut Self::Worker,
        probe: &Vec<i8>,
        supports: &[&Vec<i8>],
    ) -> Vec<Rating> {
        let mut ratings = Vec::with_capacity(supports.len());
        let features = supports.iter().map(|support| support.as_slice());
        let rated = worker.identify_features(probe, features, |rating| {
            ratings.push(Rating { score: real(rating.score), pair: rating.pair.map(real) });
        });
        rated.expect("as many features as the model takes, and room for them");
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

#[cfg(test)]
mod tests {
    use super::*;

    const GOLDEN: [&[u8]; 2] = [
        include_bytes!("../../../arc-golden/convarc.arc"),
        include_bytes!("../../../arc-golden/context.arc"),
    ];

    #[test]
    fn a_worker_forgets_what_it_did_before() {
        for file in GOLDEN {
            let (model, mut packing) = (Model::load(file).unwrap(), Packing::default());
            let backend = IntegerBackend::new(&model, &mut packing).unwrap();
            let area = backend.image_side().pow(2);
            let image = |k: usize| (0..area).map(|p| (p * (3 + k) % 128) as i8).collect::<Vec<_>>();
            let images: Vec<_> = (0..30).map(image).collect();
            let kept = &mut backend.worker(29);
            let features = images.iter().map(|image| backend.extract(kept, image));
            let features: Vec<_> = features.collect();
            let (probe, supports) = (&features[0], features[1..].iter().collect::<Vec<_>>());
            let pairs: Vec<_> = supports.iter().map(|&support| (probe, support)).collect();

            let logits = backend.logits(kept, &pairs);
            let rated = backend.rate(kept, probe, &supports);
            for (k, support) in supports.into_iter().enumerate() {
                let fresh = || backend.worker(1);
                assert_eq!(backend.extract(&mut fresh(), &images[1 + k]), *support);
                let logit = backend.logit(&mut fresh(), probe, support);
                assert_eq!([logits[k], backend.logit(kept, probe, support)], [logit; 2]);
                assert_eq!(rated[k].pair, Some(logit));
            }
        }
    }
}
