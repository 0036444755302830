//! From a training run to a model file.
//!
//! Post-training quantisation: the float model runs over pairs of training drawings, the
//! ranges of its activations set their scales, and the weights take 8 bits a row at a time.

mod calibrate;
mod integer;
mod matrix;
mod row_scale;
mod stem;
pub mod units;

use std::path::Path;

use anyhow::{Context, Result};

pub use calibrate::Ranges;
pub use integer::IntegerModel;
pub use matrix::Matrix;
pub use row_scale::row_scale;
pub use units::Units;

use crate::config::{Config, ModelConfig};
use crate::data::Dataset;
use crate::eval;
use crate::float::{FloatFile, FloatModel, Provenance, Run};

/// Pairs of drawings that set the ranges of the activations.
const CALIBRATION_PAIRS: usize = 512;

/// Whether the runtime takes a network of these sizes: asked before hours of training, by
/// exporting one of zeros.
///
/// # Errors
/// Names the size beyond what the format or the runtime takes.
pub fn check_sizes(sizes: &ModelConfig) -> Result<()> {
    let model = FloatModel::zeros(sizes);
    let stem = vec![1.0; model.convolutions().count()];
    let model = IntegerModel::quantise(&model, &Ranges { stem, glimpse: 1.0, head: 1.0 });
    let exported = model.and_then(|model| model.to_bytes(&Provenance::default()));
    exported.map(drop).context("the runtime can't run a network of these sizes")
}

/// The float model file of a run.
///
/// # Errors
/// None that a run which loads can cause.
pub fn float(run: &Run) -> Result<Vec<u8>> {
    let file = FloatFile { provenance: provenance(run), model: run.model.clone() };
    file.to_bytes()
}

/// The integer model file of a run, calibrated on the alphabets that it was trained on, found at
/// `calibrate` if not where they were, or on the other drawings there.
///
/// The same run and drawings give the same bytes.
///
/// # Errors
/// If the drawings can't be read, or a layer doesn't fit the runtime's arithmetic.
pub fn integer(run: &Run, calibrate: Option<&Path>) -> Result<Vec<u8>> {
    let drawings = calibration_drawings(&run.config, calibrate)?;
    let plan = eval::verify(&drawings, CALIBRATION_PAIRS, run.config.seed)?;
    let ranges = Ranges::observe(&run.model, &plan)?;
    IntegerModel::quantise(&run.model, &ranges)?.to_bytes(&provenance(run))
}

/// The drawings at `calibrate`, or else the run's own; of the run's own, wherever they lie now,
/// only the alphabets that it was trained on.
fn calibration_drawings(config: &Config, calibrate: Option<&Path>) -> Result<Dataset> {
    let path = calibrate.or(config.data.path.as_deref());
    let path = path.context("the run names no training data: give drawings by --calibrate PATH")?;
    let drawings = Dataset::load(path).context("drawings to calibrate on (--calibrate PATH)")?;
    if !drawings.is_named(&data_name(config)) {
        return Ok(drawings);
    }
    Ok(drawings.split(config.data.validation_alphabets, config.data.split_seed)?.0)
}

/// Where the run's model comes from. Of the data's path only the name is kept: the rest says
/// nothing away from the machine of the training.
fn provenance(run: &Run) -> Provenance {
    let trained_on = data_name(&run.config);
    let mut config = run.config.clone();
    config.data.path = config.data.path.and(Some((&trained_on).into()));
    Provenance {
        profile: config.name.clone(),
        config: config.to_toml(),
        trained_on,
        seed: config.seed,
        steps: run.steps,
    }
}

/// The name of the run's data without its folder; empty if the run names none.
fn data_name(config: &Config) -> String {
    let name = config.data.path.as_deref().and_then(Path::file_name);
    name.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}
