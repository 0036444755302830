//! Sigmoid and tanh from tables.

/// Steps of the tables per unit of the argument.
const STEPS: f64 = 16.0;
/// The arguments that Q3.12 holds.
const RANGE: (f64, f64) = (-8.0, 32767.0 / 4096.0);

/// An activation function in the reals.
#[derive(Debug, Clone, Copy)]
pub struct Activation {
    /// Its value.
    pub at: fn(f64) -> f64,
    /// The largest magnitude of its second derivative.
    curvature: f64,
}

/// `1 / (1 + exp(-x))`; |f''| is at most 1 / (6 sqrt 3).
pub const SIGMOID: Activation =
    Activation { at: |x| 1.0 / (1.0 + (-x).exp()), curvature: 0.096_225_1 };

/// tanh; |f''| is at most 4 / (3 sqrt 3).
pub const TANH: Activation = Activation { at: f64::tanh, curvature: 0.769_800_4 };

impl Activation {
    /// Bound on the table's answer (Q0.15) for an argument within `error` of `x`, and saturated.
    pub fn bound(&self, x: f64, error: f64) -> f64 {
        let at = |x: f64| (self.at)(x.clamp(RANGE.0, RANGE.1));
        let value = (self.at)(x);
        // Both functions rise: the ends of the interval are the worst.
        let passed_on = (at(x + error) - value).abs().max((value - at(x - error)).abs());
        // An entry's rounding, the interpolation's, and the chord between two entries.
        let table = 0.5 + 0.5 + 32767.0 * self.curvature / (8.0 * STEPS * STEPS);
        // The table's 1 is 32767 and stands for 32767/32768.
        passed_on + (table + 1.0) / 32768.0
    }
}
