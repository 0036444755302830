//! Feature map to glimpse: two Cauchy filters, rows first.

use super::Gaze;
use crate::arithmetic::cauchy::Axis;
use crate::format::body::{Glimpse, MAX_GLIMPSE_SIDE};
use crate::format::{LoadError, Part, within};
use crate::kernels::Kernels;
use crate::layers::GlimpseFilters;

/// Samples a feature map: side S, C channels, laid out (row, column, channel).
///
/// A glimpse is N x N x C, in the same layout.
#[derive(Debug, Clone, Copy)]
pub struct GlimpseSensor {
    feature_side: usize,
    channels: usize,
    side: usize,
    per_image: usize,
    gain: i32,
}

impl GlimpseSensor {
    /// Checks the geometry over a map of `feature_side` and `channels`.
    ///
    /// # Errors
    /// If a size or the gain is outside its range.
    pub fn new(glimpse: &Glimpse, feature_side: usize, channels: usize) -> Result<Self, LoadError> {
        let part = Part::Glimpse;
        let most = feature_side.min(MAX_GLIMPSE_SIDE) as u32;
        Ok(Self {
            feature_side,
            channels,
            side: within(part, "the side", glimpse.side.into(), 1, most)?,
            per_image: within(part, "glimpses per image", glimpse.per_image.into(), 1, 64)?,
            // Q20, below 8 in the reals: the column product's limit.
            gain: within(part, "the gain", glimpse.gain, 1, (1 << 23) - 1)? as i32,
        })
    }

    /// Rows and columns of a glimpse (N).
    pub fn side(&self) -> usize {
        self.side
    }

    /// Glimpses taken of each image.
    pub fn per_image(&self) -> usize {
        self.per_image
    }

    /// Numbers in a glimpse: N * N * C.
    pub fn glimpse_len(&self) -> usize {
        self.side * self.side * self.channels
    }

    /// Takes one glimpse: `F_y * features * F_x^T`, times the glimpse gain.
    ///
    /// `scratch` is [`glimpse_scratch_bytes`](crate::Dimensions::glimpse_scratch_bytes)
    /// long, `glimpse` N * N * C.
    pub fn glimpse(
        &self,
        kernels: &impl Kernels,
        gaze: Gaze,
        features: &[i8],
        scratch: &mut [i8],
        glimpse: &mut [i8],
    ) {
        let axis = |v| Axis::new(self.feature_side, self.side, v, gaze.d);
        let filters = GlimpseFilters::new(axis(gaze.y), axis(gaze.x), self.gain);
        kernels.glimpse(&filters, features, scratch, glimpse);
    }
}
