//! The integer model made of a float model and the ranges of its activations.

use anyhow::{Context, Result, ensure};
use arc_runtime::model::body::{self, Body};
use arc_runtime::model::{Header, Model};

use super::{Matrix, Ranges};
use crate::float::{FloatModel, Provenance};

/// Real value of one step of an input pixel.
const PIXEL: f64 = 1.0 / 127.0;
/// Real value of one step of the state, Q0.7.
const STATE: f64 = 1.0 / 128.0;
/// Real value of one step before a gate's or the attention's nonlinearity, Q3.12.
const Q3_12: f64 = 1.0 / 4096.0;
/// Real value of one step of the logit, Q15.16.
const Q15_16: f64 = 1.0 / 65536.0;
/// The head's hidden units are i16: so much room above the largest one observed costs nothing.
const HEAD_ROOM: f64 = 2.0;

/// All numbers of an integer model.
#[derive(Debug, Clone)]
pub struct IntegerModel {
    image_side: usize,
    /// Input channels, stride and kernel of each convolution.
    stem: Vec<(usize, usize, Matrix)>,
    glimpse: body::Glimpse,
    gates: Matrix,
    attention: Matrix,
    hidden: Matrix,
    logit: Matrix,
}

impl IntegerModel {
    /// Quantises `model` for activations in `ranges`.
    ///
    /// # Errors
    /// Names the layer whose scale the runtime can't express.
    pub fn quantise(model: &FloatModel, ranges: &Ranges) -> Result<Self> {
        let mut unit = PIXEL; // real value of one step of the map so far
        let mut stem = Vec::with_capacity(model.stem.len());
        for (k, (conv, &range)) in model.stem.iter().zip(&ranges.stem).enumerate() {
            let output_unit = f64::from(range) / 127.0;
            let kernel = Matrix::quantise(&conv.kernel, |_| unit, output_unit)
                .with_context(|| format!("the stem's convolution {k}"))?;
            stem.push((conv.channels, conv.stride, kernel));
            unit = output_unit;
        }

        // A glimpse averages the map: it is never larger, and never needs a finer unit than
        // the gain's 3 bits before the point allow.
        let glimpse_unit = (f64::from(ranges.glimpse) / 127.0).clamp(unit / 7.9, unit);
        let glimpse = body::Glimpse {
            side: u8::try_from(model.glimpse.side).context("the glimpse's side")?,
            per_image: u8::try_from(model.glimpse.per_image).context("the number of glimpses")?,
            gain: (unit / glimpse_unit * f64::from(1 << 20)).round() as u32,
        };

        let gates = &model.controller.gates;
        let seen = gates.inputs - model.controller.hidden();
        let gate_input = |k: usize| if k < seen { glimpse_unit } else { STATE };
        let head_unit = f64::from(ranges.head).max(1e-3) * HEAD_ROOM / 32767.0;
        Ok(Self {
            image_side: model.image_side,
            stem,
            glimpse,
            gates: Matrix::quantise(gates, gate_input, Q3_12).context("the controller")?,
            attention: Matrix::quantise(&model.attention, |_| STATE, Q3_12)
                .context("the attention")?,
            hidden: Matrix::quantise(&model.head.hidden, |_| STATE, head_unit)
                .context("the head's hidden layer")?,
            logit: Matrix::quantise(&model.head.logit, |_| head_unit, Q15_16)
                .context("the head's logit")?,
        })
    }

    /// The model file's bytes.
    ///
    /// # Errors
    /// If a size is beyond what the format or the runtime takes.
    pub fn to_bytes(&self, provenance: &Provenance) -> Result<Vec<u8>> {
        let body = self.body(provenance)?;
        let dimensions = Model::from_body(&body)?.dimensions();
        let body = postcard::to_stdvec(&body)?;
        Ok([&Header::integer(&body, &dimensions).to_bytes()[..], &body].concat())
    }

    fn body<'a>(&'a self, provenance: &'a Provenance) -> Result<Body<'a>> {
        ensure!(
            self.stem.len() <= body::MAX_CONVS,
            "{} convolutions in the stem: the format holds {}",
            self.stem.len(),
            body::MAX_CONVS
        );
        let conv = |(inputs, stride, kernel): &'a (usize, usize, Matrix)| {
            let linear = kernel.linear()?;
            Ok(body::Conv {
                inputs: u16::try_from(*inputs)?,
                outputs: linear.outputs,
                stride: u8::try_from(*stride)?,
                weights: linear.weights,
                scales: linear.scales,
            })
        };
        Ok(Body {
            provenance: body::Provenance {
                profile: &provenance.profile,
                trained_on: &provenance.trained_on,
                config: &provenance.config,
                seed: provenance.seed,
                steps: provenance.steps,
            },
            image_side: u16::try_from(self.image_side).context("the image's side")?,
            stem: self.stem.iter().map(conv).collect::<Result<_>>()?,
            glimpse: self.glimpse,
            controller: body::Controller {
                hidden: u16::try_from(self.gates.outputs() / 4).context("the state")?,
                gates: self.gates.linear().context("the controller")?,
            },
            attention: self.attention.linear().context("the attention")?,
            decision: body::Decision::Pair(body::PairHead {
                hidden: self.hidden.linear().context("the head's hidden layer")?,
                logit: self.logit.linear().context("the head's logit")?,
            }),
        })
    }
}
