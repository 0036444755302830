//! What is done with a float model once it is read.

use arc_runtime::Model;
use arc_trainer::export::{IntegerModel, Ranges};
use arc_trainer::float::{FloatModel, Provenance};

/// Weights and pixels of the models that are run.
const MOST_WORK: usize = 1 << 16;

/// Runs a model, quantizes it, and loads what came out. Models that take too long are left out.
///
/// # Panics
/// If an integer model is written that cannot be loaded.
pub fn exercise(model: &FloatModel) {
    let stem: usize = model.convolutions().map(|conv| conv.kernel.weights.len()).sum();
    let area = model.image_side * model.image_side;
    let ways = model.decision.ways().unwrap_or(2);
    let glimpses = model.glimpse.per_image * (1 + ways);
    let weights = model.controller.gates.weights.len() + area * model.glimpse.side;
    let work = stem.saturating_mul(area).saturating_add(glimpses.saturating_mul(weights));
    if work > 16 * MOST_WORK {
        return;
    }
    let blank = model.extract(&vec![0; area]);
    let full = model.extract(&vec![127; area]);
    let supports: Vec<_> = (0..ways).map(|k| if k % 2 == 0 { &full } else { &blank }).collect();
    assert_eq!(model.rate(&blank, &supports).len(), ways);

    let stem = vec![1.0; model.convolutions().count()];
    let ranges = Ranges { stem, glimpse: 1.0, head: 1.0 };
    let Ok(integer) = IntegerModel::quantize(model, &ranges) else { return };
    let Ok(file) = integer.to_bytes(&Provenance::default()) else { return };
    Model::load(&file).expect("what can be written can be loaded");
}
