//! PyTorch's own engine: the trainer's network on libtorch, without Python between its operations.

use anyhow::{Context, Result};
use arc_trainer::run::RunFolder;
use arc_trainer::train::{Network, checkpoint};
use tch::{Device, Kind, Tensor, no_grad};

use crate::Answer;
use crate::subject::{Question, Subject, ink};

/// libtorch's answer, on one thread.
pub fn answer(subject: &'static Subject) -> Result<Answer> {
    tch::set_num_threads(1);
    let (folder, config) = RunFolder::open(&subject.folder.join("run"), &[])?;
    let network = Network::new(&config.model, config.seed, Device::Cpu);
    checkpoint::load(&folder.best(), &network.parameters, None)?;

    let side = subject.side as i64;
    let tensor = |images: &[&[i8]]| Tensor::from_slice(&ink(images)).view([-1, side, side]);
    let probes = tensor(&subject.probes());
    let supports = no_grad(|| network.features(&tensor(&subject.supports()), false));
    // A grid of probes and supports for each episode: pairs are episodes of one each.
    let axis = match subject.question {
        Question::Pairs(_) => 1,
        Question::Identify(_) => 0,
    };
    let supports = supports.unsqueeze(axis);
    let seen = no_grad(|| network.features(&probes, false)).unsqueeze(axis);
    Ok(Box::new(move || {
        let ratings = no_grad(|| match subject.question {
            Question::Pairs(_) => network.rate(&seen, &supports),
            Question::Identify(_) => {
                network.rate(&network.features(&probes, false).unsqueeze(axis), &supports)
            }
        });
        let logits = ratings.pairs.context("a network that compares pairs")?;
        Ok(Vec::try_from(logits.flatten(0, 2).to_kind(Kind::Double))?)
    }))
}
