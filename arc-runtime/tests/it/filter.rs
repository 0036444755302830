//! The integer Cauchy filter against the float formula, over all centers and spreads.
//!
//! `cargo test -p arc-runtime --test it filter -- --nocapture` prints the errors that
//! `ARITHMETIC.md` states.

use arc_runtime::arithmetic::cauchy::Axis;

/// One row of the filter in the reals, normalized.
fn float_row(side: usize, rows: usize, row: usize, v: f64, d: f64) -> Vec<f64> {
    let center = (side as f64 - 1.0) * (v + 1.0) / 2.0;
    let spacing = side as f64 / rows as f64 * (1.0 - d.abs());
    let gamma = (1.0 - 2.0 * d.abs()).exp();
    let mu = center + spacing * (row as f64 - (rows as f64 - 1.0) / 2.0);
    let kernel = |a: usize| {
        let distance = (a as f64 - mu) / gamma;
        1.0 / (std::f64::consts::PI * gamma * (1.0 + distance * distance))
    };
    let sum = (0..side).map(kernel).sum::<f64>() + 1e-4;
    (0..side).map(|a| kernel(a) / sum).collect()
}

struct Errors {
    /// Of one tap, the greatest.
    worst_tap: f64,
    /// Of one tap, the mean.
    mean_tap: f64,
    /// Of the taps of a row summed, the greatest: times the greatest pixel, this bounds
    /// the error of a glimpse along one axis.
    worst_row: f64,
}

fn errors(side: usize, rows: usize) -> Errors {
    let (mut worst_tap, mut worst_row, mut total, mut taps) = (0.0f64, 0.0f64, 0.0, 0u32);
    let mut weights = vec![0i8; side];
    for v in (-32767..=32767).step_by(1365) {
        for d in (-32767..=32767).step_by(331) {
            let axis = Axis::new(side, rows, v as i16, d as i16);
            for row in 0..rows {
                let sum = axis.row_weights(row, &mut weights);
                assert_eq!(sum, weights.iter().map(|&w| w as u32).sum::<u32>());
                assert!(weights.iter().all(|&w| w >= 0));
                assert!(matches!(weights.iter().max(), Some(126 | 127)));
                let exact =
                    float_row(side, rows, row, f64::from(v) / 32768.0, f64::from(d) / 32768.0);
                let mut row_error = 0.0;
                for (&weight, exact) in weights.iter().zip(exact) {
                    let error = (f64::from(weight) / f64::from(sum) - exact).abs();
                    worst_tap = worst_tap.max(error);
                    total += error;
                    taps += 1;
                    row_error += error;
                }
                worst_row = worst_row.max(row_error);
            }
        }
    }
    Errors { worst_tap, mean_tap: total / f64::from(taps), worst_row }
}

/// Feature side, glimpse side, and the bounds on a tap's and a row's error that
/// `ARITHMETIC.md` states.
const CASES: [(usize, usize, f64, f64); 5] = [
    (16, 4, 0.016, 0.042),
    (28, 4, 0.023, 0.063),
    (32, 4, 0.024, 0.067),
    (32, 8, 0.024, 0.067),
    (64, 4, 0.029, 0.080),
];

#[test]
fn taps_stay_within_the_stated_bounds() {
    for (side, rows, tap, row) in CASES {
        let found = errors(side, rows);
        println!(
            "S = {side}, N = {rows}: a tap is off by {:.5} at most and {:.6} on average, a row by {:.4} at most",
            found.worst_tap, found.mean_tap, found.worst_row
        );
        assert!(found.worst_tap <= tap && found.worst_row <= row);
    }
}

#[test]
fn the_filter_is_symmetric_in_its_spread() {
    let (mut one, mut other) = ([0; 32], [0; 32]);
    for d in [1, 77, 12_345, 32_767] {
        for row in 0..4 {
            let sums = (
                Axis::new(32, 4, 9_000, d).row_weights(row, &mut one),
                Axis::new(32, 4, 9_000, -d).row_weights(row, &mut other),
            );
            assert_eq!((sums.0, one), (sums.1, other));
        }
    }
}

#[test]
fn the_extremes_of_every_size_do_not_overflow() {
    let mut weights = [0; 128];
    for side in [1, 8, 16, 127, 128] {
        for rows in 1..=side.min(16) {
            for v in [i16::MIN, 0, i16::MAX] {
                for d in [i16::MIN, i16::MIN + 1, -1, 0, 1, i16::MAX] {
                    for row in 0..rows {
                        let sum =
                            Axis::new(side, rows, v, d).row_weights(row, &mut weights[..side]);
                        assert!((126..=127 * side as u32).contains(&sum));
                    }
                }
            }
        }
    }
}
