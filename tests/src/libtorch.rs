//! The trained network on libtorch, answering the same plans as the other implementations.

use std::path::Path;

use anyhow::Result;
use arc_trainer::eval::{Plan, Trial};
use arc_trainer::run::RunFolder;
use arc_trainer::train::{Network, checkpoint};
use tch::{Device, Kind, Tensor, no_grad};

/// Pairs scored at once.
const CHUNK: usize = 100;

/// A run's best network on libtorch.
pub struct Libtorch {
    network: Network,
    side: i64,
}

impl Libtorch {
    /// Loads the best weights of a run's folder.
    ///
    /// # Errors
    /// If the folder is not a run's.
    pub fn load(run: &Path) -> Result<Self> {
        let (folder, config) = RunFolder::open(run, &[])?;
        let network = Network::new(&config.model, config.seed, Device::Cpu);
        checkpoint::load(&folder.best(), &network.parameters, None)?;
        Ok(Self { network, side: config.model.image_side as i64 })
    }

    /// Logits of the first support of each trial.
    pub fn logits(&self, plan: &Plan<'_>) -> Vec<f64> {
        let features = self.features(plan);
        let row = |place: usize| features.get(place as i64);
        let mut logits = Vec::with_capacity(plan.trials.len());
        for trials in plan.trials.chunks(CHUNK) {
            let probes: Vec<Tensor> = trials.iter().map(|t| row(t.probe)).collect();
            let supports: Vec<Tensor> = trials.iter().map(|t| row(t.supports[0])).collect();
            let stack = |rows: &[Tensor]| Tensor::stack(rows, 0).unsqueeze(1);
            let ratings = no_grad(|| self.network.rate(&stack(&probes), &stack(&supports)));
            let pairs = ratings.pairs.expect("a network that compares pairs");
            let pairs = Vec::<f64>::try_from(pairs.flatten(0, 2).to_kind(Kind::Double));
            logits.extend(pairs.expect("one logit a pair"));
        }
        logits
    }

    /// What each trial's supports are ranked by.
    pub fn rankings(&self, plan: &Plan<'_>) -> Vec<Vec<f64>> {
        let features = self.features(plan);
        let rows = |places: &[usize]| {
            let places: Vec<i64> = places.iter().map(|&place| place as i64).collect();
            features.index_select(0, &Tensor::from_slice(&places)).unsqueeze(0)
        };
        let rank = |trial: &Trial| {
            let ratings =
                no_grad(|| self.network.rate(&rows(&[trial.probe]), &rows(&trial.supports)));
            let scores = ratings.ranking().flatten(0, 2).to_kind(Kind::Double);
            Vec::<f64>::try_from(scores).expect("a score for each support")
        };
        plan.trials.iter().map(rank).collect()
    }

    /// Feature maps of all images of a plan.
    fn features(&self, plan: &Plan<'_>) -> Tensor {
        let maps: Vec<Tensor> = plan
            .images()
            .chunks(CHUNK)
            .map(|images| {
                let ink = images.iter().flat_map(|d| d.at_side(self.side as usize));
                let ink: Vec<f32> = ink.map(|p| f32::from(p) / 127.0).collect();
                let images = Tensor::from_slice(&ink).view([-1, self.side, self.side]);
                no_grad(|| self.network.features(&images, false))
            })
            .collect();
        Tensor::cat(&maps, 0)
    }
}
