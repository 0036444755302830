//! Procedural alphabets: handwritten characters that need no download.
//!
//! A character is a few strokes, a stroke is a few pieces of constant curvature, and the pieces
//! are drawn from a style that all characters of an alphabet share. Each drawer has a hand of
//! their own, and no two drawings are alike. All is fixed by the seed, on every platform.

mod alphabet;
mod drawer;
mod glyph;
mod noise;
mod raster;
mod sheet;
mod stroke;

use std::{fs, ops::RangeInclusive, path::Path};

use anyhow::{Context, Result, ensure};
use rand::Rng;
use rayon::prelude::*;

use self::{drawer::Drawer, noise::stream};
use super::{Class, Dataset, Drawing, Group};

pub use sheet::contact_sheet;

/// What to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Synth {
    /// Number of alphabets.
    pub alphabets: u32,
    /// Least and greatest number of characters in an alphabet.
    pub characters: RangeInclusive<u32>,
    /// Drawers of each alphabet, so drawings of each character.
    pub drawers: u32,
    /// Side of the square drawings, in pixels.
    pub side: u16,
    /// Decides everything else.
    pub seed: u64,
}

impl Default for Synth {
    /// As many as in Omniglot's background set.
    fn default() -> Self {
        Self { alphabets: 30, characters: 20..=40, drawers: 20, side: 105, seed: 0 }
    }
}

impl Synth {
    /// All alphabets.
    pub fn dataset(&self) -> Dataset {
        Dataset {
            name: format!("synth-{}", self.seed),
            groups: (0..self.alphabets).into_par_iter().map(|i| self.alphabet(i)).collect(),
        }
    }

    /// Writes all alphabets into `folder` in Omniglot's layout, calling `advance` after each.
    ///
    /// # Errors
    /// When the folder holds something already, or a file cannot be written; the message names it.
    pub fn write(&self, folder: &Path, advance: impl Fn() + Sync) -> Result<()> {
        let shown = folder.display();
        fs::create_dir_all(folder).with_context(|| format!("can't make {shown}"))?;
        let is_empty = fs::read_dir(folder).with_context(|| shown.to_string())?.next().is_none();
        ensure!(is_empty, "{shown} is not empty: empty it or choose another folder");
        (0..self.alphabets).into_par_iter().try_for_each(|i| {
            self.alphabet(i).save(folder)?;
            advance();
            Ok(())
        })
    }

    /// The alphabet of this index; it does not depend on how many there are.
    pub fn alphabet(&self, index: u32) -> Group {
        let place = u64::from(index) << 32;
        let mut rng = stream(self.seed, place);
        let characters = rng.random_range(self.characters.clone());
        let glyphs = alphabet::alphabet(characters as usize, &mut rng);
        let mut classes: Vec<Class> = (1..=characters)
            .map(|i| Class { name: format!("character{i:02}"), drawings: Vec::new() })
            .collect();
        for drawer in 0..u64::from(self.drawers) {
            let mut rng = stream(self.seed, place + 1 + drawer);
            let drawer = Drawer::new(&mut rng);
            for (class, glyph) in classes.iter_mut().zip(&glyphs) {
                class.drawings.push(Drawing::from(drawer.draw(glyph, self.side, &mut rng)));
            }
        }
        Group { name: format!("alphabet{:02}", index + 1), classes }
    }
}

#[cfg(test)]
mod tests {
    use md5::{Digest, Md5};

    use super::*;

    const SMALL: Synth = Synth { alphabets: 2, characters: 4..=6, drawers: 3, side: 40, seed: 1 };

    #[test]
    fn the_seed_decides_everything() {
        assert_eq!(SMALL.dataset(), SMALL.dataset());
        assert_ne!(SMALL.dataset().groups, Synth { seed: 2, ..SMALL }.dataset().groups);
    }

    #[test]
    fn more_alphabets_and_drawers_leave_the_others_as_they_are() {
        let more = Synth { alphabets: 3, drawers: 5, ..SMALL }.dataset();
        for (few, more) in SMALL.dataset().classes().zip(more.classes()) {
            assert_eq!(few.drawings, more.drawings[..3]);
        }
    }

    #[test]
    fn there_is_as_much_as_was_asked_for() {
        let data = SMALL.dataset();
        assert_eq!(data.groups.len(), 2);
        for group in &data.groups {
            assert!(SMALL.characters.contains(&(group.classes.len() as u32)));
        }
        for class in data.classes() {
            assert_eq!(class.drawings.len(), 3);
        }
        for drawing in data.drawings() {
            assert_eq!((drawing.width, drawing.height, drawing.ink.len()), (40, 40, 1600));
            let ink = drawing.ink.iter().filter(|ink| **ink == 255).count();
            // A line across the paper has 40 pixels of ink; a blot covers half of it.
            assert!((20..800).contains(&ink), "{ink} of 1600 pixels are ink");
        }
    }

    #[test]
    fn an_alphabet_larger_than_its_style_allows_still_comes_to_an_end() {
        let crowded = Synth { alphabets: 1, characters: 150..=150, drawers: 1, ..SMALL };
        assert_eq!(crowded.dataset().classes().count(), 150);
    }

    #[test]
    fn what_is_written_loads_the_same() {
        let folder = tempfile::tempdir().unwrap();
        SMALL.write(folder.path(), || {}).unwrap();
        let loaded = Dataset::load(folder.path(), SMALL.side.into()).unwrap();
        assert_eq!(loaded.groups, SMALL.dataset().groups);
        let error = SMALL.write(folder.path(), || {}).unwrap_err().to_string();
        assert!(error.contains("is not empty"), "{error}");
    }

    /// Pins the drawings: a change here changes every golden vector made from them.
    #[test]
    fn the_drawings_are_the_same_on_every_platform() {
        let ink: Vec<u8> =
            SMALL.dataset().drawings().flat_map(|drawing| drawing.ink.clone()).collect();
        assert_eq!(format!("{:x}", Md5::digest(ink)), "731e69e1808377fddd13165e71e2f991");
    }
}
