//! Enrols one drawing each of 20 characters, then asks for other drawings, and for characters that
//! were not enrolled.

use arc_runtime::{Comparator, Gallery, Match, Model, feature_bytes, identify_words};

use crate::glyphs::{self, SIDE};
use crate::{MODEL, Native};

/// Number of characters enrolled; the other glyphs are not.
pub const ENROLLED: usize = 20;
/// Characters asked for, of which the last was not enrolled.
pub const PROBES: [usize; 6] = [0, 3, 7, 12, 19, 22];
/// Number of places of a ranking that are shown.
pub const SHOWN: usize = 3;

/// Words of the comparator's memory.
pub const WORDS: usize = identify_words(MODEL, ENROLLED);
/// Features of the enrolled drawings, by the number of the character.
pub type Enrolled = Gallery<u16, ENROLLED, { feature_bytes(MODEL) }>;

/// What a probe is found to be.
pub struct Finding {
    /// The character that was drawn.
    pub character: usize,
    /// The enrolled characters that are most alike, the best first.
    pub best: [Candidate; SHOWN],
    /// The character that the model takes it for, if any.
    pub accepted: Option<u16>,
}

/// An enrolled character in a ranking.
pub struct Candidate {
    /// The character's number.
    pub label: u16,
    /// The probability that it is the one drawn, in percent.
    pub percent: i32,
}

/// The demonstration, in memory that it is given.
pub struct OneShot<'a> {
    comparator: Comparator<'static, &'a mut [u32], Native>,
    gallery: &'a mut Enrolled,
}

impl<'a> OneShot<'a> {
    /// Enrols the first drawing of each character.
    ///
    /// # Panics
    /// If the embedded model or the glyphs are damaged.
    pub fn enroll(memory: &'a mut [u32; WORDS], gallery: &'a mut Enrolled) -> Self {
        let model = Model::load(MODEL).expect("the embedded model is sound");
        let comparator = Comparator::with_kernels(&model, &mut memory[..], Native);
        let mut comparator = comparator.expect("WORDS is the model's own");
        let mut pixels = [0; SIDE * SIDE];
        for character in 0..ENROLLED {
            let image = glyphs::image(character, 0, &mut pixels);
            let enrolled = gallery.enroll(&mut comparator, character as u16, &image);
            enrolled.expect("the gallery has room, and the model looks at SIDE pixels");
        }
        Self { comparator, gallery }
    }

    /// Identifies the second drawing of a character.
    ///
    /// # Panics
    /// If there is no such character.
    pub fn identify(&mut self, character: usize) -> Finding {
        let mut pixels = [0; SIDE * SIDE];
        let image = glyphs::image(character, 1, &mut pixels);
        let ranking = self.gallery.identify(&mut self.comparator, &image);
        let ranking = ranking.expect("the model looks at SIDE pixels");
        let model = self.comparator.model();
        let candidate = |place: usize| {
            let Match { label, score, .. } = ranking[place];
            let percent = (i32::from(model.probability(score)) * 100 + (1 << 14)) >> 15;
            Candidate { label, percent }
        };
        let accepted = ranking.accepted(model).map(|found| found.label);
        Finding { character, best: core::array::from_fn(candidate), accepted }
    }
}
