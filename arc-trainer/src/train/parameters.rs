//! The network's tensors by name: what is trained, and what is only tracked.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use tch::{Device, Kind, Tensor};

/// Named tensors, in the order of their names.
///
/// *Trained* tensors carry gradients; *tracked* ones (batch norm's running statistics) do not.
/// The names are the ones of the checkpoint file.
#[derive(Debug)]
pub struct Parameters {
    /// Where the tensors live.
    pub device: Device,
    trained: BTreeMap<String, Tensor>,
    tracked: BTreeMap<String, Tensor>,
}

impl Parameters {
    /// None yet, on `device`.
    pub fn new(device: Device) -> Self {
        Self { device, trained: BTreeMap::new(), tracked: BTreeMap::new() }
    }

    /// A trained tensor drawn uniformly from `-bound..bound`.
    pub fn uniform(
        &mut self,
        rng: &mut ChaCha8Rng,
        name: &str,
        shape: &[i64],
        bound: f32,
    ) -> Tensor {
        let count = shape.iter().product::<i64>() as usize;
        let values: Vec<f32> = (0..count).map(|_| rng.random_range(-bound..=bound)).collect();
        self.train(name, Tensor::from_slice(&values).reshape(shape))
    }

    /// A trained vector of one value.
    pub fn constant(&mut self, name: &str, length: i64, value: f64) -> Tensor {
        self.train(name, Tensor::full([length], value, (Kind::Float, Device::Cpu)))
    }

    /// Adds a trained tensor.
    pub fn train(&mut self, name: &str, value: Tensor) -> Tensor {
        let value = value.to_device(self.device).set_requires_grad(true);
        let handle = value.shallow_clone();
        assert!(self.trained.insert(name.to_owned(), value).is_none(), "two tensors named {name}");
        handle
    }

    /// Adds a tracked vector of one value.
    pub fn track(&mut self, name: &str, length: i64, value: f64) -> Tensor {
        let value = Tensor::full([length], value, (Kind::Float, self.device));
        let handle = value.shallow_clone();
        assert!(self.tracked.insert(name.to_owned(), value).is_none(), "two tensors named {name}");
        handle
    }

    /// Trains those tensors alone whose names begin with one of `parts`; the others stay as they
    /// are.
    ///
    /// # Errors
    /// If no name begins with one of them.
    pub fn train_only(&mut self, parts: &[String]) -> Result<()> {
        for part in parts {
            ensure!(
                self.trained.keys().any(|name| name.starts_with(part)),
                "training.only: no tensor's name begins with {part}"
            );
        }
        let chosen = |name: &str| parts.iter().any(|part| name.starts_with(part));
        for (name, tensor) in std::mem::take(&mut self.trained) {
            if chosen(&name) {
                self.trained.insert(name, tensor);
            } else {
                self.tracked.insert(name, tensor.set_requires_grad(false));
            }
        }
        Ok(())
    }

    /// Whether a tensor whose name begins with `part` is trained.
    pub fn trains(&self, part: &str) -> bool {
        self.trained.keys().any(|name| name.starts_with(part))
    }

    /// The tensors that the optimizer changes.
    pub fn trained(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.trained.iter().map(|(name, tensor)| (name.as_str(), tensor))
    }

    /// Every tensor, trained and tracked.
    pub fn all(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.trained.iter().chain(&self.tracked).map(|(name, tensor)| (name.as_str(), tensor))
    }

    /// How many numbers are trained.
    pub fn count(&self) -> usize {
        self.trained.values().map(Tensor::numel).sum()
    }
}
