//! What the integers stand for.

use super::Ranges;

/// Real value of one step of an input pixel.
pub const PIXEL: f64 = 1.0 / 127.0;
/// Real value of one step of the state, Q0.7.
pub const STATE: f64 = 1.0 / 128.0;
/// Real value of one step of the cell, Q4.11.
pub const CELL: f64 = 1.0 / 2048.0;
/// Real value of one step of a pre-activation, of a gate or of the gaze layer, Q3.12.
pub const PREACTIVATION: f64 = 1.0 / 4096.0;
/// Real value of one step of a gaze or an activation function, Q0.15.
pub const GAZE: f64 = 1.0 / 32768.0;
/// Real value of one step of the logit, Q15.16.
pub const LOGIT: f64 = 1.0 / 65536.0;

/// Headroom above the largest hidden unit observed. The units are i16: it costs no precision that matters.
const HEAD_ROOM: f64 = 2.0;

/// Real value of one step of each activation whose unit follows from its range.
#[derive(Debug, Clone, PartialEq)]
pub struct Units {
    /// Output of each convolution of the stem, as in [`Ranges`].
    pub stem: Vec<f64>,
    /// Samples of the glimpses.
    pub glimpse: f64,
    /// Hidden units of the head.
    pub head: f64,
}

impl Units {
    /// The units in which activations of these ranges use all of their integers.
    pub fn new(ranges: &Ranges) -> Self {
        let stem: Vec<f64> = ranges.stem.iter().map(|&range| f64::from(range) / 127.0).collect();
        let features = stem.last().copied().unwrap_or(PIXEL);
        Self {
            // A glimpse averages the map: it is never larger, and never needs a finer unit than
            // the glimpse gain's 3 bits before the point allow.
            glimpse: (f64::from(ranges.glimpse) / 127.0).clamp(features / 7.9, features),
            head: f64::from(ranges.head).max(1e-3) * HEAD_ROOM / 32767.0,
            stem,
        }
    }

    /// Real value of one step of the feature map: the last convolution's, or a pixel's.
    pub fn features(&self) -> f64 {
        self.stem.last().copied().unwrap_or(PIXEL)
    }
}
