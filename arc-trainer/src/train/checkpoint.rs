//! Checkpoints: one safetensors file each, replaced as a whole, so that the last good one survives
//! a full disk or a kill at any moment.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors, View};
use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor, no_grad};

use super::Parameters;
use crate::files::write_whole;
use crate::run::Origin;
use crate::run::metrics::Window;
use crate::{input, limits};

/// The metadata entry that holds the [`Progress`] as JSON.
const PROGRESS: &str = "progress";

/// How far a run has come: all that a resumed run needs besides the tensors.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Steps done.
    pub step: u64,
    /// Best validation accuracy so far and its step.
    pub best: Option<(f64, u64)>,
    /// Seconds spent, over all sessions of the run.
    pub seconds: f64,
    /// Sums since the last line of metrics.
    pub window: Window,
    /// What the run was begun with; none in checkpoints from before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

/// Writes the parameters, and what else a resumed run needs, to `file`.
///
/// # Errors
/// Names the file; the file of that name from before is then still whole.
pub fn save<'a>(
    file: &Path,
    parameters: &'a Parameters,
    state: impl IntoIterator<Item = (String, &'a Tensor)>,
    progress: &Progress,
) -> Result<()> {
    let own = parameters.all().map(|(name, tensor)| (name.to_owned(), tensor));
    let tensors: Vec<(String, Numbers)> =
        own.chain(state).map(|(name, t)| (name, Numbers::of(t))).collect();
    let metadata = HashMap::from([(PROGRESS.to_owned(), serde_json::to_string(progress)?)]);
    let bytes = safetensors::serialize(tensors, Some(metadata))?;
    write_whole(file, &bytes)
}

/// Reads `file` into the parameters and the rest of the state.
///
/// # Errors
/// Names the file, and the tensor that is missing or of another shape than the configuration's.
pub fn load<'a>(
    file: &Path,
    parameters: &'a Parameters,
    state: impl IntoIterator<Item = (String, &'a Tensor)>,
) -> Result<Progress> {
    let bytes = bytes(file)?;
    let read = move || -> Result<Progress> {
        let tensors = SafeTensors::deserialize(&bytes)?;
        let own = parameters.all().map(|(name, tensor)| (name.to_owned(), tensor));
        for (name, tensor) in own.chain(state) {
            let view =
                tensors.tensor(&name).with_context(|| format!("the tensor {name} is missing"))?;
            check(&name, &view, tensor)?;
            copy(&view, tensor);
        }
        progress_in(&bytes)
    };
    read().with_context(|| format!("the checkpoint {} can't be used", file.display()))
}

/// How far the run of `file` had come, its tensors left aside.
///
/// # Errors
/// Names the file.
pub fn progress(file: &Path) -> Result<Progress> {
    progress_in(&bytes(file)?)
        .with_context(|| format!("the checkpoint {} can't be used", file.display()))
}

fn progress_in(bytes: &[u8]) -> Result<Progress> {
    let (_, metadata) = SafeTensors::read_metadata(bytes)?;
    let progress = metadata.metadata().as_ref().and_then(|m| m.get(PROGRESS));
    Ok(serde_json::from_str(progress.context("it does not say how far the run had come")?)?)
}

fn bytes(file: &Path) -> Result<Vec<u8>> {
    input::read(file, limits::CHECKPOINT)
        .with_context(|| format!("can't read the checkpoint {}", file.display()))
}

/// Reads those parameters that `file` has in the configuration's shape, and names the others.
///
/// # Errors
/// Names the file that is no checkpoint.
pub fn start(file: &Path, parameters: &Parameters) -> Result<Vec<String>> {
    let bytes = bytes(file)?;
    let read = || -> Result<Vec<String>> {
        let tensors = SafeTensors::deserialize(&bytes)?;
        let mut new = Vec::new();
        for (name, tensor) in parameters.all() {
            let view = tensors.tensor(name).ok();
            match view.filter(|view| check(name, view, tensor).is_ok()) {
                Some(view) => copy(&view, tensor),
                None => new.push(name.to_owned()),
            }
        }
        Ok(new)
    };
    read().with_context(|| format!("the checkpoint {} can't be started from", file.display()))
}

fn check(name: &str, from: &TensorView<'_>, to: &Tensor) -> Result<()> {
    let shape = shape(from);
    ensure!(
        shape == to.size() && from.dtype() == Dtype::F32,
        "{name} has shape {shape:?}, the configuration wants {:?}",
        to.size()
    );
    Ok(())
}

fn copy(from: &TensorView<'_>, to: &Tensor) {
    let numbers = Tensor::from_data_size(from.data(), &shape(from), Kind::Float);
    no_grad(|| to.shallow_clone().copy_(&numbers));
}

fn shape(tensor: &TensorView<'_>) -> Vec<i64> {
    tensor.shape().iter().map(|&n| n as i64).collect()
}

/// A tensor's numbers as safetensors wants them.
struct Numbers {
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Numbers {
    fn of(tensor: &Tensor) -> Self {
        let tensor = tensor.detach().to_device(Device::Cpu).to_kind(Kind::Float).contiguous();
        let mut bytes = vec![0; tensor.numel() * 4];
        tensor.view([-1]).copy_data_u8(&mut bytes, tensor.numel());
        Self { shape: tensor.size().iter().map(|&n| n as usize).collect(), bytes }
    }
}

impl View for Numbers {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }
    fn shape(&self) -> &[usize] {
        &self.shape
    }
    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }
    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}
