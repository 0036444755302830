//! Compares again and holds every number against the record.

use arc_runtime::kernels::Kernels;
use arc_runtime::layers::Line;
use arc_runtime::{Comparator, Image, Model};

use crate::{GOLDEN, Golden, PAIR_WORDS as WORDS, Pair, Picture, features, pairs};

/// Pixels that hold an image of any of the models.
pub(crate) const PIXELS: usize = 28 * 28;

/// What was reproduced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reproduced {
    /// Comparisons.
    pub pairs: usize,
    /// Steps of all of them.
    pub steps: usize,
}

/// The first number that is not the recorded one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// Number of the pair.
    pub pair: usize,
    /// Number of the step, where it is a step's.
    pub step: Option<usize>,
    /// What differs, or could not be used at all.
    pub what: &'static str,
}

/// Compares all pairs of `golden` with `kernels`: features, every step and the logit are
/// to be the recorded ones.
///
/// # Errors
/// The first difference.
pub fn reproduce(golden: &Golden, kernels: impl Kernels + Clone) -> Result<Reproduced, Difference> {
    all_pairs(golden, &load(golden)?, kernels)
}

/// [`reproduce`] with the model's weights packed in `lines`, for kernels with wide vectors.
///
/// # Errors
/// The first difference, or that there are too few lines.
pub fn reproduce_packed(
    golden: &Golden,
    kernels: impl Kernels + Clone,
    lines: &mut [Line],
) -> Result<Reproduced, Difference> {
    all_pairs(golden, &load(golden)?.pack(lines).map_err(|_| UNPACKED)?, kernels)
}

/// Not to be inlined: its memory is not yet taken while the model is loaded, which takes much, too.
#[inline(never)]
fn all_pairs(
    golden: &Golden,
    model: &Model<'_>,
    kernels: impl Kernels + Clone,
) -> Result<Reproduced, Difference> {
    let mut comparator =
        Comparator::with_kernels(model, [0; WORDS], kernels).map_err(|_| UNUSABLE)?;
    let mut reproduced = Reproduced::default();
    for (number, pair) in pairs(golden.vectors).enumerate() {
        let different = |(step, what)| Difference { pair: number, step, what };
        let pair = pair.map_err(|_| different((None, "the record")))?;
        reproduced.steps += compare(&mut comparator, &pair).map_err(different)?;
        reproduced.pairs += 1;
    }
    Ok(reproduced)
}

/// The comparator has too little memory.
pub(crate) const UNUSABLE: Difference =
    Difference { pair: 0, step: None, what: "the comparator's memory" };

/// There are too few lines for the packed weights.
pub(crate) const UNPACKED: Difference =
    Difference { pair: 0, step: None, what: "the memory for packed weights" };

/// Loads a model, in memory that is given back before anything is compared.
#[inline(never)]
pub(crate) fn load(golden: &Golden) -> Result<Model<'static>, Difference> {
    let difference = Difference { pair: 0, step: None, what: "the model file" };
    Model::load(golden.model).map_err(|_| difference)
}

/// The step and the thing that differ.
type Found = (Option<usize>, &'static str);

/// Compares one pair; the number of steps.
fn compare<K: Kernels>(
    comparator: &mut Comparator<'_, [u32; WORDS], K>,
    pair: &Pair<'_>,
) -> Result<usize, Found> {
    let mut pixels = [[0; PIXELS]; 2];
    let [probe, support] = &mut pixels;
    let probe = image(comparator, &pair.probe, probe)?;
    let support = image(comparator, &pair.support, support)?;
    let (mut taken, mut found) = (0, None);
    let score = comparator.compare_traced(&probe, &support, |step| {
        let gaze = [step.gaze.y, step.gaze.x, step.gaze.d];
        let cell = step.cell.iter().flat_map(|c| c.to_le_bytes());
        let what = match pair.steps.get(step.index) {
            None => Some("the number of steps"),
            Some(expected) if expected.gaze != gaze => Some("the gaze"),
            Some(expected) if !same(expected.glimpse, step.glimpse) => Some("the glimpse"),
            Some(expected) if !cell.eq(expected.cell.iter().copied()) => Some("the cell"),
            Some(expected) if !same(expected.state, step.state) => Some("the state"),
            Some(_) => None,
        };
        found = found.or(what.map(|what| (Some(step.index), what)));
        taken += 1;
    });
    let score = score.map_err(|_| (None, "the image"))?;
    match found {
        Some(found) => Err(found),
        None if taken != pair.steps.len() => Err((None, "the number of steps")),
        None if score.logit != pair.logit => Err((None, "the logit")),
        None => Ok(taken),
    }
}

/// A picture as the model takes it, after its features have been found to be the recorded ones.
fn image<'p, K: Kernels>(
    comparator: &mut Comparator<'_, [u32; WORDS], K>,
    picture: &Picture<'_>,
    pixels: &'p mut [i8],
) -> Result<Image<'p>, Found> {
    let dimensions = comparator.model().dimensions();
    let image = Image::from_bits(dimensions.image_side, picture.bits, pixels);
    let image = image.map_err(|_| (None, "the image"))?;
    let mut features = [0; features(&GOLDEN)];
    let features =
        features.get_mut(..dimensions.feature_bytes()).ok_or((None, "the room for features"))?;
    comparator.extract(&image, features).map_err(|_| (None, "the image"))?;
    if same(picture.features, features) { Ok(image) } else { Err((None, "the features")) }
}

/// Whether the bytes are those of the numbers.
pub(crate) fn same(bytes: &[u8], numbers: &[i8]) -> bool {
    bytes.iter().copied().eq(numbers.iter().map(|&number| number as u8))
}
