//! Why something could not be compared.

use core::fmt;

use crate::image::ImageError;

/// Why a comparator cannot be made.
///
/// ```
/// use arc_runtime::{Comparator, ComparatorError, Model};
///
/// let model = Model::load(arc_runtime::include_model!("../../tests/data/tiny.arc"))?;
/// let needed = model.dimensions().workspace_words();
/// let error = Comparator::new(&model, [0; 10]).unwrap_err();
/// assert_eq!(error, ComparatorError::Workspace { needed, given: 10 });
/// # Ok::<(), arc_runtime::LoadError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ComparatorError {
    /// The workspace is too small for the model.
    Workspace {
        /// Words of 4 bytes that the model needs.
        needed: usize,
        /// Words that there are.
        given: usize,
    },
    /// The kernels multiply packed weights alone, and the model's are as they lie in the file.
    NotPacked {
        /// The kernels.
        kernels: &'static str,
    },
}

impl fmt::Display for ComparatorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Workspace { needed, given } => write!(
                f,
                "the workspace has {given} words of 4 bytes, the model needs {needed}; give it \
                 workspace_words or identify_words"
            ),
            Self::NotPacked { kernels } => write!(
                f,
                "the {kernels} kernels multiply packed weights, and this model's are not; call \
                 Model::pack, or take kernels::Scalar"
            ),
        }
    }
}

impl core::error::Error for ComparatorError {}

/// Features are not those of the model.
///
/// ```
/// use arc_runtime::{CompareError, FeatureError};
/// # use arc_runtime::{Comparator, Model};
///
/// # let model = Model::load(arc_runtime::include_model!("../../tests/data/tiny.arc"))?;
/// # let words = vec![0; model.dimensions().workspace_words()];
/// # let mut comparator = Comparator::new(&model, words)?;
/// let (features, short, negative) = ([0; 196], [0; 100], [-1; 196]);
/// let error = comparator.compare_features(&features, &short).unwrap_err();
/// assert_eq!(error, CompareError::Features(FeatureError::Length { needed: 196, given: 100 }));
/// let error = comparator.compare_features(&features, &negative).unwrap_err();
/// assert_eq!(error, CompareError::Features(FeatureError::Negative));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum FeatureError {
    /// They are not as long as the model's.
    Length {
        /// Bytes needed.
        needed: usize,
        /// Bytes given.
        given: usize,
    },
    /// One of them is negative, as no feature is.
    Negative,
}

impl fmt::Display for FeatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { needed, given } => write!(
                f,
                "the features are {given} bytes long and the model's are {needed}; take their \
                 length from feature_bytes(MODEL)"
            ),
            Self::Negative => f.write_str(
                "a feature is negative, so that these are no features; extract them from the image",
            ),
        }
    }
}

impl core::error::Error for FeatureError {}

/// Why an image's features could not be had.
///
/// ```
/// use arc_runtime::{ExtractError, FeatureError, Image, ImageError};
/// # use arc_runtime::{Comparator, Model};
///
/// # let model = Model::load(arc_runtime::include_model!("../../tests/data/tiny.arc"))?;
/// # let words = vec![0; model.dimensions().workspace_words()];
/// # let mut comparator = Comparator::new(&model, words)?;
/// let (pixels, mut features) = ([0; 13 * 13], [0; 196]);
/// let error = comparator.extract(&Image::new(12, &pixels[..144])?, &mut features).unwrap_err();
/// assert_eq!(error, ExtractError::Image(ImageError::Side { needed: 13, given: 12 }));
/// let error = comparator.extract(&Image::new(13, &pixels)?, &mut features[1..]).unwrap_err();
/// assert_eq!(error, ExtractError::Features(FeatureError::Length { needed: 196, given: 195 }));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ExtractError {
    /// The image does not suit the model.
    Image(ImageError),
    /// The buffer for the features does not suit the model.
    Features(FeatureError),
}

impl From<ImageError> for ExtractError {
    fn from(error: ImageError) -> Self {
        Self::Image(error)
    }
}

impl From<FeatureError> for ExtractError {
    fn from(error: FeatureError) -> Self {
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

/// Why two images could not be compared.
///
/// ```
/// use arc_runtime::{CompareError, Image, ImageError};
/// # use arc_runtime::{Comparator, Model};
///
/// # let model = Model::load(arc_runtime::include_model!("../../tests/data/tiny.arc"))?;
/// # let words = vec![0; model.dimensions().workspace_words()];
/// # let mut comparator = Comparator::new(&model, words)?;
/// let pixels = [0; 13 * 13];
/// let (fitting, small) = (Image::new(13, &pixels)?, Image::new(12, &pixels[..144])?);
/// let error = comparator.compare(&fitting, &small).unwrap_err();
/// assert_eq!(error, CompareError::Image(ImageError::Side { needed: 13, given: 12 }));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum CompareError {
    /// An image does not suit the model.
    Image(ImageError),
    /// Features do not suit the model.
    Features(FeatureError),
    /// The model chooses among a fixed number of supports and has no score for a pair.
    NoPairs {
        /// Their number.
        ways: usize,
    },
}

impl From<ImageError> for CompareError {
    fn from(error: ImageError) -> Self {
        Self::Image(error)
    }
}

impl From<FeatureError> for CompareError {
    fn from(error: FeatureError) -> Self {
        Self::Features(error)
    }
}

impl fmt::Display for CompareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image(error) => error.fmt(f),
            Self::Features(error) => error.fmt(f),
            Self::NoPairs { ways } => write!(
                f,
                "the model chooses among {ways} supports and can't compare a pair; take a model \
                 that was trained on pairs"
            ),
        }
    }
}

impl core::error::Error for CompareError {}

/// Why a probe could not be identified.
///
/// ```
/// use arc_runtime::{ExtractError, FeatureError, IdentifyError, Image};
/// # use arc_runtime::{Comparator, Model};
///
/// # let model = Model::load(arc_runtime::include_model!("../../tests/data/tiny.arc"))?;
/// # let words = vec![0; model.dimensions().workspace_words()];
/// # let mut comparator = Comparator::new(&model, words)?;
/// let (pixels, enrolled) = ([0; 13 * 13], [0; 100]);
/// let probe = Image::new(13, &pixels)?;
/// let error = comparator.identify(&probe, [&enrolled[..]], |_| {}).unwrap_err();
/// let features = FeatureError::Length { needed: 196, given: 100 };
/// assert_eq!(error, IdentifyError::Extract(ExtractError::Features(features)));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum IdentifyError {
    /// The probe or the features of a support do not suit the model.
    Extract(ExtractError),
    /// The workspace is too small to identify among this number of supports.
    Memory {
        /// Words of 4 bytes needed.
        needed: usize,
        /// Words of 4 bytes given.
        given: usize,
        /// Number of supports.
        supports: usize,
    },
    /// The model chooses among another number of supports.
    Ways {
        /// The number that it chooses among.
        needed: usize,
        /// The number given.
        given: usize,
    },
}

impl From<ExtractError> for IdentifyError {
    fn from(error: ExtractError) -> Self {
        Self::Extract(error)
    }
}

impl fmt::Display for IdentifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Extract(error) => error.fmt(f),
            Self::Memory { needed, given, supports } => write!(
                f,
                "the comparator has {given} words of memory and needs {needed} to identify among \
                 {supports} supports; give it identify_words(MODEL, {supports})"
            ),
            Self::Ways { needed, given } => write!(
                f,
                "the model chooses among {needed} supports, and there are {given}; enroll {needed}"
            ),
        }
    }
}

impl core::error::Error for IdentifyError {}
