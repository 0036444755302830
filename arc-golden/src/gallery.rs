//! Probes among several supports, compared with their records.

use arc_runtime::kernels::Kernels;
use arc_runtime::layers::Line;
use arc_runtime::{Comparator, Image, Model};

use crate::check::{Difference, PIXELS, UNPACKED, UNUSABLE, load, same};
use crate::record::{Identification, MAX_SUPPORTS, Picture, records};
use crate::{GALLERIES, GALLERY_WORDS as WORDS, Golden, features};

/// Bytes that hold the features of any of the models.
const FEATURES: usize = features(&GALLERIES);

/// What was found to be as recorded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Identified {
    /// Probes.
    pub probes: usize,
    /// Supports that they were rated with.
    pub supports: usize,
}

/// Identifies all probes of `golden` with `kernels`: features and ratings are to be the recorded
/// ones.
///
/// # Errors
/// The first difference.
pub fn identify(golden: &Golden, kernels: impl Kernels + Clone) -> Result<Identified, Difference> {
    all_probes(golden, &load(golden)?, kernels)
}

/// [`identify`] with the model's weights packed in `lines`, for kernels with wide vectors.
///
/// # Errors
/// The first difference, or that there are too few lines.
pub fn identify_packed(
    golden: &Golden,
    kernels: impl Kernels + Clone,
    lines: &mut [Line],
) -> Result<Identified, Difference> {
    all_probes(golden, &load(golden)?.pack(lines).map_err(|_| UNPACKED)?, kernels)
}

/// Not to be inlined: its memory is not yet taken while the model is loaded, which takes much, too.
#[inline(never)]
fn all_probes(
    golden: &Golden,
    model: &Model<'_>,
    kernels: impl Kernels + Clone,
) -> Result<Identified, Difference> {
    let mut comparator =
        Comparator::with_kernels(model, [0; WORDS], kernels).map_err(|_| UNUSABLE)?;
    let mut identified = Identified::default();
    for (number, record) in records(golden.vectors).enumerate() {
        let different = |what| Difference { pair: number, step: None, what };
        let record = record.map_err(|_| different("the record"))?;
        identified.supports += one(&mut comparator, &record).map_err(different)?;
        identified.probes += 1;
    }
    Ok(identified)
}

/// Identifies one probe; the number of its supports.
fn one<K: Kernels>(
    comparator: &mut Comparator<'_, [u32; WORDS], K>,
    record: &Identification<'_>,
) -> Result<usize, &'static str> {
    let mut gallery = [[0; FEATURES]; MAX_SUPPORTS];
    let bytes = comparator.model().dimensions().feature_bytes();
    for (features, picture) in gallery.iter_mut().zip(&record.supports) {
        extract(comparator, picture, features)?;
    }
    let mut probe = [0; FEATURES];
    let probe = extract(comparator, &record.probe, &mut probe)?;
    let supports = gallery[..record.supports.len()].iter().map(|features| &features[..bytes]);
    let (mut expected, mut alike) = (record.ratings.iter(), true);
    let rated = comparator.identify_features(probe, supports, |rating| {
        let found = (rating.score.logit, rating.pair.map(|pair| pair.logit));
        alike &= expected.next() == Some(&found);
    });
    rated.map_err(|_| "the number of supports")?;
    if alike && expected.next().is_none() { Ok(record.supports.len()) } else { Err("a rating") }
}

/// The features of a picture, found to be the recorded ones.
fn extract<'f, K: Kernels>(
    comparator: &mut Comparator<'_, [u32; WORDS], K>,
    picture: &Picture<'_>,
    features: &'f mut [i8],
) -> Result<&'f [i8], &'static str> {
    let dimensions = comparator.model().dimensions();
    let mut pixels = [0; PIXELS];
    let image = Image::from_bits(dimensions.image_side, picture.bits, &mut pixels);
    let image = image.map_err(|_| "the image")?;
    let features = features.get_mut(..dimensions.feature_bytes()).ok_or("the room for features")?;
    comparator.extract(&image, features).map_err(|_| "the image")?;
    if same(picture.features, features) { Ok(features) } else { Err("the features") }
}
