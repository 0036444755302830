//! The body of a file of version 1: a stem of convolutions alone, and no calibration.

use serde::Deserialize;

use crate::format::body::{self, Conv, Glimpse, Linear, Lstm, PairHead, Provenance};
use crate::preparation::Preparation;

/// Everything behind the header; the fields are those of [`body::Body`].
#[derive(Deserialize)]
pub(super) struct Body<'a> {
    #[serde(borrow)]
    provenance: Provenance<'a>,
    image_side: u16,
    stem: heapless::Vec<Conv<'a>, 8>,
    glimpse: Glimpse,
    controller: Lstm<'a>,
    gaze: Linear<'a>,
    decision: Decision<'a>,
}

/// The only one that there was.
#[derive(Deserialize)]
enum Decision<'a> {
    #[serde(borrow)]
    Pair(PairHead<'a>),
}

impl<'a> From<Body<'a>> for body::Body<'a> {
    fn from(old: Body<'a>) -> Self {
        let Decision::Pair(head) = old.decision;
        let mut stem = heapless::Vec::new();
        for conv in &old.stem {
            // There is room for more layers than a version 1 has.
            let _ = stem.push(body::Layer::Conv(conv.clone()));
        }
        Self {
            provenance: old.provenance,
            image_side: old.image_side,
            stem,
            glimpse: old.glimpse,
            controller: old.controller,
            gaze: old.gaze,
            decision: body::Decision::Pair(head),
            calibration: None,
            preparation: Preparation::None,
        }
    }
}
