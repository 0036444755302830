//! The Cauchy filters: interval arithmetic over their fixed-point steps.

use std::f64::consts::PI;

/// Bounds on the normalized taps of row `row` of a filter of `rows` rows over `side` pixels, for
/// parameters in -1..=1, against the float reference.
pub fn filter_row(side: usize, rows: usize, v: f64, d: f64, row: usize) -> Vec<f64> {
    let (s, n, offset) = (side as f64, rows as f64, row as f64 - (rows as f64 - 1.0) / 2.0);
    let gamma = (1.0 - 2.0 * d.abs()).exp();
    let mu = (s - 1.0) * (v + 1.0) / 2.0 + s / n * (1.0 - d.abs()) * offset;

    // Q8 pixels: the center's rounding, the pitch's truncation and the spacing's rounding, and
    // the halving of an odd number.
    let pitch = (s * 256.0 / n).fract();
    let mu_error = (0.5 + (pitch + 0.5) * offset.abs() + 0.5) / 256.0;

    // The kernel falls with the distance, so that its interval has the ends of the distance's.
    let kernel = |t: f64| 65536.0 / (1.0 + t * t);
    let interval = |pixel: usize| {
        let distance = (pixel as f64 - mu).abs();
        let (near, far) = widths((distance - mu_error).max(0.0), distance + mu_error, gamma);
        (kernel(far) - 0.5, kernel(near).min(65535.0) + 0.5)
    };
    let kernels: Vec<(f64, f64)> = (0..side).map(interval).collect();

    // Weights are kernels times a factor of 127 over the largest, rounded; over the factor,
    // which cancels in the taps, the rounding is half of its inverse.
    let peak = kernels.iter().map(|k| k.1).fold(0.0, f64::max);
    let rounding = 0.5 / (127.0 / peak - 1.0 / 65536.0);
    let weight = |k: &(f64, f64)| ((k.0 - rounding).max(0.0), k.1 + rounding);
    let weights: Vec<(f64, f64)> = kernels.iter().map(weight).collect();
    let (least, greatest) = weights.iter().fold((0.0, 0.0), |s, w| (s.0 + w.0, s.1 + w.1));

    let exact = |pixel: usize| kernel((pixel as f64 - mu) / gamma);
    let sum: f64 = (0..side).map(exact).sum();
    let tap = |(pixel, (low, high)): (usize, (f64, f64))| {
        let exact = exact(pixel) / (sum + 1e-4 * PI * gamma * 65536.0);
        let (low, high) = (low / (low + greatest - high), high / (high + least - low));
        // The reference's own: f32 puts the row's center off by a few roundings.
        let float = 4.0 * s * f64::from(f32::EPSILON) / gamma;
        (high - exact).max(exact - low) + float
    };
    weights.into_iter().enumerate().map(tap).collect()
}

/// The interval of the distance in widths that the table's index stands for.
fn widths(near: f64, far: f64, gamma: f64) -> (f64, f64) {
    // 1/gamma = exp(2|d| - 1): half of a 128th of |d|, and a rounding in Q12.
    let (spread, rounding) = ((1.0f64 / 128.0).exp(), 0.5 / 4096.0);
    let near = near * (1.0 / gamma / spread - rounding) - 0.5 / 64.0;
    let far = far * (spread / gamma + rounding) + 0.5 / 64.0;
    // From 16 widths on, the table has one entry a width, at its middle, to 255.
    let coarse = if far >= 16.0 { 0.5 } else { 0.0 };
    ((near - coarse).clamp(0.0, 255.5), far + coarse)
}
