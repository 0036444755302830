//! The shipped models on procedural glyphs, compared with what the host computed.

use arc_runtime::format::Header;
use arc_runtime::kernels::Kernels;
use arc_runtime::{Comparator, Gallery, Image, Model, include_model};
use serde::{Deserialize, Serialize};

use crate::Golden;
use crate::check::{Difference, UNUSABLE, load};
use crate::record::{MAX_STEPS, records};

/// The smallest shipped model, and what it makes of pairs of [`GLYPHS`].
pub const TINY: Golden = Golden {
    name: "omniglot-tiny",
    model: include_model!("../../models/omniglot-tiny.arc"),
    vectors: include_bytes!("../omniglot-tiny.vectors"),
};

/// The shipped model for microcontrollers, and what it makes of pairs of [`GLYPHS`], and of a
/// probe among [`SUPPORTS`].
pub const SMALL: Golden = Golden {
    name: "omniglot-small",
    model: include_model!("../../models/omniglot-small.arc"),
    vectors: include_bytes!("../omniglot-small.vectors"),
};

/// Rows and columns of the pictures.
pub const SIDE: usize = 32;

/// The enrolled: the first of the [`GLYPHS`].
pub const SUPPORTS: usize = 20;

/// Characters of one alphabet as one drawer draws them, then the same ones by another drawer;
/// packed bits, as [`Image::from_bits`] takes them.
pub const GLYPHS: &[[u8; SIDE * SIDE / 8]] = include_bytes!("../glyphs.bits").as_chunks().0;

/// What a vectors file of a shipped model holds, one postcard record after the other; pictures are
/// given by their number in [`GLYPHS`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record {
    /// The checksum of the model file that the numbers come from; the first record.
    Model(u32),
    /// A comparison.
    Pair {
        /// What is seen first.
        probe: u8,
        /// What it is compared with.
        support: u8,
        /// The gaze of each step: y, x, d in Q0.15.
        gazes: heapless::Vec<[i16; 3], MAX_STEPS>,
        /// The logit, Q15.16.
        logit: i32,
    },
    /// A probe among [`SUPPORTS`].
    Probe {
        /// The image in question.
        probe: u8,
        /// Number and logit (Q15.16) of each support, the best first.
        ranking: heapless::Vec<(u8, i32), SUPPORTS>,
    },
}

/// What was found to be as recorded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shipped {
    /// Steps of all comparisons.
    pub steps: usize,
    /// Entries of all rankings.
    pub ranked: usize,
}

/// Compares and identifies with `kernels` what the record of a shipped model has, with `WORDS` of
/// memory and a gallery of `ENROLLED` images of `FEATURES` bytes.
///
/// # Errors
/// The first difference; also if the record is of another model file or the memory is too small.
pub fn shipped<const WORDS: usize, const FEATURES: usize, const ENROLLED: usize>(
    golden: &Golden,
    kernels: impl Kernels + Clone,
) -> Result<Shipped, Difference> {
    all_records::<WORDS, FEATURES, ENROLLED>(golden, &load(golden)?, kernels)
}

/// Not to be inlined: its memory is not yet taken while the model is loaded, which takes much, too.
#[inline(never)]
fn all_records<const WORDS: usize, const FEATURES: usize, const ENROLLED: usize>(
    golden: &Golden,
    model: &Model<'_>,
    kernels: impl Kernels + Clone,
) -> Result<Shipped, Difference> {
    let mut comparator =
        Comparator::with_kernels(model, [0; WORDS], kernels).map_err(|_| UNUSABLE)?;
    let mut gallery = Gallery::<u8, ENROLLED, FEATURES>::new();
    let (mut same, mut known) = (Shipped::default(), false);
    for (number, record) in records(golden.vectors).enumerate() {
        let different = |(step, what)| Difference { pair: number, step, what };
        match record.map_err(|_| different((None, "the record")))? {
            Record::Model(crc) => known = checksum(golden.model) == Some(crc),
            _ if !known => return Err(different((None, "the model file that was recorded"))),
            Record::Pair { probe, support, gazes, logit } => {
                compare(&mut comparator, [probe, support], &gazes, logit).map_err(different)?;
                same.steps += gazes.len();
            }
            Record::Probe { probe, ranking } => {
                identify(&mut comparator, &mut gallery, probe, &ranking)
                    .map_err(|what| different((None, what)))?;
                same.ranked += ranking.len();
            }
        }
    }
    Ok(same)
}

/// The checksum that a model file carries.
pub fn checksum(model: &[u8]) -> Option<u32> {
    Header::parse(model).ok().map(|(header, _)| header.crc)
}

/// Compares two glyphs; the step and the thing that differ.
fn compare<W: AsMut<[u32]>, K: Kernels>(
    comparator: &mut Comparator<'_, W, K>,
    [probe, support]: [u8; 2],
    gazes: &[[i16; 3]],
    logit: i32,
) -> Result<(), (Option<usize>, &'static str)> {
    let mut pixels = [[0; SIDE * SIDE]; 2];
    let [one, other] = &mut pixels;
    let whole = |what| (None, what);
    let (probe, support) =
        (glyph(probe, one).map_err(whole)?, glyph(support, other).map_err(whole)?);
    let (mut taken, mut strayed) = (0, None);
    let score = comparator.compare_traced(&probe, &support, |step| {
        let gaze = [step.gaze.y, step.gaze.x, step.gaze.d];
        if gazes.get(taken).is_some_and(|expected| *expected != gaze) {
            strayed = strayed.or(Some(taken));
        }
        taken += 1;
    });
    let score = score.map_err(|_| whole("the image"))?;
    match strayed {
        Some(step) => Err((Some(step), "the gaze")),
        None if taken != gazes.len() => Err(whole("the number of steps")),
        None if score.logit != logit => Err(whole("the logit")),
        None => Ok(()),
    }
}

/// Identifies a glyph among the first ones, which are enrolled when they are not yet.
fn identify<W: AsMut<[u32]>, K: Kernels, const ENROLLED: usize, const FEATURES: usize>(
    comparator: &mut Comparator<'_, W, K>,
    gallery: &mut Gallery<u8, ENROLLED, FEATURES>,
    probe: u8,
    expected: &[(u8, i32)],
) -> Result<(), &'static str> {
    let mut pixels = [0; SIDE * SIDE];
    for label in gallery.len()..SUPPORTS {
        let support = glyph(label as u8, &mut pixels)?;
        gallery.enroll(comparator, label as u8, &support).map_err(|_| "the gallery")?;
    }
    let ranking = gallery.identify(comparator, &glyph(probe, &mut pixels)?);
    let ranking = ranking.map_err(|_| "the number of supports")?;
    let found = ranking.iter().map(|found| (found.label, found.score.logit));
    if found.eq(expected.iter().copied()) { Ok(()) } else { Err("the ranking") }
}

/// One of the [`GLYPHS`] as an image.
///
/// # Errors
/// If there is none of this number.
pub fn glyph(number: u8, pixels: &mut [i8]) -> Result<Image<'_>, &'static str> {
    let bits = GLYPHS.get(usize::from(number)).ok_or("the number of a glyph")?;
    Image::from_bits(SIDE, bits, pixels).map_err(|_| "the image")
}
