//! What happens to a picture before the network gets it.

use anyhow::{Result, ensure};
use arc_runtime::preparation::{Contrast, InkPreparation, PhotoPreparation, Polarity, Preparation};
use serde::{Deserialize, Serialize};

/// How pictures are prepared, as a configuration says it: `"none"`, `{ ink = { .. } }` or `{ photo = { .. } }`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PreparationConfig {
    /// They are averaged down to the image's side; dark is ink.
    #[default]
    None,
    /// Drawings: paper and light are taken out, and the ink is cut out.
    Ink(InkConfig),
    /// Photos: the square in the middle, its contrast normalized.
    Photo(PhotoConfig),
}

/// How the ink is cut out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InkConfig {
    /// What is ink: found for each picture, or known.
    pub polarity: PolarityConfig,
    /// Paper left on each side, as a fraction of the ink's longer side, up to 0.25.
    pub margin: f64,
    /// The least side of what is cut out, as a fraction of the picture's longer side.
    pub least: f64,
}

impl Default for InkConfig {
    fn default() -> Self {
        Self { polarity: PolarityConfig::Found, margin: 0.06, least: 0.0625 }
    }
}

/// Which side of a picture's gray levels is ink.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PolarityConfig {
    /// Found for each picture.
    Found,
    /// Dark on bright paper.
    Dark,
    /// Bright on a dark ground.
    Bright,
}

/// How photos are normalized.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhotoConfig {
    /// What the contrast is normalized over.
    pub contrast: ContrastConfig,
}

/// What the contrast of a photo is normalized over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContrastConfig {
    /// The whole image.
    Global,
    /// The surroundings of each pixel.
    Local,
}

impl PreparationConfig {
    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }

    /// Checks that the runtime can do it.
    ///
    /// # Errors
    /// Says which number is wrong.
    pub(super) fn check(&self) -> Result<()> {
        if let Self::Ink(ink) = self {
            ensure!(
                (0.0..=0.25).contains(&ink.margin),
                "model.preparation.ink.margin must be from 0 to 0.25"
            );
            ensure!(
                (0.0..1.0).contains(&ink.least),
                "model.preparation.ink.least must be at least 0 and below 1"
            );
        }
        Ok(())
    }

    /// The same in the runtime's numbers.
    pub fn runtime(&self) -> Preparation {
        let q8 = |fraction: f64| (256.0 * fraction).round().clamp(0.0, 255.0) as u8;
        match self {
            Self::None => Preparation::None,
            Self::Ink(ink) => Preparation::Ink(InkPreparation {
                polarity: match ink.polarity {
                    PolarityConfig::Found => Polarity::Found,
                    PolarityConfig::Dark => Polarity::Dark,
                    PolarityConfig::Bright => Polarity::Bright,
                },
                margin: q8(ink.margin),
                least: q8(ink.least),
            }),
            Self::Photo(photo) => Preparation::Photo(PhotoPreparation {
                contrast: match photo.contrast {
                    ContrastConfig::Global => Contrast::Global,
                    ContrastConfig::Local => Contrast::Local,
                },
            }),
        }
    }
}
