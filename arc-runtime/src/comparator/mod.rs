//! Compares two images: the glimpses in turn, then the score.

mod batch;
mod buffers;
mod error;
mod identify;
mod workspace;

pub use error::{ComparatorError, CompareError, ExtractError, FeatureError, IdentifyError};
pub use identify::Rating;
pub use workspace::Workspace;

use core::ops::RangeInclusive;

use crate::comparator::buffers::Buffers;
use crate::format::Dimensions;
use crate::image::{Image, ImageError};
use crate::kernels::{Kernels, Native};
use crate::model::Model;
use crate::network::{PairHead, Recurrence, Score, Step};
use crate::slices::{copy, front};

/// Compares images with a model, in memory that it is given: words of 4 bytes, in an array of
/// its own, borrowed (`&'static mut [u32]`, off the stack), or from a heap where there is one.
///
/// Their number comes from [`workspace_words`](crate::workspace_words) while compiling, or from
/// [`Dimensions::workspace_words`] where models are met at run time. To
/// [`identify`](Self::identify) it needs more: [`identify_words`](crate::identify_words), or
/// [`Dimensions::identify_words`].
///
/// ```
/// use arc_runtime::{Comparator, Image, Model};
///
/// let model = Model::load(arc_runtime::include_model!("../../tests/data/tiny.arc"))?;
/// let sizes = model.dimensions();
/// let mut comparator = Comparator::new(&model, vec![0; sizes.workspace_words()])?;
///
/// let (paper, ink) = ([0; 13 * 13], [127; 13 * 13]);
/// let (probe, support) = (Image::new(13, &paper)?, Image::new(13, &ink)?);
/// let score = comparator.compare(&probe, &support)?;
///
/// // What is compared again and again is kept as features.
/// let mut features = [vec![0; sizes.feature_bytes()], vec![0; sizes.feature_bytes()]];
/// comparator.extract(&probe, &mut features[0])?;
/// comparator.extract(&support, &mut features[1])?;
/// assert_eq!(comparator.compare_features(&features[0], &features[1])?, score);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Comparator<'m, W, K = Native> {
    model: Model<'m>,
    dimensions: Dimensions,
    glimpses: usize,
    kernels: K,
    words: W,
}

impl<'m, W: AsMut<[u32]>> Comparator<'m, W> {
    /// A comparator with the kernels of the target that this is compiled for, working in `words`, whatever they
    /// hold.
    ///
    /// On a Cortex-M these are the kernels of its instruction set; on x86-64 the scalar ones, unless the build
    /// asks for more (`-Ctarget-cpu`). A host that finds out at run time takes
    /// [`with_kernels`](Self::with_kernels) and `kernels::Host::choose`, with the feature `std`.
    ///
    /// # Errors
    /// If there are fewer words than the model needs, or the kernels want its weights packed.
    pub fn new(model: &Model<'m>, words: W) -> Result<Self, ComparatorError> {
        Self::with_kernels(model, words, Native)
    }
}

impl<'m, W: AsMut<[u32]>, K: Kernels> Comparator<'m, W, K> {
    /// A comparator with the kernels of an instruction set.
    ///
    /// # Errors
    /// If there are fewer words than the model needs, or the kernels want its weights packed.
    pub fn with_kernels(
        model: &Model<'m>,
        mut words: W,
        kernels: K,
    ) -> Result<Self, ComparatorError> {
        if kernels.requires_packed() && !model.is_packed() {
            return Err(ComparatorError::NotPacked { kernels: kernels.name() });
        }
        let dimensions = model.dimensions();
        let (needed, given) = (dimensions.workspace_words(), words.as_mut().len());
        if given < needed {
            return Err(ComparatorError::Workspace { needed, given });
        }
        Ok(Self {
            model: model.clone(),
            dimensions,
            glimpses: dimensions.glimpses_per_image,
            kernels,
            words,
        })
    }

