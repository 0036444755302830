//! Images in the form that a model looks at: square, one i8 of ink per pixel.

use core::fmt;

/// Which values of a grey image are ink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Ink {
    /// Dark strokes on a bright ground: 0 is full ink.
    Dark,
    /// Bright strokes on a dark ground: 255 is full ink.
    Bright,
}

impl Ink {
    /// The pixel (0..=127) of a grey value.
    const fn pixel(self, grey: u8) -> i8 {
        let ink = match self {
            Self::Dark => 255 - grey,
            Self::Bright => grey,
        };
        (ink >> 1) as i8
    }
}

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
    /// The image is not of the side that the model looks at.
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
                write!(f, "the buffer has room for {given} of the image's {needed} pixels")
            }
            Self::Side { needed, given } => write!(
                f,
                "the image is {given} pixels wide and high, the model looks at {needed}; \
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

/// A square image, borrowed: 0 is paper, 127 full ink.
///
/// ```
/// use arc_runtime::{Image, Ink};
///
/// let scan = [255; 8 * 8]; // bright paper
/// let mut pixels = [0; 8 * 8];
/// let image = Image::from_grey(8, &scan, Ink::Dark, &mut pixels)?;
/// assert!(image.pixels().iter().all(|&pixel| pixel == 0));
/// # Ok::<(), arc_runtime::ImageError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Image<'a> {
    side: usize,
    pixels: &'a [i8],
}

impl<'a> Image<'a> {
    /// An image of pixels that are already 0..=127, row by row.
    ///
    /// # Errors
    /// If there are not `side` squared pixels, none at all, or one is negative.
    pub fn new(side: usize, pixels: &'a [i8]) -> Result<Self, ImageError> {
        check_length(side, side, pixels.len())?;
        if let Some(index) = pixels.iter().position(|&pixel| pixel < 0) {
            let found = pixels[index];
            return Err(ImageError::Pixel { index, found });
        }
        Ok(Self { side, pixels })
    }

    /// An image from 8-bit grey rows, written to `pixels`.
    ///
    /// # Errors
    /// If there are not `side` squared bytes, none at all, or the buffer is too small.
    pub fn from_grey(
        side: usize,
        grey: &[u8],
        ink: Ink,
        pixels: &'a mut [i8],
    ) -> Result<Self, ImageError> {
        check_length(side, side, grey.len())?;
        let pixels = room(side, pixels)?;
        for (pixel, &grey) in pixels.iter_mut().zip(grey) {
            *pixel = ink.pixel(grey);
        }
        Ok(Self { side, pixels })
    }

    /// An image from packed bits, written to `pixels`: 1 is ink, the leftmost pixel in the
    /// most significant bit, each row beginning a new byte.
    ///
    /// # Errors
    /// If there are not `side` rows of `side / 8` bytes (rounded up), none at all, or the
    /// buffer is too small.
    pub fn from_bits(side: usize, bits: &[u8], pixels: &'a mut [i8]) -> Result<Self, ImageError> {
        let row_bytes = side.div_ceil(8);
        check_length(row_bytes, side, bits.len())?;
        let pixels = room(side, pixels)?;
        let rows = pixels.chunks_exact_mut(side.max(1)).zip(bits.chunks_exact(row_bytes.max(1)));
        for (pixels, bits) in rows {
            for (pixels, byte) in pixels.chunks_mut(8).zip(bits) {
                for (k, pixel) in pixels.iter_mut().enumerate() {
                    *pixel = 127 * (byte >> (7 - k) & 1) as i8;
                }
            }
        }
        Ok(Self { side, pixels })
    }

    /// Rows and columns.
    pub fn side(&self) -> usize {
        self.side
    }

    /// The pixels row by row, 0..=127.
    pub fn pixels(&self) -> &'a [i8] {
        self.pixels
    }
}

/// An 8-bit grey picture of any size, such as a camera's, or a part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    width: usize,
    height: usize,
    /// Bytes from one row to the next.
    stride: usize,
    grey: &'a [u8],
}

