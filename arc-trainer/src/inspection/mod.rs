//! What is in a model file, measured: its sizes, the weights of each part, the cost of running it, and where it
//! comes from.

mod cost;
mod weights;

use anyhow::Result;
use arc_runtime::Dimensions;
use arc_runtime::format::Header;
use arc_runtime::format::body::{self, Body};
use arc_runtime::kernels::Host;
use serde::Serialize;

pub use cost::{GALLERY, Macs, Ram, Tables};
pub use weights::Weights;

use crate::float::Provenance;
use crate::model_file::{AnyModel, ModelFile};

/// What is in a model file.
#[derive(Debug, Serialize)]
pub struct Inspection {
    /// The file's name.
    pub model: String,
    /// Bytes of the file.
    pub file_bytes: usize,
    /// Version of the file format.
    pub format_version: u16,
    /// Integers (`i8`) or floats.
    pub encoding: &'static str,
    /// Checksum of the body, in hexadecimal.
    pub crc32: String,
    /// Sizes of the network.
    pub dimensions: Sizes,
    /// Bytes of the weights.
    pub weights: Weights,
    /// Working memory; a float reference has none in the runtime.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ram: Option<Ram>,
    /// Work.
    pub macs: Macs,
    /// How a pair is decided; none if it was never measured.
    pub calibration: Option<Calibration>,
    /// The runtime's tables.
    pub tables: Tables,
    /// The set of kernels that runs it on this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend: Option<&'static str>,
    /// Where the model comes from.
    pub provenance: Provenance,
}

impl Inspection {
    /// Measures what is in a file.
    ///
    /// # Errors
    /// If the file is no intact model.
    pub fn of(file: &ModelFile) -> Result<Self> {
        let model = file.open()?;
        let (header, body) = Header::parse(&file.bytes)?;
        let dimensions = model.dimensions();
        let (encoding, weights, ram, calibration, backend) = match &model {
            AnyModel::Integer(model) => {
                let weights = Weights::of_integers(&Body::decode(header.version, body)?);
                let calibration = model.calibration().map(Calibration::of);
                let backend = Host::choose()?.name();
                ("i8", weights, Some(Ram::of(&dimensions)), calibration, Some(backend))
            }
            AnyModel::Float(file) => ("float", Weights::of_floats(&file.model), None, None, None),
        };
        Ok(Self {
            model: file.name.clone(),
            file_bytes: file.bytes.len(),
            format_version: header.version,
            encoding,
            crc32: format!("{:08x}", header.crc),
            macs: Macs::of(&dimensions),
            dimensions: Sizes::of(&dimensions),
            weights,
            ram,
            calibration,
            tables: Tables::default(),
            backend,
            provenance: model.provenance(),
        })
    }
}

/// Sizes of the network.
#[derive(Debug, Serialize)]
pub struct Sizes {
    /// Side of the image, in pixels.
    pub image_side: usize,
    /// Side of the feature map.
    pub feature_side: usize,
    /// Channels of the feature map.
    pub feature_channels: usize,
    /// Side of a glimpse, in samples.
    pub glimpse_side: usize,
    /// Glimpses of each image.
    pub glimpses_per_image: usize,
    /// Units of the controller's state.
    pub hidden: usize,
    /// Hidden units of the pair head.
    #[serde(skip_serializing_if = "is_zero")]
    pub head_hidden: usize,
    /// Units of the context, in each direction.
    #[serde(skip_serializing_if = "is_zero")]
    pub context_units: usize,
    /// Supports that an N-way model chooses among.
    #[serde(skip_serializing_if = "is_zero")]
    pub ways: usize,
}

fn is_zero(n: &usize) -> bool {
    *n == 0
}

impl Sizes {
    /// The sizes as they are printed.
    pub fn of(d: &Dimensions) -> Self {
        Self {
            image_side: d.image_side,
            feature_side: d.feature_side,
            feature_channels: d.channels,
            glimpse_side: d.glimpse_side,
            glimpses_per_image: d.glimpses_per_image,
            hidden: d.hidden,
            head_hidden: d.head_hidden,
            context_units: d.context_units,
            ways: d.ways,
        }
    }
}

/// How a pair's logit is read, measured on alphabets held out of the training.
#[derive(Debug, Serialize)]
pub struct Calibration {
    /// The probability is the sigmoid of the logit over this.
    pub temperature: f64,
    /// The logit from which on a pair is accepted as of one class.
    pub threshold: f64,
    /// Share of the pairs of different classes that it accepts.
    pub false_accept_rate: f64,
}

impl Calibration {
    /// In the units of the logit.
    pub fn of(c: &body::Calibration) -> Self {
        Self {
            temperature: 65536.0 / f64::from(c.gain),
            threshold: f64::from(c.threshold) / 65536.0,
            false_accept_rate: f64::from(c.false_accept_ppm) / 1e6,
        }
    }
}
