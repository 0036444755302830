//! `arc-trainer inspect`

use std::fmt;
use std::path::PathBuf;

use anyhow::Result;
use arc_runtime::Dimensions;
use arc_runtime::arithmetic::activation::{SIGMOID, TANH};
use arc_runtime::arithmetic::cauchy::{FAR, INVERSE_GAMMA, NEAR};
use arc_runtime::kernels::Host;
use arc_runtime::model::body::{self, Body, ContextHead, Decision, Layer, PairHead};
use arc_runtime::model::{Header, LANES};
use clap::Args;
use serde::Serialize;

use super::print;
use crate::float::{self, FloatModel, Linear, Provenance};
use crate::model_file::{AnyModel, ModelFile};
use crate::printable::printable;

/// Show what is in a model file: sizes, RAM per use, multiply-accumulates, tables, provenance.
#[derive(Args)]
#[command(after_help = "\
Examples:
  arc-trainer inspect small.arc
  arc-trainer inspect small.arc --json")]
pub struct InspectArgs {
    /// The model file
    #[arg(value_name = "FILE.arc")]
    pub model: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Examples in the gallery that RAM and work are stated for.
const GALLERY: usize = 20;

/// Runs the verb.
///
/// # Errors
/// If the file is no intact model.
pub fn run(args: InspectArgs) -> Result<()> {
    let file = ModelFile::read(&args.model)?;
    let model = file.open()?;
    let (header, body) = Header::parse(&file.bytes)?;
    let (encoding, dimensions, weights, ram, backend) = match &model {
        AnyModel::Integer(model) => {
            let dimensions = model.dimensions();
            let weights = Weights::of_integers(&Body::decode(header.version, body)?);
            let backend = Host::choose()?.name();
            ("i8", dimensions, weights, Some(Ram::of(&dimensions)), Some(backend))
        }
        AnyModel::Float(file) => {
            let weights = Weights::of_floats(&file.model);
            ("float", float_dimensions(&file.model), weights, None, None)
        }
    };
    let inspection = Inspection {
        model: file.name.clone(),
        file_bytes: file.bytes.len(),
        format_version: header.version,
        encoding,
        crc32: format!("{:08x}", header.crc),
        macs: Macs::of(&dimensions),
        dimensions: Sizes::of(&dimensions),
        weights,
        ram,
        calibration: match &model {
            AnyModel::Integer(model) => model.calibration().map(Calibration::of),
            AnyModel::Float(_) => None,
        },
        tables: Tables::default(),
        backend,
        provenance: model.provenance(),
    };
    print(&inspection, args.json)
}

/// What is printed.
#[derive(Debug, Serialize)]
struct Inspection {
    model: String,
    file_bytes: usize,
    format_version: u16,
    encoding: &'static str,
    crc32: String,
    dimensions: Sizes,
    weights: Weights,
    #[serde(skip_serializing_if = "Option::is_none")]
    ram: Option<Ram>,
    macs: Macs,
    /// How a pair is decided; none if it was never measured.
    calibration: Option<Calibration>,
    tables: Tables,
    /// The set of kernels that runs it on this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    backend: Option<&'static str>,
    provenance: Provenance,
}

/// Sizes of the network.
#[derive(Debug, Serialize)]
struct Sizes {
    image_side: usize,
    feature_side: usize,
    feature_channels: usize,
    glimpse_side: usize,
    glimpses_per_image: usize,
    hidden: usize,
    #[serde(skip_serializing_if = "is_zero")]
    head_hidden: usize,
    #[serde(skip_serializing_if = "is_zero")]
    context_units: usize,
    #[serde(skip_serializing_if = "is_zero")]
    ways: usize,
}

fn is_zero(n: &usize) -> bool {
    *n == 0
}

impl Sizes {
    fn of(d: &Dimensions) -> Self {
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

/// Bytes of each part's weights, with its biases and scales.
#[derive(Debug, Serialize)]
struct Weights {
    stem: usize,
    controller: usize,
    attention: usize,
    /// Pair head, or the layer of an N-way model.
    head: usize,
    #[serde(skip_serializing_if = "is_zero")]
    context: usize,
    total: usize,
}

impl Weights {
    fn new([stem, controller, attention, head, context]: [usize; 5]) -> Self {
        let total = stem + controller + attention + head + context;
        Self { stem, controller, attention, head, context, total }
    }

    fn of_floats(model: &FloatModel) -> Self {
        let bytes = |layer: &Linear| 4 * (layer.weights.len() + layer.bias.len());
        let pair = |head: &float::PairHead| bytes(&head.hidden) + bytes(&head.logit);
        let context = |c: &float::Context| {
            bytes(&c.forward.gates) + bytes(&c.backward.gates) + bytes(&c.score)
        };
        let (head, context) = match &model.decision {
            float::Decision::Pair(head) => (pair(head), 0),
            float::Decision::Context(head, c) => (pair(head), context(c)),
            float::Decision::Ways(scores) => (bytes(scores), 0),
        };
        let stem = model.convolutions().map(|conv| bytes(&conv.kernel)).sum();
        let (controller, attention) = (bytes(&model.controller.gates), bytes(&model.attention));
        Self::new([stem, controller, attention, head, context])
    }

    fn of_integers(body: &Body<'_>) -> Self {
        let bytes = |layer: &body::Linear<'_>| layer.weights.len() + layer.scales.len();
        let layer = |layer: &Layer<'_>| {
            let convolutions = layer.convolutions().map(|c| c.weights.len() + c.scales.len());
            let gains = match layer {
                Layer::Conv(_) => 0,
                Layer::Residual(block) => block.gains.len(),
            };
            convolutions.sum::<usize>() + gains
        };
        let pair = |head: &PairHead<'_>| bytes(&head.hidden) + bytes(&head.logit);
        let context = |c: &ContextHead<'_>| {
            bytes(&c.forward.gates) + bytes(&c.backward.gates) + bytes(&c.score)
        };
        let (head, context) = match &body.decision {
            Decision::Pair(head) => (pair(head), 0),
            Decision::Context(head) => (pair(&head.pair), context(head)),
            Decision::Ways(head) => (bytes(&head.scores), 0),
        };
        let stem = body.stem.iter().map(layer).sum();
        let (controller, attention) = (bytes(&body.controller.gates), bytes(&body.attention));
        Self::new([stem, controller, attention, head, context])
    }
}

/// Bytes of working memory in the runtime; the model itself stays in flash.
#[derive(Debug, Serialize)]
struct Ram {
    /// A comparator: enough to compare two images.
    workspace: usize,
    /// One enrolled image.
    features: usize,
    /// A comparator that identifies among 20, and a gallery of them; none of a model with
    /// another fixed number of ways.
    #[serde(skip_serializing_if = "Option::is_none")]
    gallery_20: Option<usize>,
}

impl Ram {
    fn of(d: &Dimensions) -> Self {
        Self {
            workspace: d.workspace_bytes(),
            features: d.feature_bytes(),
            gallery_20: takes_gallery(d)
                .then(|| d.identify_bytes(GALLERY, LANES) + GALLERY * d.feature_bytes()),
        }
    }
}

/// How a pair's logit is read, measured on alphabets held out of the training.
#[derive(Debug, Serialize)]
struct Calibration {
    /// The probability is the sigmoid of the logit over this.
    temperature: f64,
    /// The logit from which on a pair is accepted as of one class.
    threshold: f64,
    /// Share of the pairs of different classes that it accepts.
    false_accept_rate: f64,
}

impl Calibration {
    fn of(c: &body::Calibration) -> Self {
        Self {
            temperature: 65536.0 / f64::from(c.gain),
            threshold: f64::from(c.threshold) / 65536.0,
            false_accept_rate: f64::from(c.false_accept_ppm) / 1e6,
        }
    }
}

/// Multiply-accumulates.
#[derive(Debug, Serialize)]
struct Macs {
    /// One image to its features.
    extract: u64,
    /// Two images to their score; none of an N-way model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pair: Option<u64>,
    /// One probe to its scores with 20 enrolled images.
    #[serde(skip_serializing_if = "Option::is_none")]
    gallery_20: Option<u64>,
}

impl Macs {
    fn of(d: &Dimensions) -> Self {
        Self {
            extract: d.stem_macs,
            pair: (d.ways == 0).then(|| d.pair_macs()),
            gallery_20: takes_gallery(d).then(|| d.identify_macs(GALLERY)),
        }
    }
}

/// Whether a model chooses among as many as 20.
fn takes_gallery(d: &Dimensions) -> bool {
    [0, GALLERY].contains(&d.ways)
}

/// Bytes of the runtime's constant tables, the same for every model.
#[derive(Debug, Serialize)]
struct Tables {
    sigmoid: usize,
    tanh: usize,
    cauchy: usize,
    inverse_gamma: usize,
}

impl Default for Tables {
    fn default() -> Self {
        Self {
            sigmoid: size_of_val(SIGMOID.table()),
            tanh: size_of_val(TANH.table()),
            cauchy: size_of_val(&NEAR) + size_of_val(&FAR),
            inverse_gamma: size_of_val(&INVERSE_GAMMA),
        }
    }
}

/// The sizes that the runtime would work with, were the model quantised.
fn float_dimensions(model: &FloatModel) -> Dimensions {
    let (feature_side, channels) = model.feature_shape();
    let (mut side, mut stem_macs) = (model.image_side, 0);
    for layer in &model.stem {
        // Every convolution of a layer has as many places as its output.
        side = layer.output_side(side);
        let weights = layer.convolutions().map(|conv| conv.kernel.weights.len());
        stem_macs += (side * side * weights.sum::<usize>()) as u64;
    }
    Dimensions {
        image_side: model.image_side,
        feature_side,
        channels,
        stem_map_bytes: 0, // of the runtime's memory, which a float model has no use for
        stem_macs,
        glimpse_side: model.glimpse.side,
        glimpses_per_image: model.glimpse.per_image,
        hidden: model.controller.hidden(),
        head_hidden: model.decision.pair().map_or(0, |head| head.hidden.outputs()),
        context_units: model.decision.context().map_or(0, float::Context::units),
        ways: model.decision.ways().unwrap_or(0),
    }
}

impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (d, w, p) = (&self.dimensions, &self.weights, &self.provenance);
        writeln!(
            f,
            "{}: {} bytes, format version {}, {}, crc {}",
            printable(&self.model),
            self.file_bytes,
            self.format_version,
            self.encoding,
            self.crc32
        )?;
        write!(
            f,
            "network     image {0}x{0}, features {1}x{1}x{2}, {3} glimpses of {4}x{4} per image, \
             LSTM {5}",
            d.image_side,
            d.feature_side,
            d.feature_channels,
            d.glimpses_per_image,
            d.glimpse_side,
            d.hidden,
        )?;
        for (part, size) in
            [("head", d.head_hidden), ("context", d.context_units), ("ways", d.ways)]
        {
            if size > 0 {
                write!(f, ", {part} {size}")?;
            }
        }
        write!(
            f,
            "\nweights     {} bytes: stem {}, controller {}, attention {}, head {}",
            w.total, w.stem, w.controller, w.attention, w.head
        )?;
        if w.context > 0 {
            write!(f, ", context {}", w.context)?;
        }
        if let Some(ram) = &self.ram {
            write!(
                f,
                "\nRAM         a pair {} bytes beside its images; each enrolled image {}",
                ram.workspace, ram.features
            )?;
            if let Some(bytes) = ram.gallery_20 {
                write!(f, "; comparator and gallery of {GALLERY}: {bytes}")?;
            }
        }
        write!(f, "\nMACs        image {}", self.macs.extract)?;
        if let Some(macs) = self.macs.pair {
            write!(f, ", pair {macs}")?;
        }
        if let Some(macs) = self.macs.gallery_20 {
            write!(f, ", probe against {GALLERY} enrolled {macs}")?;
        }
        writeln!(f)?;
        match &self.calibration {
            Some(c) => writeln!(
                f,
                "decision    same from logit {:+.2} on, which accepts {} % of different pairs; \
                 temperature {:.2}",
                c.threshold,
                100.0 * c.false_accept_rate,
                c.temperature
            )?,
            None => {
                writeln!(f, "decision    same from logit 0 on; no share of false accepts known")?
            }
        }
        writeln!(
            f,
            "flash       model {} bytes; tables: sigmoid {}, tanh {}, Cauchy {}, 1/gamma {}",
            self.file_bytes,
            self.tables.sigmoid,
            self.tables.tanh,
            self.tables.cauchy,
            self.tables.inverse_gamma
        )?;
        if let Some(backend) = self.backend {
            writeln!(f, "kernels     {backend} on this machine")?;
        }
        write!(
            f,
            "provenance  {} trained on {}, seed {}, {} steps\n\n{}",
            p.shown_profile(),
            p.shown_data(),
            p.seed,
            p.steps,
            p.config
        )
    }
}
