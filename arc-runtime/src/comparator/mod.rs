//! Compares two images: the glimpses in turn, then the score.

mod batch;
mod error;
mod identify;

pub use error::{CompareError, ExtractError, FeatureError, IdentifyError, WorkspaceTooSmall};
pub use identify::Rating;

use core::ops::RangeInclusive;

use crate::attention::{Attention, Step};
use crate::image::{Image, ImageError};
use crate::kernels::{Kernels, Native};
use crate::model::{Dimensions, Model};
use crate::parts::copy;
use crate::stages::{PairHead, Score};
use crate::workspace::Workspace;

/// Compares images with a model, in memory that it is given: words of 4 bytes, in an array of
/// its own, borrowed (`&'static mut [u32]`, off the stack), or from a heap where there is one.
///
/// Their number comes from [`workspace_words`](crate::workspace_words) while compiling, or from
/// [`Dimensions::workspace_bytes`] where models are met at run time. To
/// [`identify`](Self::identify) it needs more: [`identify_words`](crate::identify_words), or
/// [`Dimensions::identify_bytes`].
#[derive(Debug, Clone)]
pub struct Comparator<'m, W, K = Native> {
    model: Model<'m>,
    dimensions: Dimensions,
    glimpses: usize,
    kernels: K,
    words: W,
}

impl<'m, W: AsMut<[u32]>> Comparator<'m, W> {
    /// A comparator with the portable kernels, working in `words`, whatever they hold.
    ///
    /// # Errors
    /// If there are fewer words than the model needs.
    pub fn new(model: &Model<'m>, words: W) -> Result<Self, WorkspaceTooSmall> {
        Self::with_kernels(model, words, Native)
    }
}

impl<'m, W: AsMut<[u32]>, K: Kernels> Comparator<'m, W, K> {
    /// A comparator with the kernels of an instruction set.
    ///
    /// # Errors
    /// If there are fewer words than the model needs.
    pub fn with_kernels(
        model: &Model<'m>,
        mut words: W,
        kernels: K,
    ) -> Result<Self, WorkspaceTooSmall> {
        let dimensions = model.dimensions();
        let (needed, given) = (dimensions.workspace_bytes() / 4, words.as_mut().len());
        if given < needed {
            return Err(WorkspaceTooSmall { needed, given });
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
    /// sooner, and less surely. Held within 1 and the model's number.
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
        let (mut attention, probe, support) = self.start(probe, support);
        attention.look(steps, probe, support, trace);
        Ok(attention.score(0, &head))
    }

    /// The features of an image, to be kept and compared later.
    ///
    /// # Errors
    /// If the image is not of the model's side, or `features` not of its feature length.
    pub fn extract(&mut self, image: &Image<'_>, features: &mut [i8]) -> Result<(), ExtractError> {
        self.check(image)?;
        self.check_length(features)?;
        if self.model.stem().convolutions().is_empty() {
            copy(features, image.pixels());
            return Ok(());
        }
        copy(features, self.extract_probe(image));
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
        let Workspace { scratch, .. } = Workspace::pair(&self.dimensions, self.words.as_mut());
        let mut attention = Attention::new(&self.model, &self.kernels, scratch);
        attention.look(steps, probe, support, |_| {});
        attention.score(0, head)
    }

    /// The most pairs in lock-step, of `range`, whose `bytes` the comparator has.
    fn most_lanes(
        &mut self,
        range: RangeInclusive<usize>,
        bytes: impl Fn(&Dimensions, usize) -> usize,
    ) -> Option<usize> {
        let given = self.words.as_mut().len();
        range.rev().find(|&lanes| bytes(&self.dimensions, lanes) / 4 <= given)
    }

    /// Extracts the features of two images and begins to look at them.
    fn start<'a>(
        &'a mut self,
        probe: &'a Image<'_>,
        support: &'a Image<'_>,
    ) -> (Attention<'a, K>, &'a [i8], &'a [i8]) {
        self.extract_probe(probe);
        let (dimensions, words) = (self.dimensions, self.words.as_mut());
        let space = Workspace::support_space(&dimensions, words);
        let stem = self.model.stem();
        stem.extract(&self.kernels, support.pixels(), space);
        let raw = stem.convolutions().is_empty();
        let workspace = Workspace::pair(&dimensions, words);
        let attention = Attention::new(&self.model, &self.kernels, workspace.scratch);
        if raw {
            return (attention, probe.pixels(), support.pixels());
        }
        (attention, workspace.probe, workspace.support)
    }

    /// Leaves the probe's features at the front of the memory, if there is a stem.
    fn extract_probe(&mut self, probe: &Image<'_>) -> &[i8] {
        let space = Workspace::probe_space(&self.dimensions, self.words.as_mut());
        self.model.stem().extract(&self.kernels, probe.pixels(), space);
        space
    }

    /// The head that scores pairs.
    fn pair_head(&self) -> Result<PairHead<'m>, CompareError> {
        let ways = self.dimensions.ways;
        self.model.decision().pair().copied().ok_or(CompareError::NoPairs { ways })
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
