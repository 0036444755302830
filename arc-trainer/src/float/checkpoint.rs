//! A training run's folder, read back without libtorch.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use safetensors::{Dtype, SafeTensors};
use serde::Deserialize;

use super::{
    Context, Conv, Decision, FloatModel, Glimpse, Layer, Linear, Lstm, PairHead, Residual,
};
use crate::config::{Config, LayerConfig, ModelConfig};
use crate::run::RunFolder;
use crate::{input, limits};

/// What batch norm adds to the variance, in training and when it is folded away.
pub const BATCH_NORM_EPSILON: f64 = 1e-5;

/// A trained model and what it was trained with.
#[derive(Debug, Clone)]
pub struct Run {
    /// The file that the weights came from.
    pub checkpoint: PathBuf,
    /// The resolved configuration.
    pub config: Config,
    /// Optimizer steps behind the weights.
    pub steps: u64,
    /// The network, batch norm folded in.
    pub model: FloatModel,
}

impl Run {
    /// Reads a run's folder (its best weights), or one checkpoint inside of it.
    ///
    /// # Errors
    /// Names the file that is missing, damaged or doesn't fit the configuration.
    pub fn load(path: &Path) -> Result<Self> {
        ensure!(
            path.exists(),
            "{}: no such folder or checkpoint; name the folder that `train` wrote",
            path.display()
        );
        let folder = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new("")) };
        let (folder, config) = RunFolder::open(folder, &[])?;
        let checkpoint = if path.is_dir() { folder.best() } else { path.to_owned() };
        let bytes = input::read(&checkpoint, limits::CHECKPOINT).with_context(|| {
            format!(
                "can't read the weights {}: a run has its best ones from its first validation on",
                checkpoint.display()
            )
        })?;
        let (model, steps) = read(&bytes, &config.model).with_context(|| {
            format!("{} does not hold the network of config.toml", checkpoint.display())
        })?;
        Ok(Self { checkpoint, config, steps, model })
    }
}

/// What the export needs of the `progress` entry in a checkpoint's metadata.
#[derive(Deserialize)]
struct Progress {
    step: u64,
}

/// The network and the number of steps in a checkpoint's bytes.
fn read(bytes: &[u8], sizes: &ModelConfig) -> Result<(FloatModel, u64)> {
    let (_, header) = SafeTensors::read_metadata(bytes)?;
    let progress = header.metadata().as_ref().and_then(|m| m.get("progress"));
    let progress: Progress =
        serde_json::from_str(progress.context("it does not say how far the run had come")?)?;
    let tensors = Tensors(SafeTensors::deserialize(bytes)?);

    let mut channels = 1;
    let mut stem = Vec::new();
    for (k, layer) in sizes.stem.iter().enumerate() {
        stem.push(tensors.layer(layer, k, channels)?);
        channels = layer.channels();
    }
    let side = sizes.glimpse_side;
    let model = FloatModel {
        image_side: sizes.image_side,
        stem,
        glimpse: Glimpse { side, per_image: sizes.glimpses },
        controller: tensors.controller(sizes.hidden, side, channels)?,
        gaze_layer: tensors.linear("attention", 3, sizes.hidden)?,
        decision: tensors.decision(sizes)?,
        preparation: sizes.preparation.runtime(),
    };
    model.check()?;
    Ok((model, progress.step))
}

struct Tensors<'a>(SafeTensors<'a>);

