//! The same drawing smaller, larger, elsewhere or turned.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::pixels::{at, painted, paper, sides, warped};
use crate::data::Picture;

/// The drawing at `percent` of its size on a picture of the same size. It grows as far as there is room, and no ink is
/// cut off.
pub fn size(picture: &Picture, percent: f32) -> Picture {
    let (width, height) = sides(picture);
    let [columns, rows] = ink_box(picture);
    let fits = (width as f32 / (columns.1 - columns.0)).min(height as f32 / (rows.1 - rows.0));
    let wanted = percent / 100.0;
    let factor = if wanted > 1.0 { wanted.min(fits) } else { wanted };
    let [x0, y0] = [(columns, width), (rows, height)]
        .map(|(extent, side)| origin(extent, side as f32, factor));
    warped(picture, (width, height), |x, y| {
        ((x + 0.5 - x0) / factor - 0.5, (y + 0.5 - y0) / factor - 0.5)
    })
}

/// Where the picture's edge comes to lie along an axis: it is scaled about the middle, then moved until all ink, which
/// reaches from `first` to `last`, is inside.
fn origin((first, last): (f32, f32), side: f32, factor: f32) -> f32 {
    let origin = side / 2.0 * (1.0 - factor);
    let (first, last) = (origin + first * factor, origin + last * factor);
    origin + (-first).max(0.0) - (last - side).max(0.0)
}

/// First and last edge of what is darker than middle gray, along both axes; the whole picture if nothing is.
fn ink_box(picture: &Picture) -> [(f32, f32); 2] {
    let (width, height) = sides(picture);
    let ink = (0..picture.gray.len()).filter(|&place| picture.gray[place] < 128);
    let empty = (usize::MAX, 0);
    let grown = |(first, last): (usize, usize), k: usize| (first.min(k), last.max(k + 1));
    let [columns, rows] = ink.fold([empty; 2], |[columns, rows], place| {
        [grown(columns, place % width), grown(rows, place / width)]
    });
    let or_all = |extent: (usize, usize), side| if extent == empty { (0, side) } else { extent };
    [or_all(columns, width), or_all(rows, height)].map(|(first, last)| (first as f32, last as f32))
}

/// The picture somewhere on a canvas of paper whose sides are `times` as long.
pub fn canvas(picture: &Picture, times: f32, rng: &mut ChaCha8Rng) -> Picture {
    let (width, height) = sides(picture);
    let [wide, high] = [width, height].map(|side| (side as f32 * times) as usize);
    let mut place = |room: usize| i64::from(rng.random_range(0..=room as u32));
    let (left, top) = (place(wide - width), place(high - height));
    let outside = paper(picture);
    painted(wide, high, |x, y| at(picture, x as i64 - left, y as i64 - top, outside))
}

/// The picture turned about its middle, to either side.
pub fn turn(picture: &Picture, degrees: f32, rng: &mut ChaCha8Rng) -> Picture {
    let angle = if rng.random() { degrees } else { -degrees };
    let (sin, cos) = angle.to_radians().sin_cos();
    let (width, height) = sides(picture);
    let (cx, cy) = ((width - 1) as f32 / 2.0, (height - 1) as f32 / 2.0);
    warped(picture, (width, height), |x, y| {
        let (x, y) = (x - cx, y - cy);
        (cos * x - sin * y + cx, sin * x + cos * y + cy)
    })
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    /// A rectangle of ink: columns 10 to 30 and rows 40 to 52 of 60 by 52.
    fn rectangle() -> Picture {
        painted(60, 52, |x, y| if (10..30).contains(&x) && y >= 40 { 0.0 } else { 255.0 })
    }

    #[test]
    fn ink_shrinks_and_grows_about_the_middle_and_stays_inside() {
        assert_eq!(ink_box(&rectangle()), [(10.0, 30.0), (40.0, 52.0)]);
        // Half of the way from the middle, which is (30, 26).
        assert_eq!(ink_box(&size(&rectangle(), 50.0)), [(20.0, 30.0), (33.0, 39.0)]);
        let [columns, rows] = ink_box(&size(&rectangle(), 130.0));
        assert_eq!((columns, rows), ((4.0, 30.0), (36.0, 52.0)), "moved up to the lower edge");
    }

    #[test]
    fn what_fills_the_picture_does_not_grow() {
        let full = Picture { width: 8, height: 8, gray: vec![0; 64] };
        assert_eq!(size(&full, 130.0), full);
    }

    #[test]
    fn a_canvas_is_paper_around_the_picture() {
        let mut places = Vec::new();
        for seed in 0..4 {
            let changed = canvas(&rectangle(), 2.0, &mut ChaCha8Rng::seed_from_u64(seed));
            assert_eq!((changed.width, changed.height), (120, 104));
            let [columns, rows] = ink_box(&changed);
            assert_eq!((columns.1 - columns.0, rows.1 - rows.0), (20.0, 12.0));
            places.push(columns.0);
        }
        places.dedup();
        assert!(places.len() > 1, "it lies elsewhere each time");
    }

    #[test]
    fn a_turn_moves_what_is_far_from_the_middle() {
        let point = painted(61, 61, |x, y| if (x, y) == (55, 30) { 0.0 } else { 255.0 });
        let turned = turn(&point, 20.0, &mut ChaCha8Rng::seed_from_u64(1));
        let darkest = (0..61 * 61).min_by_key(|&place| turned.gray[place]).unwrap();
        let (x, y) = ((darkest % 61) as f32, (darkest / 61) as f32);
        // 25 pixels from the middle, 20 degrees up or down.
        assert!((x - 53.5).abs() < 1.1 && ((y - 30.0).abs() - 8.55).abs() < 1.1, "{x}, {y}");
    }
}
