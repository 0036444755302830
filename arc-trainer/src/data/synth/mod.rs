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