impl Tensors<'_> {
    fn get(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let tensor = self.0.tensor(name).with_context(|| format!("no tensor {name}"))?;
        if tensor.dtype() != Dtype::F32 {
            bail!("tensor {name} is {:?}, not F32", tensor.dtype());
        }
        ensure!(tensor.shape() == shape, "tensor {name} is {:?}, not {shape:?}", tensor.shape());
        let (numbers, _) = tensor.data().as_chunks::<4>();
        Ok(numbers.iter().map(|b| f32::from_le_bytes(*b)).collect())
    }

    fn linear(&self, name: &str, outputs: usize, inputs: usize) -> Result<Linear> {
        Ok(Linear {
            inputs,
            weights: self.get(&format!("{name}.weight"), &[outputs, inputs])?,
            bias: self.get(&format!("{name}.bias"), &[outputs])?,
        })
    }

    /// Layer number `k` of the stem.
    fn layer(&self, layer: &LayerConfig, k: usize, inputs: usize) -> Result<Layer> {
        let (name, outputs) = (format!("stem.{k}"), layer.channels());
        Ok(match layer {
            LayerConfig::Conv(conv) => {
                Layer::Conv(self.conv(&name, [outputs, inputs, 3, 3], conv.stride)?)
            }
            LayerConfig::Residual(block) => {
                let conv = |part: &str, inputs, side, stride| {
                    self.conv(&format!("{name}.{part}"), [outputs, inputs, side, side], stride)
                };
                let projects = block.projects(k, inputs);
                Layer::Residual(Residual {
                    first: conv("first", inputs, 3, block.stride)?,
                    shortcut: projects
                        .then(|| conv("shortcut", inputs, 1, block.stride))
                        .transpose()?,
                    second: conv("second", outputs, 3, 1)?,
                })
            }
        })
    }

    /// Folds batch norm, `(x - mean) * weight / sqrt(var + eps) + bias`, into the kernel, and
    /// turns `[output][input][side][side]` into `[output][side][side][input]`.
    fn conv(&self, name: &str, shape: [usize; 4], stride: usize) -> Result<Conv> {
        let [outputs, inputs, side, _] = shape;
        let area = side * side;
        let kernel = self.get(&format!("{name}.weight"), &shape)?;
        let norm = |part: &str| self.get(&format!("{name}.bn.{part}"), &[outputs]);
        let (weight, bias, mean, var) =
            (norm("weight")?, norm("bias")?, norm("mean")?, norm("var")?);
        let mut folded = Linear {
            inputs: area * inputs,
            weights: Vec::with_capacity(kernel.len()),
            bias: Vec::with_capacity(outputs),
        };
        for (out, taps) in kernel.chunks_exact(area * inputs).enumerate() {
            let gain = weight[out] / (var[out] + BATCH_NORM_EPSILON as f32).sqrt();
            let by_tap =
                (0..area).flat_map(|tap| (0..inputs).map(move |c| taps[c * area + tap] * gain));
            folded.weights.extend(by_tap);
            folded.bias.push(bias[out] - mean[out] * gain);
        }
        Ok(Conv { channels: inputs, stride, kernel: folded })
    }

    /// Turns the glimpse's columns from the trainer's (row, channel, column) into
    /// (row, column, channel).
    fn controller(&self, hidden: usize, side: usize, channels: usize) -> Result<Lstm> {
        let by_trainer = |k: usize| {
            let (place, channel) = (k / channels, k % channels);
            ((place / side) * channels + channel) * side + place % side
        };
        self.lstm("lstm", hidden, side * side * channels, by_trainer)
    }

    /// Joins the two matrices of an LSTM into one over `[input | state]`; `column` says where
    /// the trainer keeps a column of the input.
    fn lstm(
        &self,
        name: &str,
        hidden: usize,
        inputs: usize,
        column: impl Fn(usize) -> usize,
    ) -> Result<Lstm> {
        let input = self.get(&format!("{name}.weight_x"), &[4 * hidden, inputs])?;
        let state = self.get(&format!("{name}.weight_h"), &[4 * hidden, hidden])?;
        let mut weights = Vec::with_capacity(input.len() + state.len());
        for (x, h) in input.chunks_exact(inputs).zip(state.chunks_exact(hidden)) {
            weights.extend((0..inputs).map(|k| x[column(k)]));
            weights.extend(h);
        }
        let bias = self.get(&format!("{name}.bias"), &[4 * hidden])?;
        Ok(Lstm { gates: Linear { inputs: inputs + hidden, weights, bias } })
    }

    fn decision(&self, sizes: &ModelConfig) -> Result<Decision> {
        let hidden = sizes.hidden;
        if let Some(ways) = sizes.ways {
            return Ok(Decision::Ways(self.linear("ways", ways, hidden)?));
        }
        let head = PairHead {
            hidden: self.linear("head.hidden", sizes.head, hidden)?,
            logit: self.linear("head.logit", 1, sizes.head)?,
        };
        let Some(units) = sizes.context else { return Ok(Decision::Pair(head)) };
        let context = Context {
            forward: self.lstm("context.forward", units, hidden, |k| k)?,
            backward: self.lstm("context.backward", units, hidden, |k| k)?,
            score: self.linear("context.score", 1, 2 * units)?,
        };
        Ok(Decision::Context(head, context))
    }
}
