//! The runtime, on the fastest kernels of this machine.

use anyhow::Result;
use arc_runtime::kernels::{Host, Kernels};
use arc_runtime::layers::Line;
use arc_runtime::{Comparator, Image, Model, Score};

use crate::Answer;
use crate::subject::{Question, Subject};

/// The runtime's answer.
pub fn answer(subject: &'static Subject) -> Result<Answer> {
    let file: &'static [u8] = Vec::leak(std::fs::read(subject.folder.join("model.arc"))?);
    let model = Model::load(file)?;
    let memory: &'static mut [Line] = Vec::leak(vec![Line::ZERO; model.packed_lines()]);
    let model = model.pack(memory)?;
    let dimensions = model.dimensions();
    let (probes, supports) = (subject.probes(), subject.supports());
    let words = dimensions.identify_words(supports.len(), Host::MAX_BATCH);
    let mut comparator = Comparator::with_kernels(&model, vec![0; words], Host::choose()?)?;
    let mut extract = |pixels: &[i8]| -> Result<Vec<i8>> {
        let mut features = vec![0; dimensions.feature_bytes()];
        comparator.extract(&Image::new(subject.side, pixels)?, &mut features)?;
        Ok(features)
    };
    let features: Vec<_> = supports.into_iter().map(&mut extract).collect::<Result<_>>()?;
    let seen: Vec<_> = probes.iter().map(|probe| extract(probe)).collect::<Result<_>>()?;
    let logit = |score: Score| f64::from(score.logit) / 65536.0;
    Ok(match subject.question {
        Question::Pairs(_) => Box::new(move || {
            let mut logits = Vec::with_capacity(seen.len());
            let pairs = seen.iter().map(Vec::as_slice).zip(features.iter().map(Vec::as_slice));
            comparator.compare_batch(pairs, |score| logits.push(logit(score)))?;
            Ok(logits)
        }),
        Question::Identify(_) => Box::new(move || {
            let mut logits = Vec::with_capacity(features.len());
            let probe = Image::new(subject.side, probes[0])?;
            let supports = features.iter().map(Vec::as_slice);
            comparator.identify(&probe, supports, |rating| logits.push(logit(rating.score)))?;
            Ok(logits)
        }),
    })
}
