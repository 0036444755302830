//! A real ratio as the runtime's multiplier and shift.

use anyhow::{Result, bail};
use arc_runtime::arithmetic::RowScale;

/// The row scale that multiplies by `ratio` = multiplier / 2^shift: output units per
/// accumulator unit. `bias` is in accumulator units.
///
/// # Errors
/// If the ratio is outside of what multiplier and shift can say, 2^-32 to 2^4.
pub fn row_scale(ratio: f64, bias: i32) -> Result<RowScale> {
    // ratio = fraction * 2^exponent, fraction in 0.5..1.
    let (fraction, exponent) = libm::frexp(ratio);
    let (multiplier, exponent) = match (fraction * 32768.0).round() as i32 {
        32768 => (1 << 14, exponent + 1),
        multiplier => (multiplier as i16, exponent),
    };
    let shift = 15 - exponent;
    let allowed = i32::from(RowScale::LEAST_SHIFT)..=i32::from(RowScale::GREATEST_SHIFT);
    if multiplier < RowScale::LEAST_MULTIPLIER || !allowed.contains(&shift) {
        bail!("a scale of {ratio:e} is out of the runtime's range, 2^-32 to 2^4");
    }
    Ok(RowScale { bias, multiplier, shift: shift as u8 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_come_back_within_half_a_step_of_the_multiplier() {
        for exponent in -31..4 {
            for fraction in [1.0, 1.3, 1.7, 1.999_99] {
                let ratio = fraction * 2f64.powi(exponent);
                let Ok(scale) = row_scale(ratio, 5) else {
                    assert_eq!(exponent, 3, "{ratio}"); // 1.99999 * 2^3 rounds up to 2^4
                    continue;
                };
                let back = f64::from(scale.multiplier) / 2f64.powi(i32::from(scale.shift));
                assert!((back / ratio - 1.0).abs() <= 0.5 / 16384.0, "{ratio} {back}");
                assert_eq!(RowScale::from_bytes(scale.to_bytes()), Some(scale));
            }
        }
    }

    #[test]
    fn ratios_out_of_range_are_refused() {
        for ratio in [0.0, -1.0, 16.0, 1e-10, f64::NAN, f64::INFINITY] {
            assert!(row_scale(ratio, 0).is_err(), "{ratio}");
        }
    }
}
