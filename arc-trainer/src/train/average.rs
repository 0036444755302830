//! A running average of the weights, steadier than the weights themselves (Polyak and Juditsky, 1992).

use std::collections::BTreeMap;

use tch::{Tensor, no_grad};

use super::Parameters;

/// Exponential average of every tensor of the network, batch norm's statistics included.
#[derive(Debug)]
pub struct Average {
    decay: f64,
    tensors: BTreeMap<String, Tensor>,
}

impl Average {
    /// The weights as they are, to be averaged with a memory of about `1 / (1 - decay)` steps.
    pub fn new(parameters: &Parameters, decay: f64) -> Self {
        let copy =
            |(name, tensor): (&str, &Tensor)| (name.to_owned(), no_grad(|| tensor.detach().copy()));
        Self { decay, tensors: parameters.all().map(copy).collect() }
    }

    /// The averages by checkpoint name.
    pub fn state(&self) -> impl Iterator<Item = (String, &Tensor)> {
        self.tensors.iter().map(|(name, tensor)| (format!("average.{name}"), tensor))
    }

    /// Takes the weights after `step` into the average; early on it remembers a tenth of the run
    /// at most, so that the random start is forgotten.
    pub fn update(&mut self, parameters: &Parameters, step: u64) {
        let step = step as f64;
        let decay = self.decay.min(step / (step + 10.0));
        no_grad(|| {
            for (name, tensor) in parameters.all() {
                let _ = self.of(name).lerp_(tensor, 1.0 - decay);
            }
        });
    }

    /// Exchanges averages and weights; a second time undoes it.
    pub fn swap(&mut self, parameters: &Parameters) {
        no_grad(|| {
            for (name, tensor) in parameters.all() {
                let weights = tensor.copy();
                tensor.shallow_clone().copy_(self.of(name));
                self.of(name).copy_(&weights);
            }
        });
    }

    fn of(&mut self, name: &str) -> &mut Tensor {
        self.tensors.get_mut(name).expect("an average of every tensor")
    }
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;

    #[test]
    fn it_follows_the_weights_and_swaps_with_them() {
        let mut parameters = Parameters::new(Device::Cpu);
        let weight = parameters.constant("weight", 1, 1.0);
        let mut average = Average::new(&parameters, 0.9);
        let value = |t: &Tensor| t.double_value(&[0]);
        let mut expected = 1.0;
        for step in 1..=200u64 {
            let _ = no_grad(|| weight.shallow_clone().fill_(step as f64));
            average.update(&parameters, step);
            let decay = (step as f64 / (step as f64 + 10.0)).min(0.9);
            expected = decay * expected + (1.0 - decay) * step as f64;
        }
        average.swap(&parameters);
        assert!((value(&weight) - expected).abs() < 1e-3, "{expected}");
        average.swap(&parameters);
        assert_eq!(value(&weight), 200.0);
    }
}
