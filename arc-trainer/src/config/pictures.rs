//! How pictures are changed before they are prepared: as other pens, papers and cameras would show them.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

/// Changes of the pictures that a network is trained on; each picture is kept in so many versions, all drawn before
/// the training begins.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PictureConfig {
    /// Versions of each picture, the unchanged one among them; 0 and 1 leave all as they are.
    pub versions: usize,
    /// The strokes are drawn again with a pen of another width: fraction of the picture's longer side.
    pub pen: PictureChange,
    /// Scaled: factor. Smaller ones have fewer pixels.
    pub size: PictureChange,
    /// Turned to either side: degrees.
    pub turn: PictureChange,
    /// Seen at an angle: how much the far side is shorter, as a fraction.
    pub tilt: PictureChange,
    /// Out of focus: standard deviation in pixels.
    pub blur: PictureChange,
    /// A shadow's edge falls on it: light that is left, as a fraction.
    pub shadow: PictureChange,
    /// Lines are printed on the paper: their gray.
    pub rules: PictureChange,
    /// Noise of a sensor: standard deviation in gray levels.
    pub noise: PictureChange,
    /// Black and white pixels: fraction of all.
    pub specks: PictureChange,
    /// A part is covered by a disk of the paper's color: its diameter as a fraction of the shorter side.
    pub cover: PictureChange,
    /// Gamma of the gray levels.
    pub gamma: PictureChange,
}

/// How often a change is made and how strong it is: uniformly from one number to the other.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureChange {
    /// Share of the changed versions that have it.
    pub chance: f64,
    /// Least strength.
    pub from: f64,
    /// Greatest strength.
    pub to: f64,
}

/// Most versions of a picture.
const MOST: usize = 64;

impl PictureConfig {
    /// Whether nothing is changed.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Versions of each picture, at least one.
    pub fn versions(&self) -> usize {
        self.versions.max(1)
    }

    /// Checks that such changes can be made.
    ///
    /// # Errors
    /// Says which number is wrong.
    pub(super) fn check(&self) -> Result<()> {
        ensure!(
            self.versions <= MOST,
            "augmentation.pictures.versions must be at most {MOST}: all are held in memory"
        );
        let bounds = [
            ("pen", self.pen, 0.0, 0.5),
            ("size", self.size, 0.05, 4.0),
            ("turn", self.turn, 0.0, 180.0),
            ("tilt", self.tilt, 0.0, 0.5),
            ("blur", self.blur, 0.0, 16.0),
            ("shadow", self.shadow, 0.0, 1.0),
            ("rules", self.rules, 0.0, 255.0),
            ("noise", self.noise, 0.0, 128.0),
            ("specks", self.specks, 0.0, 0.5),
            ("cover", self.cover, 0.0, 1.0),
            ("gamma", self.gamma, 0.1, 10.0),
        ];
        for (name, change, least, most) in bounds {
            ensure!(
                (0.0..=1.0).contains(&change.chance),
                "augmentation.pictures.{name}.chance must be from 0 to 1"
            );
            let within = |strength| (least..=most).contains(&strength);
            ensure!(
                change.chance == 0.0
                    || change.from <= change.to && within(change.from) && within(change.to),
                "augmentation.pictures.{name}: from and to must be from {least} to {most}, in this order"
            );
        }
        Ok(())
    }
}
