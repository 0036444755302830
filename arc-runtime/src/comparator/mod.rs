//! Compares two images: the glimpses in turn, then the score.

mod error;
mod identify;

pub use error::{CompareError, ExtractError, FeatureLength, IdentifyError, WorkspaceTooSmall};
pub use identify::Rating;

use crate::attention::{Attention, Step};
use crate::image::{Image, ImageError};
use crate::kernels::{Kernels, Scalar};
use crate::model::{Dimensions, Model};
use crate::stages::{PairHead, Score};
use crate::workspace::Workspace;

/// Compares images with a model, in memory that it is given: words of 4 bytes, in an array of
/// its own, borrowed (`&'static mut [u32]`, off the stack), or from a heap where there is one.
///
/// Their number comes from [`workspace_words`](crate::workspace_words) while compiling, or from
/// [`Dimensions::workspace_bytes`] where models are met at run time. A model with full context
/// needs more to [`identify`](Self::identify): [`identify_words`](crate::identify_words).
#[derive(Debug, Clone)]
pub struct Comparator<'m, W, K = Scalar> {
    model: Model<'m>,
    dimensions: Dimensions,
    glimpses: usize,
    kernels: K,
    words: W,
}

/// A blank memory and what it is about to look at.
struct Start<'a, K> {
    attention: Attention<'a, K>,
    probe: &'a [i8],
    support: &'a [i8],
    /// The words behind the workspace.
    room: &'a mut [u32],
}

impl<'m, W: AsMut<[u32]>> Comparator<'m, W> {
    /// A comparator with the portable kernels, working in `words`, whatever they hold.
    ///
    /// # Errors
    /// If there are fewer words than the model needs.
    pub fn new(model: &Model<'m>, words: W) -> Result<Self, WorkspaceTooSmall> {
        Self::with_kernels(model, words, Scalar)
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
        let Start { mut attention, probe, support, .. } = self.start(probe, Some(support));
        attention.look(steps, probe, support, trace);
        Ok(attention.score(&head))
    }

    /// The features of an image, to be kept and compared later.
    ///
    /// # Errors
    /// If the image is not of the model's side, or `features` not of its feature length.
    pub fn extract(&mut self, image: &Image<'_>, features: &mut [i8]) -> Result<(), ExtractError> {
        self.check(image)?;
        self.check_features(features)?;
        features.copy_from_slice(self.start(image, None).probe);
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
        let steps = 0..2 * self.glimpses;
        let Start { mut attention, .. } = self.begin();
        attention.look(steps, probe, support, |_| {});
        Ok(attention.score(&head))
    }

    /// Extracts the features of one or two images and begins to look at them.
    fn start<'a>(
        &'a mut self,
        probe: &'a Image<'_>,
        support: Option<&'a Image<'_>>,
    ) -> Start<'a, K> {
        let (dimensions, words) = (self.dimensions, self.words.as_mut());
        let stem = self.model.stem();
        stem.extract(&self.kernels, probe.pixels(), Workspace::probe_space(&dimensions, words));
        if let Some(support) = support {
            let space = Workspace::support_space(&dimensions, words);
            stem.extract(&self.kernels, support.pixels(), space);
        }
        let raw = stem.convolutions().is_empty();
        let mut start = self.begin();
        if raw {
            start.probe = probe.pixels();
            start.support = support.map_or(&[], Image::pixels);
        }
        start
    }

    /// Begins to look at the features that stems have left in the workspace.
    fn begin(&mut self) -> Start<'_, K> {
        let Workspace { probe, support, scratch, room } =
            Workspace::divide(&self.dimensions, self.words.as_mut());
        let attention = Attention::new(&self.model, &self.kernels, scratch);
        Start { attention, probe, support, room }
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

    fn check_features(&self, features: &[i8]) -> Result<(), FeatureLength> {
        let (needed, given) = (self.dimensions.feature_bytes(), features.len());
        if given != needed {
            return Err(FeatureLength { needed, given });
        }
        Ok(())
    }
}
