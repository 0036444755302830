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
