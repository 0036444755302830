//! Enrolls one drawing each of 20 characters, then identifies other drawings, also of a
//! character that was not enrolled.

use arc_runtime::Match;

use crate::glyphs;

/// Number of characters enrolled; the other glyphs are not.
pub const ENROLLED: usize = 20;
/// Characters of the probes, of which the last was not enrolled.
pub const PROBES: [usize; 6] = [0, 3, 7, 12, 19, 22];
/// Matches of a ranking that are shown.
pub const SHOWN: usize = 3;

// The model, and the memory to identify a character among those that are enrolled.
arc_runtime::embed!(mod embedded = env!("MODEL"), gallery = ENROLLED);

pub use embedded::Workspace;
/// Features of the enrolled drawings, by the number of the character.
pub type Enrolled = embedded::Gallery<u16>;

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
    comparator: embedded::Comparator<'a>,
    gallery: &'a mut Enrolled,
}

impl<'a> OneShot<'a> {
    /// Enrolls the first drawing of each character.
    ///
    /// # Panics
    /// If the embedded model or the glyphs are damaged.
    pub fn enroll(workspace: &'a mut Workspace, gallery: &'a mut Enrolled) -> Self {
        let model = embedded::model().expect("the embedded model is sound");
        let comparator = embedded::comparator(&model, workspace);
        let mut comparator =
            comparator.expect("kernels that take the weights as they lie in flash");
        let mut pixels = embedded::pixels();
        for character in 0..ENROLLED {
            let image = glyphs::image(character, 0, &mut pixels);
            let enrolled = gallery.enroll(&mut comparator, character as u16, &image);
            enrolled.expect("a gallery of ENROLLED, and images of the model's side");
        }
        Self { comparator, gallery }
    }

    /// Identifies the second drawing of a character.
    ///
    /// # Panics
    /// If there is no such character.
    pub fn identify(&mut self, character: usize) -> Finding {
        let mut pixels = embedded::pixels();
        let image = glyphs::image(character, 1, &mut pixels);
        let ranking = self.gallery.identify(&mut self.comparator, &image);
        let ranking = ranking.expect("images of the model's side");
        let model = self.comparator.model();
        let candidate = |rank: usize| {
            let Match { label, score, .. } = ranking[rank];
            let percent = (i32::from(model.probability(score)) * 100 + (1 << 14)) >> 15;
            Candidate { label, percent }
        };
        let accepted = ranking.accepted(model).map(|found| found.label);
        Finding { character, best: core::array::from_fn(candidate), accepted }
    }
}
