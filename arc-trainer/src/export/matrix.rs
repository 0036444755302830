//! Weights in 8 bits: symmetric, one scale per output row.

use anyhow::{Context, Result};
use arc_runtime::arithmetic::RowScale;
use arc_runtime::format::body::{self, MAX_RESIDUAL};

use super::row_scale;
use crate::float::Linear;

/// Biases of more accumulator units would gain no precision.
const LARGEST_BIAS: i64 = 1 << 22;

/// The largest residual gain, which brings a shortcut to the units of the accumulator.
const LARGEST_RESIDUAL_GAIN: f64 = 32767.0;

/// What the runtime leaves a bias in the 25 bits of an accumulator, beside this many products
/// and, where there is one, the residual times its gain.
fn largest_bias(inputs: usize, with_residual: bool) -> f64 {
    let residual = if with_residual { MAX_RESIDUAL } else { 0 };
    let left = (1 << 25) - 1 - i64::from(residual) - 128 * 127 * inputs as i64;
    left.clamp(1, LARGEST_BIAS) as f64
}

/// The least output units per accumulator unit: below, no accumulator reaches half an output unit.
const LEAST_RATIO: f64 = 1.0 / (1u64 << 31) as f64;

/// A matrix in the form of the model file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    /// Input length.
    pub inputs: usize,
    /// i8 weights, row by row.
    pub weights: Vec<u8>,
    /// One row scale of 8 bytes per output.
    pub scales: Vec<u8>,
}

impl Matrix {
    /// Quantizes a layer whose input `k` is an integer times `input_unit(k)`, to outputs that
    /// are integers times `output_unit`.
    ///
    /// A row's real weight times its input's unit becomes an i8 times the row's accumulator
    /// unit; the largest weight takes 127. So inputs of two scales share one accumulator.
    ///
    /// # Errors
    /// Names the row whose scale the runtime can't express.
    pub fn quantize(
        layer: &Linear,
        input_unit: impl Fn(usize) -> f64,
        output_unit: f64,
    ) -> Result<Self> {
        Ok(Self::by_rows(layer, input_unit, output_unit, None)?.0)
    }

    /// Quantizes a layer that is added to a residual, integers times `residual_unit`, one for each output; also
    /// the residual gains, i16, that bring these to the units of the accumulators.
    ///
    /// # Errors
    /// Names the row whose scale the runtime can't express.
    pub fn quantize_onto(
        layer: &Linear,
        input_unit: f64,
        output_unit: f64,
        residual_unit: f64,
    ) -> Result<(Self, Vec<u8>)> {
        let (matrix, units) =
            Self::by_rows(layer, |_| input_unit, output_unit, Some(residual_unit))?;
        let gains =
            units.iter().flat_map(|unit| ((residual_unit / unit).round() as i16).to_le_bytes());
        Ok((matrix, gains.collect()))
    }

    /// The matrix, and the real value of one accumulator step of each row.
    fn by_rows(
        layer: &Linear,
        input_unit: impl Fn(usize) -> f64,
        output_unit: f64,
        residual_unit: Option<f64>,
    ) -> Result<(Self, Vec<f64>)> {
        let mut matrix = Self {
            inputs: layer.inputs,
            weights: Vec::with_capacity(layer.weights.len()),
            scales: Vec::with_capacity(RowScale::BYTES * layer.outputs()),
        };
        let mut units = Vec::with_capacity(layer.outputs());
        let largest_bias = largest_bias(layer.inputs, residual_unit.is_some());
        let least_unit =
            (output_unit * LEAST_RATIO).max(residual_unit.unwrap_or(0.0) / LARGEST_RESIDUAL_GAIN);
        for (row, (weights, bias)) in layer.rows().zip(&layer.bias).enumerate() {
            let scaled = weights.iter().enumerate().map(|(k, &w)| f64::from(w) * input_unit(k));
            let scaled: Vec<f64> = scaled.collect();
            let largest = scaled.iter().fold(0.0f64, |most, w| most.max(w.abs()));
            let bias = f64::from(*bias);
            let unit = (largest / 127.0).max(bias.abs() / largest_bias).max(least_unit);
            matrix.weights.extend(scaled.iter().map(|w| (w / unit).round() as i8 as u8));
            let scale = row_scale(unit / output_unit, (bias / unit).round() as i32)
                .with_context(|| format!("row {row}"))?;
            matrix.scales.extend(scale.to_bytes());
            units.push(unit);
        }
        Ok((matrix, units))
    }

