//! The middle lines of strokes.

use super::pixels::{at, sides};
use crate::data::Picture;

/// The first gray that is no ink.
const MIDDLE_GRAY: f32 = 128.0;

/// Eight neighbors of a pixel, clockwise from the one above.
const AROUND: [(i64, i64); 8] =
    [(0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1)];

/// Which pixels are left of what is darker than middle gray when it is thinned to lines of one pixel
/// (Zhang and Suen, 1984).
pub fn middle_lines(picture: &Picture) -> Vec<bool> {
    let (width, height) = sides(picture);
    // A border of paper around the picture gives each of its pixels eight neighbors.
    let wide = width + 2;
    let place = |x: usize, y: usize| (y + 1) * wide + x + 1;
    let mut ink = vec![false; wide * (height + 2)];
    for y in 0..height {
        for x in 0..width {
            ink[place(x, y)] = at(picture, x as i64, y as i64, 0.0) < MIDDLE_GRAY;
        }
    }
    loop {
        let mut changed = false;
        for pass in [Pass::First, Pass::Second] {
            // All pixels of a pass are looked at before any is taken away.
            let rim: Vec<usize> = (wide..ink.len() - wide)
                .filter(|&place| ink[place] && is_rim(neighbors(&ink, place, wide), pass))
                .collect();
            changed |= !rim.is_empty();
            rim.into_iter().for_each(|place| ink[place] = false);
        }
        if !changed {
            break;
        }
    }
    let places = (0..height).flat_map(|y| (0..width).map(move |x| place(x, y)));
    places.map(|place| ink[place]).collect()
}

/// The two halves of a round: pixels go from the south-east, then from the north-west.
#[derive(Clone, Copy)]
enum Pass {
    First,
    Second,
}

fn neighbors(ink: &[bool], place: usize, wide: usize) -> [bool; 8] {
    AROUND.map(|(dx, dy)| ink[(place as i64 + dy * wide as i64 + dx) as usize])
}

/// Whether a pixel of ink with these neighbors is taken away: it is on the rim, no end of a line, and nothing falls
/// apart without it.
fn is_rim(around: [bool; 8], pass: Pass) -> bool {
    let count = around.into_iter().filter(|&ink| ink).count();
    let begins = (0..8).filter(|&k| !around[k] && around[(k + 1) % 8]).count();
    let [north, _, east, _, south, _, west, _] = around;
    let inner = match pass {
        Pass::First => east && south && (north || west),
        Pass::Second => north && west && (east || south),
    };
    (2..=6).contains(&count) && begins == 1 && !inner
}

#[cfg(test)]
mod tests {
    use super::super::pixels::painted;
    use super::*;

    #[test]
    fn a_bar_becomes_a_line_and_a_ring_stays_one() {
        let bar =
            painted(
                30,
                11,
                |x, y| {
                    if (3..27).contains(&x) && (2..9).contains(&y) { 0.0 } else { 255.0 }
                },
            );
        let lines = middle_lines(&bar);
        for x in 8..22 {
            assert_eq!((0..11).filter(|y| lines[y * 30 + x]).count(), 1, "column {x}");
        }
        let ring = painted(31, 31, |x, y| {
            let from_middle = (x as f32 - 15.0).hypot(y as f32 - 15.0);
            if (6.0..12.0).contains(&from_middle) { 0.0 } else { 255.0 }
        });
        let lines = middle_lines(&ring);
        assert!((0..15).any(|x| lines[15 * 31 + x]) && (16..31).any(|x| lines[15 * 31 + x]));
        assert!(lines.iter().filter(|&&line| line).count() < 90);
    }

    #[test]
    fn ink_at_the_edge_is_thinned_too() {
        let lines = middle_lines(&Picture { width: 9, height: 5, gray: vec![0; 45] });
        assert!((1..12).contains(&lines.iter().filter(|&&line| line).count()), "{lines:?}");
    }
}
