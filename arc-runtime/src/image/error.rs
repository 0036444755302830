//! Why an image cannot be used.

use core::fmt;

use super::MAX_FRAME_SIDE;

/// Why an image cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ImageError {
    /// The data have not the length that the image's size asks for.
    Length {
        /// Bytes asked for.
        needed: usize,
        /// Bytes given.
        given: usize,
    },
    /// The buffer is too small for the image.
    Buffer {
        /// Pixels of the image.
        needed: usize,
        /// Length of the buffer.
        given: usize,
    },
    /// The image is not of the side that the model takes.
    Side {
        /// The model's side in pixels.
        needed: usize,
        /// The image's side in pixels.
        given: usize,
    },
    /// The image or the part to be cut out has no pixels.
    Empty,
    /// A side of the image is over [`MAX_FRAME_SIDE`].
    TooLarge {
        /// The longer side in pixels.
        found: usize,
    },
    /// The part to be cut out reaches beyond the image.
    Crop,
    /// A pixel is not in 0..=127.
    Pixel {
        /// Its index.
        index: usize,
        /// Its value.
        found: i8,
    },
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Length { needed, given } => {
                write!(f, "the image has {given} bytes where its size asks for {needed}")
            }
            Self::Buffer { needed, given } => {
                write!(f, "the buffer holds {given} of the image's {needed} pixels")
            }
            Self::Side { needed, given } => write!(
                f,
                "the image is {given} pixels wide and high, the model takes {needed}; \
                 scale it with Frame::shrink"
            ),
            Self::Empty => f.write_str("the image has no pixels"),
            Self::TooLarge { found } => {
                write!(f, "a side of {found} pixels is too long, allowed is 1 to {MAX_FRAME_SIDE}")
            }
            Self::Crop => f.write_str("the part to cut out reaches beyond the image"),
            Self::Pixel { index, found } => {
                write!(f, "pixel {index} is {found}, allowed is 0 to 127")
            }
        }
    }
}

impl core::error::Error for ImageError {}
