//! One gray picture as its file shows it, whatever the file's format.

mod content;
mod encoded;
mod fault;
mod jpeg;
mod tiff;
mod webp;

#[cfg(test)]
pub(super) mod fixture;

use std::path::Path;

use anyhow::{Context, Result};
use image::DynamicImage;

use super::source::Source;
use crate::limits;
use encoded::Encoded;

/// The gray of full light.
pub const WHITE: u8 = 255;

/// What the name of a picture's file ends in. What the file holds is told by its content.
const ENDS: [&str; 12] =
    ["png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff", "gif", "pbm", "pgm", "ppm", "pnm"];

/// Whether a file counts as a picture, by its name.
pub fn is_picture(path: &Path) -> bool {
    path.extension().is_some_and(|end| ENDS.iter().any(|known| end.eq_ignore_ascii_case(known)))
}

/// A gray picture as it was taken or drawn: nothing in it is scaled or inverted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Pixels in a row.
    pub width: u16,
    /// Rows.
    pub height: u16,
    /// Row by row; 0 is black, 255 is white.
    pub gray: Vec<u8>,
}

impl Picture {
    /// Decodes a JPEG, PNG, WebP, BMP, TIFF or PNM, or the first frame of a GIF: upright as its
    /// metadata say, in gray by the luma of its colors, and white where it is transparent.
    ///
    /// # Errors
    /// Says what the bytes are instead, what is damaged, or what is too large, and the remedy.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        Self::decode_over(bytes, WHITE)
    }

    /// The same, with another gray where it is transparent.
    ///
    /// # Errors
    /// As for [`decode`](Self::decode).
    pub fn decode_over(bytes: &[u8], background: u8) -> Result<Self> {
        Encoded::open(bytes)?.decode(background)
    }

    /// Decodes a file of a source, over white. What is wrong with the file itself is the inner error,
    /// which names it: the other files may still be read.
    ///
    /// # Errors
    /// When the files of the source take more than they may, all together.
    pub(super) fn read(source: &Source, path: &str) -> Result<Result<Self>> {
        let mut bytes = Vec::new();
        let read = source.read_into(path, limits::PICTURE, &mut bytes);
        // What turns out to be damaged has taken its work all the same.
        source.budget.spend(bytes.len(), 0)?;
        let encoded =
            match read.and_then(|()| Encoded::open(&bytes).with_context(|| source.show(path))) {
                Ok(encoded) => encoded,
                Err(error) => return Ok(Err(error)),
            };
        source.budget.spend(encoded.pixels(), 0)?;
        Ok(encoded.decode(WHITE).with_context(|| source.show(path)))
    }

    /// The gray of a decoded picture over a background.
    fn of(image: DynamicImage, background: u8) -> Self {
        let (width, height) = (image.width() as u16, image.height() as u16);
        let over = |[luma, alpha]: [u8; 2]| {
            let [luma, alpha, background] = [luma, alpha, background].map(u16::from);
            ((luma * alpha + background * (255 - alpha) + 127) / 255) as u8
        };
        let gray = image.into_luma_alpha8().pixels().map(|pixel| over(pixel.0)).collect();
        Self { width, height, gray }
    }
}

#[cfg(test)]
mod tests {
    use super::fixture::{CORNER, corner, encoded, every_format, with_orientation};
    use super::*;

    use image::{DynamicImage, GrayAlphaImage, GrayImage, ImageFormat, Luma, LumaA, Rgb, RgbImage};

    fn decoded(bytes: &[u8]) -> Picture {
        Picture::decode(bytes).unwrap_or_else(|error| panic!("{error:#}"))
    }

    #[test]
    fn every_format_shows_the_same_picture() {
        for (name, bytes) in every_format(corner()) {
            let Picture { width, height, gray } = decoded(&bytes);
            assert_eq!((width, height), (16, 8), "{name}");
            let off = gray.iter().zip(CORNER).filter(|(found, wanted)| found.abs_diff(*wanted) > 9);
            assert_eq!(off.count(), 0, "{name}: {gray:?}");
        }
    }

    #[test]
    fn color_is_gray_by_its_luma_at_any_depth() {
        let colors =
            [([255, 255, 255], 255), ([0, 0, 0], 0), ([255, 0, 0], 54), ([0, 255, 0], 182)];
        let rgb = RgbImage::from_fn(4, 1, |x, _| Rgb(colors[x as usize].0));
        let deep = DynamicImage::from(rgb.clone()).to_rgb16();
        for picture in [DynamicImage::from(rgb), deep.into()] {
            let gray = decoded(&encoded(picture, ImageFormat::Png)).gray;
            assert_eq!(gray, colors.map(|(_, gray)| gray));
        }
        let deep =
            image::ImageBuffer::<Luma<u16>, _>::from_fn(3, 1, |x, _| Luma([x as u16 * 25_700]));
        for format in [ImageFormat::Png, ImageFormat::Tiff, ImageFormat::Pnm] {
            assert_eq!(decoded(&encoded(deep.clone(), format)).gray, [0, 100, 200], "{format:?}");
        }
    }

