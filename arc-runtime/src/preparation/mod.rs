//! What happens to a picture before the network gets it: a part of the model, and of its file.
//!
//! All of it is integer arithmetic on the frame where it lies: nothing is copied, and what is kept of the frame, a few
//! kilobytes on the stack, does not grow with it. `ARITHMETIC.md` has each step to the bit.

mod bitmap;
mod cut;
mod error;
mod ink;
mod light;
mod page;
mod photo;

use serde::{Deserialize, Serialize};

pub use error::PrepareError;

use crate::image::{Frame, Image, Ink, image_of};

/// Most rows and columns of an image that is prepared, those of the largest that a model takes.
pub const MAX_SIDE: usize = 128;

/// How the pictures for a model are prepared.
///
/// ```
/// use arc_runtime::preparation::{InkPreparation, Preparation};
/// use arc_runtime::Frame;
///
/// // Gray paper in a slanting light, and a bar of 4 x 30 pixels somewhere on it.
/// let mut page = [0; 90 * 60];
/// for (k, gray) in page.iter_mut().enumerate() {
///     let (x, y) = (k % 90, k / 90);
///     let paper = 120 + x + y / 2;
///     *gray = if (60..64).contains(&x) && (20..50).contains(&y) { paper / 3 } else { paper } as u8;
/// }
/// let mut pixels = [0; 32 * 32];
/// let preparation = Preparation::Ink(InkPreparation::default());
/// let image = preparation.prepare(&Frame::new(90, 60, &page)?, 32, &mut pixels)?;
/// // The bar is black, in the middle, and nearly as high as the image.
/// let column: Vec<_> = image.pixels().chunks(32).map(|row| row[16]).collect();
/// assert!(column[..2].iter().all(|&ink| ink == 0) && column[3..29].iter().all(|&ink| ink == 127));
/// assert!(image.pixels().chunks(32).all(|row| row[..12].iter().all(|&ink| ink == 0)));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Preparation {
    /// The picture is averaged down to the image's side; dark is ink. For pictures that were prepared elsewhere.
    #[default]
    None,
    /// For drawings, writing, symbols, signatures.
    Ink(InkPreparation),
    /// For objects, faces, signs.
    Photo(PhotoPreparation),
}

/// How drawings are prepared: paper and light are taken out, the ink is found and cut out, and its contrast stretched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InkPreparation {
    /// What is ink.
    pub polarity: Polarity,
    /// Paper left around the ink on each side, Q8 of the ink's longer side: 0..=64.
    pub margin: u8,
    /// The least side of what is cut out without the margin, Q8 of the frame's longer side: a single dot does not
    /// fill the image.
    pub least: u8,
}

impl Default for InkPreparation {
    /// A margin of 6 %, and no magnifying of less than a sixteenth of the frame.
    fn default() -> Self {
        Self { polarity: Polarity::Found, margin: 15, least: 16 }
    }
}

/// Which of a picture's gray levels is ink.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Polarity {
    /// Found for each picture: paper is what there is more of.
    Found,
    /// Dark strokes on bright paper.
    Dark,
    /// Bright strokes on a dark ground.
    Bright,
}

/// How photos are prepared: the square in the middle is averaged down, and its contrast normalized.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PhotoPreparation {
    /// What the contrast is normalized over.
    pub contrast: Contrast,
}

/// What the contrast of a photo is normalized over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Contrast {
    /// The whole image.
    Global,
    /// A square of half the image's side around each pixel: takes out slow changes of light.
    Local,
}

/// Widest margin, Q8.
pub(crate) const MAX_MARGIN: u8 = 64;

impl Preparation {
    /// Prepares a frame: a square image of `side`, written to `pixels`.
    ///
    /// # Errors
    /// If nothing is drawn on the frame, the side is 0 or over [`MAX_SIDE`], or the buffer is too small.
    pub fn prepare<'b>(
        &self,
        frame: &Frame<'_>,
        side: usize,
        pixels: &'b mut [i8],
    ) -> Result<Image<'b>, PrepareError> {
        if !(1..=MAX_SIDE).contains(&side) {
            return Err(PrepareError::Side { found: side });
        }
        match self {
            Self::None => Ok(frame.shrink(side, Ink::Dark, pixels)?),
            Self::Ink(kind) => {
                image_of(side, pixels, |pixels| ink::prepare(frame, kind, side, pixels))
            }
            Self::Photo(kind) => photo::prepare(frame, *kind, side, pixels),
        }
    }
}
