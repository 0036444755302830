//! Frames of a camera, prepared where they lie and compared; then a few are enrolled, and another one is identified.

use arc_golden::frames::{BYTES, FIRST, HEIGHT, PROBE, SECOND, THIRD, WIDTH};
use arc_golden::prepared::INK;
use arc_runtime::{Frame, Image, Score};

/// The frames that are enrolled, as a camera driver delivers them.
pub const SEEN: [&[u8; BYTES]; 3] = [&FIRST, &SECOND, &THIRD];

// The model, and the memory to identify a frame among those that are enrolled.
arc_runtime::embed!(mod embedded = env!("MODEL"), gallery = SEEN.len());

pub use embedded::Workspace;
/// Features of the frames that are enrolled, by their number in [`SEEN`].
pub type Enrolled = embedded::Gallery<u8>;

/// How alike two frames are.
pub struct Verdict {
    /// How alike.
    pub score: Score,
    /// Whether the model accepts them as of one class.
    pub same: bool,
}

/// What the last frame is found to be.
pub struct Finding {
    /// The number of the enrolled frame that is most like it.
    pub label: u8,
    /// How alike.
    pub score: Score,
    /// Whether the model takes it for that one.
    pub accepted: bool,
}

/// The demonstration, in memory that it is given.
pub struct Camera<'a> {
    comparator: embedded::Comparator<'a>,
    enrolled: &'a mut Enrolled,
}

impl<'a> Camera<'a> {
    /// Loads the model.
    ///
    /// # Panics
    /// If the embedded model is damaged.
    pub fn new(workspace: &'a mut Workspace, enrolled: &'a mut Enrolled) -> Self {
        let model = embedded::model().expect("the embedded model is sound");
        let comparator = embedded::comparator(&model, workspace);
        let comparator = comparator.expect("kernels that take the weights as they lie in flash");
        Self { comparator, enrolled }
    }

    /// Compares the last frame with one that was seen before.
    ///
    /// # Panics
    /// If there is no such frame.
    pub fn compare(&mut self, seen: usize) -> Verdict {
        let (mut one, mut other) = (embedded::pixels(), embedded::pixels());
        let (probe, support) = (prepare(&PROBE, &mut one), prepare(SEEN[seen], &mut other));
        let score = self.comparator.compare(&probe, &support);
        let score = score.expect("images of the model's side");
        Verdict { score, same: self.comparator.model().accepts(score) }
    }

    /// Enrolls a frame by its number.
    ///
    /// # Panics
    /// If there is no such frame, or all are enrolled.
    pub fn enroll(&mut self, seen: usize) {
        let mut pixels = embedded::pixels();
        let image = prepare(SEEN[seen], &mut pixels);
        let done = self.enrolled.enroll(&mut self.comparator, seen as u8, &image);
        done.expect("a gallery of all frames, and images of the model's side");
    }

    /// Identifies the last frame among those that are enrolled.
    ///
    /// # Panics
    /// If none is.
    pub fn identify(&mut self) -> Finding {
        let mut pixels = embedded::pixels();
        let image = prepare(&PROBE, &mut pixels);
        let ranking = self.enrolled.identify(&mut self.comparator, &image);
        let ranking = ranking.expect("images of the model's side");
        let best = ranking.best().expect("frames were enrolled");
        let accepted = ranking.accepted(self.comparator.model()).is_some();
        Finding { label: best.label, score: best.score, accepted }
    }
}

/// A frame as the model wants it. A model with a preparation has it in its file: `Model::prepare` takes the place of
/// this.
fn prepare<'p>(frame: &[u8; BYTES], pixels: &'p mut [i8]) -> Image<'p> {
    let frame = Frame::new(WIDTH, HEIGHT, frame).expect("as many pixels as a frame has");
    INK.prepare(&frame, embedded::IMAGE_SIDE, pixels).expect("something is drawn on every frame")
}
