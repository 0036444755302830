//! What was drawn in a picture, as a model looks at it.

use std::borrow::Cow;

use anyhow::{Context, Result};
use arc_runtime::preparation::Preparation;
use arc_runtime::{Frame, Ink};

use super::Picture;
use super::picture::WHITE;
use super::source::Source;

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
    /// What is ink in a picture.
    pub fn of(picture: Picture, full: Ink) -> Self {
        let Picture { width, height, gray: mut ink } = picture;
        if full == Ink::Dark {
            ink.iter_mut().for_each(|gray| *gray = WHITE - *gray);
        }
        Self { width, height, ink }
    }

    /// Decodes a picture of any format and color: `full` says what is ink, and transparent is paper.
    ///
    /// # Errors
    /// As for [`Picture::decode`].
    pub fn decode(bytes: &[u8], full: Ink) -> Result<Self> {
        let paper = match full {
            Ink::Dark => WHITE,
            Ink::Bright => 0,
        };
        Ok(Self::of(Picture::decode_over(bytes, paper)?, full))
    }

    /// What is dark in a picture, at most `side` pixels high and wide: a larger one is scaled at once, so that no
    /// data set is held at the size of its files. What [`at_side`](Self::at_side) makes of it at `side` stays the
    /// same, bit for bit.
    pub fn at_most(picture: Picture, side: usize) -> Self {
        Self::of(picture, Ink::Dark).no_larger_than(side)
    }

    /// The picture that shows the drawing black on white.
    pub fn picture(&self) -> Picture {
        let gray = self.ink.iter().map(|ink| WHITE - ink).collect();
        Picture { width: self.width, height: self.height, gray }
    }

    /// What a model's preparation makes of a picture, at `side`.
    ///
    /// # Errors
    /// If nothing is drawn on the picture.
    pub fn prepared(picture: Picture, preparation: &Preparation, side: usize) -> Result<Self> {
        if let Preparation::None = preparation {
            return Ok(Self::at_most(picture, side));
        }
        let mut pixels = vec![0; side * side];
        let frame = Frame::new(picture.width.into(), picture.height.into(), &picture.gray)?;
        preparation.prepare(&frame, side, &mut pixels)?;
        Ok(Self::of_pixels(&pixels, side))
    }

    /// Reads a picture of a source and makes a drawing of it. What is wrong with the file itself is the inner error,
    /// which names it: the other files may still be read.
    ///
    /// # Errors
    /// When the files of the source take more than they may, all together.
    pub(super) fn read(
        source: &Source,
        path: &str,
        draw: impl Fn(Picture) -> Result<Self>,
    ) -> Result<Result<Self>> {
        let drawing = Picture::read(source, path)?
            .and_then(|picture| draw(picture).with_context(|| source.show(path)));
        if let Ok(drawing) = &drawing {
            source.budget.spend(0, size_of::<Self>() + drawing.ink.len())?;
        }
        Ok(drawing)
    }

    /// The drawing itself, or a larger one at `side`.
    fn no_larger_than(self, side: usize) -> Self {
        if usize::from(self.width.max(self.height)) <= side {
            return self;
        }
        Self::of_pixels(&self.at_side(side), side)
    }

    /// The drawing that [`at_side`](Self::at_side) makes these pixels of.
    fn of_pixels(pixels: &[i8], side: usize) -> Self {
        // Of a pixel's 7 bits the first one is taken again as the eighth: full ink is 255, and
        // `at_side` drops it.
        let ink = pixels.iter().map(|&pixel| (pixel << 1 | pixel >> 6) as u8).collect();
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

#[cfg(test)]
mod tests {
    use image::{DynamicImage, GrayAlphaImage, ImageFormat, LumaA, Rgb, RgbImage};

    use super::*;
    use crate::data::picture::fixture::encoded;

    #[test]
    fn black_is_ink_whatever_the_color_type() {
        let rgb = RgbImage::from_fn(2, 1, |x, _| if x == 0 { Rgb([0; 3]) } else { Rgb([255; 3]) });
        let deep = DynamicImage::from(rgb.clone()).to_luma16();
        for bytes in [encoded(rgb, ImageFormat::Png), encoded(deep, ImageFormat::Png)] {
            let drawing = Drawing::decode(&bytes, Ink::Dark).unwrap();
            assert_eq!(drawing, Drawing { width: 2, height: 1, ink: vec![255, 0] });
            assert_eq!(Drawing::decode(&bytes, Ink::Bright).unwrap().ink, [0, 255]);
        }
        let picture = Picture { width: 1, height: 1, gray: vec![155] };
        assert_eq!(Drawing::of(picture, Ink::Dark).ink, [100]);
    }

    #[test]
    fn transparent_is_paper() {
        let alphas = [0, 128, 255];
        for (luma, full) in [(0, Ink::Dark), (255, Ink::Bright)] {
            let picture = GrayAlphaImage::from_fn(3, 1, |x, _| LumaA([luma, alphas[x as usize]]));
            let bytes = encoded(picture, ImageFormat::Png);
            assert_eq!(Drawing::decode(&bytes, full).unwrap().ink, [0, 128, 255]);
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
