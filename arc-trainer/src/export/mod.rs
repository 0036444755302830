//! From a training run to a model file.
//!
//! Post-training quantization: the float model runs over pairs of training drawings, the
//! ranges of its activations set their scales, and the weights take 8 bits a row at a time.
//! Then the integer model scores pairs of the held-out alphabets, which set its calibration.

mod calibration;
mod decision;
mod integer;
mod matrix;
mod ranges;
mod row_scale;
mod stem;
pub mod units;

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use arc_runtime::Model;

pub use calibration::calibrate;
pub use integer::IntegerModel;
pub use matrix::Matrix;
pub use ranges::Ranges;
pub use row_scale::row_scale;
pub use units::Units;

use crate::config::{Config, ModelConfig};
use crate::data::{Dataset, Drawing, OnBad};
use crate::eval;
use crate::float::{FloatFile, FloatModel, Provenance, Run};
use crate::progress::note;

/// Pairs of drawings that set the ranges of the activations.
const RANGE_PAIRS: usize = 512;

/// Pairs of held-out drawings that set the calibration, half of them of one class.
const CALIBRATION_PAIRS: usize = 4000;

/// Share of the pairs of different classes that a model accepts, by default.
pub const FALSE_ACCEPT: f64 = 0.01;

/// Checks that the runtime takes a network of these sizes, before hours of training, by exporting
/// one of zeros.
///
/// # Errors
/// Names the size beyond what the format or the runtime takes.
pub fn check_sizes(sizes: &ModelConfig) -> Result<()> {
    let model = FloatModel::zeros(sizes);
    let stem = vec![1.0; model.convolutions().count()];
    let model = IntegerModel::quantize(&model, &Ranges { stem, glimpse: 1.0, head: 1.0 });
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

/// The integer model file of a run. The alphabets that it was trained on set the ranges, found at
/// `path` if not where they were, or the other drawings there do.
///
/// Its threshold accepts the share `false_accept` of the pairs of different classes in the
/// alphabets that the run held out; where these are not at hand, it has none, and a note says so.
///
/// The same run and drawings give the same bytes.
///
/// # Errors
/// If the drawings can't be read, or a layer doesn't fit the runtime's arithmetic.
pub fn integer(run: &Run, path: Option<&Path>, false_accept: f64) -> Result<Vec<u8>> {
    let (drawings, held_out) = drawings(&run.config, path)?;
    let seed = run.config.seed;
    let plan = match run.config.model.ways {
        None => eval::verify(&drawings, RANGE_PAIRS, seed)?,
        Some(ways) => eval::across(&drawings, ways, RANGE_PAIRS.div_ceil(ways), seed)?,
    };
    let mut model = IntegerModel::quantize(&run.model, &Ranges::observe(&run.model, &plan)?)?;
    let provenance = provenance(run);
    if run.config.model.ways.is_some() {
        // It scores no pairs, so there is nothing to calibrate.
    } else if let Some(held_out) = held_out {
        let plan = eval::verify(&held_out, CALIBRATION_PAIRS, seed)?;
        let file = model.to_bytes(&provenance)?;
        model.calibration = Some(calibrate(&Model::load(&file)?, &plan, false_accept)?);
    } else {
        note(
            "no threshold for a share of false accepts: it takes the alphabets that the run held \
             out (data.validation_alphabets), in the run's own data (--calibrate PATH)",
        );
    }
    model.to_bytes(&provenance)
}

/// The drawings at `path`, or else the run's own. Of the run's own, wherever they lie now, the
/// alphabets that it was trained on come first, then those held out, if they have two classes to
/// tell apart.
fn drawings(config: &Config, path: Option<&Path>) -> Result<(Dataset, Option<Dataset>)> {
    let path = path.or(config.data.path.as_deref());
    let path = path.context("the run names no training data: give drawings by --calibrate PATH")?;
    let (preparation, side) = (config.model.preparation.runtime(), config.model.image_side);
    let draw = |_, picture| Drawing::prepared(picture, &preparation, side);
    let drawings = Dataset::load_with(path, OnBad::Skip, &[], draw)
        .context("drawings to calibrate on (--calibrate PATH)")?;
    if !drawings.is_named(&data_name(config)) {
        return Ok((drawings, None));
    }
    let split = drawings.split(config.data.validation_alphabets, config.data.split_seed);
    let (trained_on, held_out) = split.map_err(|error| {
        anyhow!("{error}, as the run did: give the data that it was trained on by --calibrate PATH")
    })?;
    let enough = held_out.groups.iter().any(|group| group.classes.len() >= 2);
    Ok((trained_on, enough.then_some(held_out)))
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
