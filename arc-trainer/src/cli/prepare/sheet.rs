//! A picture and what a model sees of it, side by side.

use anyhow::Result;
use image::imageops::{self, FilterType};
use image::{GrayImage, Luma};
use png::{BitDepth, ColorType, Encoder};

use crate::data::Picture;

/// The program that a file names as its own: what was written before may be replaced.
pub const MARK: &str = "arc-trainer prepare";

/// Pixels of the sheet, along each axis, for a pixel of the model's image.
const MAGNIFIED: u32 = 8;

/// Pixels between the two pictures.
const GAP: u32 = 8;

/// Gray around the pictures, so that white paper has an edge.
const GROUND: u8 = 160;

/// The original on the left, scaled to the same height or width, and what is seen of it on the right.
pub fn side_by_side(original: &Picture, seen: &Picture) -> Picture {
    let side = MAGNIFIED * u32::from(seen.width);
    let mut sheet = GrayImage::from_pixel(2 * side + GAP, side, Luma([GROUND]));
    let longer = u32::from(original.width.max(original.height));
    let [width, height] =
        [original.width, original.height].map(|length| (u32::from(length) * side / longer).max(1));
    let left = imageops::resize(&gray(original), width, height, FilterType::Triangle);
    imageops::replace(
        &mut sheet,
        &left,
        i64::from((side - width) / 2),
        i64::from((side - height) / 2),
    );
    let right = imageops::resize(&gray(seen), side, side, FilterType::Nearest);
    imageops::replace(&mut sheet, &right, i64::from(side + GAP), 0);
    Picture { width: sheet.width() as u16, height: sheet.height() as u16, gray: sheet.into_raw() }
}

fn gray(picture: &Picture) -> GrayImage {
    GrayImage::from_raw(picture.width.into(), picture.height.into(), picture.gray.clone())
        .expect("a picture has as many gray levels as pixels")
}

/// The file of a picture, marked as ours.
///
/// # Errors
/// If the picture has no pixels.
pub fn png(picture: &Picture) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, picture.width.into(), picture.height.into());
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::Eight);
    encoder.add_text_chunk("Software".to_owned(), MARK.to_owned())?;
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&picture.gray)?;
    writer.finish()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_pictures_are_on_the_sheet() {
        let original = Picture { width: 40, height: 20, gray: vec![10; 800] };
        let seen = Picture { width: 2, height: 2, gray: vec![0, 255, 255, 50] };
        let sheet = side_by_side(&original, &seen);
        assert_eq!((sheet.width, sheet.height), (40, 16));
        let at = |x: usize, y: usize| sheet.gray[40 * y + x];
        assert_eq!([at(0, 3), at(0, 4), at(15, 11), at(15, 12)], [GROUND, 10, 10, GROUND]);
        assert_eq!([at(16, 0), at(23, 0)], [GROUND; 2], "the gap");
        assert_eq!([at(24, 0), at(31, 7), at(32, 7), at(39, 15)], [0, 0, 255, 50]);
    }

    #[test]
    fn a_file_is_marked_and_holds_the_picture() {
        let picture = Picture { width: 3, height: 2, gray: vec![0, 1, 2, 100, 254, 255] };
        let bytes = png(&picture).unwrap();
        assert!(bytes.windows(MARK.len()).any(|part| part == MARK.as_bytes()));
        assert_eq!(Picture::decode(&bytes).unwrap(), picture);
    }
}
