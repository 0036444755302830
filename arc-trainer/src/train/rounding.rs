//! What the export will round off, brought into the training (Jacob et al., 2018, "Quantization and
//! Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference"): the forward pass
//! sees weights, states and glimpses of 8 bits, and the gradient passes as if they were exact.

use tch::{Tensor, no_grad};

use super::Parameters;
use crate::export::units::STATE;

/// Largest integer of 8 bits with a sign.
const LARGEST: f64 = 127.0;

/// The exact weights, while rounded ones stand in their place.
#[derive(Debug)]
#[must_use = "the exact weights are lost unless they are put back"]
pub struct Rounded {
    exact: Vec<Tensor>,
}

impl Rounded {
    /// Rounds every matrix and kernel to 8 bits, each row by its own largest weight. (An exported
    /// row of the controller has one unit for glimpse and state together, here there are two.)
    pub fn begin(parameters: &Parameters) -> Self {
        let round = |weights: &mut Tensor| {
            let exact = weights.copy();
            let rows = exact.flatten(1, -1).abs().amax([1], true).clamp_min(1e-12) / LARGEST;
            let shape: Vec<i64> =
                exact.size().iter().enumerate().map(|(k, &n)| if k == 0 { n } else { 1 }).collect();
            let unit = rows.view(&shape[..]);
            weights.copy_(&((&exact / &unit).round() * unit));
            exact
        };
        let exact =
            no_grad(|| matrices(parameters).map(|mut weights| round(&mut weights)).collect());
        Self { exact }
    }

    /// Puts the exact weights back.
    pub fn end(self, parameters: &Parameters) {
        no_grad(|| {
            for (mut weights, exact) in matrices(parameters).zip(self.exact) {
                weights.copy_(&exact);
            }
        });
    }
}

fn matrices(parameters: &Parameters) -> impl Iterator<Item = Tensor> {
    let all = parameters.all().map(|(_, tensor)| tensor.shallow_clone());
    all.filter(|tensor| tensor.dim() > 1)
}

/// States in the runtime's steps of 1/128.
pub fn state(h: &Tensor) -> Tensor {
    pass_through(h, &((h / STATE).round().clamp(-LARGEST - 1.0, LARGEST) * STATE))
}

/// Features or glimpses in steps of 1/127 of the largest of the batch.
pub fn samples(x: &Tensor) -> Tensor {
    let unit = x.detach().abs().max().clamp_min(1e-12) / LARGEST;
    pass_through(x, &((x / &unit).round() * unit))
}

/// The value of `rounded` with the gradient of `x`.
fn pass_through(x: &Tensor, rounded: &Tensor) -> Tensor {
    x + (rounded - x).detach()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use tch::{Device, Kind};

    use super::*;

    #[test]
    fn rows_are_rounded_by_their_largest_weight_and_come_back() {
        let mut p = Parameters::new(Device::Cpu);
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let weights = p.uniform(&mut rng, "kernel", &[3, 5, 3, 3], 0.4);
        let bias = p.uniform(&mut rng, "bias", &[3], 0.4);
        let (before, bias_before) = (weights.copy(), bias.copy());
        let rounded = Rounded::begin(&p);
        assert!(bias.equal(&bias_before));
        for (exact, rounded) in before.unbind(0).iter().zip(weights.unbind(0)) {
            let largest = exact.abs().max();
            assert!((rounded.abs().max() - &largest).abs().double_value(&[]) < 1e-6);
            let steps: Tensor = rounded / (&largest / 127.0);
            assert!((&steps - steps.round()).abs().max().double_value(&[]) < 1e-3);
            let off = (steps * (&largest / 127.0) - exact).abs().max() / (&largest / 127.0);
            let off = off.double_value(&[]);
            assert!(off < 0.501 && off > 0.1, "{off}");
        }
        rounded.end(&p);
        assert!(weights.equal(&before));
    }

    #[test]
    fn values_are_rounded_and_gradients_are_not() {
        let h = Tensor::from_slice(&[0.3f32, -0.999, 0.9999, 0.0]).set_requires_grad(true);
        let rounded = state(&h);
        let expected = Tensor::from_slice(&[38.0f32, -128.0, 127.0, 0.0]) / 128.0;
        assert!(rounded.allclose(&expected, 1e-6, 1e-6, false));
        (rounded * 2.0).sum(Kind::Float).backward();
        assert!(h.grad().equal(&Tensor::full([4], 2.0, (Kind::Float, Device::Cpu))));

        let x = Tensor::from_slice(&[0.0f32, 1.0, 2.54, 0.011]);
        let expected = Tensor::from_slice(&[0.0f32, 1.0, 2.54, 0.02]);
        assert!(samples(&x).allclose(&expected, 1e-5, 1e-6, false));
    }
}
