//! One gray picture.

use std::borrow::Cow;
use std::io::Cursor;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, ensure};
use arc_runtime::{Frame, Ink};
use image::codecs::png::PngDecoder;
use image::{DynamicImage, Limits};
use png::Decoder;

use super::source::Source;
use crate::limits::{self, PICTURE_SIDE};

/// A gray picture in which what was drawn counts, not its color.
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
    /// Decodes a PNG of any color type: `full` says what is ink, and transparent is paper.
    ///
    /// # Errors
    /// When the bytes are no PNG, are damaged, or the picture is wider or higher than
    /// [`PICTURE_SIDE`] pixels.
    pub fn from_png(bytes: &[u8], full: Ink) -> Result<Self> {
        static ALONE: Mutex<()> = Mutex::new(());
        let (width, height) = size(bytes)?;
        let large = u64::from(width) * u64::from(height) > limits::DECODED_ALONE;
        let _alone = large.then(|| ALONE.lock().unwrap_or_else(PoisonError::into_inner));
        let picture = decode(bytes).context("damaged PNG")?;
        Ok(Self {
            width,
            height,
            ink: picture.into_luma_alpha8().pixels().map(|pixel| ink(pixel.0, full)).collect(),
        })
    }

    /// Reads a PNG file of a source, black on white, to be looked at at `side`; errors name it.
    ///
    /// A larger one is scaled at once, so that no data set is held at the size of its files. What
    /// [`at_side`](Self::at_side) makes of it at `side` stays the same, bit for bit.
    pub(super) fn read(source: &Source, path: &str, side: usize) -> Result<Self> {
        let bytes = source.read(path, limits::PICTURE)?;
        let drawing = Self::from_png(&bytes, Ink::Dark).with_context(|| source.show(path))?;
        let decoded = bytes.len() + drawing.ink.len();
        let drawing = drawing.no_larger_than(side);
        source.budget.spend(decoded, size_of::<Self>() + drawing.ink.len())?;
        Ok(drawing)
    }

    /// The drawing itself, or a larger one at `side`.
    fn no_larger_than(self, side: usize) -> Self {
        if usize::from(self.width.max(self.height)) <= side {
            return self;
        }
        // Of a pixel's 7 bits the first one is taken again as the eighth: full ink is 255, and
        // `at_side` drops it.
        let ink = |pixel: i8| (pixel << 1 | pixel >> 6) as u8;
        let ink = self.at_side(side).into_iter().map(ink).collect();
        Self { width: side as u16, height: side as u16, ink }
    }

    /// The drawing as a model looks at it: `side` rows of `side` pixels, 0 (paper) to 127 (full
    /// ink), scaled by the runtime's own area averaging. A drawing that is not square is first
    /// centerd on square paper.
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

    /// Centers the drawing on a square of paper as wide as its longer side.
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

/// Width and height of a PNG that is not too large to be decoded, from its header alone.
fn size(bytes: &[u8]) -> Result<(u16, u16)> {
    let mut decoder = Decoder::new(Cursor::new(bytes));
    let header = decoder.read_header_info().context("damaged PNG")?;
    let (width, height) = header.size();
    ensure!(
        width.max(height) <= PICTURE_SIDE,
        "{width}x{height} pixels are too many: scale it down to {PICTURE_SIDE}x{PICTURE_SIDE} at most"
    );
    Ok((width as u16, height as u16))
}

/// The pixels of a PNG.
fn decode(bytes: &[u8]) -> Result<DynamicImage> {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(limits::PNG_EXTRAS);
    Ok(DynamicImage::from_decoder(PngDecoder::with_limits(Cursor::new(bytes), limits)?)?)
}

/// Ink of a luma and alpha pixel.
fn ink([luma, alpha]: [u8; 2], full: Ink) -> u8 {
    let opaque = match full {
        Ink::Dark => 255 - luma,
        Ink::Bright => luma,
    };
    ((u16::from(opaque) * u16::from(alpha) + 127) / 255) as u8
}

#[cfg(test)]
mod tests {
    use image::{GrayAlphaImage, GrayImage, ImageFormat, Luma, LumaA, Rgb, RgbImage};

    use super::*;

    fn encoded(picture: impl Into<DynamicImage>) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.into().write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn black_is_ink_whatever_the_color_type() {
        let rgb = RgbImage::from_fn(2, 1, |x, _| if x == 0 { Rgb([0; 3]) } else { Rgb([255; 3]) });
        let deep = DynamicImage::from(rgb.clone()).to_luma16();
        for bytes in [encoded(rgb), encoded(deep)] {
            let drawing = Drawing::from_png(&bytes, Ink::Dark).unwrap();
            assert_eq!(drawing, Drawing { width: 2, height: 1, ink: vec![255, 0] });
            assert_eq!(Drawing::from_png(&bytes, Ink::Bright).unwrap().ink, [0, 255]);
        }
        let gray = GrayImage::from_pixel(1, 1, Luma([155]));
        assert_eq!(Drawing::from_png(&encoded(gray), Ink::Dark).unwrap().ink, [100]);
    }

    #[test]
    fn transparent_is_paper() {
        let alphas = [0, 128, 255];
        for (luma, full) in [(0, Ink::Dark), (255, Ink::Bright)] {
            let picture = GrayAlphaImage::from_fn(3, 1, |x, _| LumaA([luma, alphas[x as usize]]));
            assert_eq!(Drawing::from_png(&encoded(picture), full).unwrap().ink, [0, 128, 255]);
        }
    }

    #[test]
    fn other_files_are_refused() {
        for bytes in [&b""[..], b"GIF89a", &encoded(GrayImage::new(9, 9))[..40]] {
            let error = Drawing::from_png(bytes, Ink::Dark).unwrap_err();
            assert!(format!("{error:#}").starts_with("damaged PNG"), "{error:#}");
        }
    }

    #[test]
    fn a_large_drawing_looks_the_same_once_it_is_scaled() {
        let ink: Vec<u8> = (0..60 * 40).map(|k: u32| (k * k / 7) as u8).collect();
        for (width, height) in [(60, 40), (40, 60), (48, 50)] {
            let drawing = Drawing { width, height, ink: ink.clone() };
            for side in [1, 7, 16, 59] {
                let held = drawing.clone().no_larger_than(side);
                assert!(held.ink.len() <= side * side);
                assert_eq!(held.at_side(side), drawing.at_side(side), "{width}x{height}, {side}");
            }
            assert_eq!(drawing.clone().no_larger_than(60), drawing);
        }
        let full = Drawing { width: 9, height: 9, ink: vec![255; 81] };
        assert_eq!(full.no_larger_than(3).ink, [255; 9]);
    }

    #[test]
    fn a_drawing_is_centerd_on_a_square() {
        let drawing = Drawing { width: 4, height: 1, ink: vec![255; 4] };
        let row = [127; 4];
        let paper = [0; 4];
        assert_eq!(drawing.at_side(4), [paper, row, paper, paper].concat());
        let upright = Drawing { width: 1, height: 3, ink: vec![255, 0, 255] };
        assert_eq!(upright.at_side(3), [0, 127, 0, 0, 0, 0, 0, 127, 0]);
    }

    #[test]
    fn scaling_averages_areas() {
        let drawing = Drawing { width: 3, height: 3, ink: vec![255, 0, 0, 0, 0, 0, 0, 0, 0] };
        // One of the 2.25 pixels under the first output pixel: 113 of 255, halved.
        assert_eq!(drawing.at_side(2), [56, 0, 0, 0]);
        assert_eq!(drawing.at_side(1), [14]);
    }
}
