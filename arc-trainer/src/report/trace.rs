//! One comparison, step by step, as the runtime's trace shows it.

use arc_runtime::{Image, Role};

use crate::data::Drawing;
use crate::eval::{Backend, IntegerBackend};

/// A comparison as it happened.
pub struct Trace {
    /// Glimpses in the order in which they were taken, the probe's first.
    pub looks: Vec<Look>,
    /// Probability of "same", had the model decided after 1, 2, ... glimpses of each image.
    pub after: Vec<f64>,
}

/// One glimpse. Lengths are fractions of the image's side.
pub struct Look {
    /// Which image.
    pub role: Role,
    /// Its centre from the left.
    pub x: f64,
    /// Its centre from the top.
    pub y: f64,
    /// Distance of two samples.
    pub spacing: f64,
    /// N x N means over the channels, from 0 for the least of the comparison to 1 for the greatest.
    pub seen: Vec<f64>,
}

/// Compares two drawings and notes every glimpse.
pub fn trace(backend: &IntegerBackend<'_>, probe: &Drawing, support: &Drawing) -> Trace {
    let side = backend.image_side();
    let [probe, support] = [probe, support].map(|drawing| drawing.at_side(side));
    let [probe, support] = [&probe, &support]
        .map(|pixels| Image::new(side, pixels).expect("pixels of the model's side"));
    let mut comparator = backend.comparator();
    let dimensions = comparator.model().dimensions();
    let (map, n) = (dimensions.feature_side as f64, dimensions.glimpse_side as f64);

    let mut looks = Vec::new();
    let traced = comparator.compare_traced(&probe, &support, |step| {
        // Q0.15 to the map's pixels, whose centres lie half a pixel from its edge.
        let [y, x, d] = [step.place.y, step.place.x, step.place.d].map(|v| f64::from(v) / 32768.0);
        let centre = |v: f64| ((map - 1.0) * (v + 1.0) / 2.0 + 0.5) / map;
        looks.push(Look {
            role: step.role,
            x: centre(x),
            y: centre(y),
            spacing: (1.0 - d.abs()) / n,
            seen: step.glimpse.chunks(dimensions.channels).map(mean).collect(),
        });
    });
    traced.expect("images of the model's side");

    stretch(&mut looks);
    let after = (1..=dimensions.glimpses_per_image).map(|glimpses| {
        comparator.limit_glimpses(glimpses);
        let score = comparator.compare(&probe, &support).expect("images of the model's side");
        f64::from(comparator.model().probability(score)) / 32768.0
    });
    let after = after.collect();
    Trace { looks, after }
}

fn mean(channels: &[i8]) -> f64 {
    channels.iter().map(|&c| f64::from(c)).sum::<f64>() / channels.len() as f64
}

/// Brings what was seen to 0..=1: features of blank paper need not be 0.
fn stretch(looks: &mut [Look]) {
    let seen = looks.iter().flat_map(|look| &look.seen).copied();
    let (least, greatest) = (seen.clone().fold(f64::MAX, f64::min), seen.fold(f64::MIN, f64::max));
    let span = (greatest - least).max(f64::MIN_POSITIVE);
    for value in looks.iter_mut().flat_map(|look| &mut look.seen) {
        *value = (*value - least) / span;
    }
}