    /// The model.
    pub fn model(&self) -> &Model<'m> {
        &self.model
    }

    /// Decides after `per_image` glimpses of each image instead of the model's number:
    /// sooner, and less surely. A number outside of 1 to the model's becomes the nearer of the two.
    pub fn limit_glimpses(&mut self, per_image: usize) {
        self.glimpses = per_image.clamp(1, self.dimensions.glimpses_per_image);
    }

    /// How alike two images are. The order matters a little: the probe is seen first.
    ///
    /// # Errors
    /// If an image is not of the model's side, or the model compares no pairs.
    pub fn compare(
        &mut self,
        probe: &Image<'_>,
        support: &Image<'_>,
    ) -> Result<Score, CompareError> {
        self.compare_traced(probe, support, |_| {})
    }

    /// [`compare`](Self::compare), showing each step as it happens.
    ///
    /// # Errors
    /// Like [`compare`](Self::compare).
    pub fn compare_traced(
        &mut self,
        probe: &Image<'_>,
        support: &Image<'_>,
        trace: impl FnMut(&Step<'_>),
    ) -> Result<Score, CompareError> {
        let head = self.pair_head()?;
        self.check(probe)?;
        self.check(support)?;
        let steps = 0..2 * self.glimpses;
        let (mut recurrence, probe, support) = self.start(probe, support);
        recurrence.run(steps, probe, support, trace);
        Ok(recurrence.score(0, &head))
    }

    /// The features of an image, to be kept and compared later.
    ///
    /// # Errors
    /// If the image is not of the model's side, or `features` not of its feature length.
    pub fn extract(&mut self, image: &Image<'_>, features: &mut [i8]) -> Result<(), ExtractError> {
        self.check(image)?;
        self.check_length(features)?;
        if self.model.network().stem.convolutions().is_empty() {
            copy(features, image.pixels());
            return Ok(());
        }
        let len = features.len();
        copy(features, front(self.extract_probe(image), len));
        Ok(())
    }

    /// How alike two images are, from their features.
    ///
    /// # Errors
    /// If features are not of the model's feature length, or the model compares no pairs.
    pub fn compare_features(
        &mut self,
        probe: &[i8],
        support: &[i8],
    ) -> Result<Score, CompareError> {
        let head = self.pair_head()?;
        self.check_features(probe)?;
        self.check_features(support)?;
        Ok(self.score(&head, probe, support))
    }

    /// The score of features that have been checked.
    fn score(&mut self, head: &PairHead<'_>, probe: &[i8], support: &[i8]) -> Score {
        let steps = 0..2 * self.glimpses;
        let Buffers { scratch, .. } = Buffers::pair(&self.dimensions, self.words.as_mut());
        let mut recurrence = Recurrence::new(self.model.network(), &self.kernels, scratch);
        recurrence.run(steps, probe, support, |_| {});
        recurrence.score(0, head)
    }

    /// The largest batch of `range` for which the comparator has enough words.
    fn largest_batch(
        &mut self,
        range: RangeInclusive<usize>,
        needed: impl Fn(&Dimensions, usize) -> usize,
    ) -> Option<usize> {
        let given = self.words.as_mut().len();
        range.rev().find(|&batch| needed(&self.dimensions, batch) <= given)
    }

    /// Extracts the features of two images and begins with their state.
    fn start<'a>(
        &'a mut self,
        probe: &'a Image<'_>,
        support: &'a Image<'_>,
    ) -> (Recurrence<'a, K>, &'a [i8], &'a [i8]) {
        self.extract_probe(probe);
        let (dimensions, words) = (self.dimensions, self.words.as_mut());
        let space = Buffers::support_space(&dimensions, words);
        let stem = &self.model.network().stem;
        stem.extract(&self.kernels, support.pixels(), space);
        let raw = stem.convolutions().is_empty();
        let buffers = Buffers::pair(&dimensions, words);
        let recurrence = Recurrence::new(self.model.network(), &self.kernels, buffers.scratch);
        if raw {
            return (recurrence, probe.pixels(), support.pixels());
        }
        (recurrence, buffers.probe, buffers.support)
    }

    /// Leaves the probe's features at the front of the memory, if there is a stem.
    fn extract_probe(&mut self, probe: &Image<'_>) -> &[i8] {
        let space = Buffers::probe_space(&self.dimensions, self.words.as_mut());
        self.model.network().stem.extract(&self.kernels, probe.pixels(), space);
        space
    }

    /// The head that scores pairs.
    fn pair_head(&self) -> Result<PairHead<'m>, CompareError> {
        let ways = self.dimensions.ways;
        self.model.network().decision.pair().copied().ok_or(CompareError::NoPairs { ways })
    }

    fn check(&self, image: &Image<'_>) -> Result<(), ImageError> {
        let (needed, given) = (self.dimensions.image_side, image.side());
        if given != needed {
            return Err(ImageError::Side { needed, given });
        }
        Ok(())
    }

    fn check_length(&self, features: &[i8]) -> Result<(), FeatureError> {
        let (needed, given) = (self.dimensions.feature_bytes(), features.len());
        if given != needed {
            return Err(FeatureError::Length { needed, given });
        }
        Ok(())
    }

    fn check_features(&self, features: &[i8]) -> Result<(), FeatureError> {
        self.check_length(features)?;
        // All bits together are negative if one number is.
        match features.iter().fold(0, |all, &feature| all | feature) {
            0.. => Ok(()),
            _ => Err(FeatureError::Negative),
        }
    }
}
