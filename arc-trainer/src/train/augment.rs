//! Random affine changes of the drawings, made on tensors.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use tch::Tensor;

use crate::config::{AffineConfig, AugmentationConfig};

/// From output to input coordinates, both -1..1 over the image: `[[a, b, tx], [c, d, ty]]`, row by row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Affine([f64; 6]);

impl Affine {
    /// The map that changes nothing.
    pub const IDENTITY: Self = Self([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);

    /// A map drawn from the ranges.
    pub fn random(rng: &mut ChaCha8Rng, ranges: &AffineConfig) -> Self {
        let mut within = |range: f64| range * (2.0 * rng.random::<f64>() - 1.0);
        let turn = within(ranges.rotation).to_radians();
        let shear = within(ranges.shear).to_radians();
        let (sx, sy) = (within(ranges.scale).exp(), within(ranges.scale).exp());
        // Coordinates span 2 over the side.
        let (tx, ty) = (2.0 * within(ranges.shift), 2.0 * within(ranges.shift));
        let lean = turn + shear;
        Self([sx * turn.cos(), -sy * lean.sin(), tx, sx * turn.sin(), sy * lean.cos(), ty])
    }

    /// A turn by a multiple of 90 degrees and perhaps a mirroring, as far as the configuration allows.
    pub fn orthogonal(rng: &mut ChaCha8Rng, config: &AugmentationConfig) -> Self {
        // Both are drawn in any case, so that the switches don't shift later draws.
        let quarter = rng.random_range(0..4);
        let flip = rng.random::<bool>();
        let (cos, sin) = [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)]
            [if config.quarter_turns { quarter } else { 0 }];
        let mirror = if config.mirror && flip { -1.0 } else { 1.0 };
        Self([cos * mirror, -sin, 0.0, sin * mirror, cos, 0.0])
    }

    /// This map after `inner`: output coordinates go through `inner` first.
    pub fn then(&self, inner: &Self) -> Self {
        let [a, b, tx, c, d, ty] = self.0;
        let [e, f, ux, g, h, uy] = inner.0;
        Self([
            a * e + b * g,
            a * f + b * h,
            a * ux + b * uy + tx,
            c * e + d * g,
            c * f + d * h,
            c * ux + d * uy + ty,
        ])
    }
}

/// Places along each side where a rubber sheet is pulled.
const PULLS: usize = 4;

/// A rubber sheet pulled about: displacements of its [`PULLS`] x [`PULLS`] places, those along x
/// first; smooth in between.
pub type Bend = [f32; 2 * PULLS * PULLS];

/// A sheet whose places are pulled by up to `range` of the side.
pub fn bend(rng: &mut ChaCha8Rng, range: f64) -> Bend {
    // Coordinates span 2 over the side.
    std::array::from_fn(|_| (2.0 * range * (2.0 * rng.random::<f64>() - 1.0)) as f32)
}

/// Images `[n, side, side]` of drawings `[n, canvas, canvas]`, each sampled through its map and,
/// where there are any, its [`bend`].
///
/// Four samples go into each pixel, close to the area averaging that scales an image at inference.
pub fn apply(drawings: &Tensor, maps: &[Affine], bends: &[f32], side: i64) -> Tensor {
    let n = maps.len() as i64;
    let theta: Vec<f32> = maps.iter().flat_map(|m| m.0.map(|v| v as f32)).collect();
    let theta = Tensor::from_slice(&theta).view([n, 2, 3]).to_device(drawings.device());
    let fine = [2 * side, 2 * side];
    let mut grid = Tensor::affine_grid_generator(&theta, [n, 1, fine[0], fine[1]], false);
    if !bends.is_empty() {
        let pulls = Tensor::from_slice(bends).view([n, 2, PULLS as i64, PULLS as i64]);
        let sheet = pulls.to_device(grid.device()).upsample_bicubic2d(fine, false, None, None);
        grid += sheet.permute([0, 2, 3, 1]);
    }
    let (bilinear, zeros_outside) = (0, 0);
    drawings
        .unsqueeze(1)
        .grid_sampler(&grid, bilinear, zeros_outside, false)
        .avg_pool2d([2, 2], [2, 2], [0, 0], false, true, None)
        .squeeze_dim(1)
}

