//! The changes of a picture, and how strong each of them is tried.

mod camera;
mod light;
mod pen;
mod photo;
mod pixels;
mod place;
mod sheet;
mod thin;

use rand_chacha::ChaCha8Rng;

use crate::data::Picture;

/// What is done to a picture. Lengths in pixels are for a picture whose longer side has 105, and grow with it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// Nothing.
    Clean,
    /// Other gray levels.
    Levels {
        /// Of black ink.
        ink: f32,
        /// Of white paper.
        paper: f32,
    },
    /// Light that falls off over the whole picture.
    Light {
        /// The part of it in the darkest corner.
        left: f32,
    },
    /// A shadow with a soft edge.
    Shadow {
        /// The part of the light in it.
        left: f32,
    },
    /// Gray, soft, grainy strokes.
    Pencil,
    /// Strokes of another pen.
    Pen {
        /// Its width in pixels.
        width: f32,
    },
    /// A smaller or larger drawing on the same paper.
    Size {
        /// Of the size that it has.
        percent: f32,
    },
    /// The drawing somewhere on larger paper.
    Canvas {
        /// How much longer its sides are.
        times: f32,
    },
    /// A turn to either side.
    Turn {
        /// By how much.
        degrees: f32,
    },
    /// A camera's noise.
    Noise {
        /// Its standard deviation in gray levels.
        sigma: f32,
    },
    /// A camera out of focus.
    Blur {
        /// The standard deviation of the Gaussian in pixels.
        sigma: f32,
    },
    /// Black and white pixels.
    Specks {
        /// How many of all pixels.
        percent: f32,
    },
    /// A JPEG of low quality.
    Jpeg {
        /// From 1 to 100.
        quality: u8,
    },
    /// Lines on the paper.
    Ruled,
    /// A frame around the drawing.
    Framed,
    /// White on black.
    Negative,
    /// A photograph of the sheet.
    Photo,
}

/// All that are tried beside the clean pictures.
pub const CHANGES: &[Change] = &[
    Change::Levels { ink: 0.0, paper: 230.0 },
    Change::Levels { ink: 0.0, paper: 200.0 },
    Change::Levels { ink: 0.0, paper: 160.0 },
    Change::Levels { ink: 60.0, paper: 255.0 },
    Change::Levels { ink: 90.0, paper: 255.0 },
    Change::Levels { ink: 60.0, paper: 180.0 },
    Change::Light { left: 0.75 },
    Change::Light { left: 0.5 },
    Change::Shadow { left: 0.7 },
    Change::Pencil,
    Change::Pen { width: 1.0 },
    Change::Pen { width: 2.0 },
    Change::Pen { width: 4.0 },
    Change::Pen { width: 6.0 },
    Change::Pen { width: 8.0 },
    Change::Size { percent: 50.0 },
    Change::Size { percent: 70.0 },
    Change::Size { percent: 130.0 },
    Change::Canvas { times: 1.5 },
    Change::Canvas { times: 2.0 },
    Change::Turn { degrees: 5.0 },
    Change::Turn { degrees: 10.0 },
    Change::Turn { degrees: 20.0 },
    Change::Noise { sigma: 10.0 },
    Change::Noise { sigma: 25.0 },
    Change::Blur { sigma: 1.0 },
    Change::Blur { sigma: 2.0 },
    Change::Specks { percent: 1.0 },
    Change::Specks { percent: 2.0 },
    Change::Jpeg { quality: 30 },
    Change::Jpeg { quality: 10 },
    Change::Ruled,
    Change::Framed,
    Change::Negative,
    Change::Photo,
];

