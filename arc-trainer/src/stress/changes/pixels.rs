//! Gray levels of a picture, read and painted by place.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::data::Picture;

/// The longer side, in pixels, of the pictures that all lengths are given for: Omniglot's.
const USUAL_SIDE: f32 = 105.0;

/// Samples of a pixel along each axis, where a picture is turned or scaled.
const SAMPLES: usize = 3;

/// Pixels in a row, and rows.
pub fn sides(picture: &Picture) -> (usize, usize) {
    (picture.width.into(), picture.height.into())
}

/// What one pixel of a picture of the usual side is in this one.
pub fn unit(picture: &Picture) -> f32 {
    f32::from(picture.width.max(picture.height)) / USUAL_SIDE
}

/// A picture whose gray levels are told by column and row.
pub fn painted(width: usize, height: usize, mut gray: impl FnMut(usize, usize) -> f32) -> Picture {
    let mut levels = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            levels.push(gray(x, y).round().clamp(0.0, 255.0) as u8);
        }
    }
    Picture { width: width as u16, height: height as u16, gray: levels }
}

/// A picture of the same size, each gray level changed by its column and row.
pub fn mapped(picture: &Picture, mut change: impl FnMut(usize, usize, f32) -> f32) -> Picture {
    let (width, height) = sides(picture);
    painted(width, height, |x, y| change(x, y, picture.gray[y * width + x].into()))
}

/// The gray level of a pixel, or of what is outside of the picture.
pub fn at(picture: &Picture, x: i64, y: i64, outside: f32) -> f32 {
    let (width, height) = sides(picture);
    let inside = (0..width as i64).contains(&x) && (0..height as i64).contains(&y);
    if inside { picture.gray[y as usize * width + x as usize].into() } else { outside }
}

/// The gray level of the paper: the median along the border.
pub fn paper(picture: &Picture) -> f32 {
    let (width, height) = sides(picture);
    let rows = [0, height - 1].into_iter().flat_map(|y| (0..width).map(move |x| (x, y)));
    let columns = [0, width - 1].into_iter().flat_map(|x| (0..height).map(move |y| (x, y)));
    let mut border: Vec<u8> =
        rows.chain(columns).map(|(x, y)| picture.gray[y * width + x]).collect();
    let middle = border.len() / 2;
    (*border.select_nth_unstable(middle).1).into()
}

/// A picture of another size, whose pixels lie at the places of this one that `map` says; paper outside. The pixel in
/// column and row 0 covers -0.5 to 0.5.
pub fn warped(
    picture: &Picture,
    (width, height): (usize, usize),
    map: impl Fn(f32, f32) -> (f32, f32),
) -> Picture {
    let outside = paper(picture);
    let offset = |k: usize| (k as f32 + 0.5) / SAMPLES as f32 - 0.5;
    painted(width, height, |x, y| {
        let samples = (0..SAMPLES * SAMPLES).map(|k| {
            let (u, v) = map(x as f32 + offset(k % SAMPLES), y as f32 + offset(k / SAMPLES));
            between(picture, u, v, outside)
        });
        samples.sum::<f32>() / (SAMPLES * SAMPLES) as f32
    })
}

/// Bilinear interpolation.
fn between(picture: &Picture, x: f32, y: f32, outside: f32) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let (right, below) = (x - left, y - top);
    let (left, top) = (left as i64, top as i64);
    let row = |y| {
        at(picture, left, y, outside) * (1.0 - right) + at(picture, left + 1, y, outside) * right
    };
    row(top) * (1.0 - below) + row(top + 1) * below
}

/// A number of the standard normal distribution, by the transform of Box and Muller.
pub fn normal(rng: &mut ChaCha8Rng) -> f32 {
    // Never 0, whose logarithm is infinite.
    let radius = (-2.0 * (1.0 - rng.random::<f32>()).ln()).sqrt();
    radius * (std::f32::consts::TAU * rng.random::<f32>()).cos()
}
