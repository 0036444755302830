//! Two pictures and the model that compares them, all in flash.
//!
//! Nothing here knows a board, so that the host runs the very same comparison
//! (`examples/pair.rs`) and `cargo xtask firmware` can ask for the same bits.

use arc_runtime::{Comparator, Frame, Ink, Model, Score, Step, workspace_words};

use crate::{MODEL, Native};

/// The comparator's memory is known at compile time.
const WORDS: usize = workspace_words(MODEL);

/// Grey pictures as a camera would give them, here from PGM files: dark ink on bright paper.
const PROBE: &[u8] = include_bytes!("../pictures/probe.pgm");
const SUPPORT: &[u8] = include_bytes!("../pictures/support.pgm");
const PGM_HEADER: &[u8] = b"P5\n96 96\n255\n";
const WIDTH: usize = 96;
const HEIGHT: usize = 96;

/// Rows and columns of the images that the model looks at.
const SIDE: usize = 32;

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
/// If the embedded model or a picture is damaged, or the model looks at images of another side.
pub fn compare(trace: impl FnMut(&Step<'_>)) -> Verdict {
    judge(&load(), trace)
}

/// Not to be inlined: the stack that it takes is given back before anything is compared.
#[inline(never)]
fn load() -> Model<'static> {
    Model::load(MODEL).expect("the embedded model is sound")
}

#[inline(never)]
fn judge(model: &Model<'_>, trace: impl FnMut(&Step<'_>)) -> Verdict {
    let mut words = [0; WORDS];
    let comparator = Comparator::with_kernels(model, &mut words[..], Native);
    let mut comparator = comparator.expect("WORDS is the model's own");
    let (mut probe, mut support) = ([0; SIDE * SIDE], [0; SIDE * SIDE]);
    let probe = frame(PROBE).shrink(SIDE, Ink::Dark, &mut probe).expect("SIDE squared is room");
    let support =
        frame(SUPPORT).shrink(SIDE, Ink::Dark, &mut support).expect("SIDE squared is room");
    let score = comparator.compare_traced(&probe, &support, trace);
    let score = score.expect("the model looks at SIDE pixels");
    Verdict { score, probability: model.probability(score), accepted: model.accepts(score) }
}

fn frame(pgm: &[u8]) -> Frame<'_> {
    let grey = pgm.strip_prefix(PGM_HEADER).expect("a PGM file of WIDTH x HEIGHT");
    Frame::new(WIDTH, HEIGHT, grey).expect("as many pixels as the header says")
}