/// Most rows and columns of a picture.
pub const MAX_FRAME_SIDE: usize = u16::MAX as usize;

impl<'a> Frame<'a> {
    /// A picture of `height` rows of `width` bytes.
    ///
    /// # Errors
    /// If the length does not match, a side is 0 or over [`MAX_FRAME_SIDE`].
    pub fn new(width: usize, height: usize, grey: &'a [u8]) -> Result<Self, ImageError> {
        check_length(width, height, grey.len())?;
        Ok(Self { width, height, stride: width, grey })
    }

    /// The part from column `x` and row `y` on; nothing is copied.
    ///
    /// # Errors
    /// If the part is empty or reaches beyond the picture.
    pub fn crop(self, x: usize, y: usize, width: usize, height: usize) -> Result<Self, ImageError> {
        if width == 0 || height == 0 {
            return Err(ImageError::Empty);
        }
        let fits = |start: usize, length: usize, whole| {
            start.checked_add(length).is_some_and(|end| end <= whole)
        };
        if !fits(x, width, self.width) || !fits(y, height, self.height) {
            return Err(ImageError::Crop);
        }
        Ok(Self { width, height, grey: &self.grey[y * self.stride + x..], ..self })
    }

    /// Brings the picture to a square of `side` by exact area averaging, written to
    /// `pixels`; smaller pictures are enlarged by the same rule.
    ///
    /// An output pixel is the rounded mean of the grey that it covers, made ink.
    ///
    /// # Errors
    /// If the side is 0 or over [`MAX_FRAME_SIDE`], or the buffer is too small.
    pub fn shrink<'b>(
        &self,
        side: usize,
        ink: Ink,
        pixels: &'b mut [i8],
    ) -> Result<Image<'b>, ImageError> {
        check_sides(side, side)?;
        let pixels = room(side, pixels)?;
        let area = (self.width * self.height) as u64;
        for (i, row) in pixels.chunks_exact_mut(side).enumerate() {
            for (j, pixel) in row.iter_mut().enumerate() {
                let mut sum = 0;
                for (y, weight) in overlaps(i, self.height, side) {
                    let line = &self.grey[y * self.stride..][..self.width];
                    let columns = overlaps(j, self.width, side);
                    let line_sum = columns.map(|(x, weight)| weight * u32::from(line[x]));
                    sum += u64::from(weight) * u64::from(line_sum.sum::<u32>());
                }
                *pixel = ink.pixel(((sum + area / 2) / area) as u8);
            }
        }
        Ok(Image { side, pixels })
    }
}

/// The source pixels that output pixel `i` of `side` covers, and how much of each, where
/// a source pixel is `side` long and an output pixel `length` (of the source).
fn overlaps(i: usize, length: usize, side: usize) -> impl Iterator<Item = (usize, u32)> {
    let (start, end) = (i * length, (i + 1) * length);
    (start / side..end.div_ceil(side)).map(move |a| {
        let overlap = end.min((a + 1) * side) - start.max(a * side);
        (a, overlap as u32)
    })
}

/// Checks a picture's sides: their product fits in 32 bits.
fn check_sides(width: usize, height: usize) -> Result<(), ImageError> {
    let found = width.max(height);
    match width.min(height) {
        0 => Err(ImageError::Empty),
        _ if found > MAX_FRAME_SIDE => Err(ImageError::TooLarge { found }),
        _ => Ok(()),
    }
}

/// Checks a picture's sides and length.
fn check_length(width: usize, height: usize, given: usize) -> Result<(), ImageError> {
    check_sides(width, height)?;
    let needed = width * height;
    if given != needed {
        return Err(ImageError::Length { needed, given });
    }
    Ok(())
}

/// The front of a buffer, as long as a square image.
fn room(side: usize, pixels: &mut [i8]) -> Result<&mut [i8], ImageError> {
    let (needed, given) = (side * side, pixels.len());
    pixels.get_mut(..needed).ok_or(ImageError::Buffer { needed, given })
}
