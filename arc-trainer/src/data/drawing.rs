//! One grey picture.

use std::borrow::Cow;

use anyhow::{Context, Result};
use arc_runtime::{Frame, Ink};
use image::ImageFormat;

use super::source::Source;

/// A grey picture in which what was drawn counts, not its colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    /// Pixels in a row.
    pub width: u16,
    /// Rows.
    pub height: u16,
    /// Row by row; 255 is full ink, 0 is paper.
    pub ink: Vec<u8>,
}

impl Drawing {
    /// Decodes a PNG of any colour type: black is ink, white and transparent are paper.
    ///
    /// # Errors
    /// When the bytes are no PNG, are damaged, or the picture is wider or higher than 65535 pixels.
    pub fn from_png(bytes: &[u8]) -> Result<Self> {
        let picture =
            image::load_from_memory_with_format(bytes, ImageFormat::Png).context("damaged PNG")?;
        let too_large = || format!("{}x{} pixels are too many", picture.width(), picture.height());
        Ok(Self {
            width: picture.width().try_into().with_context(too_large)?,
            height: picture.height().try_into().with_context(too_large)?,
            ink: picture.to_luma_alpha8().pixels().map(|pixel| ink(pixel.0)).collect(),
        })
    }

    /// Reads a PNG file of a source; errors name it.
    pub(super) fn read(source: &Source, path: &str) -> Result<Self> {
        Self::from_png(&source.read(path)?).with_context(|| source.show(path))
    }

    /// The drawing as a model looks at it: `side` rows of `side` pixels, 0 (paper) to 127 (full
    /// ink), scaled by the runtime's own area averaging. A drawing that is not square is first
    /// centred on square paper.
    ///
    /// # Panics
    /// If `side` is 0, or `ink` has not `width * height` values.
    pub fn at_side(&self, side: usize) -> Vec<i8> {
        let square = self.squared();
        let width = usize::from(square.width);
        let mut pixels = vec![0; side * side];
        Frame::new(width, width, &square.ink)
            .and_then(|frame| frame.shrink(side, Ink::Bright, &mut pixels))
            .expect("drawings have pixels, and the buffer is as large as the image");
        pixels
    }

    /// Centres the drawing on a square of paper as wide as its longer side.
    fn squared(&self) -> Cow<'_, Self> {
        if self.width == self.height {
            return Cow::Borrowed(self);
        }
        let side = self.width.max(self.height);
        let (left, top) = ((side - self.width) / 2, (side - self.height) / 2);
        let [width, full, left, top] = [self.width, side, left, top].map(usize::from);
        let mut ink = vec![0; full * full];
        for (y, row) in self.ink.chunks_exact(width).enumerate() {
            let start = (top + y) * full + left;
            ink[start..start + width].copy_from_slice(row);
        }
        Cow::Owned(Self { width: side, height: side, ink })
    }
}

/// Ink of a luma and alpha pixel.
fn ink([luma, alpha]: [u8; 2]) -> u8 {
    let (darkness, alpha) = (u16::from(255 - luma), u16::from(alpha));
    ((darkness * alpha + 127) / 255) as u8
}
