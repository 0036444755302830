//! A photograph of a sheet of paper.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::camera::{blur, jpeg, noise};
use super::light::{fall_off, shadow};
use super::pixels::{mapped, normal, sides, unit, warped};
use crate::data::Picture;

/// Columns and rows of the photograph of a picture of the usual side.
const FRAME: (f32, f32) = (160.0, 120.0);

/// Patches of paper in a row that differ in brightness.
const PATCHES: f32 = 18.0;

/// Standard deviation of the patches' brightness, in gray levels.
const TEXTURE: f32 = 4.0;

/// The sheet lies somewhere in a frame of paper, a little turned and seen at an angle, in uneven light with a shadow,
/// as a cheap camera with a JPEG of low quality shows it.
pub fn photo(picture: &Picture, rng: &mut ChaCha8Rng) -> Picture {
    let taken = textured(&seen_at_an_angle(&blur(picture, 0.7), rng), rng);
    let left = rng.random_range(0.5..0.8);
    let lit = fall_off(&taken, left, rng);
    let left = rng.random_range(0.6..0.85);
    let shaded = shadow(&lit, left, rng);
    jpeg(&noise(&shaded, 6.0, rng), 50)
}

/// The picture as a camera sees it that is not quite above it.
fn seen_at_an_angle(picture: &Picture, rng: &mut ChaCha8Rng) -> Picture {
    let unit = unit(picture);
    let scale = rng.random_range(0.75..1.05f32);
    let (sin, cos) = rng.random_range(-8.0f32..8.0).to_radians().sin_cos();
    let tilt = [0; 2].map(|_| rng.random_range(-0.0012..0.0012f32) / unit);
    let left = rng.random_range(-15.0..15.0) * unit;
    let top = rng.random_range(-5.0..5.0) * unit;
    let (width, height) = sides(picture);
    let (cx, cy) = (width as f32 / 2.0, height as f32 / 2.0);
    let [wide, high] = [FRAME.0, FRAME.1].map(|side| (side * unit).ceil().max(1.0));
    warped(picture, (wide as usize, high as usize), |x, y| {
        let (x, y) = (x - wide / 2.0 - left, y - high / 2.0 - top);
        let depth = scale * (1.0 + tilt[0] * x + tilt[1] * y);
        let (x, y) = (x / depth, y / depth);
        (cos * x - sin * y + cx, sin * x + cos * y + cy)
    })
}

/// Gray ink on gray paper that is not even.
fn textured(picture: &Picture, rng: &mut ChaCha8Rng) -> Picture {
    let (ink, paper) = (rng.random_range(20.0..80.0), rng.random_range(170.0..225.0));
    let (width, height) = sides(picture);
    let patch = width as f32 / PATCHES;
    let across = |side: usize| (side as f32 / patch) as usize + 1;
    let columns = across(width);
    let patches: Vec<f32> = (0..columns * across(height)).map(|_| TEXTURE * normal(rng)).collect();
    mapped(picture, |x, y, gray| {
        let place = (y as f32 / patch) as usize * columns + (x as f32 / patch) as usize;
        ink + (paper + patches[place] - ink) * gray / 255.0
    })
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn a_photograph_is_a_frame_of_gray_paper_with_the_drawing_inside() {
        let white = Picture { width: 105, height: 105, gray: vec![255; 105 * 105] };
        let drawing = mapped(&white, |x, y, paper| {
            if (30..75).contains(&x) && (50..55).contains(&y) { 0.0 } else { paper }
        });
        for seed in 0..5 {
            let taken = |of: &Picture| photo(of, &mut ChaCha8Rng::seed_from_u64(seed));
            let (empty, drawn) = (taken(&white), taken(&drawing));
            assert_eq!(sides(&drawn), (160, 120));
            let paper = empty.gray.iter().map(|&gray| u32::from(gray)).sum::<u32>() / (160 * 120);
            assert!((70..215).contains(&paper), "paper of {paper}");
            // Chance draws the same for both, so that they differ by the ink alone: 45 x 5 pixels of it, scaled.
            let grays = empty.gray.iter().zip(&drawn.gray);
            let ink = grays.filter(|(paper, gray)| paper.abs_diff(**gray) > 30).count();
            assert!((60..450).contains(&ink), "{ink} pixels of ink");
        }
    }

    #[test]
    fn a_large_picture_makes_a_large_photograph() {
        let white = Picture { width: 300, height: 100, gray: vec![255; 30_000] };
        let taken = photo(&white, &mut ChaCha8Rng::seed_from_u64(0));
        assert_eq!(sides(&taken), (458, 343));
    }
}
