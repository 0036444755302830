//! Random pictures, compared with a set of kernels and with [`Scalar`].

use arc_runtime::kernels::{Kernels, Scalar};
use arc_runtime::{Comparator, Image, Line, Model};

use crate::check::{Difference, PIXELS, UNPACKED, UNUSABLE, load};
use crate::suite::Random;
use crate::{GOLDEN, Golden, PAIR_WORDS, features};

/// Pairs to compare: more than a batch of four, and not a multiple.
const PAIRS: usize = 7;
/// Enough for a batch of several pairs.
const WORDS: usize = 4 * PAIR_WORDS;
const FEATURES: usize = features(&GOLDEN);

/// Compares at least `count` pairs of random pictures, in batches: features and logits are to be
/// those of [`Scalar`]. Returns how many pairs there were.
///
/// # Errors
/// The first difference.
pub fn random(
    golden: &Golden,
    kernels: impl Kernels + Clone,
    count: usize,
) -> Result<usize, Difference> {
    compare(&load(golden)?, kernels, count)
}

/// [`random`] with the model's weights packed in `lines`.
///
/// # Errors
/// The first difference, or that `lines` are too few.
pub fn random_packed(
    golden: &Golden,
    kernels: impl Kernels + Clone,
    count: usize,
    lines: &mut [Line],
) -> Result<usize, Difference> {
    compare(&load(golden)?.pack(lines).map_err(|_| UNPACKED)?, kernels, count)
}

fn compare(
    model: &Model<'_>,
    kernels: impl Kernels + Clone,
    count: usize,
) -> Result<usize, Difference> {
    let (side, bytes) = (model.dimensions().image_side, model.dimensions().feature_bytes());
    let mut ours = Comparator::with_kernels(model, [0; WORDS], kernels).map_err(|_| UNUSABLE)?;
    let mut scalar = Comparator::with_kernels(model, [0; WORDS], Scalar).map_err(|_| UNUSABLE)?;
    let mut random = Random(5);
    for first in (0..count).step_by(PAIRS) {
        let different = |what| Difference { pair: first, step: None, what };
        let mut gallery = [[0; FEATURES]; PAIRS + 1];
        for features in &mut gallery {
            let mut pixels = [0; PIXELS];
            let extreme = random.below(4) == 0;
            random.pixels(&mut pixels, extreme);
            let image = pixels.get(..side * side).and_then(|pixels| Image::new(side, pixels).ok());
            let image = image.ok_or_else(|| different("the image"))?;
            let mut expected = [0; FEATURES];
            ours.extract(&image, &mut features[..bytes]).map_err(|_| different("the image"))?;
            scalar.extract(&image, &mut expected[..bytes]).map_err(|_| different("the image"))?;
            if *features != expected {
                return Err(different("the features"));
            }
        }
        let [probe, supports @ ..] = &gallery;
        let pairs = supports.each_ref().map(|support| (&probe[..bytes], &support[..bytes]));
        let (mut found, mut expected) = ([None; PAIRS], [None; PAIRS]);
        let mut places = found.iter_mut();
        let ours = ours.compare_batch(pairs, |score| {
            places.by_ref().take(1).for_each(|place| *place = Some(score.logit));
        });
        let mut places = expected.iter_mut();
        let scalar = scalar.compare_batch(pairs, |score| {
            places.by_ref().take(1).for_each(|place| *place = Some(score.logit));
        });
        ours.and(scalar).map_err(|_| different("the batch"))?;
        if found != expected || found.contains(&None) {
            return Err(different("a logit"));
        }
    }
    Ok(count.next_multiple_of(PAIRS))
}
