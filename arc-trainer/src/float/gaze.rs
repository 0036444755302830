//! The gaze, and the glimpse that is taken there.

use std::f32::consts::PI;

use super::FeatureMap;

/// Where a glimpse is taken: tanh of the gaze layer's three rows over the state, each in -1..=1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gaze {
    /// Vertical center, -1 at the top row and 1 at the bottom row.
    pub y: f32,
    /// Horizontal center, -1 at the left column and 1 at the right column.
    pub x: f32,
    /// Spread: 0 covers the whole map, -1 and 1 one spot.
    pub d: f32,
}

/// The Cauchy filters of one axis, `[glimpse_side][side]`, each row summing to nearly 1.
///
/// With S = `side`, N = `glimpse_side` and v the axis' parameter: center (S-1)(v+1)/2,
/// spacing (S/N)(1-|d|), width gamma = exp(1-2|d|); row i is the Cauchy density at
/// center + spacing (i-(N-1)/2), over its sum + 1e-4.
pub fn filter_bank(v: f32, d: f32, side: usize, glimpse_side: usize) -> Vec<f32> {
    let (s, n) = (side as f32, glimpse_side as f32);
    let center = (s - 1.0) * (v + 1.0) / 2.0;
    let spacing = s / n * (1.0 - d.abs());
    let gamma = libm::expf(1.0 - 2.0 * d.abs());
    let mut filters = vec![0.0; glimpse_side * side];
    for (i, row) in filters.chunks_exact_mut(side).enumerate() {
        let mu = center + spacing * (i as f32 - (n - 1.0) / 2.0);
        for (a, f) in row.iter_mut().enumerate() {
            let distance = (a as f32 - mu) / gamma;
            *f = 1.0 / (PI * gamma * (1.0 + distance * distance));
        }
        let sum = row.iter().sum::<f32>() + 1e-4;
        row.iter_mut().for_each(|f| *f /= sum);
    }
    filters
}

/// `F_y I F_x^T` for every channel of the map, laid out (row, column, channel).
pub fn glimpse(map: &FeatureMap, gaze: Gaze, glimpse_side: usize) -> Vec<f32> {
    let rows = filter_bank(gaze.y, gaze.d, map.side, glimpse_side);
    let columns = filter_bank(gaze.x, gaze.d, map.side, glimpse_side);
    let line = map.side * map.channels;
    let mut out = Vec::with_capacity(glimpse_side * glimpse_side * map.channels);
    for filter in rows.chunks_exact(map.side) {
        let band = weighted_sum(filter, &map.values, line);
        for filter in columns.chunks_exact(map.side) {
            out.extend(weighted_sum(filter, &band, map.channels));
        }
    }
    out
}

/// Sum over k of `weights[k] * blocks[k]`, each block `length` values.
fn weighted_sum(weights: &[f32], blocks: &[f32], length: usize) -> Vec<f32> {
    let mut sum = vec![0.0; length];
    for (weight, block) in weights.iter().zip(blocks.chunks_exact(length)) {
        for (s, v) in sum.iter_mut().zip(block) {
            *s += weight * v;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_sum_to_nearly_one_and_mirror_with_their_parameter() {
        let (left, right) = (filter_bank(-0.4, 0.3, 16, 4), filter_bank(0.4, 0.3, 16, 4));
        for row in left.chunks_exact(16) {
            let sum: f32 = row.iter().sum();
            assert!(sum < 1.0 && sum > 0.999, "{sum}");
        }
        for (a, b) in left.iter().zip(right.iter().rev()) {
            assert!((a - b).abs() < 1e-6);
        }
    }

    #[test]
    fn a_full_zoom_reads_around_its_center() {
        // gamma = exp(-1): the density falls to 12 % one pixel away.
        let row = &filter_bank(0.0, 1.0, 17, 4)[..17];
        let peak = row.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
        assert_eq!(peak.map(|p| p.0), Some(8));
        assert!((row[7] / row[8] - 1.0 / (1.0 + 1f32.exp().powi(2))).abs() < 1e-5);
    }

    #[test]
    fn channels_share_the_filters_and_axes_are_not_swapped() {
        let side = 8;
        // Channel 0 holds the row, channel 1 the column.
        let values = (0..side * side).flat_map(|p| [(p / side) as f32, (p % side) as f32]);
        let map = FeatureMap { side, channels: 2, values: values.collect() };
        let gaze = Gaze { y: 0.6, x: -0.6, d: 0.9 };
        let seen = glimpse(&map, gaze, 2);
        let mean = |c: usize| seen.iter().skip(c).step_by(2).sum::<f32>() / 4.0;
        assert!(mean(0) > 4.5 && mean(1) < 2.5, "{} {}", mean(0), mean(1));
        assert_eq!(seen.len(), 2 * 2 * 2);
    }
}
