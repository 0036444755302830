//! The same strokes by another pen.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::camera::blur;
use super::pixels::{mapped, painted, sides, unit};
use super::thin::middle_lines;
use crate::data::Picture;

/// Gray of the paper that a pencil writes on.
const PENCIL_PAPER: f32 = 235.0;

/// Most of a pencil's tone that the grain of the paper leaves out.
const GRAIN: f32 = 0.4;

/// A pencil: gray, soft at its edges, and grainy.
pub fn pencil(picture: &Picture, rng: &mut ChaCha8Rng) -> Picture {
    let tone = rng.random_range(90.0..140.0);
    mapped(&blur(picture, 0.6), |_, _, gray| {
        let pressure = (255.0 - gray) / 255.0 * (1.0 - GRAIN * rng.random::<f32>());
        PENCIL_PAPER + (tone - PENCIL_PAPER) * pressure
    })
}

/// A round pen of `width` pixels, black on white, along the middle of each stroke.
pub fn pen(picture: &Picture, width: f32) -> Picture {
    let radius = width * unit(picture) / 2.0;
    let (columns, rows) = sides(picture);
    let distances = distances(&middle_lines(picture), columns, radius.ceil() as usize + 1);
    painted(columns, rows, |x, y| {
        let covered = (radius + 0.5 - distances[y * columns + x]).clamp(0.0, 1.0);
        255.0 * (1.0 - covered)
    })
}

/// The distance of each pixel to the nearest of the lines, in pixels; infinite beyond `reach`.
fn distances(lines: &[bool], columns: usize, reach: usize) -> Vec<f32> {
    let rows = lines.len() / columns;
    let mut distances = vec![f32::INFINITY; lines.len()];
    for place in (0..lines.len()).filter(|&place| lines[place]) {
        let (x, y) = (place % columns, place / columns);
        for v in y.saturating_sub(reach)..rows.min(y + reach + 1) {
            for u in x.saturating_sub(reach)..columns.min(x + reach + 1) {
                let square = u.abs_diff(x).pow(2) + v.abs_diff(y).pow(2);
                let nearest = &mut distances[v * columns + u];
                *nearest = nearest.min((square as f32).sqrt());
            }
        }
    }
    distances
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A level stroke, 60 pixels long and 5 wide, in a picture of a side.
    fn stroke(side: usize) -> Picture {
        painted(side, side, |x, y| {
            let inside = (20..80).contains(&x) && (50..55).contains(&y);
            if inside { 0.0 } else { 255.0 }
        })
    }

    /// Pixels of ink in a column through the middle of the stroke.
    fn thickness(picture: &Picture) -> f32 {
        let column = picture.gray.iter().skip(50).step_by(picture.width.into());
        column.map(|&gray| (255.0 - f32::from(gray)) / 255.0).sum()
    }

    #[test]
    fn a_pen_is_as_wide_as_was_asked_for() {
        for width in [1.0, 2.0, 4.0, 6.0, 8.0] {
            let drawn = thickness(&pen(&stroke(105), width));
            assert!((drawn - width).abs() <= 1.0, "{width}: {drawn}");
        }
        let drawn = thickness(&pen(&stroke(210), 4.0));
        assert!((drawn - 8.0).abs() <= 1.0, "twice the picture, twice the pen: {drawn}");
    }

    #[test]
    fn a_pen_writes_nothing_on_an_empty_page() {
        let empty = Picture { width: 9, height: 7, gray: vec![255; 63] };
        assert_eq!(pen(&empty, 4.0), empty);
    }
}
