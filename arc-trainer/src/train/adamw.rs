//! AdamW (Loshchilov and Hutter, 2019) whose state can be saved, so that a resumed run loses nothing.

use std::collections::BTreeMap;

use tch::{Tensor, no_grad};

use super::Parameters;

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// First and second moments of each trained tensor's gradient.
#[derive(Debug)]
pub struct AdamW {
    moments: BTreeMap<String, (Tensor, Tensor)>,
}

impl AdamW {
    /// Zero moments.
    pub fn new(parameters: &Parameters) -> Self {
        let zero = |(name, tensor): (&str, &Tensor)| {
            (
                name.to_owned(),
                (
                    tensor.zeros_like().set_requires_grad(false),
                    tensor.zeros_like().set_requires_grad(false),
                ),
            )
        };
        Self { moments: parameters.trained().map(zero).collect() }
    }

    /// The moments by checkpoint name.
    pub fn state(&self) -> impl Iterator<Item = (String, &Tensor)> {
        self.moments.iter().flat_map(|(name, (m, v))| {
            [(format!("adamw.mean.{name}"), m), (format!("adamw.square.{name}"), v)]
        })
    }

    /// Scales all gradients so that their common norm is at most `limit`; returns the norm before.
    pub fn clip(parameters: &Parameters, limit: f64) -> f64 {
        no_grad(|| {
            let squares: Vec<Tensor> = parameters
                .trained()
                .map(|(_, p)| p.grad().square().sum(tch::Kind::Float))
                .collect();
            let norm = Tensor::stack(&squares, 0).sum(tch::Kind::Float).sqrt().double_value(&[]);
            if norm > limit {
                for (_, p) in parameters.trained() {
                    let _ = p.grad().g_mul_scalar_(limit / norm);
                }
            }
            norm
        })
    }

    /// One update; `step` counts from 1. The decay acts on matrices and kernels, not on vectors.
    pub fn update(&mut self, parameters: &Parameters, step: u64, rate: f64, decay: f64) {
        let step = step as f64;
        let correction1 = 1.0 - BETA1.powf(step);
        let correction2 = 1.0 - BETA2.powf(step);
        no_grad(|| {
            for (name, p) in parameters.trained() {
                let (m, v) = self.moments.get_mut(name).expect("moments of every trained tensor");
                let gradient = p.grad();
                let _ = m.g_mul_scalar_(BETA1).g_add_(&(&gradient * (1.0 - BETA1)));
                let _ = v.g_mul_scalar_(BETA2).g_add_(&(gradient.square() * (1.0 - BETA2)));
                let mut p = p.shallow_clone();
                if p.dim() > 1 {
                    let _ = p.g_mul_scalar_(1.0 - rate * decay);
                }
                let denominator = (&*v / correction2).sqrt() + EPSILON;
                let _ = p.g_sub_(&(&*m / denominator * (rate / correction1)));
            }
        });
    }
}

/// Clears the gradients before the next backward pass.
pub fn zero_gradients(parameters: &Parameters) {
    for (_, p) in parameters.trained() {
        let mut gradient = p.grad();
        if gradient.defined() {
            let _ = gradient.detach_().zero_();
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use tch::nn::{OptimizerConfig, VarStore};
    use tch::{Device, Kind, nn};

    use super::*;

    #[test]
    fn updates_are_those_of_libtorch() {
        let (rate, decay) = (0.05, 0.2);
        let mut parameters = Parameters::new(Device::Cpu);
        let own = parameters.uniform(&mut ChaCha8Rng::seed_from_u64(1), "matrix", &[3, 4], 1.0);
        let store = VarStore::new(Device::Cpu);
        let theirs = store.root().var_copy("matrix", &own);
        let mut adamw = AdamW::new(&parameters);
        let mut reference =
            nn::AdamW { wd: decay, ..Default::default() }.build(&store, rate).unwrap();
        let loss = |w: &Tensor, step: u64| (w * step as f64).sin().sum(Kind::Float);
        for step in 1..=6 {
            zero_gradients(&parameters);
            loss(&own, step).backward();
            adamw.update(&parameters, step, rate, decay);
            reference.backward_step(&loss(&theirs, step));
        }
        assert!((own - theirs).abs().max().double_value(&[]) < 1e-6);
    }

    #[test]
    fn clipping_keeps_the_direction_and_leaves_small_gradients_alone() {
        let mut parameters = Parameters::new(Device::Cpu);
        let tensors = [3.0, 4.0].map(|v| parameters.constant(&v.to_string(), 1, v));
        // The gradients are 3 and 4: their common norm is 5.
        let loss: Tensor = tensors.iter().map(|t| t.square().sum(Kind::Float) / 2.0).sum();
        loss.backward();
        let gradients = || tensors.each_ref().map(|t| t.grad().double_value(&[0]));
        assert_eq!((AdamW::clip(&parameters, 10.0), gradients()), (5.0, [3.0, 4.0]));
        assert_eq!(AdamW::clip(&parameters, 2.5), 5.0);
        assert_eq!(gradients(), [1.5, 2.0]);
    }

    #[test]
    fn vectors_do_not_decay() {
        let mut parameters = Parameters::new(Device::Cpu);
        let vector = parameters.constant("vector", 2, 1.0);
        (&vector * 0.0).sum(Kind::Float).backward();
        AdamW::new(&parameters).update(&parameters, 1, 0.1, 0.5);
        assert_eq!(vector.double_value(&[0]), 1.0);
    }
}
