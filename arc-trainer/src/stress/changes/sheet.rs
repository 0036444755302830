//! What else is on the sheet.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::pixels::{at, mapped, painted, paper, sides, unit};
use crate::data::Picture;

/// Gray of the lines on ruled paper.
const RULE: f32 = 170.0;

/// Lines on the paper, at a random distance.
pub fn ruled(picture: &Picture, rng: &mut ChaCha8Rng) -> Picture {
    let width = unit(picture).max(1.0);
    let step = (f32::from(picture.height) / rng.random_range(7.0..10.0)).max(4.0 * width);
    let first = rng.random_range(0.0..step);
    mapped(picture, |_, y, gray| {
        let below = (y as f32 - first).rem_euclid(step);
        if below < width { gray.min(RULE) } else { gray }
    })
}

/// A black frame around the drawing, on a sheet a fifth larger.
pub fn framed(picture: &Picture) -> Picture {
    let (width, height) = sides(picture);
    let [wide, high] = [width, height].map(|side| side + side.div_ceil(5));
    let (left, top) = (((wide - width) / 2) as i64, ((high - height) / 2) as i64);
    let outside = paper(picture);
    let line = (2.0 * unit(picture)).round().max(1.0) as usize;
    let margin = wide.max(high) / 40;
    painted(wide, high, |x, y| {
        let from_edge = x.min(y).min(wide - 1 - x).min(high - 1 - y);
        if (margin..margin + line).contains(&from_edge) {
            return 0.0;
        }
        at(picture, x as i64 - left, y as i64 - top, outside)
    })
}

/// Bright strokes on a dark ground, or the other way around.
pub fn negative(picture: &Picture) -> Picture {
    mapped(picture, |_, _, gray| 255.0 - gray)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn white() -> Picture {
        Picture { width: 100, height: 90, gray: vec![255; 9000] }
    }

    #[test]
    fn rules_are_lines_from_side_to_side() {
        let changed = ruled(&white(), &mut ChaCha8Rng::seed_from_u64(1));
        let rows: Vec<_> = changed.gray.chunks(100).collect();
        assert!(rows.iter().all(|row| row.iter().all(|gray| *gray == row[0])));
        let lines = rows.iter().filter(|row| row[0] == 170).count();
        assert!((6..=11).contains(&lines), "{lines}");
    }

    #[test]
    fn a_frame_runs_all_around_and_covers_nothing() {
        let mut picture = white();
        picture.gray[0] = 7;
        let changed = framed(&picture);
        let (width, height) = sides(&changed);
        assert_eq!((width, height), (120, 108));
        let black = changed.gray.iter().filter(|&&gray| gray == 0).count();
        assert_eq!(black, 2 * (114 + 102) * 2 - 4 * 4, "two pixels along each side");
        assert_eq!(changed.gray.iter().filter(|&&gray| gray == 7).count(), 1);
    }
}