    #[test]
    fn a_palette_is_looked_up() {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 4, 1);
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_depth(png::BitDepth::Two);
        encoder.set_palette(vec![9, 9, 9, 200, 200, 200, 0, 0, 0, 50, 50, 50]);
        encoder.set_trns(vec![255, 255, 0]);
        encoder.write_header().unwrap().write_image_data(&[0b00_01_10_11]).unwrap();
        assert_eq!(decoded(&bytes).gray, [9, 200, WHITE, 50]);
    }

    #[test]
    fn what_is_transparent_shows_the_background() {
        let alphas = [0, 128, 255];
        let picture = GrayAlphaImage::from_fn(3, 1, |x, _| LumaA([0, alphas[x as usize]]));
        let rgba = DynamicImage::from(picture).to_rgba8();
        for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Tiff] {
            let bytes = encoded(rgba.clone(), format);
            assert_eq!(decoded(&bytes).gray, [255, 127, 0], "{format:?}");
            assert_eq!(Picture::decode_over(&bytes, 0).unwrap().gray, [0; 3]);
        }
    }

    #[test]
    fn a_picture_is_upright() {
        // What a camera writes that was held on its side: the first row is the right column.
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let turned = decoded(&with_orientation(corner(), format, 6));
            assert_eq!((turned.width, turned.height), (8, 16), "{format:?}");
            let at = |x: usize, y: usize| turned.gray[y * 8 + x];
            assert!(at(7, 0) < 10 && at(0, 0) > 240 && at(7, 15) > 240, "{format:?}: {turned:?}");
        }
        // Nonsense says nothing of how a camera was held.
        let bytes = with_orientation(corner(), ImageFormat::Png, 99);
        assert_eq!(decoded(&bytes), decoded(&encoded(corner(), ImageFormat::Png)));
    }

    #[test]
    fn what_breaks_off_is_damaged_in_every_format() {
        for (name, bytes) in every_format(corner()) {
            for length in [8, 16, bytes.len() / 2, bytes.len() - 12] {
                // The shortest beginnings are of any file.
                let Ok(_) = content::Kind::of(&bytes[..length]) else { continue };
                let error = Picture::decode(&bytes[..length]).unwrap_err().to_string();
                assert!(
                    error.starts_with(&format!("damaged {name}: ")),
                    "{name}, {length}: {error}"
                );
                assert!(error.ends_with(": copy or save it again"), "{error}");
                assert_eq!(error.matches("Invalid").count().max(1), 1, "said twice: {error}");
            }
        }
    }

    #[test]
    fn what_takes_too_much_memory_is_too_large_and_not_damaged() {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 1, 1);
        let text = "x".repeat(limits::PICTURE_EXTRAS as usize + 1);
        encoder.add_text_chunk("Comment".to_owned(), text).unwrap();
        encoder.write_header().unwrap().write_image_data(&[0]).unwrap();
        let error = Picture::decode(&bytes).unwrap_err().to_string();
        assert!(error.starts_with("too large a PNG: it takes more than 8 MiB"), "{error}");
    }

    #[test]
    fn a_kind_that_no_decoder_knows_is_said_to_be_one() {
        // Three colors of 4 bits each.
        let mut bytes = encoded(corner().to_rgb8(), ImageFormat::Tiff);
        let bits = [8, 0, 8, 0, 8, 0];
        let place = bytes.windows(6).position(|six| six == bits).unwrap();
        bytes[place..place + 6].copy_from_slice(&[4, 0, 4, 0, 4, 0]);
        let error = Picture::decode(&bytes).unwrap_err().to_string();
        assert!(error.starts_with("a TIFF of a kind that is not read ("), "{error}");
    }

    #[test]
    fn names_count_in_any_case_and_by_their_last_part_alone() {
        for name in ["a.png", "a/b.JPG", "x.tar.Jpeg", "b.webp", "c.PBM", "d.tif"] {
            assert!(is_picture(Path::new(name)), "{name}");
        }
        for name in ["png", "a.png.txt", "jpg/notes", "a.svg", ".png"] {
            assert!(!is_picture(Path::new(name)), "{name}");
        }
    }

    #[test]
    fn gray_pictures_are_taken_bit_for_bit() {
        let gray: Vec<u8> = (0..=255).collect();
        let picture = GrayImage::from_raw(16, 16, gray.clone()).unwrap();
        for format in [ImageFormat::Png, ImageFormat::Bmp, ImageFormat::Tiff, ImageFormat::Pnm] {
            assert_eq!(decoded(&encoded(picture.clone(), format)).gray, gray, "{format:?}");
        }
    }
}