/// Blanks each pixel with chance `p` and scales the rest by 1 / (1 - p), so that as much ink is
/// expected as without.
pub fn drop_pixels(images: &Tensor, p: f64, rng: &mut ChaCha8Rng) -> Tensor {
    let keep: Vec<bool> = (0..images.numel()).map(|_| rng.random::<f64>() >= p).collect();
    let keep = Tensor::from_slice(&keep).view_as(images).to_device(images.device());
    images * keep / (1.0 - p)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use tch::Kind;

    use super::*;

    #[test]
    fn the_identity_averages_areas() {
        let drawing = Tensor::rand([2, 12, 12], (Kind::Float, tch::Device::Cpu));
        let none = AffineConfig::default();
        let same = Affine::random(&mut ChaCha8Rng::seed_from_u64(0), &none);
        let image = apply(&drawing, &[same, same], &[], 6);
        let average = drawing
            .unsqueeze(1)
            .avg_pool2d([2, 2], [2, 2], [0, 0], false, true, None)
            .squeeze_dim(1);
        assert!((image - average).abs().max().double_value(&[]) < 1e-5);
    }

    #[test]
    fn orthogonal_maps_permute_the_pixels() {
        let drawing = Tensor::rand([1, 8, 8], (Kind::Float, tch::Device::Cpu));
        let config = AugmentationConfig { quarter_turns: true, mirror: true, ..Default::default() };
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..100 {
            let image = apply(&drawing, &[Affine::orthogonal(&mut rng, &config)], &[], 4);
            assert!(
                (image.sum(Kind::Float) * 4.0 - drawing.sum(Kind::Float)).abs().double_value(&[])
                    < 1e-3
            );
            seen.insert(
                (image.double_value(&[0, 0, 0]) * 1e5) as i64 * 1_000_000
                    + (image.double_value(&[0, 0, 1]) * 1e5) as i64,
            );
        }
        assert_eq!(seen.len(), 8, "four turns, mirrored or not");
    }

    #[test]
    fn a_sheet_pulled_evenly_only_shifts() {
        let drawing = Tensor::rand([1, 16, 16], (Kind::Float, tch::Device::Cpu));
        let still = Affine::random(&mut ChaCha8Rng::seed_from_u64(0), &AffineConfig::default());
        // A quarter of the side along x: half of the coordinates' span of 2 over the side.
        let pulls = [[0.5f32; PULLS * PULLS], [0.0; PULLS * PULLS]].concat();
        let image = apply(&drawing, &[still], &[], 8);
        let shifted = apply(&drawing, &[still], &pulls, 8);
        let difference = shifted.narrow(2, 0, 6) - image.narrow(2, 2, 6);
        assert!(difference.abs().max().double_value(&[]) < 1e-5);
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let bent = apply(&drawing, &[still], &bend(&mut rng, 0.1), 8);
        assert!((bent - image).abs().max().double_value(&[]) > 0.05);
    }

    #[test]
    fn dropping_pixels_keeps_the_expected_ink() {
        let full = Tensor::ones([4, 50, 50], (Kind::Float, tch::Device::Cpu));
        let dropped = drop_pixels(&full, 0.2, &mut ChaCha8Rng::seed_from_u64(7));
        let blank = dropped.eq(0.0).sum(Kind::Int64).int64_value(&[]);
        assert!((1800..2200).contains(&blank), "{blank} of 10000, expected 2000");
        assert!((dropped.max().double_value(&[]) - 1.25).abs() < 1e-6);
    }

    #[test]
    fn then_applies_the_inner_map_first() {
        let mut rng = ChaCha8Rng::seed_from_u64(6);
        let ranges = AffineConfig { rotation: 30.0, scale: 0.3, shear: 10.0, shift: 0.2 };
        let (f, g) = (Affine::random(&mut rng, &ranges), Affine::random(&mut rng, &ranges));
        let at = |m: &Affine, (x, y): (f64, f64)| {
            let [a, b, tx, c, d, ty] = m.0;
            (a * x + b * y + tx, c * x + d * y + ty)
        };
        let (x, y) = at(&f.then(&g), (0.3, -0.7));
        let (u, v) = at(&f, at(&g, (0.3, -0.7)));
        assert!((x - u).abs() < 1e-12 && (y - v).abs() < 1e-12);
    }
}
