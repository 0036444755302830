//! Where to look: the state places a grid of Cauchy kernels over a feature map.

use std::f64::consts::PI;

use rand_chacha::ChaCha8Rng;
use tch::{Kind, Tensor};

use super::linear::Linear;
use crate::config::ModelConfig;
use crate::train::Parameters;

/// State to (y, x, d) to glimpse.
#[derive(Debug)]
pub struct GazeLayer {
    layer: Linear,
    glimpse_side: i64,
}

impl GazeLayer {
    pub(super) fn new(p: &mut Parameters, rng: &mut ChaCha8Rng, config: &ModelConfig) -> Self {
        Self {
            layer: Linear::new(p, rng, "attention", config.hidden as i64, 3),
            glimpse_side: config.glimpse_side as i64,
        }
    }

    /// Glimpses `[m, r, N * channels * N]`, laid out (row, channel, column), of the maps
    /// `[m, S, channels * S]`, one for each of the `r` states `[m, r, H]` of a map.
    pub fn glimpse(&self, maps: &Tensor, states: &Tensor) -> Tensor {
        let (m, r) = (states.size()[0], states.size()[1]);
        let (side, n) = (maps.size()[1], self.glimpse_side);
        let p = self.layer.forward(&states.flatten(0, 1)).tanh(); // [m*r, 3]
        let (y, x, d) = (p.select(1, 0), p.select(1, 1), p.select(1, 2));
        let fy = filter_bank(&y, &d, side, n).view([m, r * n, side]);
        let fx = filter_bank(&x, &d, side, n); // [m*r, N, S]
        let rows = fy.bmm(maps).view([m * r, -1, side]); // [m*r, N * channels, S]
        rows.bmm(&fx.transpose(1, 2)).view([m, r, -1])
    }
}

/// Cauchy filters `[n, N, S]` along one axis, for centers `v` and zooms `d`, both `[n]` in -1..=1.
///
/// center = (S-1)(v+1)/2, spacing = (S/N)(1-|d|), gamma = exp(1-2|d|); row i is the Cauchy density
/// of width gamma at center + spacing (i - (N-1)/2), divided by its sum + 1e-4.
pub fn filter_bank(v: &Tensor, d: &Tensor, side: i64, n: i64) -> Tensor {
    let options = (Kind::Float, v.device());
    let s = side as f64;
    let zoom = d.abs();
    let center: Tensor = (v + 1.0) * ((s - 1.0) / 2.0);
    let spacing: Tensor = (1.0 - &zoom) * (s / n as f64);
    let gamma = (&zoom * -2.0 + 1.0f64).exp().view([-1, 1, 1]);
    let offsets = Tensor::arange(n, options) - (n as f64 - 1.0) / 2.0;
    let mu = (center.unsqueeze(1) + spacing.unsqueeze(1) * offsets).unsqueeze(2); // [n, N, 1]
    let t = (Tensor::arange(side, options) - mu) / &gamma;
    let density = (t.square() + 1.0).reciprocal() / (gamma * PI);
    let sum = density.sum_dim_intlist([-1i64].as_slice(), true, Kind::Float);
    density / (sum + 1e-4)
}
