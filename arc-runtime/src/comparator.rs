//! Compares two images: the glimpses in turn, then the score.

use core::fmt;

use crate::attention::{Attention, Step};
use crate::image::{Image, ImageError};
use crate::kernels::{Kernels, Scalar};
use crate::model::{Dimensions, Model};
use crate::stages::Score;
use crate::workspace::Workspace;

/// The comparator's memory is smaller than its model needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct WorkspaceTooSmall {
    /// Words of 4 bytes needed.
    pub needed: usize,
    /// Words of 4 bytes given.
    pub given: usize,
}

impl fmt::Display for WorkspaceTooSmall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { needed, given } = self;
        write!(
            f,
            "the comparator has {given} words of memory and the model needs {needed}; give it \
             workspace_words(MODEL)"
        )
    }
}

impl core::error::Error for WorkspaceTooSmall {}

/// Features are not as long as the model's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FeatureLength {
    /// Bytes needed.
    pub needed: usize,
    /// Bytes given.
    pub given: usize,
}

impl fmt::Display for FeatureLength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { needed, given } = self;
        write!(
            f,
            "the features are {given} bytes long and the model's are {needed}; take their \
             length from feature_bytes(MODEL)"
        )
    }
}

impl core::error::Error for FeatureLength {}

/// Why an image's features could not be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ExtractError {
    /// The image does not suit the model.
    Image(ImageError),
    /// The buffer for the features does not suit the model.
    Features(FeatureLength),
}

impl From<ImageError> for ExtractError {
    fn from(error: ImageError) -> Self {
        Self::Image(error)
    }
}

impl From<FeatureLength> for ExtractError {
    fn from(error: FeatureLength) -> Self {
        Self::Features(error)
    }
}

impl fmt::Display for ExtractError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image(error) => error.fmt(f),
            Self::Features(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ExtractError {}

/// Compares images with a model, in memory that it is given: words of 4 bytes, in an array of
/// its own, borrowed (`&'static mut [u32]`, off the stack), or from a heap where there is one.
///
/// Their number comes from [`workspace_words`](crate::workspace_words) while compiling, or from
/// [`Dimensions::workspace_bytes`] where models are met at run time.
#[derive(Debug, Clone)]
pub struct Comparator<'m, W, K = Scalar> {
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
    /// If an image is not of the model's side.
    pub fn compare(&mut self, probe: &Image<'_>, support: &Image<'_>) -> Result<Score, ImageError> {
        self.compare_traced(probe, support, |_| {})
    }

    /// [`compare`](Self::compare), showing each step as it happens.
    ///
    /// # Errors
    /// If an image is not of the model's side.
    pub fn compare_traced(
        &mut self,
        probe: &Image<'_>,
        support: &Image<'_>,
        trace: impl FnMut(&Step<'_>),
    ) -> Result<Score, ImageError> {
        self.check(probe)?;
        self.check(support)?;
        let steps = 0..2 * self.glimpses;
        let (mut attention, probe, support) = self.start(probe, Some(support));
        attention.look(steps, probe, support, trace);
        Ok(attention.score())
    }

    /// The features of an image, to be kept and compared later.
    ///
    /// # Errors
    /// If the image is not of the model's side, or `features` not of its feature length.
    pub fn extract(&mut self, image: &Image<'_>, features: &mut [i8]) -> Result<(), ExtractError> {
        self.check(image)?;
        self.check_features(features)?;
        let (_, extracted, _) = self.start(image, None);
        features.copy_from_slice(extracted);
        Ok(())
    }

    /// How alike two images are, from their features.
    ///
    /// # Errors
    /// If features are not of the model's feature length.
    pub fn compare_features(
        &mut self,
        probe: &[i8],
        support: &[i8],
    ) -> Result<Score, FeatureLength> {
        self.check_features(probe)?;
        self.check_features(support)?;
        let workspace = Workspace::divide(&self.dimensions, self.words.as_mut());
        let mut attention = Attention::new(&self.model, &self.kernels, workspace.scratch);
        attention.look(0..2 * self.glimpses, probe, support, |_| {});
        Ok(attention.score())
    }

    /// The scores of one probe against many supports, in the order of their features.
    ///
    /// The probe's features and the first step, which sees the probe alone, are computed
    /// once; the scores have the same bits as those of single comparisons.
    ///
    /// # Errors
    /// If the probe is not of the model's side, or features not of its feature length;
    /// the scores of the supports before these have been given then.
    pub fn compare_each<'f>(
        &mut self,
        probe: &Image<'_>,
        supports: impl IntoIterator<Item = &'f [i8]>,
        mut each: impl FnMut(Score),
    ) -> Result<(), ExtractError> {
        self.check(probe)?;
        let (steps, needed) = (2 * self.glimpses, self.dimensions.feature_bytes());
        let (mut attention, probe, _) = self.start(probe, None);
        attention.look(0..1, probe, &[], |_| {});
        attention.keep();
        for support in supports {
            let given = support.len();
            if given != needed {
                return Err(FeatureLength { needed, given }.into());
            }
            attention.recall();
            attention.look(1..steps, probe, support, |_| {});
            each(attention.score());
        }
        Ok(())
    }

    /// Extracts the features of one or two images and begins a comparison of them.
    fn start<'a>(
        &'a mut self,
        probe: &'a Image<'_>,
        support: Option<&'a Image<'_>>,
    ) -> (Attention<'a, K>, &'a [i8], &'a [i8]) {
        let Self { model, dimensions, kernels, words, .. } = self;
        let (words, stem) = (words.as_mut(), model.stem());
        stem.extract(kernels, probe.pixels(), Workspace::probe_space(words));
        if let Some(support) = support {
            let space = Workspace::support_space(dimensions, words);
            stem.extract(kernels, support.pixels(), space);
        }
        let Workspace { probe: probe_map, support: support_map, scratch } =
            Workspace::divide(dimensions, words);
        let attention = Attention::new(model, kernels, scratch);
        if stem.convolutions().is_empty() {
            let support = support.map_or(&[][..], Image::pixels);
            (attention, probe.pixels(), support)
        } else {
            (attention, probe_map, support_map)
        }
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
