//! A picture of any size, and its way to an image.

use super::check::{check_length, check_sides, pixels_of};
use super::{Image, ImageError, Ink};

/// An 8-bit gray picture of any size, such as a camera's, or a part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    width: usize,
    height: usize,
    /// Bytes from one row to the next.
    stride: usize,
    gray: &'a [u8],
}

/// Most rows and columns of a picture.
pub const MAX_FRAME_SIDE: usize = u16::MAX as usize;

impl<'a> Frame<'a> {
    /// A picture of `height` rows of `width` bytes.
    ///
    /// # Errors
    /// If the length does not match, a side is 0 or over [`MAX_FRAME_SIDE`].
    pub fn new(width: usize, height: usize, gray: &'a [u8]) -> Result<Self, ImageError> {
        check_length(width, height, gray.len())?;
        Ok(Self { width, height, stride: width, gray })
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
        Ok(Self { width, height, gray: &self.gray[y * self.stride + x..], ..self })
    }

    /// Columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The gray values of row `y`.
    pub(crate) fn row(&self, y: usize) -> &'a [u8] {
        &self.gray[y * self.stride..][..self.width]
    }

    /// Brings the picture to a square of `side` by exact area averaging, written to
    /// `pixels`; smaller pictures are enlarged by the same rule.
    ///
    /// An output pixel is the rounded mean of the gray that it covers, made ink.
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
        let pixels = pixels_of(side, pixels)?;
        let area = (self.width * self.height) as u64;
        for (i, row) in pixels.chunks_exact_mut(side).enumerate() {
            for (j, pixel) in row.iter_mut().enumerate() {
                let mut sum = 0;
                for (y, weight) in overlaps(i, self.height, side) {
                    let line = &self.gray[y * self.stride..][..self.width];
                    let columns = overlaps(j, self.width, side);
                    let line_sum = columns.map(|(x, weight)| weight * u32::from(line[x]));
                    sum += u64::from(weight) * u64::from(line_sum.sum::<u32>());
                }
                *pixel = ink.pixel(((sum + area / 2) / area) as u8);
            }
        }
        Ok(Image::of(side, pixels))
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
