//! What a model makes of a few images, by every set of kernels that the processor has.

use arc_runtime::kernels::{Host, Kernels, Scalar};
use arc_runtime::layers::Line;
use arc_runtime::{Comparator, ComparatorError, Image, Model, Rating};

/// Supports that a probe is compared with, if the model lets the caller choose: more than a batch of
/// four, and not a multiple of it.
const SUPPORTS: usize = 6;
/// Multiply-accumulates and bytes of memory of the models that are run.
const MOST_MACS: u64 = 1 << 23;
const MOST_BYTES: usize = 1 << 20;

/// Identifies a probe by the definition and compares every set of the host with it, with packed weights, and
/// without where a set takes them so; a set that needs them packed has to say so. Models that take too long are
/// left out.
///
/// `pixels` is an image's of that side.
///
/// # Panics
/// If a set gives other bits.
pub fn every_set(model: &Model<'_>, mut pixels: impl FnMut(usize) -> Vec<i8>) {
    let dimensions = model.dimensions();
    let count = if dimensions.ways == 0 { SUPPORTS } else { dimensions.ways };
    let macs = dimensions.identify_macs(count) + (1 + count as u64) * dimensions.stem_macs;
    if 4 * dimensions.identify_words(count, Host::MAX_BATCH) > MOST_BYTES || macs > MOST_MACS {
        return;
    }
    let images: Vec<_> = (0..=count).map(|_| pixels(dimensions.image_side)).collect();
    let mut lines = vec![Line::ZERO; model.packed_lines()];
    let packed = model.pack(&mut lines).expect("as many lines as it asks for");
    let expected = identify(model, Scalar, &images);
    for set in Host::available() {
        assert_eq!(identify(&packed, set, &images), expected, "{}, packed", set.name());
        if set.requires_packed() {
            let words = vec![0; dimensions.workspace_words()];
            let refused = Comparator::with_kernels(model, words, set).err();
            assert_eq!(refused, Some(ComparatorError::NotPacked { kernels: set.name() }));
        } else {
            assert_eq!(identify(model, set, &images), expected, "{}", set.name());
        }
    }
}

/// The features of all images, and how alike the first is to each of the others.
fn identify(
    model: &Model<'_>,
    kernels: impl Kernels,
    images: &[Vec<i8>],
) -> (Vec<Vec<i8>>, Vec<Rating>) {
    let dimensions = model.dimensions();
    let words = dimensions.identify_words(images.len() - 1, Host::MAX_BATCH);
    let mut comparator = Comparator::with_kernels(model, vec![0; words], kernels)
        .expect("as much memory as the model asks for");
    let image = |pixels| Image::new(dimensions.image_side, pixels).expect("a model's own side");
    let features = images.iter().map(|pixels| {
        let mut features = vec![0; dimensions.feature_bytes()];
        comparator.extract(&image(pixels), &mut features).expect("a model's own side");
        features
    });
    let features: Vec<_> = features.collect();
    let supports = features[1..].iter().map(Vec::as_slice);
    let mut ratings = Vec::new();
    comparator
        .identify(&image(&images[0]), supports, |rating| ratings.push(rating))
        .expect("as many supports as the model chooses among");
    (features, ratings)
}