impl Change {
    /// What is changed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Levels { .. } => "levels",
            Self::Light { .. } => "light",
            Self::Shadow { .. } => "shadow",
            Self::Pencil => "pencil",
            Self::Pen { .. } => "pen",
            Self::Size { .. } => "size",
            Self::Canvas { .. } => "canvas",
            Self::Turn { .. } => "turn",
            Self::Noise { .. } => "noise",
            Self::Blur { .. } => "blur",
            Self::Specks { .. } => "specks",
            Self::Jpeg { .. } => "jpeg",
            Self::Ruled => "ruled",
            Self::Framed => "framed",
            Self::Negative => "negative",
            Self::Photo => "photo",
        }
    }

    /// How much, as a number, or as that of the ink and that of the paper; empty where there is one strength alone.
    pub fn strength(self) -> String {
        match self {
            Self::Levels { ink, paper } => format!("{ink}/{paper}"),
            Self::Light { left: number }
            | Self::Shadow { left: number }
            | Self::Pen { width: number }
            | Self::Size { percent: number }
            | Self::Canvas { times: number }
            | Self::Turn { degrees: number }
            | Self::Noise { sigma: number }
            | Self::Blur { sigma: number }
            | Self::Specks { percent: number } => number.to_string(),
            Self::Jpeg { quality } => quality.to_string(),
            Self::Clean
            | Self::Pencil
            | Self::Ruled
            | Self::Framed
            | Self::Negative
            | Self::Photo => String::new(),
        }
    }

    /// What stands behind the number for a reader.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Pen { .. } | Self::Blur { .. } => " px",
            Self::Size { .. } | Self::Specks { .. } => " %",
            Self::Canvas { .. } => " x",
            Self::Turn { .. } => " deg",
            _ => "",
        }
    }

    /// The changed picture; what is left to chance is drawn from `rng`.
    pub fn apply(self, picture: &Picture, rng: &mut ChaCha8Rng) -> Picture {
        match self {
            Self::Clean => picture.clone(),
            Self::Levels { ink, paper } => light::levels(picture, ink, paper),
            Self::Light { left } => light::fall_off(picture, left, rng),
            Self::Shadow { left } => light::shadow(picture, left, rng),
            Self::Pencil => pen::pencil(picture, rng),
            Self::Pen { width } => pen::pen(picture, width),
            Self::Size { percent } => place::size(picture, percent),
            Self::Canvas { times } => place::canvas(picture, times, rng),
            Self::Turn { degrees } => place::turn(picture, degrees, rng),
            Self::Noise { sigma } => camera::noise(picture, sigma, rng),
            Self::Blur { sigma } => camera::blur(picture, sigma),
            Self::Specks { percent } => camera::specks(picture, percent, rng),
            Self::Jpeg { quality } => camera::jpeg(picture, quality),
            Self::Ruled => sheet::ruled(picture, rng),
            Self::Framed => sheet::framed(picture),
            Self::Negative => sheet::negative(picture),
            Self::Photo => photo::photo(picture, rng),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::SeedableRng;

    use super::*;

    /// A cross of strokes three pixels wide.
    fn cross() -> Picture {
        pixels::painted(105, 105, |x, y| {
            let inside = (20..80).contains(&x) && (20..80).contains(&y);
            let ink = (40..43).contains(&x) || (60..63).contains(&y);
            if inside && ink { 0.0 } else { 255.0 }
        })
    }

    fn changed(change: Change, seed: u64) -> Picture {
        change.apply(&cross(), &mut ChaCha8Rng::seed_from_u64(seed))
    }

    #[test]
    fn every_change_changes_a_picture_and_the_seed_decides_how() {
        assert_eq!(changed(Change::Clean, 1), cross());
        for &change in CHANGES {
            let once = changed(change, 1);
            let pixels = usize::from(once.width) * usize::from(once.height);
            assert_eq!(once.gray.len(), pixels, "{change:?}");
            assert_ne!(once, cross(), "{change:?}");
            assert_eq!(once, changed(change, 1), "{change:?}");
        }
        for change in [Change::Photo, Change::Noise { sigma: 10.0 }, Change::Light { left: 0.5 }] {
            assert_ne!(changed(change, 1), changed(change, 2), "{change:?}");
        }
    }

    #[test]
    fn every_line_has_a_name_of_its_own() {
        let names: BTreeSet<_> =
            CHANGES.iter().map(|change| (change.name(), change.strength())).collect();
        assert_eq!(names.len(), CHANGES.len());
        assert!(names.contains(&("levels", "0/230".to_owned())));
        assert!(names.contains(&("light", "0.75".to_owned())));
        assert!(names.contains(&("photo", String::new())));
    }

    #[test]
    fn the_smallest_and_the_longest_pictures_are_changed_too() {
        for (width, height) in [(1, 1), (1, 40), (300, 2)] {
            let gray = vec![255; usize::from(width) * usize::from(height)];
            let picture = Picture { width, height, gray };
            for &change in CHANGES {
                let changed = change.apply(&picture, &mut ChaCha8Rng::seed_from_u64(1));
                assert!(changed.width > 0 && changed.height > 0, "{change:?}");
            }
        }
    }
}
