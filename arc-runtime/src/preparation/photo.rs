//! Photos: the square in the middle, its contrast normalized.

use super::{Contrast, PhotoPreparation, PrepareError};
use crate::image::{Frame, Image, Ink};

/// Gray of the mean, of 0..=127.
const MIDDLE: i32 = 64;

/// Gray levels of a standard deviation: two of them to either side fill the range.
const SPREAD: i32 = 32;

/// Least standard deviation, in 1/16 of a gray level: noise of a blank picture is not stretched.
const LEAST: i32 = 16;

/// Prepares a frame.
#[inline(never)]
pub(super) fn prepare<'b>(
    frame: &Frame<'_>,
    kind: PhotoPreparation,
    side: usize,
    pixels: &'b mut [i8],
) -> Result<Image<'b>, PrepareError> {
    let square = frame.width().min(frame.height());
    let (x, y) = ((frame.width() - square) / 2, (frame.height() - square) / 2);
    frame.crop(x, y, square, square)?.shrink(side, Ink::Bright, pixels)?;
    let pixels = &mut pixels[..side * side];
    match kind.contrast {
        Contrast::Global => {
            let Moments { mean, deviation } = Moments::of(pixels.iter().copied());
            pixels.iter_mut().for_each(|pixel| *pixel = normalized(*pixel, mean, deviation));
        }
        Contrast::Local => normalize_locally(side, pixels),
    }
    Ok(Image::new(side, pixels)?)
}

/// Mean and standard deviation of pixels, in 1/16 of a gray level.
struct Moments {
    mean: i32,
    deviation: i32,
}

impl Moments {
    fn of(pixels: impl Iterator<Item = i8>) -> Self {
        let (mut count, mut sum, mut squares) = (0u32, 0u32, 0u32);
        for pixel in pixels {
            let pixel = pixel as u32;
            count += 1;
            sum += pixel;
            squares += pixel * pixel;
        }
        let mean = (16 * sum + count / 2) / count;
        // In 1/256 of a gray level squared: at most 128 * 128 pixels of 127, so that no product overflows 64 bits.
        let (count, sum) = (u64::from(count), u64::from(sum));
        let variance = 256 * (count * u64::from(squares) - sum * sum) / (count * count);
        Self { mean: mean as i32, deviation: (variance.isqrt() as i32).max(LEAST) }
    }
}

/// A pixel after normalization.
fn normalized(pixel: i8, mean: i32, deviation: i32) -> i8 {
    let offset = (16 * i32::from(pixel) - mean) * SPREAD;
    (MIDDLE + offset.div_euclid(deviation)).clamp(0, 127) as i8
}

/// Normalizes each pixel by those around it.
///
/// Rows are written only when no later row reads them: the last ones are kept apart until then.
#[inline(never)]
fn normalize_locally(side: usize, pixels: &mut [i8]) {
    let reach = (side / 4).max(1);
    // A row is read until the row `reach` below it is done.
    let mut done = [[0i8; super::MAX_SIDE]; super::MAX_SIDE / 4 + 1];
    let kept = reach + 1;
    for y in 0..side + reach {
        if y < side {
            let rows = y.saturating_sub(reach)..(y + reach + 1).min(side);
            for x in 0..side {
                let columns = x.saturating_sub(reach)..(x + reach + 1).min(side);
                let around = rows.clone().flat_map(|row| &pixels[row * side..][columns.clone()]);
                let Moments { mean, deviation } = Moments::of(around.copied());
                done[y % kept][x] = normalized(pixels[y * side + x], mean, deviation);
            }
        }
        if let Some(row) = y.checked_sub(reach).filter(|&row| row < side) {
            pixels[row * side..][..side].copy_from_slice(&done[row % kept][..side]);
        }
    }
}
