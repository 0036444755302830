//! A matrix of i8 weights, requantized.

use arc_runtime::arithmetic::RowScale;
use arc_trainer::float::Linear;

/// Bounds on the rows of a quantized layer.
#[derive(Debug, Clone)]
pub struct LayerBound {
    /// The real value of one weight step times one input step, for each row.
    steps: Vec<f64>,
    output_unit: f64,
    /// The layer's weights and biases without their signs.
    magnitude: Linear,
}

impl LayerBound {
    /// Bounds for `layer`, quantized with the row scales of a model file to `output_unit`.
    ///
    /// # Panics
    /// If a row scale is not one.
    pub fn new(layer: &Linear, scales: &[u8], output_unit: f64) -> Self {
        let (scales, _) = scales.as_chunks::<8>();
        let step = |bytes: &[u8; 8]| {
            let scale = RowScale::from_bytes(*bytes).expect("a row scale");
            f64::from(scale.multiplier) / 2f64.powi(scale.shift.into()) * output_unit
        };
        let without_signs = |values: &[f32]| values.iter().map(|v| v.abs()).collect();
        Self {
            steps: scales.iter().map(step).collect(),
            output_unit,
            magnitude: Linear {
                inputs: layer.inputs,
                weights: without_signs(&layer.weights),
                bias: without_signs(&layer.bias),
            },
        }
    }

    /// A bound for each row, for `inputs` in integers and the same in the reals.
    pub fn rows(&self, inputs: impl IntoIterator<Item = i32>, real: &[f32]) -> Vec<f64> {
        let sum = inputs.into_iter().map(i32::unsigned_abs).sum::<u32>();
        let real: Vec<f32> = real.iter().map(|v| v.abs()).collect();
        let bound = |(&step, magnitude): (&f64, f32)| {
            let magnitude = f64::from(magnitude);
            // Half a step on every weight and on the bias.
            let weights = step / 2.0 * (f64::from(sum) + 1.0);
            // The multiplier has 15 bits, the first of them set.
            let multiplier = (magnitude + weights) / 32768.0;
            // The reference's own: a rounding of f32 for each term of its sum.
            let float = (real.len() + 2) as f64 * f64::from(f32::EPSILON) / 2.0 * magnitude;
            weights + multiplier + float + self.output_unit / 2.0
        };
        self.steps.iter().zip(self.magnitude.apply(&real)).map(bound).collect()
    }

    /// Adds to the bounds of the rows what the shortcut of a block adds, in integers of `unit`.
    pub fn add_shortcut(&self, bounds: &mut [f64], shortcut: &[i8], unit: f64) {
        for ((bound, step), &shortcut) in bounds.iter_mut().zip(&self.steps).zip(shortcut) {
            let shortcut = f64::from(shortcut.unsigned_abs());
            // Half a step on the residual gain, then the multiplier and the reference, as in `rows`.
            let real = shortcut * unit;
            *bound += step / 2.0 * shortcut + real * (1.0 / 32768.0 + f64::from(f32::EPSILON));
        }
    }
}
