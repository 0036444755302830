//! How the drawings are varied.

use serde::{Deserialize, Serialize};

use super::PictureConfig;

/// Random changes of the drawings. Angles in degrees, lengths in fractions of the image's side.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AugmentationConfig {
    /// Changes of the pictures themselves, before they are prepared.
    #[serde(skip_serializing_if = "PictureConfig::is_none")]
    pub pictures: PictureConfig,
    /// Turn a whole episode by a multiple of 90 degrees: new characters.
    pub quarter_turns: bool,
    /// Mirror a whole episode, every other time: new characters.
    pub mirror: bool,
    /// Change shared by all drawings of an episode: new characters, as by a turn.
    #[serde(skip_serializing_if = "AffineConfig::is_none")]
    pub episode: AffineConfig,
    /// How far a rubber sheet under all drawings of an episode is pulled about.
    #[serde(skip_serializing_if = "is_zero")]
    pub episode_elastic: f64,
    /// Variation shared by all drawings of one drawer in an episode.
    pub drawer: AffineConfig,
    /// Variation of each image on its own.
    pub image: AffineConfig,
    /// How far a rubber sheet under each image is pulled about, at 4 x 4 points, as a fraction of
    /// the side.
    pub elastic: f64,
    /// Chance of each input pixel to be blanked (the paper: 0.2).
    pub pixel_dropout: f64,
}

fn is_zero(range: &f64) -> bool {
    *range == 0.0
}

/// Ranges of a random affine map; each number is drawn uniformly from -range to range.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AffineConfig {
    /// Degrees.
    pub rotation: f64,
    /// Natural logarithm of the scale, drawn for each axis.
    pub scale: f64,
    /// Degrees.
    pub shear: f64,
    /// Fraction of the side.
    pub shift: f64,
}

impl AffineConfig {
    /// Whether it changes nothing.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}
