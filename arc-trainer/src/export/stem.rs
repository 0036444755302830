//! The stem in integers.

use anyhow::{Context, Result};
use arc_runtime::format::body;

use super::{Matrix, units};
use crate::float::{self, FloatModel};

/// A layer of the stem in integers.
#[derive(Debug, Clone)]
pub enum Layer {
    /// A 3x3 convolution.
    Conv(Conv),
    /// A residual block.
    Residual(Residual),
}

/// A convolution in integers.
#[derive(Debug, Clone)]
pub struct Conv {
    inputs: usize,
    stride: usize,
    kernel: Matrix,
}

/// A residual block in integers.
#[derive(Debug, Clone)]
pub struct Residual {
    first: Conv,
    shortcut: Option<Conv>,
    second: Conv,
    residual_gains: Vec<u8>,
}

/// Quantizes the stem of `model`, whose convolutions' outputs are integers times `units`.
///
/// # Errors
/// Names the layer whose scale the runtime can't express.
pub fn quantize(model: &FloatModel, units: &[f64]) -> Result<Vec<Layer>> {
    let mut units = units.iter().copied();
    let mut input = units::PIXEL;
    let layers = model.stem.iter().enumerate().map(|(k, layer)| {
        let (layer, output) = Layer::quantize(layer, input, &mut units)
            .with_context(|| format!("the stem's layer {k}"))?;
        input = output;
        Ok(layer)
    });
    layers.collect()
}

impl Layer {
    /// Quantizes a layer for inputs in steps of `input`; its own step comes with it. Takes a unit
    /// for each convolution.
    fn quantize(
        layer: &float::Layer,
        input: f64,
        units: &mut impl Iterator<Item = f64>,
    ) -> Result<(Self, f64)> {
        let mut unit = || units.next().context("no range was observed");
        Ok(match layer {
            float::Layer::Conv(conv) => {
                let output = unit()?;
                (Self::Conv(Conv::quantize(conv, input, output)?), output)
            }
            float::Layer::Residual(block) => {
                let inner = unit()?;
                let first =
                    Conv::quantize(&block.first, input, inner).context("first convolution")?;
                // The residual: the projection, or the input as it is.
                let (shortcut, residual) = match &block.shortcut {
                    None => (None, input),
                    Some(conv) => {
                        let unit = unit()?;
                        let conv = Conv::quantize(conv, input, unit).context("shortcut")?;
                        (Some(conv), unit)
                    }
                };
                let output = unit()?;
                let (kernel, residual_gains) =
                    Matrix::quantize_onto(&block.second.kernel, inner, output, residual)
                        .context("second convolution")?;
                let second = Conv::new(&block.second, kernel);
                (Self::Residual(Residual { first, shortcut, second, residual_gains }), output)
            }
        })
    }

    /// The layer as a part of the model file.
    ///
    /// # Errors
    /// If a size is beyond what the format holds.
    pub fn body(&self) -> Result<body::Layer<'_>> {
        Ok(match self {
            Self::Conv(conv) => body::Layer::Conv(conv.body()?),
            Self::Residual(block) => body::Layer::Residual(body::Residual {
                first: block.first.body()?,
                shortcut: block.shortcut.as_ref().map(Conv::body).transpose()?,
                second: block.second.body()?,
                gains: &block.residual_gains,
            }),
        })
    }
}

impl Conv {
    fn quantize(conv: &float::Conv, input: f64, output: f64) -> Result<Self> {
        Ok(Self::new(conv, Matrix::quantize(&conv.kernel, |_| input, output)?))
    }

    fn new(conv: &float::Conv, kernel: Matrix) -> Self {
        Self { inputs: conv.channels, stride: conv.stride, kernel }
    }

    fn body(&self) -> Result<body::Conv<'_>> {
        let linear = self.kernel.linear()?;
        Ok(body::Conv {
            inputs: u16::try_from(self.inputs).context("too many channels")?,
            outputs: linear.outputs,
            stride: u8::try_from(self.stride).context("the stride")?,
            weights: linear.weights,
            scales: linear.scales,
        })
    }
}
