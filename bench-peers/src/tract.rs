//! tract, the Rust engine for ONNX, on the same graph as ONNX Runtime.

use anyhow::{Context, Result};
use tract_onnx::prelude::*;

use crate::Answer;
use crate::subject::{Question, Subject, ink};

/// tract's answer; it takes one thread unless told otherwise.
pub fn answer(subject: &'static Subject) -> Result<Answer> {
    let load = |name: &str| {
        let file = subject.folder.join(format!("{name}.onnx"));
        let graph = tract_onnx::onnx().model_for_path(&file);
        let graph = graph.and_then(|graph| graph.into_optimized()?.into_runnable());
        graph.with_context(|| format!("tract can't run {}", file.display()))
    };
    let images = |images: Vec<&[i8]>| -> Result<TValue> {
        let shape = [images.len(), subject.side, subject.side];
        Ok(Tensor::from_shape(&shape, &ink(&images))?.into())
    };
    let probes = images(subject.probes())?;
    let mut supports = images(subject.supports())?;
    if let Question::Identify(_) = subject.question {
        supports = load("features")?.run(tvec!(supports))?.remove(0);
    }
    let graph = load(&subject.name)?;
    Ok(Box::new(move || {
        let logits = graph.run(tvec!(probes.clone(), supports.clone()))?.remove(0);
        Ok(logits.as_slice::<f32>()?.iter().map(|&logit| logit.into()).collect())
    }))
}