    /// Output length.
    pub fn outputs(&self) -> usize {
        self.scales.len() / RowScale::BYTES
    }

    /// The matrix as a part of the model file.
    ///
    /// # Errors
    /// If a side doesn't fit in 16 bits.
    pub fn linear(&self) -> Result<body::Linear<'_>> {
        Ok(body::Linear {
            inputs: u16::try_from(self.inputs).context("too many inputs")?,
            outputs: u16::try_from(self.outputs()).context("too many outputs")?,
            weights: &self.weights,
            scales: &self.scales,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(weights: &[f32], bias: f32) -> Linear {
        Linear { inputs: weights.len(), weights: weights.to_vec(), bias: vec![bias] }
    }

    fn scale(matrix: &Matrix) -> RowScale {
        RowScale::from_bytes(matrix.scales[..8].try_into().unwrap()).unwrap()
    }

    /// The real output that the matrix computes from integer inputs.
    fn output(matrix: &Matrix, inputs: &[i32], output_unit: f64) -> f64 {
        let products = matrix.weights.iter().zip(inputs).map(|(&w, x)| i32::from(w as i8) * x);
        let scale = scale(matrix);
        f64::from(scale.requantize(products.sum::<i32>() + scale.bias)) * output_unit
    }

    #[test]
    fn inputs_of_two_scales_share_an_accumulator() {
        let (units, out) = ([0.02, 1.0 / 128.0], 1.0 / 4096.0);
        let matrix = Matrix::quantize(&layer(&[0.5, -0.9], 0.3), |k| units[k], out).unwrap();
        for inputs in [[127, 0], [0, 127], [-50, 90]] {
            let real = 0.5 * 0.02 * f64::from(inputs[0]) - 0.9 / 128.0 * f64::from(inputs[1]) + 0.3;
            // Half a weight step on each input, and half an output step.
            let bound = 0.01 / 127.0 / 2.0 * 254.0 + out;
            assert!((output(&matrix, &inputs, out) - real).abs() < bound);
        }
    }

    #[test]
    fn the_largest_weight_takes_127() {
        let matrix = Matrix::quantize(&layer(&[0.6, -1.0, 0.25], 0.0), |_| 0.1, 0.01).unwrap();
        let weights: Vec<i8> = matrix.weights.iter().map(|&w| w as i8).collect();
        assert_eq!(weights, [76, -127, 32]);
    }

    #[test]
    fn a_dead_row_keeps_its_bias() {
        for weight in [0.0, 1e-20] {
            let matrix = Matrix::quantize(&layer(&[weight], 0.7), |_| 0.1, 0.01).unwrap();
            assert!((output(&matrix, &[127], 0.01) - 0.7).abs() <= 0.005);
        }
    }

    #[test]
    fn what_a_row_is_added_to_enters_its_accumulator_once() {
        let (input, residual, out) = (0.02, 0.05, 0.04);
        // Weights from far above to far below the input that they are added to.
        for weight in [40.0, 0.3, 1e-9] {
            let layer = layer(&[weight], -0.1);
            let (matrix, gains) = Matrix::quantize_onto(&layer, input, out, residual).unwrap();
            let gain = i32::from(i16::from_le_bytes(gains[..].try_into().unwrap()));
            for (x, y) in [(0, 127), (100, 90), (127, -127)] {
                let sum = i32::from(matrix.weights[0] as i8) * x + gain * y + scale(&matrix).bias;
                let found = f64::from(scale(&matrix).requantize(sum)) * out;
                let real = f64::from(weight) * input * f64::from(x) + residual * f64::from(y) - 0.1;
                // Half a step of the weight, of the gain and of the bias, and half an output step.
                let step = f64::from(weight) * input / 127.0;
                let bound =
                    step / 2.0 * f64::from(x + y.abs() + 1) + real.abs() / 16384.0 + out / 2.0;
                assert!(
                    (found - real).abs() <= bound + 127.0 * residual / 65534.0,
                    "{weight} {x} {y}"
                );
            }
        }
    }

    #[test]
    fn a_row_too_steep_for_the_runtime_is_named() {
        let error = Matrix::quantize(&layer(&[1e6], 0.0), |_| 1.0, 1e-3).unwrap_err();
        assert!(format!("{error:#}").starts_with("row 0: a scale of"), "{error:#}");
    }
}
