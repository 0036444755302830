//! Two pictures and the model that compares them, all in flash.
//!
//! Nothing here knows a board, so that the host runs the very same comparison
//! (`examples/pair.rs`) and `cargo xtask firmware` can ask for the same bits.

use arc_runtime::{Frame, Ink, Model, Score, Step};

// The model, and the memory to compare pairs, known while compiling.
arc_runtime::embed!(mod embedded = env!("MODEL"));

/// Gray pictures as a camera would give them, here from PGM files: dark ink on bright paper.
const PROBE: &[u8] = include_bytes!("../pictures/probe.pgm");
const SUPPORT: &[u8] = include_bytes!("../pictures/support.pgm");
const PGM_HEADER: &[u8] = b"P5\n96 96\n255\n";
const WIDTH: usize = 96;
const HEIGHT: usize = 96;

/// What a comparison says.
pub struct Verdict {
    /// How alike the pictures are.
    pub score: Score,
    /// The probability that they are of one class, Q0.15.
    pub probability: i16,
    /// Whether the model accepts them as of one class.
    pub accepted: bool,
}

/// Compares the two pictures; `trace` sees every glimpse.
///
/// # Panics
///
/// If the embedded model or a picture is damaged, or the build asks for kernels that want the weights packed.
pub fn compare(trace: impl FnMut(&Step<'_>)) -> Verdict {
    judge(&load(), trace)
}

/// Not to be inlined: the stack that it takes is given back before anything is compared.
#[inline(never)]
fn load() -> Model<'static> {
    embedded::model().expect("the embedded model is sound")
}

#[inline(never)]
fn judge(model: &Model<'static>, trace: impl FnMut(&Step<'_>)) -> Verdict {
    let mut workspace = embedded::Workspace::new();
    let comparator = embedded::comparator(model, &mut workspace);
    let mut comparator = comparator.expect("kernels that take the weights as they lie in flash");
    let (mut probe, mut support) = (embedded::pixels(), embedded::pixels());
    let side = embedded::IMAGE_SIDE;
    let probe = frame(PROBE).shrink(side, Ink::Dark, &mut probe).expect("a buffer for an image");
    let support =
        frame(SUPPORT).shrink(side, Ink::Dark, &mut support).expect("a buffer for an image");
    let score = comparator.compare_traced(&probe, &support, trace);
    let score = score.expect("images of the model's side");
    Verdict { score, probability: model.probability(score), accepted: model.accepts(score) }
}

fn frame(pgm: &[u8]) -> Frame<'_> {
    let gray = pgm.strip_prefix(PGM_HEADER).expect("a PGM file of WIDTH x HEIGHT");
    Frame::new(WIDTH, HEIGHT, gray).expect("as many pixels as the header says")
}
