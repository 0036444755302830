//! What a camera and its files do to a picture.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageFormat};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::pixels::{at, mapped, normal, painted, sides, unit};
use crate::data::Picture;

/// Normally distributed noise of `sigma` gray levels in each pixel.
pub fn noise(picture: &Picture, sigma: f32, rng: &mut ChaCha8Rng) -> Picture {
    mapped(picture, |_, _, gray| gray + sigma * normal(rng))
}

/// A Gaussian blur of `sigma` pixels.
pub fn blur(picture: &Picture, sigma: f32) -> Picture {
    let sigma = sigma * unit(picture);
    blur_along(&blur_along(picture, sigma, (1, 0)), sigma, (0, 1))
}

/// Blurs along one axis.
fn blur_along(picture: &Picture, sigma: f32, (dx, dy): (i64, i64)) -> Picture {
    let reach = (3.0 * sigma).ceil() as i64;
    let weight = |offset: i64| (-(offset * offset) as f32 / (2.0 * sigma * sigma)).exp();
    let weights: Vec<(i64, f32)> =
        (-reach..=reach).map(|offset| (offset, weight(offset))).collect();
    let total: f32 = weights.iter().map(|(_, weight)| weight).sum();
    let (width, height) = sides(picture);
    let (last_x, last_y) = (width as i64 - 1, height as i64 - 1);
    painted(width, height, |x, y| {
        let (x, y) = (x as i64, y as i64);
        let parts = weights.iter().map(|&(offset, weight)| {
            let (x, y) = ((x + offset * dx).clamp(0, last_x), (y + offset * dy).clamp(0, last_y));
            weight * at(picture, x, y, 0.0)
        });
        parts.sum::<f32>() / total
    })
}

/// Black and white pixels, each in half of `percent` of the places.
pub fn specks(picture: &Picture, percent: f32, rng: &mut ChaCha8Rng) -> Picture {
    mapped(picture, |_, _, gray| match 100.0 * rng.random::<f32>() {
        place if place < percent / 2.0 => 0.0,
        place if place < percent => 255.0,
        _ => gray,
    })
}

/// What a JPEG of a quality from 1 to 100 keeps.
pub fn jpeg(picture: &Picture, quality: u8) -> Picture {
    let mut file = Cursor::new(Vec::new());
    JpegEncoder::new_with_quality(&mut file, quality)
        .encode(&picture.gray, picture.width.into(), picture.height.into(), ExtendedColorType::L8)
        .expect("a gray picture encodes into memory");
    let decoded = image::load_from_memory_with_format(file.get_ref(), ImageFormat::Jpeg);
    let gray = decoded.expect("a file that was just encoded").into_luma8().into_raw();
    Picture { gray, ..*picture }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn gray(level: u8) -> Picture {
        Picture { width: 105, height: 80, gray: vec![level; 105 * 80] }
    }

    #[test]
    fn noise_has_its_standard_deviation() {
        let noisy = noise(&gray(128), 10.0, &mut ChaCha8Rng::seed_from_u64(1));
        let squares: f32 =
            noisy.gray.iter().map(|&gray| (f32::from(gray) - 128.0).powi(2)).sum::<f32>();
        let deviation = (squares / noisy.gray.len() as f32).sqrt();
        assert!((9.5..10.5).contains(&deviation), "{deviation}");
    }

    #[test]
    fn specks_are_as_many_as_were_asked_for() {
        let changed = specks(&gray(128), 2.0, &mut ChaCha8Rng::seed_from_u64(1));
        for level in [0, 255] {
            let count = changed.gray.iter().filter(|&&gray| gray == level).count();
            assert!((50..120).contains(&count), "{count} of 8400 pixels are {level}");
        }
    }

    #[test]
    fn a_blurred_line_is_as_wide_as_its_gaussian_and_as_black() {
        let mut line = gray(255);
        line.gray.iter_mut().skip(52).step_by(105).for_each(|gray| *gray = 0);
        let blurred = blur(&line, 2.0);
        let row: Vec<_> = blurred.gray[..105].iter().map(|&gray| 255.0 - f32::from(gray)).collect();
        let total: f32 = row.iter().sum();
        let spread: f32 = row.iter().zip(-52..).map(|(ink, x)| ink * (x * x) as f32).sum();
        assert!((245.0..265.0).contains(&total), "{total}");
        assert!((1.8..2.1).contains(&(spread / total).sqrt()), "{}", (spread / total).sqrt());
    }

    #[test]
    fn a_jpeg_of_low_quality_is_another_picture_of_the_same_size() {
        let mut line = gray(255);
        line.gray[10 * 105..11 * 105].fill(0);
        let [fine, coarse] = [100, 10].map(|quality| jpeg(&line, quality));
        let off = |picture: &Picture| -> u32 {
            picture.gray.iter().zip(&line.gray).map(|(a, b)| u32::from(a.abs_diff(*b))).sum()
        };
        assert_eq!((coarse.width, coarse.height, coarse.gray.len()), (105, 80, 8400));
        assert!(
            off(&coarse) > 1000 && off(&coarse) > 2 * off(&fine),
            "{} and {}",
            off(&coarse),
            off(&fine)
        );
    }
}
