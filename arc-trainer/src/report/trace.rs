//! One comparison, step by step, as the runtime's trace shows it.

use arc_runtime::kernels::Host;
use arc_runtime::{Comparator, Image, Role};

use crate::data::Drawing;

/// A comparison as it happened.
pub struct Trace {
    /// Glimpses in the order in which they were taken, the probe's first.
    pub glimpses: Vec<Glimpse>,
    /// Probability of "same", had the model decided after 1, 2, ... glimpses of each image.
    pub after: Vec<f64>,
}

/// One glimpse. Lengths are fractions of the image's side.
pub struct Glimpse {
    /// Which image.
    pub role: Role,
    /// Its center from the left.
    pub x: f64,
    /// Its center from the top.
    pub y: f64,
    /// Distance of two samples.
    pub spacing: f64,
    /// N x N means over the channels, from 0 for the least of the comparison to 1 for the greatest.
    pub seen: Vec<f64>,
}

/// Compares two drawings and notes every glimpse.
pub fn trace(
    comparator: &mut Comparator<'_, Vec<u32>, Host>,
    probe: &Drawing,
    support: &Drawing,
) -> Trace {
    let dimensions = comparator.model().dimensions();
    let side = dimensions.image_side;
    let [probe, support] = [probe, support].map(|drawing| drawing.at_side(side));
    let [probe, support] = [&probe, &support]
        .map(|pixels| Image::new(side, pixels).expect("pixels of the model's side"));
    let (map, n) = (dimensions.feature_side as f64, dimensions.glimpse_side as f64);

    let mut glimpses = Vec::new();
    let traced = comparator.compare_traced(&probe, &support, |step| {
        // Q0.15 to the map's pixels, whose centers lie half a pixel from its edge.
        let [y, x, d] = [step.gaze.y, step.gaze.x, step.gaze.d].map(|v| f64::from(v) / 32768.0);
        let center = |v: f64| ((map - 1.0) * (v + 1.0) / 2.0 + 0.5) / map;
        glimpses.push(Glimpse {
            role: step.role,
            x: center(x),
            y: center(y),
            spacing: (1.0 - d.abs()) / n,
            seen: step.glimpse.chunks(dimensions.channels).map(mean).collect(),
        });
    });
    traced.expect("images of the model's side");

    stretch(&mut glimpses);
    // The last limit is the model's own number: the comparator is left as it was.
    let after = (1..=dimensions.glimpses_per_image).map(|glimpses| {
        comparator.limit_glimpses(glimpses);
        let score = comparator.compare(&probe, &support).expect("images of the model's side");
        f64::from(comparator.model().probability(score)) / 32768.0
    });
    let after = after.collect();
    Trace { glimpses, after }
}

fn mean(channels: &[i8]) -> f64 {
    channels.iter().map(|&c| f64::from(c)).sum::<f64>() / channels.len() as f64
}

/// Brings what was seen to 0..=1: features of blank paper need not be 0.
fn stretch(glimpses: &mut [Glimpse]) {
    let seen = glimpses.iter().flat_map(|glimpse| &glimpse.seen).copied();
    let (least, greatest) = (seen.clone().fold(f64::MAX, f64::min), seen.fold(f64::MIN, f64::max));
    let span = (greatest - least).max(f64::MIN_POSITIVE);
    for value in glimpses.iter_mut().flat_map(|glimpse| &mut glimpse.seen) {
        *value = (*value - least) / span;
    }
}
