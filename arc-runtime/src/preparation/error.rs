//! Why a picture cannot be prepared.

use core::fmt;

use super::MAX_SIDE;
use crate::image::ImageError;

/// Why a picture cannot be prepared.
///
/// ```
/// use arc_runtime::Frame;
/// use arc_runtime::preparation::{InkPreparation, Preparation, PrepareError};
///
/// let empty_page = [230; 40 * 30];
/// let preparation = Preparation::Ink(InkPreparation::default());
/// let mut pixels = [0; 32 * 32];
/// let frame = Frame::new(40, 30, &empty_page)?;
/// assert_eq!(preparation.prepare(&frame, 32, &mut pixels), Err(PrepareError::Blank));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum PrepareError {
    /// Nothing on it stands out as ink: it is blank, or all noise.
    Blank,
    /// The image's side is 0 or too large.
    Side {
        /// The side in pixels.
        found: usize,
    },
    /// The buffer does not fit the image.
    Image(ImageError),
}

impl From<ImageError> for PrepareError {
    fn from(error: ImageError) -> Self {
        Self::Image(error)
    }
}

impl fmt::Display for PrepareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Blank => f.write_str("nothing is drawn on the picture"),
            Self::Side { found } => {
                write!(f, "a side of {found} pixels cannot be prepared, allowed is 1 to {MAX_SIDE}")
            }
            Self::Image(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for PrepareError {}
