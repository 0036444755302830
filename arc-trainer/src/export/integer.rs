//! The integer model made of a float model and the ranges of its activations.

use anyhow::{Context, Result, ensure};
use arc_runtime::Model;
use arc_runtime::format::Header;
use arc_runtime::format::body::{self, Body};
use arc_runtime::preparation::Preparation;

use super::decision::{Decision, lstm};
use super::{Matrix, Ranges, Units, stem, units};
use crate::float::{FloatModel, Provenance};

/// All numbers of an integer model.
#[derive(Debug, Clone)]
pub struct IntegerModel {
    image_side: usize,
    stem: Vec<stem::Layer>,
    glimpse: body::Glimpse,
    gates: Matrix,
    gaze_layer: Matrix,
    decision: Decision,
    preparation: Preparation,
    /// The calibration, measured on the model without one.
    pub calibration: Option<body::Calibration>,
}

impl IntegerModel {
    /// Quantizes `model` for activations in `ranges`.
    ///
    /// # Errors
    /// Names the layer whose scale the runtime can't express.
    pub fn quantize(model: &FloatModel, ranges: &Ranges) -> Result<Self> {
        let units = Units::new(ranges);
        let glimpse = body::Glimpse {
            side: u8::try_from(model.glimpse.side).context("the glimpse's side")?,
            per_image: u8::try_from(model.glimpse.per_image).context("the number of glimpses")?,
            gain: (units.features() / units.glimpse * f64::from(1 << 20)).round() as u32,
        };

        let gates = &model.controller.gates;
        let seen = gates.inputs - model.controller.hidden();
        let gate_input = |k: usize| if k < seen { units.glimpse } else { units::STATE };
        Ok(Self {
            image_side: model.image_side,
            stem: stem::quantize(model, &units.stem)?,
            glimpse,
            gates: Matrix::quantize(gates, gate_input, units::PREACTIVATION)
                .context("the controller")?,
            gaze_layer: Matrix::quantize(&model.gaze_layer, |_| units::STATE, units::PREACTIVATION)
                .context("the gaze layer")?,
            decision: Decision::quantize(&model.decision, &units)?,
            preparation: model.preparation,
            calibration: None,
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
            self.stem.len() <= body::MAX_LAYERS,
            "{} layers in the stem: the format holds {}",
            self.stem.len(),
            body::MAX_LAYERS
        );
        Ok(Body {
            provenance: body::Provenance {
                profile: &provenance.profile,
                trained_on: &provenance.trained_on,
                config: &provenance.config,
                seed: provenance.seed,
                steps: provenance.steps,
            },
            image_side: u16::try_from(self.image_side).context("the image's side")?,
            stem: self.stem.iter().map(stem::Layer::body).collect::<Result<_>>()?,
            glimpse: self.glimpse,
            controller: lstm(&self.gates).context("the controller")?,
            gaze: self.gaze_layer.linear().context("the gaze layer")?,
            decision: self.decision.body()?,
            calibration: self.calibration,
            preparation: self.preparation,
        })
    }
}
