//! Images in the form that a model takes: square, one i8 of ink per pixel.

mod check;
mod error;
mod frame;
mod ink;

pub use error::ImageError;
pub use frame::{Frame, MAX_FRAME_SIDE};
pub use ink::Ink;

use check::{check_length, pixels_of};

/// A square image, borrowed: 0 is paper, 127 full ink.
///
/// ```
/// use arc_runtime::{Image, Ink};
///
/// let scan = [255; 8 * 8]; // bright paper
/// let mut pixels = [0; 8 * 8];
/// let image = Image::from_gray(8, &scan, Ink::Dark, &mut pixels)?;
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

    /// An image from 8-bit gray rows, written to `pixels`.
    ///
    /// # Errors
    /// If there are not `side` squared bytes, none at all, or the buffer is too small.
    pub fn from_gray(
        side: usize,
        gray: &[u8],
        ink: Ink,
        pixels: &'a mut [i8],
    ) -> Result<Self, ImageError> {
        check_length(side, side, gray.len())?;
        let pixels = pixels_of(side, pixels)?;
        for (pixel, &gray) in pixels.iter_mut().zip(gray) {
            *pixel = ink.pixel(gray);
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
        let pixels = pixels_of(side, pixels)?;
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

    /// An image of pixels that are known to be as many as its side asks for, and 0..=127.
    pub(super) const fn of(side: usize, pixels: &'a [i8]) -> Self {
        Self { side, pixels }
    }
}

/// An image whose pixels, 0..=127, are written by `fill`.
///
/// # Errors
/// If the buffer is too small, or filling fails.
pub(crate) fn image_of<'a, E: From<ImageError>>(
    side: usize,
    pixels: &'a mut [i8],
    fill: impl FnOnce(&mut [i8]) -> Result<(), E>,
) -> Result<Image<'a>, E> {
    let pixels = pixels_of(side, pixels)?;
    fill(pixels)?;
    Ok(Image::of(side, pixels))
}
